package toolchain

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"golang.org/x/mod/modfile"
)

// Tidied tells what `go mod tidy` would leave of the requirements in a go.mod, offline and without writing anything: module
// path to whether the line is marked "// indirect". It has no answer where tidy stops or does not know -diff (before Go 1.23).
//
// Tidy keeps requirements for which no import speaks: those that hold the versions for the tests of dependencies.
func (g *Go) Tidied(ctx context.Context, goMod []byte) (map[string]bool, error) {
	f, err := modfile.Parse("go.mod", goMod, nil)
	if err != nil {
		return nil, err
	}
	out, err := g.run(ctx, append([]string{"GOWORK=off", "GONOSUMDB=*", "GOTOOLCHAIN=local"}, offline...), "mod", "tidy", "-diff")
	if _, failed := errors.AsType[*CommandError](err); err != nil && (!failed || !bytes.HasPrefix(out, []byte("diff "))) {
		return nil, err // with a difference to show, tidy -diff fails too
	}
	kept := map[string]bool{}
	for _, r := range f.Require {
		kept[r.Mod.Path] = r.Indirect
	}
	var added []requirement
	for line := range strings.Lines(modDiff(string(out))) {
		r, ok := parseRequirement(line[1:])
		switch {
		case !ok:
		case line[0] == '-':
			delete(kept, r.path)
		case line[0] == '+':
			added = append(added, r)
		}
	}
	for _, r := range added {
		kept[r.path] = r.indirect
	}
	return kept, nil
}

type requirement struct {
	path     string
	indirect bool
}

// modDiff cuts the part of a unified diff that is about go.mod; the other is about go.sum.
func modDiff(diff string) string {
	var b strings.Builder
	inMod := false
	for line := range strings.Lines(diff) {
		if strings.HasPrefix(line, "diff ") {
			inMod = strings.HasSuffix(strings.TrimSpace(line), "go.mod")
		}
		if inMod && !strings.HasPrefix(line, "--- ") && !strings.HasPrefix(line, "+++ ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// parseRequirement reads a line of a require block, or one that stands alone.
func parseRequirement(line string) (requirement, bool) {
	line, comment, _ := strings.Cut(line, "//")
	fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
	if len(fields) != 2 || !strings.HasPrefix(fields[1], "v") {
		return requirement{}, false
	}
	note := strings.TrimSpace(comment)
	return requirement{strings.Trim(fields[0], `"`), note == "indirect" || strings.HasPrefix(note, "indirect;")}, true
}
