//go:build differential

package watcher

import "testing"

var realReflex = fromModule("github.com/cespare/reflex", "v0.3.1", "github.com/cespare/reflex", "reflex")

func reflexTrial(args ...string) trial {
	return trial{tool: reflex, version: "v0.3.1", program: realReflex, args: args}
}

func TestDifferentialReflex(t *testing.T) {
	var trials []trial
	for _, args := range [][]string{
		{"{react}"},
		{"-s", "{react}"},
		{"-s", "--all", "{react}"},
		{"-r", `\.go$`, "{react}"},
		{"-r", `\.go$`, "-R", "_test.go", "-s", "--", "{react}"},
		{"-r", `\.(go|html)$`, "-R", "^vendor/", "-R", "^tmp/", "-R", "node_modules", "{react}"},
		{"-r", `\.go$`, "-r", "^sub", "{react}"},
		{`-r\.go$`, "-R^sub/$", "{react}"},
		{"--regex=\\.go$", "--inverse-regex=deep", "{react}"},
		{"-g", "*.go", "{react}"},
		{"-g", "*/*.go", "{react}"},
		{"-G", "*.go", "-G", "sub/*", "{react}"},
		{"-G", "sub/", "-r", "go", "{react}"},
		{"-R", `^sub/deep/y\.go$`, "-R", `\bapi\b`, "{react}"},
		{"-R", "(^|/)#", "-R", `\.log$`, "--all", "{react}"},
		{"-r", "^main", "-s", "-t", "200ms", "{react}"},
		{"{react}", "-r", "html", "x"},
		{"--only-files", "-r", "go", "{react}"},
		{"-r", "[^/]+/.*[.]go$", "-R", "^[^/]*[.]go", "{react}"},
	} {
		trials = append(trials, reflexTrial(args...))
	}
	trials = append(trials,
		trial{tool: reflex, version: "v0.3.1", program: realReflex, args: []string{"-c", "reflex.conf"}, files: map[string]string{
			"proj/reflex.conf": "# two\n-r '\\.css$' {react}\n\n  -g \"*/web.go\" --all \\\n  {react} 'a b'\n",
		}},
		trial{tool: reflex, version: "v0.3.1", program: realReflex, args: []string{"-e", "-d", "none", "--config=my.conf"}, files: map[string]string{
			"proj/my.conf": "-R ^sub/ -R '^api/' -s -- {react}\n-R ^sub -r \"[.]html$\" -- sh -c 'true; {react}'",
		}},
	)
	runTrials(t, trials)
}

func TestDifferentialReflexRefusals(t *testing.T) {
	var refusals []refusal
	for _, args := range [][]string{
		{"-r", "(", "{react}"}, {"-x", "{react}"}, {"--regex", "go", "{react}"}, {"-s", "{react}", "{}"}, {"-s"}, {"-s", "-t", "0s", "{react}"},
		{"-s", "-t", "5", "{react}"}, {"--only-files", "--only-dirs", "{react}"}, {"-e", "{react}"}, {"-d", "rich", "{react}"}, {"-c", "no.conf"},
		{"-s", "{react}", "-port", "8080"}, {"-c", "go.mod", "-s"}, {"--substitute=", "{react}"}, {"-s=true", "{react}"}, {"-c", "empty.conf"},
		{"-c", "open.conf"}, {"-c", "flag.conf"}, {"--all=maybe", "{react}"},
	} {
		refusals = append(refusals, refusal{trial: trial{tool: reflex, version: "v0.3.1", program: realReflex, args: args, files: map[string]string{
			"proj/empty.conf": "# nothing\n", "proj/open.conf": "-s {react} 'open\n", "proj/flag.conf": "-s {react}\n-q {react}\n",
		}}})
	}
	for _, args := range [][]string{{"-g", "[", "-s", "{react}"}, {"-s", "-c", "", "{react}"}, {"-sd", "fancy", "{react}"}, {"--start-service=1", "{react}"}} {
		refusals = append(refusals, refusal{trial: reflexTrial(args...), runs: true})
	}
	tryRefusals(t, refusals)
}

func TestDifferentialReflexStop(t *testing.T) {
	tryStop(t, reflexTrial("-s", "{react}"), "proj/main.go")
}
