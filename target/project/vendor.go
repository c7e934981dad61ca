package project

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

// Vendor is a parsed vendor/modules.txt.
type Vendor struct {
	File      string // relative to the root
	Modules   []VendoredModule
	Workspace bool // "## workspace" in its first line: it was made by `go work vendor`

	packages map[string]int // package to index in Modules
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
	if v == nil {
		return VendoredModule{}, false
	}
	i, ok := v.packages[pkg]
	if !ok {
		return VendoredModule{}, false
	}
	return v.Modules[i], true
}

// ParseVendor reads a vendor/modules.txt: "# path version [=> path [version]]" opens a module, "## explicit; go 1.21" marks
// it, every other line is a package of it (cmd/go/internal/modload, readVendorList).
func ParseVendor(name string, data []byte) *Vendor {
	v := &Vendor{File: name, packages: map[string]int{}}
	line := 0
	for raw := range bytes.Lines(data) {
		line++
		text := strings.TrimSpace(string(raw))
		if marks, ok := strings.CutPrefix(text, "## "); ok {
			v.mark(line, marks)
			continue
		}
		if opens, ok := strings.CutPrefix(text, "# "); ok {
			v.Modules = append(v.Modules, vendoredModule(strings.Fields(opens), line))
			continue
		}
		if text == "" || strings.ContainsAny(text, " \t") || len(v.Modules) == 0 {
			continue
		}
		last := len(v.Modules) - 1
		v.Modules[last].Packages = append(v.Modules[last].Packages, text)
		v.packages[text] = last
	}
	return v
}

func (v *Vendor) mark(line int, marks string) {
	if line == 1 {
		v.Workspace = slices.ContainsFunc(strings.Split(marks, ";"), func(s string) bool { return strings.TrimSpace(s) == "workspace" })
	}
	if len(v.Modules) > 0 {
		v.Modules[len(v.Modules)-1].mark(marks)
	}
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
	m.HasVendorDir = isDir(filepath.Join(m.AbsDir(), "vendor"))
	if !m.HasVendorDir {
		return
	}
	name := m.File("vendor/modules.txt")
	if data, err := readModFile(filepath.Join(m.Root, filepath.FromSlash(name)), name); err == nil {
		m.Vendor = ParseVendor(name, data)
	}
}
