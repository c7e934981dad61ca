package main

import (
	"context"
	"runtime"

	"github.com/gindoctor/gindoctor/report"
	"github.com/gindoctor/gindoctor/target"
)

// describe fills in the head of the report from facts that the checks have read already. What could not be read is left
// out: the checks say why.
func describe(ctx context.Context, t *target.Target, head *report.Target) {
	if modules, err := t.Modules(ctx); err == nil && len(modules) == 1 {
		head.Module = modules[0].Path()
	}
	if env, err := t.GoEnv(ctx); err == nil {
		head.Go = env.Version()
	}
	if head.Profile == "ci" {
		return // the host is not looked at
	}
	head.Watcher = runningWatcher(ctx, t)
	head.Port = port(ctx, t)
}

// runningWatcher names the watcher that runs on this project, if there is exactly one.
func runningWatcher(ctx context.Context, t *target.Target) string {
	all, err := t.Watchers(ctx)
	if err != nil {
		return ""
	}
	scope, err := t.Scope(ctx)
	if err != nil {
		return ""
	}
	name := ""
	for _, w := range all {
		if !scope.Inside(w.Dir) {
			continue
		}
		if name != "" {
			return ""
		}
		name = w.Tool.Name
	}
	return name
}

// port is the one port that the app wants, 0 when it wants several or it cannot be told.
func port(ctx context.Context, t *target.Target) int {
	wanted, err := t.Wanted(ctx)
	if err != nil {
		return 0
	}
	port := 0
	for _, a := range wanted {
		if a.Secondary || a.Port == 0 || a.Port == port {
			continue
		}
		if port != 0 {
			return 0
		}
		port = a.Port
	}
	return port
}

func hostOS(o target.Options) string {
	if o.Host != nil {
		return o.Host.OS()
	}
	return runtime.GOOS
}
