package stage

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target"
)

// Set sets the stage: it copies the project and prepares what the program needs. Whoever gets a stage closes it. The facts of the copy
// can be asked for until then, or until ctx ends.
func Set(ctx context.Context, o Options) (*Stage, error) {
	if runtime.GOOS == "windows" {
		return nil, &Refused{"drills need process groups and signals, which Windows has not: run them in WSL or in a container"}
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &Stage{Source: resolved(o.Target.Root()), options: o, host: o.Target.Host(), self: self}
	if _, err := pick(ctx, o.Target, o.Dir); err != nil {
		return nil, err
	}
	s.run, s.stop = context.WithCancel(ctx)
	s.Tell("looking at what to copy")
	script, err := s.script(ctx)
	if err == nil {
		err = script.bounded()
	}
	if err == nil {
		err = s.scratch(ctx, script)
	}
	if err != nil {
		s.stop()
		return nil, err
	}
	if err := s.fill(ctx, script); err != nil {
		return nil, closeAfter(s, err)
	}
	return s, nil
}

// closeAfter closes a stage that could not be set.
func closeAfter(s *Stage, err error) error {
	_ = s.Close() // the first error is the one to tell
	return err
}

// hire starts the janitor.
func (s *Stage) hire() error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	s.janitor = exec.Command(s.self, guardWord, "--remove", s.dir)
	s.janitor.Dir, s.janitor.ExtraFiles, s.janitor.SysProcAttr = "/", []*os.File{r}, ownSession()
	if err := s.janitor.Start(); err != nil {
		w.Close()
		return err
	}
	s.sweep = w
	return nil
}

// fill copies the project and finds the port and the environment.
func (s *Stage) fill(ctx context.Context, p *script) error {
	s.Tell("copying %s in %d files", size(p.bytes), len(p.items))
	p.tree = filepath.Join(s.dir, "tree")
	s.layoutOf = p.layout
	unread, err := p.copy(ctx)
	if err != nil {
		return fmt.Errorf("the project could not be copied: %w", err)
	}
	s.noteUnread(unread)
	s.Root = p.place(s.Source)
	if back, err := filepath.Rel(s.Source, resolved(s.options.Dir)); err == nil && s.options.Dir != "" && filepath.IsLocal(back) {
		s.asked = filepath.Join(s.Root, back)
	}
	if err := s.environment(ctx); err != nil {
		return err
	}
	if err := s.givePorts(ctx); err != nil {
		return err
	}
	if err := s.noteReactions(ctx); err != nil {
		return err
	}
	return s.consent(ctx)
}

// noteUnread names what could not be copied.
func (s *Stage) noteUnread(files []string) {
	slices.Sort(files)
	var names []string
	for _, file := range files {
		names = append(names, s.rel(file))
	}
	switch n := len(names); {
	case n > 3:
		s.Note("what this user may not read is not in the copy: %s and %d more", strings.Join(names[:3], ", "), n-3)
	case n > 0:
		s.Note("what this user may not read is not in the copy: %s", strings.Join(names, ", "))
	}
}

// open looks at the copy anew: after its files, or its environment, have changed.
func (s *Stage) open(port int) error {
	t, err := target.Open(s.run, target.Options{Dir: s.Root, Profile: "dev", Port: port, Environ: s.Environ, Host: s.host})
	if err == nil {
		s.Target = t
	}
	return err
}
