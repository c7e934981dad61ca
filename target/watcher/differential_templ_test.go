//go:build differential

package watcher

import "testing"

var realTempl = fromModule("github.com/a-h/templ", "v0.3.977", "github.com/a-h/templ/cmd/templ", "templ")

func templTrial(args ...string) trial {
	args = append([]string{"generate", "--watch", "--open-browser=false"}, args...)
	// What stands in the page is no templ, so that nothing follows from a change of it.
	return trial{tool: templ, version: "v0.3.977", program: realTempl, args: args, without: []string{"proj/web/page.templ"}}
}

func TestDifferentialTempl(t *testing.T) {
	runTrials(t, []trial{
		templTrial("--cmd", "{react}"),
		templTrial("--cmd={react} a b", "-path", "sub"),
		templTrial("--cmd={react}", "-path=../lib"),
		templTrial("--cmd={react}", "--watch-pattern", `.`),
		templTrial("--cmd={react}", "--watch-pattern", `/(sub|api)/.*\.(go|yaml)$`, "--ignore-pattern", `_test\.go$|/v1/`),
		templTrial("--cmd={react}", "--watch-pattern", `(.+\.go$)|(.+\.templ$)|(.+\.html$)`, "--ignore-pattern=^/nowhere"),
		templTrial("--cmd={react}", "--ignore-pattern", `/sub/`, "-path", "."),
		templTrial("--cmd={react}", "--ignore-pattern", `main`, "-lazy"),
		{tool: templ, version: "v0.3.977", program: realTempl, args: []string{"generate", "-watch", "-cmd", "{react}"}, without: []string{"proj/web/page.templ"},
			files: map[string]string{"proj/web/x_templ.go": "one\n", "proj/web/x.templ": "package web\n"}},
	})
}

func TestDifferentialTemplRefusals(t *testing.T) {
	with := func(runs bool, args ...string) refusal { return refusal{templTrial(args...), runs} }
	tryRefusals(t, []refusal{
		with(false, "--cmd", "{react}", "--watch-pattern", "["),
		with(false, "--cmd", "{react}", "--ignore-pattern", "*"),
		with(false, "--cmd", "{react}", "-f", "web/page.templ"),
		with(false, "--cmd", "{react}", "--exec", "x"),
		with(false, "--cmd", "{react}", "--proxyport", "x"),
		with(true, "--cmd", "{react} && true"),
		with(true, "--cmd", "{react}", "rest", "--exec"),
	})
}

func TestDifferentialTemplStop(t *testing.T) {
	tryStop(t, templTrial("--cmd", "{react}"), "proj/main.go")
}
