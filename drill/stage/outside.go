package stage

import (
	"context"
	"os"
	"slices"
	"strings"
)

// Outside is a place where a watcher in the copy is told the project's own folder by its absolute path: what it watches, builds or
// starts there is not the copy.
type Outside struct {
	Tool string
	File string // relative to the root
	Line int
	Text string // the line
}

// Outside lists the places where the configuration and the commands of watchers name the project absolutely.
func (s *Stage) Outside(ctx context.Context) ([]Outside, error) {
	watches, err := s.Target.Watches(ctx)
	if err != nil {
		return nil, err
	}
	var out []Outside
	for _, w := range watches {
		if w.File != nil {
			out = append(out, s.outsideIn(w.Tool.Name, w.File.Path, 0)...)
		}
		if w.Place.File != "" {
			out = append(out, s.outsideIn(w.Tool.Name, w.Place.File, w.Place.Line)...)
		}
	}
	return slices.Compact(out), nil
}

// outsideIn looks through a file of the copy, or one line of it.
func (s *Stage) outsideIn(tool, file string, line int) []Outside {
	path, err := s.Path(file)
	if err != nil {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil // what is not there names nothing
	}
	var out []Outside
	number := 0
	for l := range strings.Lines(string(text)) {
		number++
		if (line == 0 || line == number) && s.moved(l) != l {
			out = append(out, Outside{tool, file, number, strings.TrimSpace(l)})
		}
	}
	return out
}
