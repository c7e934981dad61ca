package target

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/modfile"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// readProcesses shares the process table with the snapshot of the sockets, so that both are of one moment.
func (t *Target) readProcesses(ctx context.Context) (*host.Processes, error) {
	s, err := t.running.Get(ctx)
	if err == nil {
		return s.Processes, nil
	}
	return t.opts.Host.Processes(ctx) // the sockets could not be read; the processes perhaps can
}

// Sockets is one snapshot of the listening sockets.
func (t *Target) Sockets(ctx context.Context) (*host.Sockets, error) {
	s, err := t.running.Get(ctx)
	if err != nil {
		return nil, err
	}
	return s.Sockets, nil
}

// Scope is what makes a process one of this project's.
func (t *Target) Scope(ctx context.Context) (server.Scope, error) {
	scope := server.Scope{Roots: []string{t.root}}
	if real, err := filepath.EvalSymlinks(t.root); err == nil && real != t.root {
		scope.Roots = append(scope.Roots, real)
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return scope, err
	}
	for _, m := range modules {
		path := m.Path()
		if path == "" && m.HasGoMod { // it does not parse; its module line mostly still does
			data, _ := os.ReadFile(filepath.Join(m.AbsDir(), "go.mod"))
			path = modfile.ModulePath(data)
		}
		if path != "" {
			scope.Modules = append(scope.Modules, path)
		}
	}
	scope.Runs = t.runsOf
	return scope, nil
}

// runsOf are the command lines that a live watcher of this project runs; false where its configuration does not tell.
func (t *Target) runsOf(ctx context.Context, w watcher.Running) (lines []watcher.Line, known bool) {
	watches, err := t.Watches(ctx)
	if err != nil {
		return nil, false
	}
	for _, watch := range watches {
		if watch.Running != nil && watch.Running.Process.PID == w.Process.PID {
			for _, r := range watch.Reactions {
				lines = append(lines, r.Lines()...)
			}
		}
	}
	return lines, len(lines) > 0
}

// Holders tells who holds a port, one entry per process; none when nothing listens there.
func (t *Target) Holders(ctx context.Context, port int) ([]server.Holder, error) {
	s, err := t.running.Get(ctx)
	if err != nil {
		return nil, err
	}
	scope, err := t.Scope(ctx)
	if err != nil {
		return nil, err
	}
	return s.Holders(ctx, scope, port), nil
}

// OwnServers lists the running servers of this project with the sockets they listen on.
func (t *Target) OwnServers(ctx context.Context) ([]server.Holder, error) { return t.own.Get(ctx) }

func (t *Target) readOwnServers(ctx context.Context) ([]server.Holder, error) {
	s, err := t.running.Get(ctx)
	if err != nil {
		return nil, err
	}
	scope, err := t.Scope(ctx)
	if err != nil {
		return nil, err
	}
	return s.Own(ctx, scope), nil
}

// Watchers lists all live watchers of this host, those of other projects included.
func (t *Target) Watchers(ctx context.Context) ([]watcher.Running, error) {
	s, err := t.running.Get(ctx)
	if err != nil {
		return nil, err
	}
	return s.Watchers, nil
}

// Locate names a path that the system told, in which links are resolved, as Rel does for paths under the name that the user
// entered the root by.
func (t *Target) Locate(abs string) string {
	if real, err := filepath.EvalSymlinks(t.root); err == nil {
		if rel, ok := (server.Scope{Roots: []string{t.root, real}}).Rel(abs); ok {
			return rel
		}
	}
	return t.Rel(abs)
}

// IdleWatchers lists the live watchers of this project that start a server and have none listening now: what they start
// cannot have a port that somebody else holds.
func (t *Target) IdleWatchers(ctx context.Context) ([]watcher.Running, error) {
	watchers, err := t.OwnWatchers(ctx)
	if err != nil {
		return nil, err
	}
	own, err := t.OwnServers(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(watchers, func(w watcher.Running) bool {
		return !w.Serves || slices.ContainsFunc(own, func(h server.Holder) bool { return h.Under(w) })
	}), nil
}
