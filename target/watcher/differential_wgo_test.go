//go:build differential

package watcher

import "testing"

var realWgo = fromModule("github.com/bokwoon95/wgo", "v0.7.1", "github.com/bokwoon95/wgo", "wgo")

func wgoTrial(args ...string) trial {
	return trial{tool: wgo, version: "v0.7.1", program: realWgo, args: append([]string{"-debounce", "20ms"}, args...)}
}

// TestDifferentialWgo compares with the real wgo. What rings for `wgo run` is a further command behind "::".
func TestDifferentialWgo(t *testing.T) {
	var trials []trial
	for _, args := range [][]string{
		{"{react}"},
		{"-file", ".go", "{react}"},
		{"-file=.go", "-file", "html$", "{react}"},
		{"-file", "\\.go$", "-xfile", "_test.go", "{react}"},
		{"-file", "./main.go", "{react}"},
		{"-file", "^sub/.go", "-file", "^sub/x.go", "{react}"},
		{"-xfile", ".go", "{react}"},
		{"-xdir", "sub", "{react}"},
		{"-xdir", "^sub$", "{react}"},
		{"-xdir", "^sub/", "{react}"},
		{"-xdir", "^(sub|api)$", "-file", ".go", "{react}"},
		{"-dir", "sub", "{react}"},
		{"-dir", "^sub$", "-dir", "api", "{react}"},
		{"-dir", "node_modules", "-dir", "^.idea", "{react}"},
		{"-dir", ".hid", "-dir", ".git", "-xdir", "node", "{react}"},
		{"-dir", "^[.]$", "{react}"},
		{"-root", "../lib", "-file", ".go", "{react}"},
		{"-root", "../lib", "-xdir", "vendor", "{react}"},
		{"-root", "../lib2/deep", "-root", "..", "-file", ".go", "{react}"},
		{"-root", "linkout", "-root", "../missing", "{react}"},
		{"-root", "sub/.hid", "-root", "node_modules", "-file", ".go", "{react}"},
		{"-cd", "sub", "-file", ".yaml", "{react}"},
		{"-poll", "100ms", "-file", ".go", "{react}"},
		{"-poll", "100ms", "-xdir", "^sub$", "-xfile", "_test", "{react}"},
		{"-poll", "100ms", "-dir", "api", "-dir", "node_modules", "{react}"},
		{"-poll", "100ms", "-root", "linkout", "{react}"},
		{"-file", ".yaml", "true", "::", "{react}"},
		{"-file", ".css", "{react}", "::", "wgo", "-debounce", "20ms", "-file", ".html", "-xdir", "out", "{react}"},
	} {
		tr := wgoTrial(args...)
		if args[0] == "-poll" {
			tr.slow = 200e6
		}
		trials = append(trials, tr)
	}
	trials = append(trials,
		trial{tool: wgo, version: "v0.7.1", program: realWgo, args: []string{"run", "-debounce=20ms", "-file", ".html", "./cmd", "::", "{react}"},
			files: map[string]string{"proj/cmd/cmd.go": "package main\n\nfunc main() {}\n", "proj/go.mod": "module x\n\ngo 1.26\n"}, slow: 2e9},
	)
	runTrials(t, trials)
}

func TestDifferentialWgoRefusals(t *testing.T) {
	var refusals []refusal
	for _, args := range [][]string{
		{"-file", "(", "{react}"}, {"-exclude", "x", "{react}"}, {"-debounce", "fast", "{react}"}, {"-debounce", "300", "{react}"},
		{"-file", ".go"}, {"run", "-file", ".go"}, {"-verbose=maybe", "{react}"}, {"-poll", "x", "{react}"},
		{"-file"}, {"-tags", "x", "{react}"},
	} {
		refusals = append(refusals, refusal{trial: trial{tool: wgo, version: "v0.7.1", program: realWgo, args: args}})
	}
	for _, args := range [][]string{{"-debounce", "", "{react}"}, {"--file", ".go", "{react}"}, {"-root", "missing", "{react}"}, {"-verbose=1", "{react}"}} {
		refusals = append(refusals, refusal{trial: trial{tool: wgo, version: "v0.7.1", program: realWgo, args: args}, runs: true})
	}
	tryRefusals(t, refusals)
}

func TestDifferentialWgoStop(t *testing.T) { tryStop(t, wgoTrial("{react}"), "proj/main.go") }
