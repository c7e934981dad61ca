package run

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/joho/godotenv"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/envvars"
	"github.com/gindoctor/gindoctor/target/server"
)

// DebugMode finds a running server whose gin is in debug mode.
var DebugMode = checks.Check{
	ID:       "run/debug-mode",
	Title:    "Gin runs in debug mode",
	Stage:    checks.Serve,
	Severity: checks.Warning,
	Profiles: checks.Prod,
	Needs:    checks.Processes,
	Run:      debugMode,
}

const ginPath = "github.com/gin-gonic/gin"

func debugMode(ctx context.Context, t *target.Target, report checks.Reporter) error {
	asked, err := judged(ctx, t)
	if err != nil {
		return err
	}
	asked = slices.DeleteFunc(asked, func(h server.Holder) bool { return !h.BuiltWith(ginPath) })
	if len(asked) == 0 {
		return checks.Skip("no running server here is built with gin")
	}
	var open error
	for _, h := range asked {
		m, err := modeOf(ctx, t, h)
		if err != nil {
			open = err
			continue
		}
		if m.mode == "debug" {
			f := debugFinding(ctx, t, h, m)
			if h.Relation != server.Ours { // its source may set another mode
				f.Confidence = checks.Likely
			}
			report(f)
		}
	}
	return open
}

// mode is what gin's mode is, and what says so.
type mode struct {
	mode string
	by   envvars.Place // a call of gin.SetMode; the zero Place where it is GIN_MODE, or its absence
	env  string        // GIN_MODE of the running process
	set  bool
	file bool // an env file sets GIN_MODE, when gin has read it already
}

// modeOf joins the environment that the server was started with, and what it loads, with what its source sets.
func modeOf(ctx context.Context, t *target.Target, h server.Holder) (mode, error) {
	environ, err := t.Host().Environ(ctx, h.Process.PID)
	if err != nil {
		return mode{}, unseen(h, err)
	}
	m := mode{}
	m.env, m.set = environ["GIN_MODE"]
	p, err := sourceOf(ctx, t, h)
	if err != nil {
		return m, err
	}
	if p == nil {
		if m.mode = m.env; m.mode != "" {
			return m, nil
		}
		const unsaid = "GIN_MODE is not set, and the source that may set the mode is not here"
		if h.Relation != server.Ours {
			return m, checks.Skip(unsaid)
		}
		return m, errors.New(unsaid)
	}
	loaded, err := loads(t, h, p)
	if err != nil {
		return m, err
	}
	initial := m.env
	if initial == "" { // a package that loads the file of itself may come before gin
		initial = loaded.early["GIN_MODE"]
	}
	found, by, ok := p.ModeIn(initial, func(name string) string {
		if v, set := environ[name]; set {
			return v
		}
		return loaded.all[name]
	})
	m.file = by.File == "" && loaded.all["GIN_MODE"] != "" && initial == ""
	if !ok {
		return m, errors.New("the code sets the mode at " + by.File + ", in a way that cannot be followed")
	}
	m.mode, m.by = found, by
	return m, nil
}

// sourceOf is what the source of a server reads and sets; nil where it is not here.
func sourceOf(ctx context.Context, t *target.Target, h server.Holder) (*envvars.Program, error) {
	imports, err := t.Imports(ctx)
	if err != nil {
		return nil, err
	}
	for _, im := range imports {
		facts, err := t.EnvReads(ctx, im)
		if err != nil {
			return nil, err
		}
		for _, p := range facts.Programs {
			if p.Main.ImportPath == h.Program || h.Program == "command-line-arguments" && im.Module.Path() == h.Module && len(facts.Programs) == 1 {
				return p, nil
			}
		}
	}
	return nil, nil
}

// loadedEnv is what env files add to the environment: early before main begins.
type loadedEnv struct{ all, early map[string]string }

// loads reads the env files that the program loads from the folder it runs in.
func loads(t *target.Target, h server.Holder, p *envvars.Program) (loadedEnv, error) {
	out := loadedEnv{map[string]string{}, map[string]string{}}
	for _, l := range p.Loads {
		if !l.Exports {
			continue
		}
		if !l.Known || h.Process.Cwd == "" {
			return out, errors.New("the program loads an env file whose name, or folder, is not known")
		}
		for _, name := range l.Files {
			text, err := t.ReadConfig(path.Join(t.Locate(h.Process.Cwd), name))
			if err != nil {
				continue // it is not there, and the program runs
			}
			values, _ := godotenv.UnmarshalBytes(text) // of a broken file nothing is loaded
			for k, v := range values {
				if _, have := out.all[k]; !have || strings.HasSuffix(l.Via, "Overload") {
					out.all[k] = v
				}
				if strings.HasSuffix(l.Via, "/autoload") {
					out.early[k] = v
				}
			}
		}
	}
	return out, nil
}

func debugFinding(ctx context.Context, t *target.Target, h server.Holder, m mode) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("the server (pid %d) runs Gin in debug mode", h.Process.PID),
		Why:      checks.Msg("It parses its templates again for each request and writes debug lines; what goes wrong while it starts may be told in these lines only."),
		Help:     checks.Msg("start it with GIN_MODE=release"),
		Evidence: []checks.Message{checks.Msg("GIN_MODE is not set in its environment, and nothing in the source sets the mode")},
		Subject:  subject(h),
		Service:  service(ctx, t, h),
		Key:      "debug " + h.Program,
	}
	switch {
	case m.by.File != "":
		f.Evidence = []checks.Message{checks.Msg("%s:%d sets it", m.by.File, m.by.Line)}
		f.Location = checks.At(m.by.File, m.by.Line, m.by.Column)
		f.Help = checks.Msg("set gin.ReleaseMode at %s:%d, or leave it to GIN_MODE", m.by.File, m.by.Line)
	case m.file:
		f.Evidence = []checks.Message{checks.Msg("an env file sets GIN_MODE, but it is loaded after Gin has read the variable")}
	case m.set:
		f.Evidence = []checks.Message{checks.Msg("GIN_MODE=%s is in its environment", m.env)}
	}
	return f
}
