package target

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
)

// CommandPlaces are all files of the project in which a command can stand that somebody or something starts: Scripts, the files in
// which editors keep theirs, Dockerfiles and compose files; by path. In which folder of the project the commands of a container run is
// not known.
func (t *Target) CommandPlaces(ctx context.Context) ([]project.Script, error) {
	return t.commands.Get(ctx)
}

func (t *Target) readCommandPlaces(ctx context.Context) ([]project.Script, error) {
	scripts, err := t.Scripts(ctx)
	if err != nil {
		return nil, err
	}
	tree, err := t.Tree(ctx)
	if err != nil {
		return nil, err
	}
	editors, err := project.EditorCommands(ctx, tree)
	if err != nil {
		return nil, err
	}
	set, err := t.Artefacts(ctx)
	if err != nil {
		return nil, err
	}
	out := slices.Concat(scripts, editors, containerCommands(set))
	slices.SortStableFunc(out, func(a, b project.Script) int { return strings.Compare(a.File, b.File) })
	return out, nil
}

func containerCommands(set *artefact.Set) []project.Script {
	var out []project.Script
	add := func(f *artefact.File, kind project.ScriptKind, execs []contained) {
		s := project.Script{File: f.Path, Kind: kind}
		seen := map[int]bool{}
		for _, e := range execs {
			if at := e.start(); at < 0 || !seen[at] { // what an anchor names may stand in for several
				seen[at] = true
				e.read(&s)
			}
		}
		if len(s.Commands)+len(s.Unknown) > 0 {
			out = append(out, s)
		}
	}
	for _, d := range artefact.Of[*artefact.Dockerfile](set) {
		var execs []contained
		for _, stage := range d.Stages {
			for i := range stage.Runs {
				execs = append(execs, contained{&stage.Runs[i].Exec, stage.Shell})
			}
			execs = append(execs, started(stage.Entrypoint, stage.Cmd, stage.Shell)...)
		}
		add(d.File, project.Dockerfile, execs)
	}
	for _, c := range artefact.Of[*artefact.Compose](set) {
		var execs []contained
		for _, s := range c.Services {
			execs = append(execs, started(s.Entrypoint, s.Command, nil)...)
		}
		add(c.File, project.Compose, execs)
	}
	return out
}

// started are an entrypoint and the command that it is given. Where the one is a shell that waits for a text (["sh", "-c"]), they are
// one command; else the entrypoint may well start the command as it is.
func started(entrypoint, cmd, shell *artefact.Exec) []contained {
	if entrypoint != nil && cmd != nil && !entrypoint.Shell && !cmd.Shell && entrypoint.Line.IsZero() && cmd.Line.IsZero() && len(entrypoint.Given) > 1 {
		words := entrypoint.Given
		name, last := words[0].String(), words[len(words)-1].String()
		if project.PosixShell(path.Base(name)) && strings.HasPrefix(last, "-") && strings.HasSuffix(last, "c") {
			return []contained{{&artefact.Exec{Given: slices.Concat(words, cmd.Given)}, nil}}
		}
	}
	return []contained{{entrypoint, shell}, {cmd, shell}}
}

// contained is a command of a container, and the shell that it is given to where that is not /bin/sh.
type contained struct{ exec, shell *artefact.Exec }

// start is where in the file the command begins; -1 where that is not known.
func (c contained) start() int {
	if c.exec == nil || len(c.exec.Given) == 0 {
		return -1
	}
	return c.exec.Given[0].Place().Start
}

func (c contained) read(s *project.Script) {
	if c.exec == nil {
		return
	}
	if !c.exec.Shell && !c.exec.Line.IsZero() {
		for _, text := range c.exec.Given {
			s.Add(text.WordLine(""))
		}
		return
	}
	if !c.exec.Shell {
		s.Add(project.WordList(c.exec.Given, ""))
		return
	}
	if words := c.shell; words != nil && len(words.Words) > 0 && !project.PosixShell(path.Base(words.Words[0].Value)) {
		for _, text := range c.exec.Given {
			s.Add(nil, []project.Unknown{{Span: text.Place(), Reason: project.OtherShell}})
		}
		return
	}
	for _, text := range c.exec.Given {
		s.Add(text.Commands("", true))
	}
}
