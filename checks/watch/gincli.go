package watch

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/listen"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// GinCLI finds what goes wrong with the reload tool that is called gin: flags that it never sees, a server beside its proxy, the
// framework in its place.
var GinCLI = checks.Check{
	ID:       "watch/gin-cli",
	Title:    "the reload tool gin does not reach the server, or is not the one that is installed",
	Stage:    checks.Bind,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Explains: []string{"watch/proxy-port", "watch/not-running", "port/clash"},
	Run:      ginCli,
}

func ginCli(ctx context.Context, t *target.Target, report checks.Reporter) error {
	asked, err := frameworkInstalled(ctx, t, report)
	if err != nil {
		return err
	}
	addresses, err := t.Listens(ctx)
	if err != nil {
		return err
	}
	_, err = eachOther(ctx, t, report, func(s *setup) error {
		if s.Tool.Name != ginCLI {
			return nil
		}
		asked = true
		return reachesServer(ctx, t, s, addresses)
	})
	if err == nil && !asked {
		return checks.Skip("the reload tool gin is not used here")
	}
	return err
}

// reachesServer judges one start of gin.
func reachesServer(ctx context.Context, t *target.Target, s *setup, addresses []listen.Address) error {
	elsewhere, sure, err := listensElsewhere(ctx, t, s, addresses)
	if err != nil {
		return err
	}
	told := false
	for _, fault := range s.Faults {
		if fault.Kind != watcher.Misplaced {
			continue
		}
		f := s.faultFinding(fault)
		f.Message = checks.Msg("gin never sees %s: what follows \"run\" goes to the program", fault.Name)
		f.Why = checks.Msg("gin works by its defaults, and the program gets a flag that is not meant for it.")
		f.Severity = checks.Warning
		if elsewhere != 0 && strings.TrimLeft(fault.Name, "-") != "laddr" {
			f.Why = checks.Msg("gin's proxy forwards to port %d, and the server listens on %d: every request through the proxy on port %d fails (502).",
				s.Proxy.Forward, elsewhere, s.Proxy.Listen)
			if sure {
				f.Severity = checks.Error
			}
			told = true
		}
		f.Key = "after run " + fault.Name
		s.report(f)
	}
	if elsewhere != 0 && !told {
		s.report(elsewhereFinding(s, elsewhere, sure))
	}
	return nil
}

// listensElsewhere is the port of a server that listens on another one than gin forwards to, else 0. gin sets PORT, which a server
// follows that asks for it. It is sure where nothing but the code decides about the port.
func listensElsewhere(ctx context.Context, t *target.Target, s *setup, addresses []listen.Address) (port int, sure bool, err error) {
	if s.Proxy == nil || s.Proxy.Forward == 0 || len(s.Reactions) != 1 {
		return 0, false, nil
	}
	own, err := portsOf(ctx, t, s.Watch, s.Reactions[0], addresses)
	if err != nil {
		return 0, false, err
	}
	main, known := mainPorts(own)
	follows := slices.ContainsFunc(own, func(l listen.Address) bool { return l.Name == s.Proxy.Sets })
	if !known || len(main) == 0 || follows || listensOn(own, s.Proxy.Forward) {
		return 0, false, nil
	}
	return main[0].Port, len(main) == 1 && main[0].Certainty == listen.Literal, nil
}

func elsewhereFinding(s *setup, port int, sure bool) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("gin's proxy forwards to port %d (appPort), but the server listens on %d whatever PORT says", s.Proxy.Forward, port),
		Why:      checks.Msg("Every request through the proxy on port %d fails (502), though the server answers on %d.", s.Proxy.Listen, port),
		Help:     checks.Msg("write --appPort %d before run, or let the server read PORT: r.Run() without an address does", port),
		Location: s.near(s.Proxy.ForwardAt),
		Subject:  &checks.Subject{Kind: checks.PortSubject, Port: s.Proxy.Forward},
		Key:      "appPort",
	}
	if !sure {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	return s.withPort(f, s.Proxy.SetForward, port)
}

// framework is a `go install` of the framework at a version: it has no program to install.
var framework = lazyregexp.New(`go install\s+(?:-[\w=,]+\s+)*(github\.com/gin-gonic/gin)@[^\s"'` + "`" + `\\;&|)]+`)

// frameworkInstalled finds lines that install the framework where the reload tool is wanted.
func frameworkInstalled(ctx context.Context, t *target.Target, report checks.Reporter) (asked bool, err error) {
	tree, err := t.Tree(ctx)
	if err != nil {
		return false, err
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return false, err
	}
	for _, m := range tree.Mentions(framework, installs) {
		if comment(m) {
			continue
		}
		asked = true
		f := frameworkFinding(m)
		f.Service = describe.ServiceAt(modules, path.Dir(m.File))
		report(f)
	}
	return asked, nil
}

func frameworkFinding(m project.Mention) checks.Finding {
	at := m.Column + strings.Index(m.Match[0], m.Match[1])
	f := checks.Finding{
		Message:  checks.Msg("go install of github.com/gin-gonic/gin: that is the framework, which has no program in it"),
		Why:      checks.Msg("It ends with \"package github.com/gin-gonic/gin is not a main package\", and there is no command gin afterwards."),
		Help:     checks.Msg("the reload tool is another project: go install github.com/codegangsta/gin@latest; the framework is added by go get"),
		Location: checks.Span(m.File, m.Position.Line, at, len(m.Match[1])),
		Key:      m.File + " framework",
	}
	if read(m.File) {
		f.Severity = checks.Warning
	}
	return f
}
