package project

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// ParseError is a place where a go.mod, go.work or go.sum does not parse.
type ParseError struct {
	File   string // relative to the root
	Pos    Position
	Verb   string // the directive that is wrong, such as "go" or "require"; empty when the line is not even one
	Reason string
	Text   string // the line as it stands, cut to 120 bytes
}

func (e *ParseError) Error() string { return e.Reason }

// MaxModFile bounds a go.mod, go.work, go.sum or modules.txt that we read, in bytes. The largest go.sum of public code has
// a few megabytes; of a module's go.mod the go command itself takes no more than 16 MB from a proxy.
const MaxModFile = 32 << 20

// TooLargeError says that a file is so large that it was not read.
type TooLargeError struct{ File string }

func (e *TooLargeError) Error() string { return e.File + " is larger than 32 MB and was not read" }

// readModFile reads a go.mod, go.work, go.sum or modules.txt; name is how reports call it.
func readModFile(abs, name string) ([]byte, error) {
	data, err := readBounded(abs, MaxModFile)
	if errors.Is(err, errTooLarge) {
		return nil, &TooLargeError{File: name}
	}
	return data, err
}

func (m *Module) readGoMod() {
	name := m.File("go.mod")
	data, err := readModFile(filepath.Join(m.Root, filepath.FromSlash(name)), name)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	m.HasGoMod = true
	if err != nil {
		m.ModErr = err
		return
	}
	m.ModSource = data
	m.Mod, m.ModErr = ParseGoMod(name, data)
}

// ParseGoMod parses a go.mod strictly, as the go command does for the main module. name is used in the error.
func ParseGoMod(name string, data []byte) (*modfile.File, error) {
	f, err := modfile.Parse(name, data, nil)
	if err != nil {
		return nil, parseError(name, data, err)
	}
	if f.Module == nil {
		// The go command: "error reading go.mod: missing module declaration".
		return nil, &ParseError{File: name, Pos: Position{1, 1}, Verb: "module", Reason: "there is no module line"}
	}
	return f, nil
}

func parseError(name string, data []byte, err error) error {
	e := &ParseError{File: name, Pos: Position{1, 1}, Reason: err.Error()}
	var list modfile.ErrorList
	if errors.As(err, &list) && len(list) > 0 {
		first := list[0]
		e.Verb, e.Reason = first.Verb, first.Err.Error()
		if first.Pos.Line > 0 {
			e.Pos = Position{first.Pos.Line, max(first.Pos.LineRune, 1)}
		}
		if first.ModPath != "" {
			e.Reason = first.ModPath + ": " + e.Reason
		}
	}
	e.Text = lineOf(data, e.Pos.Line)
	if strings.HasPrefix(e.Text, "go ") {
		e.Verb = "go" // modfile names no directive for a version that is none
	}
	return e
}

// lineOf gives a line of a file, cut to what a report can show.
func lineOf(data []byte, line int) string {
	for text := range bytes.Lines(data) {
		if line--; line == 0 {
			text = bytes.TrimSpace(text)
			return string(bytes.ToValidUTF8(text[:min(len(text), 120)], []byte("\uFFFD")))
		}
	}
	return ""
}

// Requirement finds a require line.
func (m *Module) Requirement(modulePath string) *modfile.Require {
	if m.Mod == nil {
		return nil
	}
	i := slices.IndexFunc(m.Mod.Require, func(r *modfile.Require) bool { return r.Mod.Path == modulePath })
	if i < 0 {
		return nil
	}
	return m.Mod.Require[i]
}

// Versions are the versions that go.mod asks for, by module path: those that a replacement by the same module says, and none of
// modules that something else stands in for.
func (m *Module) Versions() map[string]string {
	out := map[string]string{}
	if m.Mod == nil {
		return out
	}
	for _, r := range m.Mod.Require {
		out[r.Mod.Path] = r.Mod.Version
	}
	for _, r := range m.Mod.Replace {
		switch required := out[r.Old.Path]; {
		case required == "" || r.Old.Version != "" && r.Old.Version != required:
		case r.New.Path == r.Old.Path:
			out[r.Old.Path] = r.New.Version
		default:
			delete(out, r.Old.Path)
		}
	}
	return out
}

// LineOf is where a directive stands, the zero Position for one that was not read from a file.
func LineOf(line *modfile.Line) Position {
	if line == nil {
		return Position{}
	}
	return Position{line.Start.Line, max(line.Start.LineRune, 1)}
}
