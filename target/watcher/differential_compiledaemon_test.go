//go:build differential

package watcher

import "testing"

var realCompileDaemon = fromModule("github.com/githubnemo/CompileDaemon", "v1.4.0", "github.com/githubnemo/CompileDaemon", "CompileDaemon")

func compileDaemonTrial(args ...string) trial {
	return trial{tool: compileDaemon, version: "v1.4.0", program: realCompileDaemon, args: append([]string{"-build=true", "-command={react}"}, args...)}
}

func TestDifferentialCompileDaemon(t *testing.T) {
	var trials []trial
	for _, args := range [][]string{
		{},
		{"-exclude-dir=sub", "-exclude-dir=node_modules"},
		{"-exclude-dir", "./sub/deep", "-exclude-dir=api/*", "-exclude=*_test.go"},
		{"-exclude-dir=.*", "-include=*.html", "-include", "Makefile"},
		{"-include=*", "-exclude=.*", "-exclude=*.go"},
		{"-pattern=^[^/]*/[^/]*[.]go$"},
		{"-pattern", "^sub/.*", "-recursive"},
		{"-recursive=false"},
		{"-directory=sub", "-directory=../lib"},
		{"-directory=./api/", "-exclude-dir=api/v1"},
		{"-directory=linkout"},
		{"-directory=linkin", "-directory=web"},
		{"-exclude-dir=*"},
		{"-polling", "-polling-interval=50"},
		{"-polling", "-include=*.yaml", "-exclude-dir=sub", "-exclude=a.go"},
		{"-polling", "-pattern=api", "-directory=.", "-directory=linkout"},
	} {
		trials = append(trials, compileDaemonTrial(args...))
	}
	runTrials(t, trials)
}

func TestDifferentialCompileDaemonRefusals(t *testing.T) {
	var refusals []refusal
	for _, args := range [][]string{
		{"-pattern=("}, {"-exclude-dir=["}, {"-directory=missing"}, {"-excludedir=x"}, {"-graceful-timeout=2s"}, {"-polling=maybe"}, {"-command"},
	} {
		refusals = append(refusals, refusal{trial: compileDaemonTrial(args...)})
	}
	for _, args := range [][]string{{"x", "-exclude-dir=["}, {"--graceful-kill", "-graceful-timeout=0x2"}, {"-recursive", "false"}} {
		refusals = append(refusals, refusal{trial: compileDaemonTrial(args...), runs: true})
	}
	tryRefusals(t, refusals)
}

func TestDifferentialCompileDaemonStop(t *testing.T) {
	tryStop(t, compileDaemonTrial(), "proj/main.go")
	tryStop(t, compileDaemonTrial("-graceful-kill"), "proj/main.go")
}
