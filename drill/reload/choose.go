package reload

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/stage"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/needs"
	"github.com/gindoctor/gindoctor/target/shutdown"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// chosen is the watcher that is started, with what is known of it.
type chosen struct {
	*target.Watch
	reaction *watcher.Reaction // that builds and runs the server; nil where the tool starts nothing, for all that is known
	needs    *needs.Program    // what the server is built from; nil where that is not known
	graceful bool              // the server ends in order on a signal
	command  stage.Command
	notes    []checks.Message
}

// choose picks the watcher of the project: the one that builds the program that is drilled, one that can be started here before one
// that belongs into a container.
func choose(ctx context.Context, s *stage.Stage) (*chosen, error) {
	watches, err := s.Target.Watches(ctx)
	if err != nil {
		return nil, err
	}
	tree, err := s.Target.Tree(ctx)
	if err != nil {
		return nil, err
	}
	var best *chosen
	rank, contained := 0, ""
	for _, w := range watches {
		if w.Named != nil && slices.Contains(tree.ContainerFiles(), w.Named.File) || w.Tool.Command == "docker compose watch" {
			contained = inContainer(w)
			continue
		}
		c, n, err := weigh(ctx, s, w)
		if err != nil {
			return nil, err
		}
		if best == nil || n > rank {
			best, rank = c, n
		}
	}
	switch {
	case best == nil && contained != "":
		return nil, &stage.Refused{Reason: contained}
	case best == nil:
		return nil, &stage.Refused{Reason: "the project has no watcher that a reload could be tried with: no configuration of one, and no script that starts one. gindoctor init --watcher air writes a configuration"}
	}
	return best, best.prepare(ctx, s)
}

func inContainer(w *target.Watch) string {
	where := w.Tool.Command
	if w.Named != nil {
		where = w.Named.File
	}
	return fmt.Sprintf("%s is started in a container (%s), and a reload there cannot be tried from outside: docker compose exec SERVICE gindoctor drill reload", w.Tool.Name, where)
}

// weigh tells how much speaks for a watcher.
func weigh(ctx context.Context, s *stage.Stage, w *target.Watch) (*chosen, int, error) {
	c, rank := &chosen{Watch: w}, 0
	asked, err := s.Picked(ctx)
	if err != nil {
		return nil, 0, err
	}
	for _, r := range w.Reactions {
		p, err := s.Target.WatchProgram(ctx, w, r)
		if err != nil {
			return nil, 0, err
		}
		n := 1
		if r.Run != nil {
			n += 2
		}
		if p != nil && p.Package.Dir == asked.Package.Dir {
			n += 4
		}
		if n > rank {
			c.reaction, rank = r, n
		}
	}
	if w.Named != nil {
		rank++
	}
	return c, rank, nil
}

// prepare finds out what the edits need to know, and how the tool is started.
func (c *chosen) prepare(ctx context.Context, s *stage.Stage) (err error) {
	if c.reaction != nil {
		if c.needs, err = s.Target.Needs(ctx, c.Watch, c.reaction); err != nil {
			return err
		}
		var fact *shutdown.Fact
		if fact, err = s.Target.WatchShutdown(ctx, c.Watch, c.reaction); err != nil {
			return err
		}
		c.graceful = fact != nil && fact.Graceful()
	}
	words, err := c.words()
	if err != nil {
		return err
	}
	words = c.unattended(words)
	if err := c.ownPaths(ctx, s); err != nil {
		return err
	}
	if words, err = c.atHand(ctx, s, words); err != nil {
		return err
	}
	c.command = stage.Command{Args: c.piped(words), Dir: c.Cwd, Environ: c.environ(s)}
	return nil
}

// words are what its user types: the command of the script that starts it, else the tool's name.
func (c *chosen) words() ([]string, error) {
	var typed []watcher.Word
	switch {
	case c.Air != nil && c.Air.Named != nil:
		command := c.Air.Named.Command
		for i, w := range command.Words {
			typed = append(typed, watcher.Word{Text: w, Known: w != "" || i < len(command.Spans) && !command.Spans[i].IsZero(), Glob: i < len(command.Globs) && command.Globs[i]})
		}
	case len(c.Called) > 0:
		typed = slices.Concat(c.Called, c.Words)
	default:
		for _, w := range strings.Fields(c.Tool.Command) {
			typed = append(typed, watcher.Word{Text: w, Known: true})
		}
		typed = append(typed, c.Words...)
	}
	return c.expand(typed)
}

// unattended is the command without a wish for a terminal, which a drill has not: entr ends where it finds none, unless it is told so.
func (c *chosen) unattended(words []string) []string {
	if c.Tool.Name != "entr" {
		return words
	}
	for _, w := range words[1:] {
		if !strings.HasPrefix(w, "-") || w == "--" {
			break
		}
		if strings.Contains(w, "n") {
			return words
		}
	}
	c.notes = append(c.notes, checks.Msg("entr was started with -n: it wants a terminal otherwise, and a drill has none"))
	return slices.Insert(words, 1, "-n")
}

// expand puts files in the place of patterns, as the shell would.
func (c *chosen) expand(typed []watcher.Word) ([]string, error) {
	var out []string
	for _, w := range typed {
		if !w.Known {
			return nil, &stage.Refused{Reason: fmt.Sprintf("how %s is started is known to the shell only: a word of the command in %s is computed", c.Tool.Name, c.from())}
		}
		var names []string
		if w.Glob {
			names, _ = filepath.Glob(filepath.Join(c.Cwd, w.Text)) // a pattern that is none stands for itself, as in the shell
		}
		for i, name := range names {
			if rel, err := filepath.Rel(c.Cwd, name); err == nil {
				names[i] = rel
			}
		}
		if len(names) == 0 {
			names = []string{w.Text}
		}
		out = append(out, names...)
	}
	return out, nil
}

func (c *chosen) from() string {
	switch {
	case c.Named != nil:
		return c.Named.File
	case c.Start.Place.File != "":
		return c.Start.Place.File
	case c.File != nil:
		return c.File.Path
	}
	return "the project"
}

// ownPaths refuses what names the project by its absolute path: the watcher would build there, and not in the copy.
func (c *chosen) ownPaths(ctx context.Context, s *stage.Stage) error {
	all, err := s.Outside(ctx)
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.Tool == c.Tool.Name {
			return &stage.Refused{Reason: fmt.Sprintf("%s:%d names the project by its absolute path: in a copy %s would build the original", o.File, o.Line, c.Tool.Name)}
		}
	}
	return nil
}

// atHand finds the program: on PATH, where `go install` puts it, or as a tool of go.mod.
func (c *chosen) atHand(ctx context.Context, s *stage.Stage, words []string) ([]string, error) {
	name := words[0]
	if strings.Contains(name, "/") || s.Target.LookPath(name) != "" {
		return words, nil
	}
	file, err := s.Target.ToolAtHand(ctx, c.Tool, name)
	if err != nil {
		return nil, err
	}
	if file != "" {
		c.notes = append(c.notes, checks.Msg("%s is not on PATH: %s was started", name, file))
		return append([]string{file}, words[1:]...), nil
	}
	modules, err := s.Target.Modules(ctx)
	if err != nil {
		return nil, err
	}
	for _, m := range modules {
		if m.Mod == nil {
			continue
		}
		for _, tool := range m.Mod.Tool {
			if slices.ContainsFunc(c.Tool.Modules, func(p string) bool { return tool.Path == p || strings.HasPrefix(tool.Path, p+"/") }) {
				return append([]string{"go", "tool", tool.Path}, words[1:]...), nil
			}
		}
	}
	if where, err := s.Target.InContainer(ctx, c.Tool); err == nil && where != "" {
		return nil, &stage.Refused{Reason: fmt.Sprintf("%s is not installed here; %s brings it into a container: docker compose exec SERVICE gindoctor drill reload", c.Tool.Name, where)}
	}
	return nil, &stage.Failure{Stage: checks.Notice, Said: checks.Msg("%s is not installed: neither on PATH nor in GOBIN is a program %s%s", c.Tool.Name, name, c.installed())}
}

// installed is how one gets the tool, as the end of a sentence.
func (c *chosen) installed() string {
	if len(c.Tool.Modules) == 0 || filepath.Base(c.Tool.Modules[0]) != c.Tool.Command {
		return ""
	}
	return "; go install " + c.Tool.Modules[0] + "@latest puts it there"
}

// piped is the command with those before it whose output it reads.
func (c *chosen) piped(words []string) []string {
	if len(c.From) == 0 {
		return words
	}
	var line []string
	for _, from := range append(slices.Clone(c.From), nil) {
		texts := slices.Clone(words)
		if from != nil {
			texts = nil
			for _, w := range from {
				texts = append(texts, w.Text)
			}
		}
		line = append(line, shellword.Join(texts))
	}
	return []string{"/bin/sh", "-c", strings.Join(line, " | ")}
}

// environ is that of the stage with what the script sets for this command; the port is the stage's.
func (c *chosen) environ(s *stage.Stage) []string {
	out := slices.DeleteFunc(slices.Clone(s.Environ), func(v string) bool {
		return strings.HasPrefix(v, "air_wd=") || strings.HasPrefix(v, "PWD=")
	})
	out = append(out, "PWD="+c.Cwd)
	named := c.Named
	if c.Air != nil {
		named = c.Air.Named
	}
	if named == nil {
		return out
	}
	for _, v := range named.Command.Assigns {
		if name, value, _ := strings.Cut(v, "="); value != "" && name != "PORT" {
			out = append(out, v)
		}
	}
	return out
}
