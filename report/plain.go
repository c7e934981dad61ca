package report

import (
	"cmp"
	"fmt"
	"path"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
)

// What the formats for pipelines share: a finding in plain sentences, without marks, colours or line ends.

// sentence is the message with its consequence and what to do.
func sentence(f *Finding) string {
	parts := []string{closed(f.Message.String())}
	if !f.Why.IsZero() {
		parts = append(parts, closed(f.Why.String()))
	}
	if help := helpOf(f); help != "" {
		parts = append(parts, "To mend it: "+help)
	}
	return oneLine(strings.Join(parts, " "))
}

// helpOf is the command or sentence that mends a finding.
func helpOf(f *Finding) string {
	if f.Fix != nil {
		unsafe := ""
		if f.Fix.Safety == "unsafe" {
			unsafe = "--unsafe "
		}
		return "gindoctor fix " + unsafe + "--only " + f.Check
	}
	return f.Help.String()
}

// closed ends a sentence.
func closed(s string) string {
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".!?:") {
		return s
	}
	return s + "."
}

// whereabouts is where a finding is: file and line, or what it is about.
func whereabouts(f *Finding) string {
	switch {
	case f.Location != nil:
		return place(f.Location)
	case f.Subject != nil:
		return subjectName(f.Subject)
	}
	return ""
}

// whereabouts is where a finding is, with its path from the top of the repository.
func (o Options) whereabouts(f *Finding) string {
	at := *f
	if l := f.Location; l != nil {
		at.Location = &checks.Location{File: o.repositoryPath(l.File), Line: l.Line}
	}
	return oneLine(whereabouts(&at))
}

func subjectName(s *checks.Subject) string {
	switch {
	case s.Name != "" && s.PID != 0:
		return fmt.Sprintf("%s (pid %d)", s.Name, s.PID)
	case s.Name != "":
		return s.Name
	case s.Port != 0:
		return fmt.Sprintf("port %d", s.Port)
	case s.PID != 0:
		return fmt.Sprintf("pid %d", s.PID)
	}
	return string(s.Kind)
}

// counted is a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// verdict is the report in a few words.
func verdict(r *Report) string {
	switch {
	case r.Error != "":
		return "nothing could be examined"
	case r.Series != nil:
		return watchVerdict(r)
	case r.Summary.Errors > 0 || r.Drill != nil && r.Drill.Broken() > 0:
		return "broken"
	case r.Summary.Warnings > 0:
		return "works, with warnings"
	case r.Summary.Unknown > 0:
		return "nothing found, but not everything could be looked at"
	}
	return "nothing wrong"
}

// repositoryPath is a file's path from the top of the repository, which pipelines know files by.
func (o Options) repositoryPath(file string) string { return path.Join(o.Prefix, file) }

// describe is the title and the page of a check, as far as they are known.
func (o Options) describe(id string) (title, page string) {
	if o.Describe == nil {
		return id, ""
	}
	if title, page = o.Describe(id); title == "" {
		title = id
	}
	return title, page
}

// fails tells whether a finding fails the run.
func (o Options) fails(f *Finding) bool {
	return !o.NeverFails && severity(f) >= cmp.Or(o.FailOn, checks.Error)
}

// watchVerdict is the report of a watch in a few words.
func watchVerdict(r *Report) string {
	sum := r.Summary
	switch {
	case sum.Errors > 0:
		return "it leaks"
	case sum.Warnings > 0:
		return "it may leak"
	case sum.Passed+sum.Found == 0:
		return "nothing can be said about leaks"
	}
	return "no leak was seen"
}
