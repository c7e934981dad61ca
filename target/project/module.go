package project

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// Module is one module of the tree, or the Go files of a folder that has no go.mod at all.
type Module struct {
	Root string // absolute root of the examined tree
	Dir  string // relative to the root; "." for the root itself
	// Mod is the parsed go.mod; nil when there is none or when it does not parse (then ModErr says why).
	Mod    *modfile.File
	ModErr error // a *ParseError, or the system's reason
	// HasGoMod tells whether a go.mod stands in Dir, readable or not.
	HasGoMod bool
	Sum      *Sum    // nil when there is no go.sum
	SumErr   error   // why an existing go.sum could not be read
	Vendor   *Vendor // nil when there is no vendor/modules.txt
	Files    []*GoFile
	Packages map[string]*Package // by folder relative to the module; "." for the module's own
}

// Package is the Go files of one folder of a module that the go command looks at (not those below testdata, or below names
// that begin with a dot or an underscore).
type Package struct {
	Dir        string // relative to the root of the examined tree
	ImportPath string // under the module path; empty without a go.mod
	Files      []*GoFile
}

// Path is the module path, empty when there is no readable go.mod.
func (m *Module) Path() string {
	if m.Mod == nil || m.Mod.Module == nil {
		return ""
	}
	return m.Mod.Module.Mod.Path
}

// AbsDir is the module's folder.
func (m *Module) AbsDir() string { return filepath.Join(m.Root, filepath.FromSlash(m.Dir)) }

// File names a file of the module (given relative to it) relative to the examined root.
func (m *Module) File(name string) string { return path.Join(m.Dir, name) }

// ParseError is a place where a go.mod, go.work or go.sum does not parse.
type ParseError struct {
	File   string // relative to the root
	Pos    Position
	Reason string
}

func (e *ParseError) Error() string { return e.Reason }

// MaxModFile bounds a go.mod, go.work, go.sum or modules.txt that we read, in bytes. The largest go.sum of public code has
// a few megabytes.
const MaxModFile = 32 << 20

func (m *Module) readGoMod() {
	name := m.File("go.mod")
	data, err := readBounded(filepath.Join(m.Root, filepath.FromSlash(name)), MaxModFile)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	m.HasGoMod = true
	if err != nil {
		m.ModErr = err
		return
	}
	m.Mod, m.ModErr = ParseGoMod(name, data)
}

// ParseGoMod parses a go.mod strictly, as the go command does for the main module. name is used in the error.
func ParseGoMod(name string, data []byte) (*modfile.File, error) {
	f, err := modfile.Parse(name, data, nil)
	if err != nil {
		return nil, parseError(name, err)
	}
	return f, nil
}

func parseError(name string, err error) error {
	var list modfile.ErrorList
	if errors.As(err, &list) && len(list) > 0 {
		first := list[0]
		reason := first.Err.Error()
		if first.Verb != "" {
			reason = first.Verb + " " + first.ModPath + ": " + reason
		}
		return &ParseError{File: name, Pos: Position{first.Pos.Line, first.Pos.LineRune}, Reason: reason}
	}
	return &ParseError{File: name, Pos: Position{1, 1}, Reason: err.Error()}
}

// Sum is a parsed go.sum.
type Sum struct {
	File   string                      // relative to the root
	Hashes map[module.Version][]string // by module; the version of a go.mod hash ends in "/go.mod"
	Lines  map[module.Version]int      // where it stands, from 1
	Bad    []ParseError                // lines that are none
}

// ParseSum reads a go.sum: lines of path, version and hash.
func ParseSum(name string, data []byte) *Sum {
	s := &Sum{File: name, Hashes: map[module.Version][]string{}, Lines: map[module.Version]int{}}
	line := 0
	for text := range bytes.Lines(data) {
		line++
		fields := strings.Fields(string(text))
		switch len(fields) {
		case 0:
		case 3:
			v := module.Version{Path: fields[0], Version: fields[1]}
			s.Hashes[v] = append(s.Hashes[v], fields[2])
			s.Lines[v] = line
		default:
			s.Bad = append(s.Bad, ParseError{File: name, Pos: Position{line, 1}, Reason: "a line of go.sum has a module, a version and a hash"})
		}
	}
	return s
}

// HasModule tells whether the hash of the module's content is there.
func (s *Sum) HasModule(v module.Version) bool { return s != nil && len(s.Hashes[v]) > 0 }

// HasGoMod tells whether the hash of the module's go.mod is there.
func (s *Sum) HasGoMod(v module.Version) bool {
	v.Version += "/go.mod"
	return s != nil && len(s.Hashes[v]) > 0
}

func (m *Module) readSum() {
	name := m.File("go.sum")
	data, err := readBounded(filepath.Join(m.Root, filepath.FromSlash(name)), MaxModFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		m.SumErr = err
	default:
		m.Sum = ParseSum(name, data)
	}
}

// Vendor is a parsed vendor/modules.txt.
type Vendor struct {
	File    string // relative to the root
	Modules []VendoredModule
}

// VendoredModule is one module of vendor/modules.txt.
type VendoredModule struct {
	Mod      module.Version
	Replace  module.Version // zero when it is not replaced
	Line     int
	Explicit bool   // marked "## explicit"
	Go       string // of "go 1.21", empty when not given
	Packages []string
}

// Provides finds the vendored module that a package was copied from.
func (v *Vendor) Provides(pkg string) (VendoredModule, bool) {
	for _, m := range v.Modules {
		if slices.Contains(m.Packages, pkg) {
			return m, true
		}
	}
	return VendoredModule{}, false
}

// ParseVendor reads a vendor/modules.txt: "# path version [=> path [version]]" opens a module, "## explicit; go 1.21" marks
// it, every other line is a package of it.
func ParseVendor(name string, data []byte) *Vendor {
	v := &Vendor{File: name}
	line := 0
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, MaxModFile)
	for lines.Scan() {
		line++
		text := strings.TrimSpace(lines.Text())
		var last *VendoredModule
		if len(v.Modules) > 0 {
			last = &v.Modules[len(v.Modules)-1]
		}
		switch {
		case text == "":
		case strings.HasPrefix(text, "## "):
			if last != nil {
				last.mark(strings.TrimPrefix(text, "## "))
			}
		case strings.HasPrefix(text, "# "):
			v.Modules = append(v.Modules, vendoredModule(strings.Fields(text[2:]), line))
		case last != nil:
			last.Packages = append(last.Packages, text)
		}
	}
	return v
}

func vendoredModule(fields []string, line int) VendoredModule {
	m := VendoredModule{Line: line}
	arrow := slices.Index(fields, "=>")
	old, new := fields, []string(nil)
	if arrow >= 0 {
		old, new = fields[:arrow], fields[arrow+1:]
	}
	m.Mod, m.Replace = version(old), version(new)
	return m
}

func version(fields []string) module.Version {
	var v module.Version
	if len(fields) > 0 {
		v.Path = fields[0]
	}
	if len(fields) > 1 {
		v.Version = fields[1]
	}
	return v
}

func (m *VendoredModule) mark(text string) {
	for part := range strings.SplitSeq(text, ";") {
		part = strings.TrimSpace(part)
		if part == "explicit" {
			m.Explicit = true
		}
		if v, ok := strings.CutPrefix(part, "go "); ok {
			m.Go = v
		}
	}
}

func (m *Module) readVendor() {
	name := m.File("vendor/modules.txt")
	data, err := readBounded(filepath.Join(m.Root, filepath.FromSlash(name)), MaxModFile)
	if err == nil {
		m.Vendor = ParseVendor(name, data)
	}
}

// Work is a parsed go.work.
type Work struct {
	Path string // absolute
	File *modfile.WorkFile
	Err  error // a *ParseError
	Sum  *Sum  // go.work.sum beside it
}

// ReadWork reads the go.work at an absolute path. name is how reports call it.
func ReadWork(abs, name string) (*Work, error) {
	data, err := readBounded(abs, MaxModFile)
	if err != nil {
		return nil, err
	}
	w := &Work{Path: abs}
	f, err := modfile.ParseWork(name, data, nil)
	if err != nil {
		w.Err = parseError(name, err)
	} else {
		w.File = f
	}
	if data, err := readBounded(abs+".sum", MaxModFile); err == nil {
		w.Sum = ParseSum(name+".sum", data)
	}
	return w, nil
}

// FindUp looks for a file of that name in dir and its parents, and returns its absolute path or "".
func FindUp(dir, name string) string {
	for {
		abs := filepath.Join(dir, name)
		if info, err := os.Stat(abs); err == nil && !info.IsDir() {
			return abs
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}
