package fs

import (
	"context"
	"path"
	"path/filepath"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/gobuild"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// Unreadable finds folders and files that the watcher, or the build that it runs, may not read or write: what a container or a
// sudo has left behind.
var Unreadable = checks.Check{
	ID:       "fs/unreadable",
	Title:    "a folder or file that the watcher needs may not be read or written",
	Stage:    checks.Notice,
	Severity: checks.Error,
	Profiles: checks.Dev,
	Needs:    checks.Modules,
	Explains: []string{"watch/not-running", "mod/compile-error", "run/stale-binary"},
	Run:      unreadable,
}

func unreadable(ctx context.Context, t *target.Target, report checks.Reporter) error {
	all, err := watchers(ctx, t)
	if err != nil {
		return err
	}
	if all, err = here(ctx, t, all); err != nil {
		return err
	}
	unlistable, err := t.Unlistable(ctx)
	if err != nil {
		return err
	}
	for _, u := range unlistable {
		if w := first(all, u.Path); w != nil && !target.TooLong(u.Err) && w.oursToRun() {
			report(folderFinding(w, u.Path))
		}
	}
	told := map[string]bool{}
	for _, w := range all {
		if err := w.buildNeeds(ctx, told, report); err != nil {
			return err
		}
	}
	return nil
}

// oursToRun tells whether the watcher has, or would have, the rights that we have.
func (w *watched) oursToRun() bool {
	return w.Running == nil || w.Running.Process.UID == w.t.Host().UID()
}

func folderFinding(w *watched, dir string) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("%s may not be read by you", dir),
		Why:      checks.Msg("%s does not see what changes in it.", w.Tool.Name),
		Help:     checks.Msg("make it yours (sudo chown -R \"$(id -un)\" %s), or leave it out of what %s watches", shellword.Path(dir), w.Tool.Name),
		Evidence: owner(w, dir),
		Location: whole(dir),
		Service:  w.service,
		Key:      dir,
	}
	if w.Tool.Name == "air" && w.Running == nil && w.Events.Kind == watcher.Notify {
		f.Why = checks.Msg("air ends when it comes to it: \"failed to watch %s, error: permission denied\". `go list ./...` and `go build ./...` fail on it too.", path.Base(dir))
		return f
	}
	f.Severity = checks.Warning
	return f
}

// owner says whose a file or folder is, where that is somebody else's.
func owner(w *watched, name string) []checks.Message {
	if o := w.t.Folder(w.abs(name)).Owner; o != "" {
		return []checks.Message{checks.Msg("it belongs to %s", o)}
	}
	return nil
}

// buildNeeds looks at what the build reads and writes.
func (w *watched) buildNeeds(ctx context.Context, told map[string]bool, report checks.Reporter) error {
	if !w.oursToRun() {
		return nil
	}
	for _, r := range w.Reactions {
		n, err := w.t.Needs(ctx, w.Watch, r)
		if err != nil {
			return err
		}
		if n != nil {
			for _, p := range n.Packages {
				for _, f := range p.Files {
					if !f.Test() && !told[f.Path] && w.t.Readable(w.abs(f.Path)) != nil && w.t.Exists(w.abs(f.Path)) {
						told[f.Path] = true
						report(w.sourceFinding(f.Path, n.Guessed))
					}
				}
			}
		}
		for _, out := range w.outputs(r) {
			if dir := filepath.Dir(out); !told[dir] && w.barred(out) {
				told[dir] = true
				report(w.outputFinding(dir, out))
			}
		}
	}
	return nil
}

func (w *watched) sourceFinding(file string, guessed bool) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("%s may not be read by you", file),
		Why:      checks.Msg("The server is built from it: each build ends with \"permission denied\"."),
		Help:     checks.Msg("make it yours: sudo chown \"$(id -un)\" %s", shellword.Path(file)),
		Evidence: owner(w, file),
		Location: whole(file),
		Service:  w.service,
		Key:      file,
	}
	if guessed {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	return f
}

// outputs are the programs that the builds of a reaction write, absolute, as far as they are known.
func (w *watched) outputs(r *watcher.Reaction) []string {
	var out []string
	for _, line := range r.Build {
		dir := line.Dir
		if dir == "" {
			dir = w.Cwd
		}
		parsed := gobuild.Parse(line.Text, dir)
		if parsed.Dark {
			continue
		}
		for _, b := range parsed.Builds {
			if file, ok := b.Output(w.t.IsFolder, filepath.Base); ok && b.Verb == "build" && b.Out != "" {
				out = append(out, file)
			}
		}
	}
	return out
}

// barred tells whether the go command cannot write a program: it makes a new file and gives it its name, and where that fails
// writes into the one that is there.
func (w *watched) barred(out string) bool {
	folder := w.t.Folder(filepath.Dir(out))
	if !folder.IsFolder {
		return true
	}
	return folder.Refused != nil && (!w.t.Exists(out) || w.t.Writable(out) != nil)
}

func (w *watched) outputFinding(dir, out string) checks.Finding {
	rel, folder := w.t.Rel(dir), w.t.Folder(dir)
	f := checks.Finding{
		Message:  checks.Msg("the build writes %s, and you may not write in %s", w.t.Rel(out), rel),
		Why:      checks.Msg("Each build ends with \"permission denied\" once it is compiled, and the old program goes on, or none starts."),
		Help:     checks.Msg("let the build write in the project, or into a folder of your own"),
		Location: whole(rel),
		Service:  w.service,
		Key:      "write " + rel,
	}
	if w.t.Personal(folder.Nearest) {
		f.Help = checks.Msg("make it yours: sudo chown -R \"$(id -un)\" %s", shellword.Path(w.t.Rel(folder.Nearest)))
	}
	if folder.Owner != "" {
		f.Evidence = append(f.Evidence, checks.Msg("%s belongs to %s", w.t.Rel(folder.Nearest), folder.Owner))
	}
	if !folder.IsFolder {
		f.Message = checks.Msg("the build writes %s, and %s is a file", w.t.Rel(out), w.t.Rel(folder.Nearest))
		f.Why = checks.Msg("Each build ends with \"not a directory\" once it is compiled, and the old program goes on, or none starts.")
		f.Help = checks.Msg("remove it, or give it another name: mv %s NAME", shellword.Path(w.t.Rel(folder.Nearest)))
		f.Evidence = nil
	}
	if folder.ReadOnly() {
		f.Help = checks.Msg("the filesystem is mounted read-only: let the build write elsewhere, or mount it for writing")
	}
	if strings.HasPrefix(rel, "../") {
		f.Location = nil
		f.Subject = &checks.Subject{Kind: checks.FileSubject, Name: dir}
	}
	return f
}
