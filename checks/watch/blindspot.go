package watch

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/needs"
	"github.com/gindoctor/gindoctor/target/tomldoc"
	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// BlindSpot finds packages the program is built from whose changes the watcher does not react to.
var BlindSpot = checks.Check{
	ID:       "watch/blind-spot",
	Title:    "the watcher does not see a package the server is built from",
	Stage:    checks.Notice,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Explains: []string{"run/stale-binary"},
	Run:      blindSpot,
}

func blindSpot(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachWatched(ctx, t, report, func(w *watched) error {
		s := newWishes(w.airFile)
		for _, b := range w.blind() {
			s.hold(blindFinding(w, s, b))
		}
		s.tell()
		return nil
	})
}

// watched is an air with the program it builds and the rules by which it reacts.
type watched struct {
	*airFile
	root  string
	real  func(abs string) string // resolves the links of a path
	needs *needs.Program
	rules *air.Matcher
}

// eachWatched asks about every air whose settings and program are known.
func eachWatched(ctx context.Context, t *target.Target, report checks.Reporter, ask func(*watched) error) error {
	return eachLoadedAir(ctx, t, report, func(a *airFile) error {
		if a.Err != nil {
			return nil // it does not start
		}
		n, err := t.AirNeeds(ctx, a.AirSetup)
		if err != nil || n == nil {
			return err
		}
		m, err := t.Matcher(ctx, a.AirSetup)
		if err != nil {
			return err
		}
		return ask(&watched{a, t.Root(), t.Real, n, m})
	})
}

// decide asks what air does about a file, given relative to the examined root.
func (w *watched) decide(file string) air.Decision {
	return w.rules.Reacts(filepath.Join(w.root, filepath.FromSlash(file)))
}

// blind is what one rule of air leaves out.
type blind struct {
	air.Decision
	packages []needs.Package
	files    []string
}

// blind groups the files that air does not react to by the rule that decides.
func (w *watched) blind() []*blind {
	var out []*blind
	byRule := map[string]*blind{}
	for _, p := range w.needs.Packages {
		for _, f := range p.Written() {
			d := w.decide(f.Path)
			if d.Reacts() {
				continue
			}
			key := fmt.Sprint(d.Reason, d.Item)
			if d.Reason == air.BehindLink || d.Reason == air.Hidden {
				key += d.Path
			}
			b := byRule[key]
			if b == nil {
				b = &blind{Decision: d}
				byRule[key], out = b, append(out, b)
			}
			b.files = append(b.files, f.Path)
			if len(b.packages) == 0 || b.packages[len(b.packages)-1].Dir != p.Dir {
				b.packages = append(b.packages, p)
			}
		}
	}
	return out
}

func (b *blind) dirs() []string {
	var out []string
	for _, p := range b.packages {
		out = append(out, p.Dir)
	}
	return out
}

func blindFinding(w *watched, s *wishes, b *blind) checks.Finding {
	word, because := blindReason(w, b)
	f := checks.Finding{
		Message: checks.Msg("air does not watch %s: %s", some(b.dirs(), 3), because),
		Why: checks.Msg("The server is built from %s in %s there. Saving one of them changes nothing: no rebuild, no message.",
			count(len(b.files), "file"), count(len(b.packages), "package")),
		Location: w.blame(b),
		Key:      word + " " + strings.Join(b.dirs(), " "),
	}
	f.Evidence = append(f.Evidence, checks.Msg("reason: %s", word))
	for _, p := range b.packages[:min(len(b.packages), 5)] {
		if p.By.File != nil {
			f.Evidence = append(f.Evidence, checks.Msg("%s is imported at %s:%d", p.Dir, p.By.File.Path, p.By.Import.Pos.Line))
		}
	}
	if w.needs.Guessed {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	if f.Location == nil {
		f.Location = checks.At(b.files[0], 1, 1)
	}
	f.Fix, f.Help = mendBlind(w, s, b)
	return f
}

// blindReason puts the rule into words: first the one that reports sort by.
func blindReason(w *watched, b *blind) (word, because string) {
	key := strings.Join(b.Reason.Key(), ".")
	element := w.element(b)
	switch b.Reason {
	case air.ExcludeDir:
		return "dir-excluded", fmt.Sprintf("exclude_dir names %q", element)
	case air.TmpDir, air.TestData:
		return "dir-excluded", fmt.Sprintf("%s is %q, and air never watches that folder", key, map[air.Reason]string{air.TmpDir: w.TmpDir, air.TestData: w.TestData}[b.Reason])
	case air.IncludeDir:
		return "dir-not-included", "include_dir does not name it"
	case air.Hidden:
		return "hidden", "it lies in a folder whose name begins with a dot"
	case air.BehindLink:
		return "symlink", "it lies behind a symbolic link, which air does not follow"
	case air.Outside:
		return "outside-root", "it lies outside the root"
	case air.ExcludeFile:
		return "regex", fmt.Sprintf("exclude_file has the pattern %q", element)
	case air.ExcludeRegex:
		return "regex", fmt.Sprintf("exclude_regex has the pattern %q", element)
	case air.ByRule:
		return "ext", "one of build.rules takes its files"
	}
	return "ext", "include_ext does not name go"
}

// element is the element of the list that decided.
func (w *watched) element(b *blind) string {
	lists := map[air.Reason][]string{air.ExcludeDir: w.Build.ExcludeDir, air.ExcludeFile: w.Build.ExcludeFile, air.ExcludeRegex: w.Build.ExcludeRegex}
	if l := lists[b.Reason]; b.Item >= 0 && b.Item < len(l) {
		return l[b.Item]
	}
	return ""
}

// blame is the place of what decided: the element of the list, else the key, else what stands nearest.
func (w *watched) blame(b *blind) *checks.Location {
	key := b.Reason.Key()
	if len(key) == 1 {
		if e, ok := w.top(key[0]); ok {
			return w.at(e.Value.Span)
		}
		return w.near("")
	}
	if len(key) == 0 {
		key = []string{"build", "include_dir"} // what would bring it in
	}
	e, ok := w.entry(key[1])
	if ok && b.Item >= 0 && b.Item < len(e.Value.Items) && b.Reason != air.ByRule {
		return w.at(e.Value.Items[b.Item].Span)
	}
	return w.near(key[1])
}

func (w *watched) top(key string) (tomldoc.Entry, bool) {
	if w.Doc == nil {
		return tomldoc.Entry{}, false
	}
	return w.Doc.Find(key)
}

// some joins names, the first few of them.
func some(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
