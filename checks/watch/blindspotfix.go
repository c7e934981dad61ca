package watch

import (
	"bytes"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target/tomldoc"
	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// mendBlind is the change of the configuration that makes air see the files, and the sentence that says so.
func mendBlind(w *watched, b *blind) (*plan.Plan, checks.Message) {
	element := w.element(b)
	switch b.Reason {
	case air.ExcludeDir:
		return w.mend("take "+quoted(element)+" out of exclude_dir", "exclude_dir", w.Build.ExcludeDir, without(w.Build.ExcludeDir, b.Item)),
			checks.Msg("take %s out of exclude_dir, and restart air", quoted(element))
	case air.ExcludeFile:
		return w.mend("take "+quoted(element)+" out of exclude_file", "exclude_file", w.Build.ExcludeFile, without(w.Build.ExcludeFile, b.Item)),
			checks.Msg("take %s out of exclude_file, and restart air", quoted(element))
	case air.ExcludeRegex:
		return w.mend("take "+quoted(element)+" out of exclude_regex", "exclude_regex", w.Build.ExcludeRegex, without(w.Build.ExcludeRegex, b.Item)),
			checks.Msg("take %s out of exclude_regex, or make it narrower; it is matched against the absolute path", quoted(element))
	case air.Extension:
		exts := slices.DeleteFunc(slices.Clone(w.Build.IncludeExt), func(e string) bool { return strings.TrimSpace(e) == ".go" })
		return w.mend("put \"go\" into include_ext", "include_ext", w.Build.IncludeExt, append([]string{"go"}, exts...)),
			checks.Msg("write \"go\", without a dot, into include_ext, and restart air")
	case air.IncludeDir:
		return w.include(b)
	case air.Outside, air.BehindLink:
		return w.includeOutside(b)
	case air.Hidden:
		return nil, checks.Msg("give the folder a name that does not begin with a dot")
	case air.ByRule:
		return nil, checks.Msg("let the rule take less: air runs its command for these files instead of a build")
	}
	return nil, checks.Msg("give %s another name than that of a folder with code, and restart air", strings.Join(b.Reason.Key(), "."))
}

// mend writes one list of [build] anew; nil where no file says what this air does.
func (w *watched) mend(title, key string, was, list []string) *plan.Plan {
	if w.Doc == nil || slices.Contains(w.Overridden, "build."+key) {
		return nil
	}
	return mend(title, plan.Safe, w.setList(key, was, list))
}

// setList makes a list of [build] from what it was. One element more or less is an edit within the list, which keeps its
// comments and line breaks.
func (a *airFile) setList(key string, was, now []string) plan.Step {
	e, ok := a.entry(key)
	if !ok || len(e.Value.Items) != len(was) {
		return a.put("build", key, list(now))
	}
	if len(now) == len(was)-1 {
		for i := range was {
			if i == len(now) || was[i] != now[i] {
				return a.cut(e.Value, i)
			}
		}
	}
	if len(now) == len(was)+1 && len(was) > 0 && slices.Equal(now[:len(was)], was) {
		end := e.Value.Items[len(was)-1].Span.End
		return plan.Insert(a.File, a.Doc.Data, end, ", "+quoted(now[len(was)]))
	}
	return a.replace(e.Value.Span, list(now))
}

// cut takes an element out of a list, with the comma that goes with it.
func (a *airFile) cut(v tomldoc.Value, i int) plan.Step {
	span := v.Items[i].Span
	data := a.Doc.Data
	switch {
	case i > 0: // from the end of the one before, where only a comma and blanks lie between
		between := data[v.Items[i-1].Span.End:span.Start]
		if len(bytes.Trim(between, ", \t\r\n")) == 0 {
			return a.replace(tomldoc.Span{Start: v.Items[i-1].Span.End, End: span.End}, "")
		}
	case len(v.Items) > 1:
		between := data[span.End:v.Items[1].Span.Start]
		if len(bytes.Trim(between, ", \t\r\n")) == 0 {
			return a.replace(tomldoc.Span{Start: span.Start, End: v.Items[1].Span.Start}, "")
		}
	default:
		rest := data[span.End:v.Span.End]
		if comma := bytes.IndexByte(rest, ','); comma >= 0 && len(bytes.TrimSpace(rest[:comma])) == 0 {
			return a.replace(tomldoc.Span{Start: span.Start, End: span.End + comma + 1}, "")
		}
		return a.replace(span, "")
	}
	// Comments lie between: an empty name stands for no folder at all, and keeps the list as it is laid out.
	return a.replace(span, `""`)
}

// include adds the folders to include_dir; files that lie in the root itself to include_file.
func (w *watched) include(b *blind) (*plan.Plan, checks.Message) {
	dirs, files := slices.Clone(w.Build.IncludeDir), slices.Clone(w.Build.IncludeFile)
	var named []string
	for _, file := range b.files {
		rel := w.fromRoot(file)
		if dir := path.Dir(rel); dir != "." {
			if !slices.Contains(dirs, dir) {
				dirs, named = append(dirs, dir), append(named, quoted(dir))
			}
		} else if !slices.Contains(files, rel) {
			files, named = append(files, rel), append(named, quoted(rel))
		}
	}
	help := checks.Msg("add %s to include_dir, or take include_dir out, and restart air", strings.Join(named, ", "))
	if w.Doc == nil || len(files) > len(w.Build.IncludeFile) && !w.Version.AtLeast("v1.61.0") {
		return nil, help
	}
	var steps []plan.Step
	if len(dirs) > len(w.Build.IncludeDir) {
		steps = append(steps, w.setList("include_dir", w.Build.IncludeDir, dirs))
	}
	if len(files) > len(w.Build.IncludeFile) {
		steps = append(steps, w.setList("include_file", w.Build.IncludeFile, files))
	}
	return mend("make air watch "+strings.Join(named, ", "), plan.Safe, steps...), help
}

// includeOutside names the folders outside the root in include_dir. That some folders are named must not leave out the rest:
// "." stands for it.
func (w *watched) includeOutside(b *blind) (*plan.Plan, checks.Message) {
	if !w.Version.OutsideDirs() {
		return nil, checks.Msg("air %s cannot watch it; with air 1.63.2 or newer name the folder in include_dir: go install github.com/air-verse/air@latest", w.Version)
	}
	dirs := slices.Clone(w.Build.IncludeDir)
	if len(dirs) == 0 {
		dirs = []string{"."}
	}
	for _, dir := range b.dirs() {
		abs := filepath.Join(w.root, filepath.FromSlash(dir))
		real, err := filepath.EvalSymlinks(abs)
		if err != nil {
			real = abs
		}
		rel, err := filepath.Rel(w.rules.Root(), real)
		if rel = filepath.ToSlash(rel); err == nil && !slices.ContainsFunc(dirs, func(d string) bool { return d == rel || strings.HasPrefix(rel, d+"/") }) {
			dirs = append(dirs, rel)
		}
	}
	return w.mend("make air watch "+some(dirs[min(len(dirs), 1):], 3), "include_dir", w.Build.IncludeDir, dirs),
		checks.Msg("write include_dir = %s into [build], and restart air", list(dirs))
}

// fromRoot names a file as the lists of the configuration do.
func (w *watched) fromRoot(file string) string {
	rel, err := filepath.Rel(filepath.Join(w.Cwd, filepath.FromSlash(w.Root)), filepath.Join(w.root, filepath.FromSlash(file)))
	if err != nil {
		return file
	}
	return filepath.ToSlash(rel)
}
