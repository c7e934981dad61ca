//go:build differential

package watcher

import (
	"testing"
	"time"
)

// entrTrial compares with the entr of the system, which has to be told that there is no terminal.
func entrTrial(from string, args ...string) trial {
	return trial{tool: entr, program: installed("entr"), from: from, args: append([]string{"-n"}, args...), slow: 100 * time.Millisecond}
}

func TestDifferentialEntr(t *testing.T) {
	ignores := map[string]string{"proj/.gitignore": "*.log\n/tmp/\nvendor\n!sub/tmp\nweb/static/**\n", "proj/sub/.gitignore": "x_*.go\n!x.go\n"}
	var trials []trial
	for _, from := range []string{
		"find . -name '*.go'",
		"find . -name '*.go' -type f",
		"find -name '*.go' -not -path './vendor/*' -not -path '*/testdata/*'",
		"find . -path ./vendor -prune -o -name '*.go' -print",
		`find . \( -name vendor -o -name .git \) -prune -o -type f -print`,
		"find . -name node_modules -prune -o -name '*.go' -o -name '*.html'",
		"find sub api web/ -name '*.go' -o -iname '*.HTML'",
		"find . -maxdepth 1 -name '*.go'",
		"find . -mindepth 2 -maxdepth 3 -type f ! -name '*_test.go'",
		"find linkin sub/deep -name '*.go'",
		"find linkin/ -name '*.go'",
		"find -L . -name '*.go' -type f",
		"find ../lib . -name '[!m]*.go'",
		"find . -name '*.go' | grep -v _test",
		"find . -name '*.go' | grep -v -e vendor -e '^./api/v[12]' | sort",
		`find . | grep '\.go$\|html$'`,
		"find . -type f | grep -E '[.](go|c)$' | grep -iv upper",
		"ls *.go",
		"ls *.go */*.go",
		"ls -d **/*.go .*.go",
		"ls",
		"ls main.go conf.yaml ./sub/x.go",
		"echo main.go",
		`printf '%s\n' *.go sub/*`,
	} {
		trials = append(trials, entrTrial(from, "-r", "{react}"))
	}
	for _, git := range [][2]string{
		{"sub main.go api/v1", "git ls-files"}, {"web main.go", "git ls-files '*.html' '*.go'"}, {"sub", "git ls-files -o"},
		{"main.go", "git ls-files -co --exclude-standard"}, {"-f tmp/x.go", "git ls-files -co --exclude-standard '*.go' sub"},
		{"sub", "git ls-files --others --exclude-standard -- sub api"},
	} {
		tr := entrTrial(git[1], "-r", "{react}")
		tr.files, tr.before = ignores, "rm -r .git && git init -q . && git add "+git[0]
		trials = append(trials, tr)
	}
	for _, args := range [][]string{{"-d", "{react}"}, {"-rcs", "{react}"}, {"-ap", "--", "{react}"}} {
		trials = append(trials, entrTrial("find . -name '*.go' | sort", args...))
	}
	runTrials(t, trials)
}

func TestDifferentialEntrRefusals(t *testing.T) {
	const from = "find . -name '*.go'"
	tryRefusals(t, []refusal{
		{trial: entrTrial(from)}, {trial: entrTrial(from, "-q", "{react}")}, {trial: entrTrial(from, "-s", "{react}", "x")},
		{trial: entrTrial(from, "{react}", "-q"), runs: true}, {trial: entrTrial(from, "-rr", "{react}"), runs: true},
		{trial: entrTrial("ls main.go gone.go", "{react}"), runs: true},
	})
}

func TestDifferentialEntrStop(t *testing.T) {
	tryStop(t, entrTrial("find . -name '*.go'", "-r", "{react}"), "proj/main.go")
}
