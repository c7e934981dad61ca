package project

import (
	"bytes"
	"go/build/constraint"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Possible tells whether some build, for any platform and with any tags, could hold the file. It is the rule by which
// `go mod tidy` looks at files: every tag is taken both ways, except "ignore", which is never set
// (cmd/go/internal/imports, ShouldBuild with AnyTags).
func (f *GoFile) Possible() bool {
	return f.Constraint == nil || evalAny(f.Constraint, true)
}

func evalAny(x constraint.Expr, prefer bool) bool {
	switch x := x.(type) {
	case *constraint.TagExpr:
		return validTag(x.Tag) && x.Tag != "ignore" && prefer
	case *constraint.NotExpr:
		return !evalAny(x.X, !prefer)
	case *constraint.AndExpr:
		return evalAny(x.X, prefer) && evalAny(x.Y, prefer)
	case *constraint.OrExpr:
		return evalAny(x.X, prefer) || evalAny(x.Y, prefer)
	}
	return true
}

func validTag(tag string) bool {
	return tag != "" && !strings.ContainsFunc(tag, func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '_' && c != '.'
	})
}

// Build is one platform and set of tags that a program is built for.
type Build struct {
	GOOS, GOARCH string
	Cgo          bool
	Tags         []string // of -tags
	Minor        int      // the N of the Go release 1.N that builds
}

// Has tells whether the file is part of this build, by its name and its constraint; its imports of "C" count too.
func (b *Build) Has(f *GoFile) bool {
	if f.Cgo() && !b.Cgo {
		return false
	}
	return b.fitsName(path.Base(f.Path)) && (f.Constraint == nil || f.Constraint.Eval(b.tag))
}

// fitsName applies the rule of name_GOOS_GOARCH_test.go (go/build, goodOSArchFile).
func (b *Build) fitsName(base string) bool {
	base, _, _ = strings.Cut(base, ".")
	_, rest, ok := strings.Cut(base, "_")
	if !ok {
		return true
	}
	parts := strings.Split(rest, "_")
	if parts[len(parts)-1] == "test" {
		parts = parts[:len(parts)-1]
	}
	n := len(parts)
	switch {
	case n >= 2 && knownOS[parts[n-2]] && knownArch[parts[n-1]]:
		return b.tag(parts[n-2]) && b.tag(parts[n-1])
	case n >= 1 && (knownOS[parts[n-1]] || knownArch[parts[n-1]]):
		return b.tag(parts[n-1])
	}
	return true
}

// tag tells whether a tag is set (go/build, Context.matchTag).
func (b *Build) tag(name string) bool {
	switch {
	case name == b.GOOS, name == b.GOARCH, name == "gc", name == "cgo" && b.Cgo, slices.Contains(b.Tags, name):
		return true
	case name == "unix":
		return unixOS[b.GOOS]
	case name == "linux" && b.GOOS == "android", name == "solaris" && b.GOOS == "illumos", name == "darwin" && b.GOOS == "ios":
		return true
	case name == b.GOARCH+".v1":
		return b.GOARCH == "amd64"
	}
	minor, ok := strings.CutPrefix(name, "go1.")
	n, err := strconv.Atoi(minor)
	return ok && err == nil && n >= 1 && n <= b.Minor
}

// The lists of internal/syslist.
var (
	knownOS = words("aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos")
	unixOS  = words("aix android darwin dragonfly freebsd hurd illumos ios linux netbsd openbsd solaris")

	knownArch = words("386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le " +
		"ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm")
)

func words(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

// never is the constraint of a file whose own constraint cannot be understood: no build holds it.
var never constraint.Expr = &constraint.TagExpr{Tag: "ignore"}

// buildConstraint finds the //go:build line or, lacking one, the +build lines in what stands before the package clause.
// A //go:build line counts anywhere outside a /* comment */; a +build line only in the comments that a blank line ends
// before anything else comes (cmd/go/internal/imports, parseFileHeader).
func buildConstraint(header []byte) constraint.Expr {
	if !bytes.Contains(header, []byte("build")) {
		return nil
	}
	var (
		goBuild   string
		plus      []string // those that a blank line has confirmed
		waiting   []string
		ended     bool // something else than // comments and blank lines was met
		inComment bool
	)
	for raw := range bytes.Lines(header) {
		line := strings.TrimSpace(string(raw))
		if line == "" && !ended {
			plus, waiting = append(plus, waiting...), nil
			continue
		}
		if !strings.HasPrefix(line, "//") {
			ended = true
		}
		if !inComment && constraint.IsGoBuild(line) {
			if goBuild != "" {
				return never // "multiple //go:build comments"
			}
			goBuild = line
		}
		if !ended && constraint.IsPlusBuild(line) {
			waiting = append(waiting, line)
		}
		inComment = commentOpen(line, inComment)
	}
	if goBuild == "" {
		return allOf(plus)
	}
	x, err := constraint.Parse(goBuild)
	if err != nil {
		return never
	}
	return x
}

// commentOpen tells whether a /* comment */ is open at the end of a line.
func commentOpen(line string, open bool) bool {
	for {
		if open {
			_, rest, ok := strings.Cut(line, "*/")
			if !ok {
				return true
			}
			line, open = strings.TrimSpace(rest), false
			continue
		}
		rest, ok := strings.CutPrefix(line, "/*")
		if !ok {
			return false // the rest is a // comment or code
		}
		line, open = rest, true
	}
}

func allOf(plusLines []string) constraint.Expr {
	var all constraint.Expr
	for _, line := range plusLines {
		x, err := constraint.Parse(line)
		switch {
		case err != nil:
		case all == nil:
			all = x
		default:
			all = &constraint.AndExpr{X: all, Y: x}
		}
	}
	return all
}
