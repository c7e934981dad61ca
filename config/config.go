// Package config reads .gindoctor.yaml: what a team wants of every run, and what it lives with.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gindoctor/gindoctor/checks"
)

// Name is the name of the file, at the examined root.
const Name = ".gindoctor.yaml"

// Config is what a .gindoctor.yaml says. The zero value says nothing.
type Config struct {
	File string // as it was asked for; empty where there is none

	Profile  string
	FailOn   string
	Skip     []string
	Severity []Severity
	Ignore   []Ignore
	Ports    []int
	Timeout  time.Duration
	Lang     string
	External []External

	lines map[string]int // of the top-level keys
}

// Severity is a severity that the team gives to the findings of a check.
type Severity struct {
	Check string // an id or a glob
	Level checks.Severity
	Line  int
}

// Ignore hides findings.
type Ignore struct {
	Check  string // an id or a glob
	Path   string // a file, a folder or a glob (** for any depth), relative to the root; empty for every place
	Reason string
	Until  time.Time // the last day on which it holds; the zero time for ever
	Line   int
	Column int
}

// External is a check that the team brings along: an executable that prints findings.
type External struct {
	Name    string   // the check's id is config/NAME
	Command []string // the executable and its arguments; a relative executable starts at the root
	Timeout time.Duration
	Line    int
}

// Line is where a top-level key stands; 0 where it does not.
func (c *Config) Line(key string) int { return c.lines[key] }

// Error is a configuration that cannot be used, with the place.
type Error struct {
	File         string
	Line, Column int // 0 where the place is not known
	Reason       string
}

func (e *Error) Error() string {
	switch {
	case e.Line == 0:
		return fmt.Sprintf("%s: %s", e.File, e.Reason)
	case e.Column == 0:
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Reason)
}

// maxSize bounds the file: nobody writes a larger one.
const maxSize = 1 << 20

// Load reads the configuration of a root, or the file that was asked for by name. Without a file it says nothing.
func Load(root, file string, all []*checks.Check) (*Config, error) {
	name, asked := file, file != ""
	if !asked {
		name, file = filepath.Join(root, Name), Name
	}
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !asked:
		return &Config{}, nil
	case err != nil:
		return nil, &Error{File: file, Reason: errors.Unwrap(err).Error()}
	case !info.Mode().IsRegular():
		return nil, &Error{File: file, Reason: "it is no file"}
	case info.Size() > maxSize:
		return nil, &Error{File: file, Reason: "it is larger than a configuration can be (1 MiB)"}
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, &Error{File: file, Reason: errors.Unwrap(err).Error()}
	}
	return Parse(file, data, all)
}
