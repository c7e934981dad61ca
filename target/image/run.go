package image

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/project"
)

// Placed is a command of a RUN, with the folder that it runs in ("" where only the shell knows) and what lies there.
type Placed struct {
	// Command stands in the RUN at Pos; where the RUN starts it by make, a script or the like, that is the place of the call.
	project.Command
	Dir    string
	Run    *artefact.Run
	Before *State // the stage as the command finds it
	// Through is how the RUN starts it where it does not stand there itself; nil where it does.
	Through *Through

	stage *artefact.Stage
	text  string // that it stands in, as the shell gets it
	vars  map[string]artefact.Text
}

// Through is the way from a RUN to a command that stands in a Makefile, a Taskfile, a justfile or a script.
type Through struct {
	Call project.Command // that stands in the RUN
	File string          // that the command stands in, relative to the root
	At   project.Position
}

// Var is a variable that the command sees.
func (p Placed) Var(name string) (artefact.Text, bool) {
	for i := len(p.Assigns) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(p.Assigns[i], name+"="); ok {
			t := artefact.Text{Value: value}
			if value == "" {
				t.Origin = artefact.Open // or a part of it is computed
			}
			return t, true
		}
	}
	t, ok := p.vars[name]
	return t, ok
}

// Word is how the RUN has the command, as far as it is the same for all commands of its kind: "go build", or "make".
func (p Placed) Word() string {
	switch {
	case p.Through != nil:
		return p.Through.Call.Name()
	case p.Name() == "go" && len(p.Words) > 1:
		return "go " + p.Words[1]
	}
	return p.Name()
}

// Text is all that is written for the command: the instruction, and the line of the recipe or the script that it stands in.
func (p Placed) Text() string {
	text := runText(p.Run, p.stage)
	if p.Through != nil {
		text += "\n" + p.text
	}
	return text
}

// maxThrough bounds how far a RUN is followed from file to file.
const maxThrough = 6

// player plays one RUN.
type player struct {
	*builder
	st     *State
	stage  *artefact.Stage
	run    *artefact.Run
	depth  int    // of files that are followed
	latest *State // as the latest command found it
}

func (b *builder) run(st *State, s *artefact.Stage, r *artefact.Run, vars map[string]artefact.Text) {
	b.runs[r] = st.clone()
	commands := r.Commands
	if !r.Shell && len(commands) == 0 {
		commands, _ = project.WordList(r.Given, "")
	}
	if len(commands) == 0 {
		st.dark = true
	}
	p := &player{builder: b, st: st, stage: s, run: r}
	p.shell(commands, r.Line.Value, st.Dir, vars, nil)
}

// shell plays what one shell runs that is started in a folder. through is nil for that of the RUN itself.
func (p *player) shell(commands []project.Command, text, dir string, vars map[string]artefact.Text, through *Through) {
	st, local := p.st, maps.Clone(vars)
	p.redirects(text, dir)
	if whole := runText(p.run, p.stage) + text; strings.Contains(whole, "ld-linux") || strings.Contains(whole, "ld-musl") || strings.Contains(whole, "glibc") {
		st.links = true
	}
	exports(local, text)
	for _, c := range expanded(commands, text, vars) {
		written(local, c)
		at := Placed{Command: c, Dir: dir, Run: p.run, Before: p.before(), Through: through, stage: p.stage, text: text, vars: maps.Clone(local)}
		if c.Dir != "" {
			dir = c.Dir
			at.Dir = dir
		}
		if through != nil {
			own := *through
			own.At = c.Pos
			at.Through, at.Pos = &own, through.Call.Pos
		}
		if c.Name() == "cd" {
			dir = changed(dir, c.Words)
			continue
		}
		p.command(at)
	}
}

// command plays one command.
func (p *player) command(at Placed) {
	if p.follow(at) {
		return
	}
	st, c := p.st, at.Command
	st.installs(c)
	st.makes(c, at.Dir)
	p.placed[p.stage] = append(p.placed[p.stage], at)
	if build, ok := gobuild.Of(c, at.Dir); ok && at.Dir != "" {
		p.built(st, build, at)
		return
	}
	goes := c.Name() == "go" && len(c.Words) > 1
	switch {
	case goes && (c.Words[1] == "generate" || c.Words[1] == "run"):
		st.dark = true
	case goes && (c.Words[1] == "build" || c.Words[1] == "install"):
		st.lay(layer{dest: "/", dark: true}) // a program, and only the shell knows which
	case c.Name() == "git" && len(c.Words) > 1 && slices.Contains(asksGit, c.Words[1]):
	case c.Name() != "go" && !st.moves(c, at.Dir) && !slices.Contains(harmless, c.Name()):
		st.dark = true
	}
}

// before is the stage as the next command finds it.
func (p *player) before() *State {
	last, st := p.latest, p.st
	if last == nil || last.dark != st.dark || last.loose != st.loose || len(last.layers) != len(st.layers) || len(last.install) != len(st.install) ||
		len(last.outputs) != len(st.outputs) || len(last.made) != len(st.made) {
		p.latest = st.clone()
	}
	return p.latest
}

// follow plays what a command runs that hands over to a file of the project; false for any other.
func (p *player) follow(at Placed) bool {
	shells, whole, ok := p.scene(at).Follow(at.Command, at.Dir)
	if !ok || p.depth == maxThrough {
		return false
	}
	if !whole {
		p.placed[p.stage] = append(p.placed[p.stage], at)
		p.st.dark = true
	}
	p.depth++
	for _, sh := range shells {
		vars := maps.Clone(at.vars)
		for _, a := range at.Assigns {
			name, _, _ := strings.Cut(a, "=")
			vars[name], _ = at.Var(name)
		}
		for name, v := range sh.Set {
			old, set := vars[name]
			if vars[name] = asText(v); set && old.Known() && v.Known && old.Value == v.Text {
				vars[name] = old // it keeps its place
			}
		}
		call := at.Command
		if at.Through != nil {
			call = at.Through.Call
		}
		p.shell(sh.Commands, sh.Text, sh.Dir, vars, &Through{Call: call, File: sh.File})
	}
	p.depth--
	return true
}

func asText(v project.Variable) artefact.Text {
	t := artefact.Text{Value: v.Text}
	if !v.Known {
		t.Origin = artefact.Open
	}
	return t
}

// scene is the stage as a command that is followed finds it.
func (p *player) scene(at Placed) project.Scene {
	return project.Scene{
		Read: func(name string) (file, text string, ok bool) {
			if !path.IsAbs(name) {
				return "", "", false
			}
			held := p.st.file(p.ctx, path.Clean(name))
			if held == "" || p.st.outputs[path.Clean(name)] != nil {
				return "", "", false
			}
			text, ok = p.ctx.read(held)
			return p.ctx.Abs(held), text, ok
		},
		Absent: func(name string) bool {
			name = path.Clean(name)
			return path.IsAbs(name) && p.st.file(p.ctx, name) == "" && p.st.outputs[name] == nil && !p.st.folder(p.ctx, name) && !p.st.mayHold(name)
		},
		Variable: func(name string) project.Variable { return p.variable(at, name) },
	}
}

// ownVariables are those that a container has without a word of its Dockerfile, or that a builder hands on.
var ownVariables = []string{"PATH", "HOME", "HOSTNAME", "PWD", "OLDPWD", "SHLVL", "TERM", "GOLANG_VERSION", "GOTOOLCHAIN", "LANG", "LC_ALL",
	"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"}

// variable is what a command's environment has by a name. An argument's default is none that is known: who builds may give another.
func (p *player) variable(at Placed, name string) project.Variable {
	t, set := at.Var(name)
	switch {
	case set && (t.Origin == artefact.Passed || t.Origin == artefact.Default):
		return project.Variable{Set: true}
	case set:
		return project.Variable{Text: t.Value, Set: true, Known: t.Known()}
	}
	base := p.stage.Image()
	return project.Variable{Known: base.Known() && ParseRef(base.Value).Known() && !slices.Contains(ownVariables, name)}
}

// redirects notes the files that a shell's text writes.
func (p *player) redirects(text, dir string) {
	if !strings.Contains(text, ">") || strings.Contains(text, "<<") {
		return
	}
	names, known := project.Redirects(text)
	if !known {
		p.st.dark = true
		return
	}
	for _, name := range names {
		switch {
		case strings.HasPrefix(name, "/dev/"):
		case !path.IsAbs(name) && (dir == "" || strings.Contains(text, "cd ")):
			p.st.dark = true
		default:
			p.st.lay(layer{dest: abs(dir, name), dark: true})
		}
	}
}
