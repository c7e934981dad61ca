package docs_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/docs"
)

var update = flag.Bool("update", false, "rewrite docs/checks.md")

// headings are those of every page, in this order.
var headings = []string{
	"## What it means", "## Why it breaks", "## How to mend it by hand", "## What fix does", "## When to ignore it", "## Sources",
}

func TestEveryCheckHasItsPage(t *testing.T) {
	for _, c := range catalogue.All() {
		t.Run(c.ID, func(t *testing.T) {
			page, ok := docs.Page(c.ID)
			if !ok {
				t.Fatalf("docs/checks/%s.md is missing", c.ID)
			}
			lines := strings.Split(page, "\n")
			if want := "# " + c.Title; lines[0] != want {
				t.Errorf("the first line is %q, the check's title makes it %q", lines[0], want)
			}
			var got []string
			for i, line := range lines {
				if strings.HasPrefix(line, "## ") {
					got = append(got, line)
					if isEmptySection(lines[i+1:]) {
						t.Errorf("nothing stands under %q", line)
					}
				}
			}
			if !slices.Equal(got, headings) {
				t.Errorf("the headings are %q, want %q", got, headings)
			}
		})
	}
}

func isEmptySection(rest []string) bool {
	for _, line := range rest {
		if strings.TrimSpace(line) != "" {
			return strings.HasPrefix(line, "#")
		}
	}
	return true
}

func TestEveryPageHasItsCheck(t *testing.T) {
	all := catalogue.All()
	for _, id := range docs.IDs() {
		if !slices.ContainsFunc(all, func(c *checks.Check) bool { return c.ID == id }) {
			t.Errorf("docs/checks/%s.md is the page of no check in the catalogue", id)
		}
	}
}

func TestChecksPageIsFresh(t *testing.T) {
	want := checkList(catalogue.All())
	if *update {
		if err := os.WriteFile("checks.md", []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("checks.md")
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(got), "\r\n", "\n") != want {
		t.Error("docs/checks.md is not what the catalogue makes it; run: go test ./docs -update")
	}
}

// checkList is the page docs/checks.md.
func checkList(all []*checks.Check) string {
	var b strings.Builder
	b.WriteString("# The checks\n\n" +
		"Made from the catalogue by `go test ./docs -update`; `gindoctor checks` prints the same list, and\n" +
		"`gindoctor explain ID` the page of a check.\n\n" +
		"| id | finds | stage | severity | profiles |\n|---|---|---|---|---|\n")
	for _, c := range all {
		fmt.Fprintf(&b, "| [%s](checks/%s.md) | %s | %s | %s | %s |\n",
			c.ID, c.ID, strings.ReplaceAll(c.Title, "|", `\|`), c.Stage, c.Severity, c.Profiles)
	}
	return b.String()
}

func TestMatch(t *testing.T) {
	everything := func(string) bool { return true }
	for _, c := range []struct{ text, want string }{
		{"2026/11/21 09:12:01 listen tcp :8080: bind: address already in use", "port/leftover"},
		{"[GIN-debug] [ERROR] listen tcp :8080: BIND: Address Already In Use", "port/leftover"},
		{"address already", "port/leftover"},
		{"main.go:4:2: no required module provides package github.com/a/b; to add it:", "mod/missing-require"},
		{"main.go:7:2: missing go.sum entry for module providing package github.com/a/b", "mod/missing-sum"},
		{"go: inconsistent vendoring in /home/anna/shop:", "mod/vendor-drift"},
		{"go: go.mod requires go >= 1.27 (running go 1.26.8; GOTOOLCHAIN=local)", "mod/go-directive"},
		{"fork/exec ./tmp/main: exec format error", "env/cross-target"},
		{"go: cannot find main module, but found .git/config in /home/anna", "mod/no-go-mod"},
		{"go: go.mod file not found in current directory or any parent directory", "mod/no-go-mod"},
		{"error obtaining VCS status: exit status 128", "env/vcs-stamp"},
		{"package a\n\timports b\n\timports a: import cycle not allowed", "mod/import-cycle"},
		{"main.go:3:8: use of internal package github.com/a/internal/b not allowed", "mod/internal-import"},
		{`main.go:3:8: import "x/cmd/y" is a program, not an importable package`, "mod/main-import"},
		{"imports x: build constraints exclude all Go files in /x", "mod/build-tags"},
		{"verifying github.com/a/b@v1.0.0: checksum mismatch", "mod/sum-mismatch"},
		{"listen tcp :80: bind: permission denied", "port/privileged"},
		{`exec: "air": executable file not found in $PATH`, "env/gobin-path"},
		{`exec: "go": executable file not found in $PATH`, "env/go-missing"},
		{"Binary was compiled with 'CGO_ENABLED=0', go-sqlite3 requires cgo to work. This is a stub", "env/cgo"},
		{`cgo: C compiler "gcc" not found: exec: "gcc": executable file not found in $PATH`, "env/cgo"},
		{"open /dev/x: too many open files", "limit/open-files"},
		{"open tmp/main: text file busy", "run/two-servers"},
		{"/bin/sh: 1: /home/anna/shop/tmp/main: not found", "watch/bin-mismatch"},
		{"/bin/sh: 1: air: not found", "env/gobin-path"},
		{"sh: 1: ./tmp/main: Permission denied", "watch/wrong-package"},
		{"inotify_init: too many open files", "limit/inotify-instances"},
		{"flag provided but not defined: -buildDir", "watch/old-path"},
		{`main.go:3:8: package shop/internal/cart is not in std (/usr/local/go/src/shop/internal/cart)`, "mod/module-path"},
		{"main.go:3:8: pattern dist/*: no matching files found", "mod/embed-missing"},
		{"all is well", ""},
		{"error", ""},
		{"", ""},
	} {
		got := ""
		if ids := docs.Match(c.text, everything); len(ids) > 0 {
			got = ids[0]
		}
		if got != c.want {
			t.Errorf("%q leads to %q, want %q", c.text, got, c.want)
		}
	}
	if ids := docs.Match("address already in use", func(id string) bool { return id == "port/taken" }); !slices.Equal(ids, []string{"port/taken"}) {
		t.Errorf("checks that do not exist are named: %q", ids)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("bind: address already in use")
	f.Add("cgo: C compiler \"gcc\" not found")
	f.Add("*")
	f.Fuzz(func(t *testing.T, text string) {
		docs.Match(text, func(string) bool { return true })
	})
}
