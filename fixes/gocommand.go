package fixes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/fixes/journal"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// notHere says that a command did not work, and what the user can do about it.
type notHere struct {
	command string // to type; empty where typing it would fail in the same way
	said    string
}

func (e *notHere) Error() string {
	if e.command == "" {
		return e.said
	}
	return "it needs modules that are not in the module cache; --online may download them"
}

func isVendor(c plan.Command) bool {
	return c.Tool != plan.Git && len(c.Args) > 1 && c.Args[0] == "mod" && c.Args[1] == "vendor"
}

// module runs a go command on a copy of go.mod and go.sum, with all staged files laid over the real ones, and stages what it
// did: so the change is known, and can be shown, before anything is written.
func (s *stage) module(ctx context.Context, p *proposal, c plan.Command, dir, scratch string) error {
	files := []string{"go.mod", "go.sum"}
	for _, name := range files {
		state, err := s.now(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		if state.Exists {
			if err := os.WriteFile(filepath.Join(scratch, name), state.Data, 0o600); err != nil {
				return err
			}
		}
	}
	flags := []string{"-modfile=" + filepath.Join(scratch, "go.mod")}
	overlay, err := s.overlay(scratch, dir)
	if err != nil {
		return err
	}
	if overlay != "" {
		flags = append(flags, "-overlay="+overlay)
	}
	if isVendor(c) {
		flags = append(flags, "-o="+filepath.Join(scratch, "vendor"))
	}
	g := &toolchain.Go{Dir: dir, Environ: s.environ}
	if err := g.Change(ctx, s.online, withFlags(c.Args, flags)...); err != nil {
		return s.commandError(c, err)
	}
	if isVendor(c) {
		return s.vendored(p, filepath.Join(dir, "vendor"), filepath.Join(scratch, "vendor"))
	}
	for _, name := range files {
		if err := s.adopt(p, filepath.Join(dir, name), filepath.Join(scratch, name)); err != nil {
			return err
		}
	}
	return nil
}

// withFlags puts flags behind the words that name the command.
func withFlags(args, flags []string) []string {
	n := 1
	if args[0] == "mod" || args[0] == "work" {
		n = 2
	}
	return slices.Concat(args[:n], flags, args[n:])
}

// now is the staged state of a path, or the real one.
func (s *stage) now(path string) (journal.State, error) {
	if c := s.changes[path]; c != nil {
		return c.After, nil
	}
	return journal.Read(path)
}

// overlay writes the staged files for the go command's -overlay. A go.mod that is yet to be made is among them: the command
// looks for it to find the module. One that is there must not be: the copy stands for it.
func (s *stage) overlay(scratch, dir string) (string, error) {
	replace := map[string]string{}
	for i, path := range s.order {
		c := s.changes[path]
		copied := path == filepath.Join(dir, "go.mod") && c.Before.Exists || path == filepath.Join(dir, "go.sum")
		if copied || c.After.Same(c.Before) {
			continue
		}
		replace[path] = "" // gone
		if c.After.Exists {
			name := filepath.Join(scratch, fmt.Sprintf("overlay-%d", i))
			if err := os.WriteFile(name, c.After.Data, 0o600); err != nil {
				return "", err
			}
			replace[path] = name
		}
	}
	if len(replace) == 0 {
		return "", nil
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	name := filepath.Join(scratch, "overlay.json")
	return name, os.WriteFile(name, data, 0o600)
}

// adopt stages the content of a file as a command left it.
func (s *stage) adopt(p *proposal, path, from string) error {
	data, err := os.ReadFile(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it made no go.sum, and there was none
	}
	if err != nil {
		return err
	}
	if now, err := s.now(path); err != nil || now.Exists && bytes.Equal(now.Data, data) {
		return err
	}
	c, err := s.change(p, path)
	if err != nil {
		return err
	}
	if !c.After.Exists {
		c.After = journal.State{Exists: true, Mode: 0o644, UID: -1, GID: -1}
	}
	c.After.Data = data
	return nil
}

// vendored stages what differs between the vendor folder and the one that `go mod vendor` made.
func (s *stage) vendored(p *proposal, vendor, made string) error {
	wanted := map[string]bool{}
	err := eachFile(made, func(rel string) error {
		wanted[rel] = true
		return s.adopt(p, filepath.Join(vendor, rel), filepath.Join(made, rel))
	})
	if err != nil {
		return err
	}
	return eachFile(vendor, func(rel string) error {
		if wanted[rel] {
			return nil
		}
		c, err := s.change(p, filepath.Join(vendor, rel))
		if err != nil {
			return err
		}
		c.After, c.Prune = journal.State{UID: -1, GID: -1}, vendor
		return nil
	})
}

// eachFile walks the files of a folder that may be missing.
func eachFile(dir string, do func(rel string) error) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == dir {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return do(rel)
	})
}

// own makes a proposal an owner of what a command of another one does for it too.
func (s *stage) own(p *proposal, c plan.Command) {
	for _, other := range s.proposals {
		if other == p || !slices.ContainsFunc(stepsOf[plan.Command](other), c.Same) {
			continue
		}
		for _, path := range s.order {
			if slices.Contains(s.owners[path], other) && !slices.Contains(s.owners[path], p) {
				s.owners[path] = append(s.owners[path], p)
			}
		}
		return
	}
}

func (s *stage) commandError(c plan.Command, err error) error {
	if errors.Is(err, toolchain.ErrNoGo) {
		return err
	}
	ran := c.Line()
	line := fallback(c.Instead, ran)
	if c.Dir != "" && c.Dir != "." {
		line = "cd " + c.Dir + " && " + line
	}
	failed, ok := errors.AsType[*toolchain.CommandError](err)
	switch {
	case !ok:
		return err
	case toolchain.NeedsNetwork(err):
		return &notHere{command: line, said: complaint(failed.Stderr)}
	}
	return &notHere{said: "`" + ran + "` says: " + complaint(failed.Stderr)}
}

// complaint is what a command said, without what it told of its progress, in one line.
func complaint(said string) string {
	var words []string
	for line := range strings.Lines(said) {
		if !strings.HasPrefix(line, "go: finding ") && !strings.HasPrefix(line, "go: downloading ") {
			words = append(words, strings.Fields(line)...)
		}
	}
	return cut(strings.TrimPrefix(strings.Join(words, " "), "go: "), 300)
}

// cut shortens a text to so many characters.
func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
