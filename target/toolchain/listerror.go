package toolchain

import (
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// Problem is the kind of a complaint of the go command: what has to be mended to be rid of it.
type Problem int

// The kinds of complaint.
const (
	Other              Problem = iota
	Syntax                     // a Go file does not parse
	MixedPackages              // the files of one folder name different packages
	ImportCycle                // packages import each other in a ring
	InternalImport             // an internal package of another tree
	MainImport                 // a program is imported
	ConstraintsExclude         // every file of the package is left out here
	NoGoFiles                  // the folder has no Go file
	NoPackage                  // nothing provides the package: no module, no folder, no such package of std
	RelativeImport             // import "./x"
	BadImportPath              // no import path at all
	CaseCollision              // paths that differ by case only
	MissingSum                 // go.sum lacks a hash
	SumMismatch                // the hash in go.sum is another one
	NotDownloaded              // a module is not in the module cache
	Embed                      // a go:embed pattern
	Ambiguous                  // two modules provide the package
	VendorDrift                // vendor/modules.txt disagrees with go.mod
	GoTooOld                   // go.mod or go.work asks for a newer Go
	ModuleFile                 // go.mod or go.work does not parse, or names what is not there
	NoReplacement              // the folder that replaces a module cannot be read
	GoModOutdated              // go.mod lacks requirements of its requirements, or has too old ones
	OutsideModule              // no go.mod, or a go.work that leaves this module out
	Compile                    // the compiler said it, of a package that was compiled
)

// complaints tell the kinds apart by the words of cmd/go (internal/load/pkg.go, internal/modload/{import,init,vendor,
// load}.go, internal/modfetch/fetch.go). The first that is met counts.
var complaints = []struct {
	words string
	kind  Problem
}{
	{"import cycle not allowed", ImportCycle},
	{"use of internal package", InternalImport},
	{"use of vendored package", InternalImport},
	{"is a program, not an importable package", MainImport},
	{"build constraints exclude all Go files", ConstraintsExclude},
	{"missing go.sum entry", MissingSum},
	{"checksum mismatch", SumMismatch},
	{"SECURITY ERROR", SumMismatch},
	{"inconsistent vendoring", VendorDrift},
	{"requires go >=", GoTooOld},
	{"toolchain not available", GoTooOld},
	{"cannot find \"go1.", GoTooOld},
	{"listed in go.work file requires go", GoTooOld},
	{"module lookup disabled by", NotDownloaded},
	{"(replaced by ", NoReplacement},
	{"updates to go.mod needed", GoModOutdated},
	{"errors parsing", ModuleFile},
	{"unknown directive", ModuleFile},
	{"cannot load module", ModuleFile},
	{"replacement directory", NoReplacement},
	{"reading go.work", ModuleFile},
	{"does not contain modules listed in go.work", OutsideModule},
	{"but does not contain", NoPackage},
	{"main module (", NoPackage},
	{"is not in std", NoPackage},
	{"is not in GOROOT", NoPackage},
	{"no required module provides package", NoPackage},
	{"cannot find module providing package", NoPackage},
	{"cannot find package", NoPackage},
	{"is replaced but not required", NoPackage},
	{"from implicitly required module", NoPackage},
	{"missing module for import", NoPackage},
	{"ambiguous import", Ambiguous},
	{"local import", RelativeImport},
	{"is relative, but relative import paths are not supported", RelativeImport},
	{"case-insensitive", CaseCollision},
	{"no Go files in", NoGoFiles},
	{"no non-test Go files in", NoGoFiles},
	{"found packages", MixedPackages},
	{"malformed import path", BadImportPath},
	{"invalid import path", BadImportPath},
	{"invalid embed path", Embed},
	{"go.mod file not found", OutsideModule},
	{"cannot find main module", OutsideModule},
}

var embedPattern = lazyregexp.New(`^pattern \S+: |contains no embeddable files|cannot embed`)

// problem judges what the go command said. Positioned says that it named a place in a Go file.
func problem(said string, positioned bool) Problem {
	if strings.HasPrefix(said, "# ") {
		return Compile
	}
	for _, c := range complaints {
		if strings.Contains(said, c.words) {
			return c.kind
		}
	}
	switch {
	case embedPattern.MatchString(said):
		return Embed
	case positioned:
		return Syntax
	}
	return Other
}

// PackageError is what is wrong with one package, before any of it is compiled.
type PackageError struct {
	ImportStack []string
	Pos         string // as printed; File, Line and Column say it better
	Err         string

	Problem Problem `json:"-"`
	Place   Place   `json:"-"` // zero where the go command named none
}

// Place is a position in a file, line and column from 1.
type Place struct {
	File         string // absolute
	Line, Column int
}

func (e *PackageError) Error() string { return e.Err }

// complete fills in what the go command says in words only. dir is where it ran.
func (e *PackageError) complete(dir string, work *workCopy) {
	e.Err = work.restore(e.Err)
	e.Place = ParsePlace(e.Pos, dir)
	if e.Place.File == "" && !strings.HasPrefix(e.Err, "# ") {
		// The position of a file that does not parse stands in the text.
		if at, rest, ok := strings.Cut(e.Err, ": "); ok && strings.Contains(at, ".go:") {
			if e.Place = ParsePlace(at, dir); e.Place.File != "" {
				e.Err = rest
			}
		}
	}
	e.Problem = problem(e.Err, e.Place.Line > 0)
	if m := mixed.FindStringSubmatch(e.Err); m != nil {
		e.Err, e.Place = m[1], Place{File: filepath.Join(m[3], m[2]), Line: 1, Column: 1}
	}
}

// mixed are the words of go/build, MultiplePackageError.
var mixed = lazyregexp.New(`^(found packages \w+ \([^)]+\) and \w+ \(([^)]+)\)) in (.+)$`)

// ParsePlace reads "file.go:3:7" or "file.go:3", relative to dir; the zero Place when it is neither.
func ParsePlace(pos, dir string) Place {
	rest, last, ok := cutNumber(pos)
	if !ok {
		return Place{}
	}
	file, line, ok := cutNumber(rest)
	p := Place{File: file, Line: line, Column: last}
	if !ok {
		p = Place{File: rest, Line: last}
	}
	if p.File == "" {
		return Place{}
	}
	if !filepath.IsAbs(p.File) {
		p.File = filepath.Join(dir, p.File)
	}
	return p
}

func cutNumber(s string) (before string, n int, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, 0, false
	}
	n, err := strconv.Atoi(s[i+1:])
	if err != nil || n < 1 {
		return s, 0, false
	}
	return s[:i], n, true
}

// ListFailure says that the go command listed nothing at all, and what kept it from it.
type ListFailure struct {
	Problem Problem
	Said    string // without "go: " and the advice to run another command
}

func (e *ListFailure) Error() string {
	return "the go command loads nothing here: " + FirstLine(e.Said)
}

func newListFailure(failed *CommandError, work *workCopy) *ListFailure {
	said := work.restore(strings.TrimSpace(failed.Stderr))
	if said == "" {
		said = failed.Err.Error()
	}
	return &ListFailure{Problem: problem(said, false), Said: strings.TrimPrefix(said, "go: ")}
}

// FirstLine is the first line of what the go command said, with the next one where the first ends in a colon.
func FirstLine(said string) string {
	first, rest, _ := strings.Cut(said, "\n")
	if strings.HasSuffix(first, ":") && rest != "" {
		next, _, _ := strings.Cut(strings.TrimSpace(rest), "\n")
		first += " " + strings.TrimSpace(next)
	}
	return strings.TrimSpace(first)
}

// CompilerLine is the first complaint in what a compiler said of a package, below its "# package" line.
func CompilerLine(said string) string {
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "# ") && !strings.HasPrefix(line, "go build ") {
			return line
		}
	}
	return strings.TrimSpace(said)
}
