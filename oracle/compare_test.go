//go:build oracle

package oracle

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/modfile"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
)

// explained are the differences that are meant to be, by globs of sample and mutation.
var explained = []struct{ sample, mutation, about, why string }{
	{"*", "import-program", "build", "with the program that the mutant adds, the library around it is no longer what programs are built from: a warning"},
	{"gotify", "drop-folder:docs", "build", "a command of the tree makes the package: the warning to run it first"},
	{"gin-swagger", "drop-folder:*docs", "build", "a command of the tree makes the package: the warning to run it first"},
}

func isExplained(s sample, m mutation, about string) (string, bool) {
	for _, e := range explained {
		inSample, _ := path.Match(e.sample, s.name)
		inKind, _ := path.Match(e.mutation, strings.ReplaceAll(m.name, "/", "|"))
		if inSample && inKind && e.about == about {
			return e.why, true
		}
	}
	return "", false
}

// compare asks the go command and mod/* about one mutant.
func compare(t *testing.T, s sample, m mutation, dir string) {
	t.Helper()
	outcomes := examine(t, dir)
	said, buildErr := build(dir)
	differ := func(about, format string, args ...any) {
		t.Helper()
		if why, ok := isExplained(s, m, about); ok {
			t.Logf("explained: %s: %s", fmt.Sprintf(format, args...), why)
			return
		}
		t.Errorf("[%s] "+format+"\ngo: %s\ngindoctor:\n%s", append(append([]any{about}, args...), firstLines(said, 12), describe(outcomes))...)
	}
	broken := has(outcomes, func(f checks.Finding) bool { return f.Severity == checks.Error })
	switch {
	case buildErr != nil && strings.Contains(said, "module lookup disabled by GOPROXY=off") && unknown(outcomes):
		// A module that was never downloaded is no fault of the tree: mod/* says that it could not look.
	case buildErr != nil && !broken:
		differ("build", "the build breaks, and mod/* finds no error")
	case buildErr == nil && broken:
		differ("build", "nothing breaks, and mod/* finds an error")
	}
	if m.name == "none" && s.setUp != nil && has(outcomes, func(f checks.Finding) bool { return true }) {
		differ("silence", "nothing was changed, and mod/* finds something")
	}
	unused, flipped, ok := tidy(t, dir)
	if ok {
		sameModules(differ, outcomes, "mod/unused-require", unused)
		sameModules(differ, outcomes, "mod/indirect-comment", flipped)
	}
	for _, o := range outcomes {
		if o.Broken {
			t.Errorf("%s: %s\n%s", o.Check.ID, o.Reason, o.Stack)
		}
	}
}

// examine asks all of mod/*.
func examine(t *testing.T, dir string) []checks.Outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	before := snapshot(t, dir)
	tg, err := target.Open(ctx, target.Options{Dir: dir, Profile: "dev", Environ: environ(), Host: &host.Fake{}})
	if err != nil {
		t.Fatal(err)
	}
	selected, err := checks.Select(catalogue.All(), checks.Dev, []string{"mod/*"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	outcomes := checks.Run(ctx, tg, selected, checks.RunOptions{})
	if after := snapshot(t, dir); after != before {
		t.Errorf("gindoctor changed go.mod or go.sum")
	}
	return outcomes
}

func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	for _, name := range []string{"go.mod", "go.sum", "../go.work", "../go.work.sum"} {
		b.WriteString(name + ":" + readOrEmpty(dir, name) + "\n")
	}
	return b.String()
}

// build is `go build ./...` without its last step: all packages are loaded and compiled, no program is linked.
func build(dir string) (string, error) {
	return goCommand(dir, []string{"GOPROXY=off"}, "list", "-export", "-f", "", "./...")
}

// tidy reads off `go mod tidy -diff` which direct requirements it would drop and of which it would change the comment. It
// has no answer where tidy itself stops.
func tidy(t *testing.T, dir string) (unused, flipped map[string]bool, ok bool) {
	t.Helper()
	said, err := goCommand(dir, []string{"GOPROXY=off", "GOWORK=off"}, "mod", "tidy", "-diff")
	if err != nil && !strings.Contains(said, "\n+++ ") {
		return nil, nil, false
	}
	before := requirements(readOrEmpty(dir, "go.mod"))
	after := maps.Clone(before)
	inMod := false
	var plus []string
	for line := range strings.Lines(said) {
		switch {
		case strings.HasPrefix(line, "diff "):
			inMod = strings.Contains(line, "go.mod")
		case !inMod || strings.HasPrefix(line, "+++") || strings.HasPrefix(line, "---"):
		case line[0] == '-':
			for p := range requirements("module x\n" + requireLine(line[1:])) {
				delete(after, p)
			}
		case line[0] == '+':
			plus = append(plus, requireLine(line[1:]))
		}
	}
	for _, line := range plus {
		maps.Copy(after, requirements("module x\n"+line))
	}
	unused, flipped = map[string]bool{}, map[string]bool{}
	for p, indirect := range before {
		now, kept := after[p]
		switch {
		case !kept && !indirect:
			unused[p] = true
		case kept && now != indirect:
			flipped[p] = true
		}
	}
	return unused, flipped, true
}

// requireLine makes a line of a require block stand alone; what is none becomes empty.
func requireLine(line string) string {
	text := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "require "))
	if fields := strings.Fields(text); len(fields) < 2 || !strings.HasPrefix(fields[1], "v") {
		return ""
	}
	return "require " + text + "\n"
}

// requirements maps the modules that a go.mod requires to whether they are marked as indirect.
func requirements(goMod string) map[string]bool {
	f, err := modfile.Parse("go.mod", []byte(goMod), nil)
	if err != nil {
		return map[string]bool{}
	}
	out := map[string]bool{}
	for _, r := range f.Require {
		out[r.Mod.Path] = r.Indirect
	}
	return out
}

// sameModules holds the findings of one check against the modules that they should be about.
func sameModules(differ func(string, string, ...any), outcomes []checks.Outcome, id string, want map[string]bool) {
	found := map[string]bool{}
	for _, o := range outcomes {
		if o.Check.ID != id {
			continue
		}
		for _, f := range o.Findings {
			found[f.Key] = true
		}
		if o.Status == checks.Unknown || o.Status == checks.Skipped {
			return // it says itself that it could not look
		}
	}
	for _, p := range slices.Sorted(maps.Keys(want)) {
		if !found[p] {
			differ(id, "tidy would change %s, and %s does not say so", p, id)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(found)) {
		if !want[p] {
			differ(id, "tidy would leave %s alone, and %s speaks of it", p, id)
		}
	}
}

func has(outcomes []checks.Outcome, matches func(checks.Finding) bool) bool {
	return slices.ContainsFunc(outcomes, func(o checks.Outcome) bool { return slices.ContainsFunc(o.Findings, matches) })
}

func unknown(outcomes []checks.Outcome) bool {
	return slices.ContainsFunc(outcomes, func(o checks.Outcome) bool { return o.Status == checks.Unknown })
}

func describe(outcomes []checks.Outcome) string {
	var b strings.Builder
	for _, o := range outcomes {
		for _, f := range o.Findings {
			where := "-"
			if f.Location != nil {
				where = fmt.Sprintf("%s:%d", f.Location.File, f.Location.Line)
			}
			fmt.Fprintf(&b, "  %s %s %s %s\n", f.Severity, o.Check.ID, where, f.Message)
		}
		if o.Status == checks.Unknown {
			fmt.Fprintf(&b, "  unknown %s: %s\n", o.Check.ID, o.Reason)
		}
	}
	return b.String()
}

func firstLines(s string, n int) string {
	lines := strings.SplitN(s, "\n", n+1)
	return strings.Join(lines[:min(n, len(lines))], "\n")
}
