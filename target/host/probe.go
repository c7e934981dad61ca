package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Probe is what became of a file that was written to see whether the system tells of it.
type Probe struct {
	Event   bool          `json:"event"` // the system told of the change
	Latency time.Duration `json:"latency"`
	// Clock is how far the time that the filesystem gave the file lies ahead of ours; negative where it lies behind.
	Clock time.Duration `json:"clock"`
}

// ProbeWait is how long a probe waits for its event. On a local disk one comes within a tenth of a millisecond.
const ProbeWait = time.Second

// ProbePrefix begins the name of the folder that a probe makes: watchers leave out what begins with a dot.
const ProbePrefix = ".gindoctor-probe-"

// probe makes a folder of its own in a folder, watches it, writes, renames and removes a file in it, and takes the folder away
// again, also when the context ends.
func probe(ctx context.Context, in string) (p *Probe, err error) {
	dir, err := os.MkdirTemp(in, ProbePrefix)
	if err != nil {
		return nil, err
	}
	defer func() {
		if gone := os.RemoveAll(dir); gone != nil && err == nil {
			err = gone
		}
	}()
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("no watcher could be made: %w", err)
	}
	defer w.Close()
	if err := w.Add(dir); err != nil {
		return nil, fmt.Errorf("%s cannot be watched: %w", dir, err)
	}
	started := time.Now()
	p = &Probe{}
	if p.Clock, err = touch(dir); err != nil {
		return nil, err
	}
	p.Event, err = arrives(ctx, w, dir)
	p.Latency = time.Since(started)
	return p, err
}

// touch does what an editor does to a file, and tells how far its time lies ahead of ours.
func touch(dir string) (ahead time.Duration, err error) {
	draft, name := filepath.Join(dir, ".probe~"), filepath.Join(dir, ".probe")
	before := time.Now()
	if err := os.WriteFile(draft, []byte("gindoctor\n"), 0o600); err != nil {
		return 0, err
	}
	info, err := os.Stat(draft)
	if err != nil {
		return 0, err
	}
	switch at, after := info.ModTime(), time.Now(); {
	case at.After(after):
		ahead = at.Sub(after)
	case at.Before(before):
		ahead = at.Sub(before)
	}
	if err := os.Rename(draft, name); err != nil {
		return 0, err
	}
	return ahead, os.Remove(name)
}

// arrives waits for an event of the folder.
func arrives(ctx context.Context, w *fsnotify.Watcher, dir string) (bool, error) {
	timeout := time.NewTimer(ProbeWait)
	defer timeout.Stop()
	for {
		select {
		case e, ok := <-w.Events:
			if !ok {
				return false, errors.New("the watcher ended by itself")
			}
			if strings.HasPrefix(e.Name, dir) {
				return true, nil
			}
		case err := <-w.Errors:
			return false, err
		case <-timeout.C:
			return false, nil
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}
