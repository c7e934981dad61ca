package stage

import (
	"context"
	"os"

	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// GiveProxies gives what watchers put between the browser and the server a free port each, and has it forward to that of the copy: the
// project's own watcher, which has the same configuration, may run meanwhile. A proxy of which no small change gives the port keeps it.
func (s *Stage) GiveProxies(ctx context.Context) error {
	watches, err := s.Target.Watches(ctx)
	if err != nil {
		return err
	}
	for i := range watches {
		if err := s.giveProxy(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// giveProxy does so for one of the watchers. Each change moves what stands behind it, so they are read anew in between.
func (s *Stage) giveProxy(ctx context.Context, i int) error {
	for _, one := range []struct {
		of      func(*watcher.Proxy) func(int) []watcher.Change
		pattern *lazyregexp.Regexp
		forward bool
	}{
		{func(p *watcher.Proxy) func(int) []watcher.Change { return p.SetListen }, airProxyPort, false},
		{func(p *watcher.Proxy) func(int) []watcher.Change { return p.SetForward }, airAppPort, true},
	} {
		watches, err := s.Target.Watches(ctx)
		if err != nil || i >= len(watches) {
			return err
		}
		w := watches[i]
		if w.Proxy == nil && (w.Air == nil || w.Air.Config == nil || !w.Air.Config.Proxy.Enabled) {
			return nil
		}
		port := s.Port
		if !one.forward {
			if port, err = s.freePort(ctx); err != nil {
				return err
			}
		}
		changed := false
		if w.Proxy == nil {
			changed, err = s.airPort(w, one.pattern, port)
		} else if set := one.of(w.Proxy); set != nil {
			changed, err = s.change(set(port))
		}
		if err != nil {
			return err
		}
		if changed && !one.forward {
			s.Note("the proxy of %s has port %d in the copy", w.Tool.Name, port)
		}
		if err := s.open(s.Port); err != nil {
			return err
		}
	}
	return nil
}

// The keys of air's proxy, in its configuration and as flags.
var (
	airProxyPort = lazyregexp.New(`\bproxy_port(?:\s*=\s*|\s+)["']?(\d{2,5})\b`)
	airAppPort   = lazyregexp.New(`\bapp_port(?:\s*=\s*|\s+)["']?(\d{2,5})\b`)
)

// airPort puts a port of air's proxy into its configuration, and into the command that starts it.
func (s *Stage) airPort(w *target.Watch, key *lazyregexp.Regexp, port int) (changed bool, err error) {
	var files []string
	if w.File != nil {
		files = append(files, w.File.Path)
	}
	if w.Named != nil {
		files = append(files, w.Named.File)
	}
	for _, file := range files {
		one, err := s.edit(file, 0, key, port)
		if err != nil {
			return changed, err
		}
		changed = changed || one
	}
	return changed, nil
}

// change makes changes of a watcher's configuration, or of the command that starts it, in the copy: all of them or none.
func (s *Stage) change(changes []watcher.Change) (bool, error) {
	read := func(file string) ([]byte, error) {
		path, err := s.Path(file)
		if err != nil {
			return nil, err
		}
		return os.ReadFile(path)
	}
	edits := map[string][]plan.Edit{}
	for _, step := range plan.OfChanges(read, changes) {
		if e, ok := step.(plan.Edit); ok {
			edits[e.File] = append(edits[e.File], e)
		}
	}
	changed := false
	for file, of := range edits {
		one, err := s.rewrite(file, func(text []byte) ([]byte, error) { return plan.Apply(text, of) })
		if err != nil {
			return changed, err
		}
		changed = changed || one
	}
	return changed, nil
}
