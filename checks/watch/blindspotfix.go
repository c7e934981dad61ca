package watch

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/tomldoc"
	"github.com/gindoctor/gindoctor/target/watcher"
	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// rule is the rule of air that decides about a file: it knows more of it than other tools' rules have.
func (s *wishes) rule(file string) air.Decision { return s.rules.Reacts(s.w.abs(file)) }

func (s *wishes) because(b *blind) string {
	d := s.rule(b.files[0])
	key, element := strings.Join(d.Reason.Key(), "."), s.a.Element(d)
	switch d.Reason {
	case air.ExcludeDir:
		return fmt.Sprintf("exclude_dir names %q", element)
	case air.TmpDir, air.TestData:
		return fmt.Sprintf("%s is %q, and air never watches that folder", key, map[air.Reason]string{air.TmpDir: s.a.TmpDir, air.TestData: s.a.TestData}[d.Reason])
	case air.IncludeDir:
		return "include_dir does not name it"
	case air.Hidden:
		return "it lies in a folder whose name begins with a dot"
	case air.BehindLink:
		return "it lies behind a symbolic link, which air does not follow"
	case air.Outside:
		return "it lies outside the root"
	case air.ExcludeFile:
		return fmt.Sprintf("exclude_file has the pattern %q", element)
	case air.ExcludeRegex:
		return fmt.Sprintf("exclude_regex has the pattern %q", element)
	case air.ByRule:
		return "one of build.rules takes its files"
	}
	return "include_ext does not name go"
}

// blame is the place of what decided: the element of the list, else the key, else what stands nearest.
func (s *wishes) blame(d watcher.Decision) *checks.Location {
	name, _, _ := strings.Cut(d.Rule, " ")
	_, key, inBuild := strings.Cut(name, ".")
	switch {
	case name == "":
		return s.a.near("include_dir") // what would bring it in
	case !inBuild:
		if e, ok := s.top(name); ok {
			return s.a.at(e.Value.Span)
		}
		return s.a.near("")
	case d.Place.Editable() && key != "rules" && strings.Contains(d.Rule, " "):
		if e, ok := s.a.entry(key); ok && e.Value.Span.Start <= d.Place.Start && d.Place.End <= e.Value.Span.End {
			return s.a.at(tomldoc.Span{Start: d.Place.Start, End: d.Place.End})
		}
	}
	return s.a.near(key)
}

func (s *wishes) top(key string) (tomldoc.Entry, bool) {
	if s.a.Doc == nil {
		return tomldoc.Entry{}, false
	}
	return s.a.Doc.Find(key)
}

// see wishes for the change of the configuration that makes air see the files, and says so in a sentence.
func (s *wishes) see(b *blind) (*plan.Plan, checks.Message) {
	d := s.rule(b.files[0])
	element := s.a.Element(d)
	switch d.Reason {
	case air.ExcludeDir, air.ExcludeFile, air.ExcludeRegex:
		key := d.Reason.Key()[1]
		s.drop(key, element)
		if packages := path.Join(strings.TrimSpace(element), "node_modules"); d.Reason == air.ExcludeDir && project.HasFolder(filepath.Join(s.rules.Root(), packages)) {
			s.add(key, packages) // these were rightly left out
		}
		help := checks.Msg("take %s out of %s, and restart air", quoted(element), key)
		if d.Reason == air.ExcludeRegex {
			help = checks.Msg("take %s out of exclude_regex, or make it narrower; it is matched against the absolute path", quoted(element))
		}
		return s.mend("take "+quoted(element)+" out of "+key, key), help
	case air.Extension:
		s.now["include_ext"] = append([]string{"go"}, slices.DeleteFunc(s.now["include_ext"], func(e string) bool { return strings.TrimSpace(e) == ".go" })...)
		return s.mend("put \"go\" into include_ext", "include_ext"), checks.Msg("write \"go\", without a dot, into include_ext, and restart air")
	case air.IncludeDir:
		return s.include(b)
	case air.Outside, air.BehindLink:
		return s.includeOutside(b)
	case air.Hidden:
		return nil, checks.Msg("give the folder a name that does not begin with a dot")
	case air.ByRule:
		return nil, checks.Msg("let the rule take less: air runs its command for these files instead of a build")
	}
	return nil, checks.Msg("give %s another name than that of a folder with code, and restart air", strings.Join(d.Reason.Key(), "."))
}

// include adds the folders to include_dir; files that lie in the root itself to include_file.
func (s *wishes) include(b *blind) (*plan.Plan, checks.Message) {
	var dirs, files, all []string
	for _, file := range b.files {
		rel := s.fromRoot(file)
		into, name := &dirs, path.Dir(rel)
		if name == "." {
			into, name = &files, rel
		}
		if !slices.Contains(*into, name) {
			*into, all = append(*into, name), append(all, quoted(name))
		}
	}
	help := checks.Msg("add %s to include_dir, or take include_dir out, and restart air", strings.Join(all, ", "))
	if len(files) > 0 && !s.a.Version.AtLeast("v1.61.0") {
		return nil, help
	}
	s.add("include_dir", dirs...)
	s.add("include_file", files...)
	return s.mend("make air watch "+strings.Join(all, ", "), "include_dir", "include_file"), help
}

// includeOutside names the folders outside the root in include_dir. That some folders are named must not leave out the rest:
// "." stands for it.
func (s *wishes) includeOutside(b *blind) (*plan.Plan, checks.Message) {
	if !s.a.Version.OutsideDirs() {
		return nil, checks.Msg("air %s cannot watch it; with air 1.63.2 or newer name the folder in include_dir: go install github.com/air-verse/air@latest", s.a.Version)
	}
	if len(s.now["include_dir"]) == 0 {
		s.add("include_dir", ".")
	}
	for _, dir := range b.dirs() {
		rel, err := filepath.Rel(s.rules.Root(), s.w.t.Real(s.w.abs(dir)))
		if rel = filepath.ToSlash(rel); err == nil && !slices.ContainsFunc(s.now["include_dir"], func(d string) bool { return strings.HasPrefix(rel, d+"/") }) {
			s.add("include_dir", rel)
		}
	}
	return s.mend("make air watch "+describe.Some(b.names(), 3), "include_dir"),
		checks.Msg("write include_dir = %s into [build], and restart air", list(s.now["include_dir"]))
}

// fromRoot names a file as the lists of the configuration do.
func (s *wishes) fromRoot(file string) string {
	rel, err := filepath.Rel(filepath.Join(s.a.Cwd, filepath.FromSlash(s.a.Root)), s.w.abs(file))
	if err != nil {
		return file
	}
	return filepath.ToSlash(rel)
}
