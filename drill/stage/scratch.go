package stage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
)

// spare is what stays free beside the copy, in bytes: the build writes a program, and the go command its cache.
const spare = 512 << 20

// scratch makes the folder of the copy where there is room for it, and hires the janitor for it before anything lies in it.
func (s *Stage) scratch(ctx context.Context, p *script) error {
	base, err := s.place(p)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(base, 0o700); err != nil {
		return err
	}
	sweepOld(base)
	if s.dir, err = s.makeDir(resolved(base)); err != nil {
		return err
	}
	if err := s.guarded(); err != nil {
		return errors.Join(err, os.RemoveAll(s.dir))
	}
	s.noteFilesystem(ctx)
	return nil
}

// guarded has the folder of the copy held by us and looked after by the janitor.
func (s *Stage) guarded() (err error) {
	if err := os.WriteFile(lockOf(s.dir), nil, 0o600); err != nil {
		return err
	}
	if s.held, err = holdLock(lockOf(s.dir)); err != nil {
		return err
	}
	if err := s.hire(); err != nil {
		s.held.Close()
		return err
	}
	return nil
}

// makeDir makes a folder that has the same name for each drill of a project: the go command keeps what it has compiled by the folder
// that it lay in. Where another drill of the project is at work it gets a name of its own.
func (s *Stage) makeDir(base string) (string, error) {
	sum := sha256.Sum256([]byte(s.Source))
	dir := filepath.Join(base, prefix+hex.EncodeToString(sum[:6]))
	if os.Mkdir(dir, 0o700) == nil {
		return dir, nil
	}
	return os.MkdirTemp(base, prefix)
}

// prefix begins the names of our folders.
const prefix = "gindoctor-drill-"

// sweepOld removes what is left of drills whose janitor was killed too: copies that are an hour old and that nobody holds.
func sweepOld(base string) {
	all, err := os.ReadDir(base)
	if err != nil {
		return
	}
	for _, d := range all {
		info, err := d.Info()
		if err == nil && d.IsDir() && strings.HasPrefix(d.Name(), prefix) && time.Since(info.ModTime()) > time.Hour {
			sweep(filepath.Join(base, d.Name()))
		}
	}
}

// place is the folder in which the copy is made: the first one in which programs may be started and that has room. It must lie
// outside of what is copied, whose own watchers would see the copy come.
func (s *Stage) place(p *script) (string, error) {
	var all []string
	if cache, err := os.UserCacheDir(); err == nil {
		all = append(all, filepath.Join(cache, "gindoctor"))
	}
	all = append(all, os.TempDir())
	var why []string
	for _, dir := range all {
		f := lookAt(dir)
		reason := ""
		switch need := uint64(p.bytes) + spare; {
		case slices.ContainsFunc(p.folders, func(folder string) bool { return within(resolved(f.Nearest), folder) }):
			reason = "it lies in the project"
		case f.Refused != nil:
			reason = "nothing can be made there: " + f.Refused.Error()
		case f.NoExec:
			reason = "programs on that disk cannot be started (noexec)"
		case f.Full || f.Free < need:
			reason = fmt.Sprintf("the copy takes %s and %s stay free beside it for the build, and there are %s", size(p.bytes), size(spare), size(int64(f.Free)))
		}
		if reason == "" {
			return dir, nil
		}
		why = append(why, fmt.Sprintf("not in %s: %s", dir, reason))
	}
	return "", &Refused{"there is no place for a copy of the project; " + strings.Join(why, "; ") + ". XDG_CACHE_HOME or TMPDIR names another"}
}

// lookAt is host.LookAtFolder; tests put another in its place.
var lookAt = host.LookAtFolder

// noteFilesystem says so where the copy lies on a filesystem that tells watchers of more, or of less, than that of the project.
func (s *Stage) noteFilesystem(ctx context.Context) {
	mounts, err := s.host.Mounts(ctx)
	if err != nil {
		return // then nothing is known of either
	}
	around := s.host.Surroundings(ctx)
	theirs, known := host.FilesystemOf(mounts, s.Source, around)
	ours, ok := host.FilesystemOf(mounts, s.dir, around)
	if known && ok && theirs.Events != ours.Events {
		s.Note("the project lies on %s and its copy on %s: what tells a watcher of changes in the copy may not do so in the project", theirs.Name, ours.Name)
	}
}
