package watch

import (
	"context"
	"path"
	"slices"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/server"
)

// NotRunning finds a server that was started by hand where a watcher is configured: nothing reloads it.
var NotRunning = checks.Check{
	ID:       "watch/not-running",
	Title:    "a watcher is configured, but the server runs without it",
	Stage:    checks.Notice,
	Severity: checks.Warning,
	Profiles: checks.Dev,
	Needs:    checks.Processes,
	Explains: []string{"run/stale-binary"},
	Run:      notRunning,
}

func notRunning(ctx context.Context, t *target.Target, report checks.Reporter) error {
	configs, err := t.WatcherConfigs(ctx)
	if err != nil {
		return err
	}
	// nodemon.json mostly belongs to the front end beside the service.
	configs = slices.DeleteFunc(slices.Clone(configs), func(c target.WatcherConfig) bool { return c.Tool.Name == "nodemon" })
	if len(configs) == 0 {
		return checks.Skip("no watcher is configured here")
	}
	own, err := t.OwnServers(ctx)
	if err != nil {
		return err
	}
	own = slices.DeleteFunc(slices.Clone(own), func(h server.Holder) bool { return !asked(t, h) })
	if len(own) == 0 {
		return checks.Skip("no server of this project is running")
	}
	for _, h := range own {
		if !byHand(h) {
			continue
		}
		m, err := t.ModuleOf(ctx, h)
		if err != nil {
			return err
		}
		config, ok := configFor(configs, m)
		if !ok {
			continue
		}
		watched, err := isWatched(ctx, t, m)
		if err != nil {
			return err
		}
		if !watched {
			report(notRunningFinding(t, h, config, m))
		}
	}
	return nil
}

func asked(t *target.Target, h server.Holder) bool {
	if pid := t.AskedPID(); pid != 0 && pid != h.Process.PID {
		return false
	}
	return t.AskedPort() == 0 || slices.ContainsFunc(h.Listeners, func(l host.Listener) bool { return l.Port == t.AskedPort() })
}

// byHand tells whether somebody typed a command to start the server. A leftover was not: the watcher that started it is gone.
func byHand(h server.Holder) bool {
	if h.Leftover || h.InContainer {
		return false
	}
	return h.Manager.Kind == server.GoRun || h.Manager.Kind == server.None && h.Terminal != ""
}

// configFor finds the configuration in the module's own folder, or at the root.
func configFor(configs []target.WatcherConfig, m *project.Module) (target.WatcherConfig, bool) {
	if m == nil {
		return target.WatcherConfig{}, false
	}
	for _, dir := range []string{m.Dir, "."} {
		for _, c := range configs {
			if slices.Contains(c.Tool.Configs, path.Base(c.File)) && path.Dir(c.File) == dir ||
				path.Join(dir, ".config/air.toml") == c.File {
				return c, true
			}
		}
	}
	return target.WatcherConfig{}, false
}

// isWatched tells whether a watcher lives that works on the module's folder, one above it or one below it, and
// starts servers.
func isWatched(ctx context.Context, t *target.Target, m *project.Module) (bool, error) {
	scope, err := t.Scope(ctx)
	if err != nil {
		return false, err
	}
	watchers, err := t.OwnWatchers(ctx)
	if err != nil {
		return false, err
	}
	for _, w := range watchers {
		rel, ok := scope.Rel(w.Dir)
		if ok && w.Serves && (project.Within(rel, m.Dir) || project.Within(m.Dir, rel)) {
			return true, nil
		}
	}
	return false, nil
}

func notRunningFinding(t *target.Target, h server.Holder, config target.WatcherConfig, m *project.Module) checks.Finding {
	tool := config.Tool
	f := checks.Finding{
		Message:  checks.Msg("%s is configured (%s) but is not running; the server (pid %d) was started by hand", tool.Name, config.File, h.Process.PID),
		Why:      checks.Msg("Saving a file changes nothing: no rebuild, no restart, no message."),
		Help:     checks.Msg("stop the server, then run: %s", tool.Command),
		Evidence: describe.Evidence(h, time.Now()),
		Subject:  &checks.Subject{Kind: checks.ProcessSubject, Name: h.Process.Name, PID: h.Process.PID, Port: h.Listeners[0].Port},
		Service:  m.Dir,
		Key:      tool.Name,
	}
	if h.Manager.Kind == server.GoRun {
		f.Message = checks.Msg("%s is configured (%s) but is not running; the server (pid %d) was started by `%s`",
			tool.Name, config.File, h.Process.PID, describe.Command(*h.Manager.Process))
	}
	return f
}
