package watch

import (
	"context"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/tomldoc"
	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// UnknownKey finds settings that the watcher does not know: it ignores them without a word.
var UnknownKey = checks.Check{
	ID:       "watch/unknown-key",
	Title:    "the watcher ignores a setting that it does not know",
	Stage:    checks.Notice,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.CI,
	Explains: []string{"watch/hard-kill"},
	Run:      unknownKey,
}

func unknownKey(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return faulty(ctx, t, report, func() error { return unknownKeyOfAir(ctx, t, report) }, strangeKey)
}

func unknownKeyOfAir(ctx context.Context, t *target.Target, report checks.Reporter) error {
	return eachAirFile(ctx, t, report, func(a *airFile) error {
		for _, s := range unknownSections(a) {
			a.report(sectionFinding(a, s))
		}
		for _, e := range a.Doc.Entries {
			if under(e.Path[:len(e.Path)-1]) && !isKnown(e.Path) {
				a.report(keyFinding(a, e))
			}
		}
		return nil
	})
}

// isKnown tells whether air has that key or table, in some release. One that this release does not have yet is told of
// by watch/tool-version.
func isKnown(path []string) bool { _, _, ok := air.Known(path); return ok }

// under tells whether the table that a key stands in is known: then the key itself is at fault.
func under(table []string) bool {
	_, isTable, _ := air.Known(table)
	return len(table) == 0 || isTable
}

// section is a table that air does not know, with all that stands in it.
type section struct {
	path    []string
	at      tomldoc.Span
	headers []tomldoc.Span // of it and its sub-tables
	entries []tomldoc.Entry
}

func (s *section) name() string { return strings.Join(s.path, ".") }

func unknownSections(a *airFile) []*section {
	var out []*section
	find := func(path []string) *section {
		for _, s := range out {
			if len(path) >= len(s.path) && slices.Equal(path[:len(s.path)], s.path) {
				return s
			}
		}
		return nil
	}
	for _, h := range a.Doc.Tables {
		if under(h.Path) {
			continue
		}
		s := find(h.Path)
		if s == nil {
			s = &section{path: firstUnknown(h.Path), at: h.Name}
			out = append(out, s)
		}
		s.headers = append(s.headers, h.Name)
	}
	for _, e := range a.Doc.Entries {
		if s := find(e.Path); s != nil {
			s.entries = append(s.entries, e)
		}
	}
	return out
}

// firstUnknown is the outermost unknown table on the way to one.
func firstUnknown(path []string) []string {
	for n := 1; n < len(path); n++ {
		if !under(path[:n]) {
			return path[:n]
		}
	}
	return path
}

func sectionFinding(a *airFile, s *section) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("air has no section [%s]: it ignores all of it, without a word", s.name()),
		Why:      checks.Msg("None of its settings holds; air works by its defaults there."),
		Location: a.at(s.at),
		Key:      s.name(),
	}
	if near := nearSection(a, s); near != "" {
		f.Help = checks.Msg("write [%s]", near)
		f.Fix = mend("write ["+near+"] instead of ["+s.name()+"]", plan.Safe, a.replace(s.at, near))
		return f
	}
	f.Help = checks.Msg("%s", sectionHelp(s))
	if moves := allMoves(a, s); len(moves) > 0 {
		f.Help = checks.Msg("%s", moveHelp(moves))
	}
	f.Fix = dissolve(a, s)
	return f
}

// nearSection is the section whose name was misspelt, where all keys fit there.
func nearSection(a *airFile, s *section) string {
	near := nearestName(s.name(), air.Sections())
	if near == "" || len(s.headers) != 1 || slices.ContainsFunc(a.Doc.Tables, func(t tomldoc.Table) bool { return strings.Join(t.Path, ".") == near }) {
		return ""
	}
	for _, e := range s.entries {
		path := append(strings.Split(near, "."), e.Path[len(s.path):]...)
		if !isKnown(path) || !a.Takes(path, a.Raw(e.Value.Span)) {
			return ""
		}
	}
	return near
}

// dissolve moves what a section means to where air looks for it, and takes the section out. It is unsafe: what air does
// changes, or what somebody wished for is lost.
func dissolve(a *airFile, s *section) *plan.Plan {
	var steps []plan.Step
	moves := allMoves(a, s)
	for _, m := range moves {
		steps = append(steps, a.put(m.section, m.key, m.value))
	}
	gone := map[int]bool{}
	for _, span := range slices.Concat(s.headers, wholes(s.entries)) {
		first, _ := a.Doc.Position(span.Start)
		if gone[first] { // an inline table's own keys
			continue
		}
		if slices.Contains(s.headers, span) {
			steps = append(steps, plan.RemoveLine(a.File, a.Doc.Data, first))
			gone[first] = true
			continue
		}
		last, _ := a.Doc.Position(span.End)
		edit, ok := a.remove(span)
		if !ok {
			return nil
		}
		for n := first; n <= last; n++ {
			gone[n] = true
		}
		steps = append(steps, edit)
	}
	title := "take [" + s.name() + "] out"
	if len(moves) > 0 {
		title = "write what [" + s.name() + "] means where air looks for it"
	}
	return mend(title, plan.Unsafe, steps...)
}

// allMoves are the settings that a section means, but for those that stand in their place already.
func allMoves(a *airFile, s *section) []move {
	var out []move
	put := map[string]bool{}
	for _, e := range s.entries {
		if len(e.Path) != len(s.path)+1 {
			continue
		}
		for _, m := range moved(a, e) {
			if _, set := a.Doc.Find(append(strings.Split(m.section, "."), m.key)...); set && !m.over || put[m.section+"."+m.key] {
				continue
			}
			put[m.section+"."+m.key] = true
			out = append(out, m)
		}
	}
	return out
}

func wholes(entries []tomldoc.Entry) []tomldoc.Span {
	var out []tomldoc.Span
	for _, e := range entries {
		out = append(out, e.Whole)
	}
	return out
}

func keyFinding(a *airFile, e tomldoc.Entry) checks.Finding {
	name := strings.Join(e.Path, ".")
	table := strings.Join(e.Path[:len(e.Path)-1], ".")
	f := checks.Finding{
		Message:  checks.Msg("air has no setting %s: it ignores it, without a word", name),
		Why:      checks.Msg("The line does nothing."),
		Help:     checks.Msg("take the line out"),
		Location: a.at(e.Key),
		Key:      name,
	}
	if near := renamed(a, e); near != "" {
		f.Message = checks.Msg("air has no setting %s: it ignores it, without a word; most likely %s is meant", name, near)
		f.Help = checks.Msg("write %s", near)
		f.Explains = []string{"watch/*"} // what the key that is meant would have prevented is told of at this line
		f.Fix = mend("write "+near+" instead of "+e.Path[len(e.Path)-1], plan.Safe, a.replace(e.Key, near))
		return f
	}
	removal, ok := a.remove(e.Whole)
	if moves := moved(a, e); len(moves) > 0 {
		f.Help = checks.Msg("%s", moveHelp(moves))
		var steps []plan.Step
		safety := plan.Unsafe
		for _, m := range moves {
			if _, set := a.Doc.Find(append(strings.Split(m.section, "."), m.key)...); set && !m.over {
				continue
			}
			if len(moves) == 1 && m.same {
				safety = plan.Safe
			}
			steps = append(steps, a.put(m.section, m.key, m.value))
		}
		if ok {
			f.Fix = mend("write it where air looks for it", safety, append(steps, removal)...)
		}
		return f
	}
	if help := keyHelp(table, e.Path[len(e.Path)-1]); help != "" {
		f.Help = checks.Msg("%s", help)
	}
	if ok {
		f.Fix = mend("take "+name+" out", plan.Unsafe, removal)
	}
	return f
}

// renamed is the key of the same section that was misspelt: near enough, not given yet, and of that kind.
func renamed(a *airFile, e tomldoc.Entry) string {
	table, wrong := e.Path[:len(e.Path)-1], e.Path[len(e.Path)-1]
	if e.Value.Kind == tomldoc.Inline || strings.HasPrefix(wrong, "include_file") && looksLikeExtensions(e.Value) {
		return ""
	}
	near := misspelt[strings.Join(e.Path, ".")]
	if near == "" {
		near = nearestName(wrong, keysOf(table))
	}
	path := slices.Concat(table, []string{near})
	if _, set := a.Doc.Find(path...); near == "" || set || !a.Takes(path, a.Raw(e.Value.Span)) {
		return ""
	}
	if a.Raw(e.Key) != wrong { // quoted
		return ""
	}
	return near
}

// misspelt are mistakes that go round in copied files, too far from what is meant for a distance to tell.
var misspelt = map[string]string{
	"build.stop_on_root": "stop_on_error", "tmp_folder": "tmp_dir", "build.includeExt": "include_ext", "build.excludeDir": "exclude_dir",
	"build.includeDir": "include_dir", "build.excludeRegex": "exclude_regex", "build.killDelay": "kill_delay", "build.sendInterrupt": "send_interrupt",
	"build.stopOnError": "stop_on_error", "build.exclude_dirs": "exclude_dir", "build.include_dirs": "include_dir",
}

// keysOf are the names of the keys of a known table.
func keysOf(table []string) []string {
	var out []string
	for _, k := range air.Keys {
		if len(k.Path) == len(table)+1 && slices.Equal(k.Path[:len(table)], table) {
			out = append(out, k.Path[len(table)])
		}
	}
	return out
}
