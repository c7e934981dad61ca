package artefact

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/gindoctor/gindoctor/target/project"
)

// ShellRun is how a shell runs one command of a text.
type ShellRun struct {
	// Words are the command's name and arguments; a word that only the shell knows is "", and "$@" is the script's own arguments.
	Words []string
	// At is where its name stands, which is where `exec` is put before it.
	At project.Position
	// Exec says that the shell is replaced by it.
	Exec bool
	// Last says that the shell has nothing left to do when the command is over.
	Last bool
	// Apart says that it runs in a pipe or in the background; Into is the last command of the pipe that it feeds.
	Apart bool
	Into  string
	// Excused says that its failure is made up for: `|| true`.
	Excused bool
}

// ShellText is what is run by the text that a shell is given.
type ShellText struct {
	Runs []ShellRun
	// Traps says that the shell handles signals itself.
	Traps bool
	// Plain says that the text is one command that needs no shell: Words are all of it.
	Plain bool
}

// ParseShellText reads how a shell runs the commands of a text that begins at a position of its file; false for what is no shell
// text.
func ParseShellText(text string, at project.Position) (ShellText, bool) {
	file, err := project.ShellFile(text)
	if err != nil {
		return ShellText{}, false
	}
	r := shellRunner{at: at}
	r.list(file.Stmts, true, false)
	r.out.Plain = len(file.Stmts) == 1 && len(r.out.Runs) == 1 && plainCall(file.Stmts[0])
	return r.out, true
}

// plainCall tells whether a statement is a command of plain words that the shell has no part in.
func plainCall(s *syntax.Stmt) bool {
	call, ok := s.Cmd.(*syntax.CallExpr)
	if !ok || s.Background || s.Negated || s.Coprocess || len(s.Redirs) > 0 || len(call.Assigns) > 0 {
		return false
	}
	for i, w := range call.Args {
		word, known := shellWord(w)
		if !known || word == "" || i == 0 && (word == "exec" || isBuiltin(word)) {
			return false
		}
		for _, part := range w.Parts {
			if lit, ok := part.(*syntax.Lit); ok && strings.ContainsAny(lit.Value, "*?[]{}~\\") {
				return false
			}
		}
	}
	return true
}

func isBuiltin(word string) bool {
	return strings.Contains(" cd export set unset eval source . umask ulimit trap wait alias read command type test [ echo printf true false : exit ", " "+word+" ")
}

type shellRunner struct {
	at  project.Position
	out ShellText
}

func (r *shellRunner) list(stmts []*syntax.Stmt, last, apart bool) {
	for i, s := range stmts {
		r.stmt(s, last && i == len(stmts)-1, apart)
	}
}

func (r *shellRunner) stmt(s *syntax.Stmt, last, apart bool) {
	if s.Background || s.Coprocess {
		last, apart = false, true
	}
	switch c := s.Cmd.(type) {
	case *syntax.CallExpr:
		r.call(c, last, apart)
	case *syntax.BinaryCmd:
		if c.Op == syntax.Pipe || c.Op == syntax.PipeAll {
			from := len(r.out.Runs)
			r.stmt(c.X, false, true)
			to := len(r.out.Runs)
			r.stmt(c.Y, false, true)
			for i := from; i < to && len(r.out.Runs) > to; i++ {
				r.out.Runs[i].Into = r.out.Runs[len(r.out.Runs)-1].Words[0]
			}
			return
		}
		from := len(r.out.Runs)
		r.stmt(c.X, false, apart)
		for i := from; i < len(r.out.Runs) && c.Op == syntax.OrStmt && excuses(c.Y); i++ {
			r.out.Runs[i].Excused = true
		}
		r.stmt(c.Y, last, apart)
	case *syntax.Block:
		r.list(c.Stmts, last, apart)
	case *syntax.Subshell:
		r.list(c.Stmts, last, apart)
	case *syntax.IfClause:
		for ; c != nil; c = c.Else {
			r.list(c.Cond, false, apart)
			r.list(c.Then, last, apart)
		}
	case *syntax.CaseClause:
		for _, item := range c.Items {
			r.list(item.Stmts, last, apart)
		}
	case *syntax.WhileClause:
		r.list(c.Cond, false, apart)
		r.list(c.Do, false, apart)
	case *syntax.ForClause:
		r.list(c.Do, false, apart)
	case *syntax.FuncDecl:
		r.stmt(c.Body, false, apart)
	case *syntax.TimeClause:
		if c.Stmt != nil {
			r.stmt(c.Stmt, false, apart)
		}
	}
}

// excuses tells whether a statement succeeds whatever was before it.
func excuses(s *syntax.Stmt) bool {
	call, ok := s.Cmd.(*syntax.CallExpr)
	if !ok || len(call.Args) == 0 {
		return false
	}
	switch name, _ := shellWord(call.Args[0]); name {
	case "true", ":", "echo", "printf":
		return true
	case "exit":
		status := ""
		if len(call.Args) == 2 {
			status, _ = shellWord(call.Args[1])
		}
		return status == "0"
	}
	return false
}

func (r *shellRunner) call(c *syntax.CallExpr, last, apart bool) {
	if len(c.Args) == 0 {
		return
	}
	pos := c.Args[0].Pos()
	run := ShellRun{At: project.Position{Line: r.at.Line + int(pos.Line()) - 1, Column: int(pos.Col())}, Last: last, Apart: apart}
	if pos.Line() <= 1 {
		run.At.Column += r.at.Column - 1
	}
	for _, w := range c.Args {
		word, _ := shellWord(w)
		run.Words = append(run.Words, word)
	}
	switch run.Words[0] {
	case "trap":
		r.out.Traps = true
	case "exec":
		run.Exec, run.Words = true, run.Words[1:]
		for len(run.Words) > 0 && strings.HasPrefix(run.Words[0], "-") {
			run.Words = run.Words[1:]
		}
	}
	if len(run.Words) > 0 { // `exec 2>&1` runs nothing
		r.out.Runs = append(r.out.Runs, run)
	}
}

// shellWord is what a word means when no shell is needed to tell, and whether that is so.
func shellWord(w *syntax.Word) (string, bool) {
	var b strings.Builder
	for _, part := range w.Parts {
		switch x := part.(type) {
		case *syntax.Lit:
			b.WriteString(strings.ReplaceAll(x.Value, `\`, ""))
		case *syntax.SglQuoted:
			b.WriteString(x.Value)
		case *syntax.DblQuoted:
			for _, inner := range x.Parts {
				if p, ok := inner.(*syntax.ParamExp); ok && len(x.Parts) == 1 && len(w.Parts) == 1 && p.Param != nil && (p.Param.Value == "@" || p.Param.Value == "*") {
					return "$@", false
				}
				lit, ok := inner.(*syntax.Lit)
				if !ok {
					return "", false
				}
				b.WriteString(lit.Value)
			}
		case *syntax.ParamExp:
			if len(w.Parts) == 1 && x.Param != nil && (x.Param.Value == "@" || x.Param.Value == "*") {
				return "$@", false
			}
			return "", false
		default:
			return "", false
		}
	}
	return b.String(), true
}

// Starts is the program that the command starts, wrappers such as gosu looked through; "" where only the shell knows it.
func (r ShellRun) Starts() string {
	for i, w := range r.Words {
		switch {
		case w == "":
			return ""
		case wrappers[path.Base(w)], i > 0 && (strings.HasPrefix(w, "-") || strings.Contains(w, "=")):
		case i > 0 && isUserSwitch(path.Base(r.Words[i-1])):
			// the user that gosu and su-exec are given
		default:
			return w
		}
	}
	return ""
}

func isUserSwitch(word string) bool { return word == "gosu" || word == "su-exec" }

// ShellKind is how the shell of an image treats the last command that it is given with -c.
type ShellKind int

// The kinds. Dash stays above what it runs; bash and the ash of BusyBox are replaced by it.
const (
	UnknownShell ShellKind = iota
	Dash
	Ash
	Bash
	NoShell
)

// debianImages are the official images that are Debian unless the tag says otherwise.
var debianImages = map[string]bool{"debian": true, "ubuntu": true, "buildpack-deps": true, "golang": true, "node": true, "python": true, "ruby": true, "rust": true, "nginx": true, "perl": true}

var bashImages = map[string]bool{"fedora": true, "centos": true, "rockylinux": true, "almalinux": true, "amazonlinux": true, "oraclelinux": true, "opensuse/leap": true, "opensuse/tumbleweed": true}

// ImageShell is what /bin/sh is in an image, by its name.
func ImageShell(image string) ShellKind {
	image, _, _ = strings.Cut(image, "@")
	slash := strings.LastIndexByte(image, '/')
	name, tag, _ := strings.Cut(image[slash+1:], ":")
	repo := image[:slash+1] + name
	for _, registry := range []string{"docker.io/", "index.docker.io/", "mirror.gcr.io/", "public.ecr.aws/docker/"} {
		repo = strings.TrimPrefix(repo, registry)
	}
	repo = strings.TrimPrefix(repo, "library/")
	switch {
	case repo == "scratch":
		return NoShell
	case strings.Contains(repo, "distroless"):
		if strings.Contains(tag, "debug") {
			return Ash
		}
		return NoShell
	case repo == "alpine", repo == "busybox":
		return Ash
	case debianImages[repo] && strings.Contains(tag, "alpine"):
		return Ash
	case debianImages[repo] && !strings.Contains(tag, "windows") && !strings.Contains(tag, "nanoserver"):
		return Dash
	case bashImages[repo], strings.HasPrefix(repo, "registry.access.redhat.com/ubi"), strings.HasPrefix(repo, "redhat/ubi"):
		return Bash
	}
	return UnknownShell
}

// ShellOf is the shell that runs the lines of a stage, and what calls it; unknown where the image is, or where something in the
// stages may have put another in its place.
func (s *Stage) ShellOf() ShellKind {
	kind := UnknownShell
	if image := s.Image(); image.Origin != Open && image.Value != "" {
		kind = ImageShell(image.Value)
	}
	for _, stage := range s.Chain() {
		if stage.Shell != nil && len(stage.Shell.Words) > 0 {
			kind = NamedShell(stage.Shell.Words[0].Value, kind)
		}
		for _, r := range stage.Runs {
			for _, c := range r.Commands {
				for _, w := range c.Words {
					if c.Name() != "/bin/sh" && (w == "/bin/sh" || w == "dash") {
						return UnknownShell
					}
				}
			}
		}
	}
	return kind
}

// NamedShell is the shell that a program's name stands for in an image whose /bin/sh is known.
func NamedShell(program string, sh ShellKind) ShellKind {
	switch path.Base(program) {
	case "sh":
		return sh
	case "dash":
		return Dash
	case "ash":
		return Ash
	case "bash":
		return Bash
	}
	return UnknownShell
}
