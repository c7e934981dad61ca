package watch

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// mendBlind wishes for the change of the configuration that makes air see the files, and says so in a sentence.
func mendBlind(w *watched, s *wishes, b *blind) (*plan.Plan, checks.Message) {
	element := w.element(b)
	switch b.Reason {
	case air.ExcludeDir, air.ExcludeFile, air.ExcludeRegex:
		key := b.Reason.Key()[1]
		s.drop(key, element)
		if packages := path.Join(strings.TrimSpace(element), "node_modules"); b.Reason == air.ExcludeDir && project.HasFolder(filepath.Join(w.rules.Root(), packages)) {
			s.add(key, packages) // these were rightly left out
		}
		help := checks.Msg("take %s out of %s, and restart air", quoted(element), key)
		if b.Reason == air.ExcludeRegex {
			help = checks.Msg("take %s out of exclude_regex, or make it narrower; it is matched against the absolute path", quoted(element))
		}
		return s.mend("take "+quoted(element)+" out of "+key, key), help
	case air.Extension:
		s.now["include_ext"] = append([]string{"go"}, slices.DeleteFunc(s.now["include_ext"], func(e string) bool { return strings.TrimSpace(e) == ".go" })...)
		return s.mend("put \"go\" into include_ext", "include_ext"), checks.Msg("write \"go\", without a dot, into include_ext, and restart air")
	case air.IncludeDir:
		return w.include(s, b)
	case air.Outside, air.BehindLink:
		return w.includeOutside(s, b)
	case air.Hidden:
		return nil, checks.Msg("give the folder a name that does not begin with a dot")
	case air.ByRule:
		return nil, checks.Msg("let the rule take less: air runs its command for these files instead of a build")
	}
	return nil, checks.Msg("give %s another name than that of a folder with code, and restart air", strings.Join(b.Reason.Key(), "."))
}

// include adds the folders to include_dir; files that lie in the root itself to include_file.
func (w *watched) include(s *wishes, b *blind) (*plan.Plan, checks.Message) {
	var dirs, files, all []string
	for _, file := range b.files {
		rel := w.fromRoot(file)
		into, name := &dirs, path.Dir(rel)
		if name == "." {
			into, name = &files, rel
		}
		if !slices.Contains(*into, name) {
			*into, all = append(*into, name), append(all, quoted(name))
		}
	}
	help := checks.Msg("add %s to include_dir, or take include_dir out, and restart air", strings.Join(all, ", "))
	if len(files) > 0 && !w.Version.AtLeast("v1.61.0") {
		return nil, help
	}
	s.add("include_dir", dirs...)
	s.add("include_file", files...)
	return s.mend("make air watch "+strings.Join(all, ", "), "include_dir", "include_file"), help
}

// includeOutside names the folders outside the root in include_dir. That some folders are named must not leave out the rest:
// "." stands for it.
func (w *watched) includeOutside(s *wishes, b *blind) (*plan.Plan, checks.Message) {
	if !w.Version.OutsideDirs() {
		return nil, checks.Msg("air %s cannot watch it; with air 1.63.2 or newer name the folder in include_dir: go install github.com/air-verse/air@latest", w.Version)
	}
	if len(s.now["include_dir"]) == 0 {
		s.add("include_dir", ".")
	}
	for _, dir := range b.dirs() {
		rel, err := filepath.Rel(w.rules.Root(), w.real(filepath.Join(w.root, filepath.FromSlash(dir))))
		if rel = filepath.ToSlash(rel); err == nil && !slices.ContainsFunc(s.now["include_dir"], func(d string) bool { return strings.HasPrefix(rel, d+"/") }) {
			s.add("include_dir", rel)
		}
	}
	return s.mend("make air watch "+some(b.dirs(), 3), "include_dir"),
		checks.Msg("write include_dir = %s into [build], and restart air", list(s.now["include_dir"]))
}

// fromRoot names a file as the lists of the configuration do.
func (w *watched) fromRoot(file string) string {
	rel, err := filepath.Rel(filepath.Join(w.Cwd, filepath.FromSlash(w.Root)), filepath.Join(w.root, filepath.FromSlash(file)))
	if err != nil {
		return file
	}
	return filepath.ToSlash(rel)
}
