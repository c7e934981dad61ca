package watch

import (
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target/tomldoc"
	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// wishes are the ways of air: they gather what the findings of one check want of the lists of one configuration. All their plans
// then make the same edits: two that each write a list anew would stand in each other's way.
type wishes struct {
	w     *watched
	a     *airFile
	rules *air.Matcher
	now   map[string][]string
	found []checks.Finding
}

// listKeys are the lists of [build] that decide what is watched, in the order of their edits.
var listKeys = []string{"include_ext", "include_dir", "include_file", "exclude_dir", "exclude_file", "exclude_regex"}

func newWishes(w *watched, rules *air.Matcher) *wishes {
	s := &wishes{w: w, a: w.air, rules: rules, now: map[string][]string{}}
	for key, list := range s.was() {
		s.now[key] = slices.Clone(list)
	}
	return s
}

// was are the lists in force.
func (s *wishes) was() map[string][]string {
	b := s.a.Build
	return map[string][]string{
		"include_ext": b.IncludeExt, "include_dir": b.IncludeDir, "include_file": b.IncludeFile,
		"exclude_dir": b.ExcludeDir, "exclude_file": b.ExcludeFile, "exclude_regex": b.ExcludeRegex,
	}
}

// add puts values into a list that lack there; drop takes one out.
func (s *wishes) add(key string, values ...string) {
	for _, v := range values {
		if !slices.Contains(s.now[key], v) {
			s.now[key] = append(s.now[key], v)
		}
	}
}

func (s *wishes) drop(key, value string) {
	s.now[key] = slices.DeleteFunc(s.now[key], func(v string) bool { return v == value })
}

// mend is a plan for keys of the lists, its steps still to come; nil where no file, or a flag, decides about one of them.
func (s *wishes) mend(title string, keys ...string) *plan.Plan {
	if s.a.Doc == nil {
		return nil
	}
	for _, key := range keys {
		if slices.Contains(s.a.Overridden, "build."+key) {
			return nil
		}
	}
	return mend(title, plan.Safe)
}

// hold keeps a finding until all wishes are known.
func (s *wishes) hold(f checks.Finding) { s.found = append(s.found, f) }

// tell reports the findings, each with the edits that grant all wishes.
func (s *wishes) tell() {
	var steps []plan.Step
	was := s.was()
	for _, key := range listKeys {
		if s.a.Doc != nil && !slices.Equal(was[key], s.now[key]) {
			steps = append(steps, s.a.setList(key, was[key], s.now[key]))
		}
	}
	for _, f := range s.found {
		if f.Fix != nil {
			f.Fix.Steps = steps
			if len(steps) == 0 {
				f.Fix = nil
			}
		}
		s.a.report(f)
	}
}

// setList makes a list of [build] from what it was. What only comes behind, and a single element less, are edits within the
// list, which keep its comments and line breaks.
func (a *airFile) setList(key string, was, now []string) plan.Step {
	e, ok := a.entry(key)
	if !ok || len(e.Value.Items) != len(was) {
		return a.put("build", key, list(now))
	}
	if len(now) == len(was)-1 {
		for i := range was {
			if i == len(now) || was[i] != now[i] {
				if step, ok := a.cut(e.Value, i); ok {
					return step
				}
				break
			}
		}
	}
	if n := len(was); n > 0 && len(now) > n && slices.Equal(now[:n], was) {
		insert := plan.Insert(a.File, a.Doc.Data, e.Value.Items[n-1].Span.End, ", "+strings.Trim(list(now[n:]), "[]"))
		insert.Beside = true // another check may add its own
		return insert
	}
	return a.replace(e.Value.Span, list(now))
}

// cut takes an element out of a list, with the comma that goes with it; ok is false where a comment stands in between.
func (a *airFile) cut(v tomldoc.Value, i int) (step plan.Step, ok bool) {
	span, data := v.Items[i].Span, string(a.Doc.Data)
	blank := func(from, to int) bool { return strings.Trim(data[from:to], ", \t\r\n") == "" }
	switch {
	case i > 0 && blank(v.Items[i-1].Span.End, span.Start):
		return a.replace(tomldoc.Span{Start: v.Items[i-1].Span.End, End: span.End}, ""), true
	case i == 0 && len(v.Items) > 1 && blank(span.End, v.Items[1].Span.Start):
		return a.replace(tomldoc.Span{Start: span.Start, End: v.Items[1].Span.Start}, ""), true
	case len(v.Items) == 1 && blank(span.End, v.Span.End-1):
		// all of the list: what another check puts behind the element would follow nothing
		return a.replace(v.Span, "[]"), true
	}
	return nil, false
}
