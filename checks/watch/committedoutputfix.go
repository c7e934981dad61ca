package watch

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
)

const gitIgnore = ".gitignore"

// untrack takes files out of git's index, leaves them where they are, and keeps them out. What lies outside the root no
// .gitignore of the root can name: for that there is no plan.
func untrack(t *target.Target, ignores, tracked []string) *plan.Plan {
	if slices.ContainsFunc(tracked, func(name string) bool { return strings.HasPrefix(name, "../") }) {
		return nil
	}
	steps := []plan.Step{plan.Command{Tool: plan.Git, Dir: ".",
		Args: append([]string{"rm", "--cached", "-q", "--ignore-unmatch", "--"}, tracked...)}}
	if len(ignores) > 0 {
		ignore, err := ignoreLines(t, ignores)
		if err != nil {
			return nil
		}
		steps = append(steps, ignore)
	}
	return &plan.Plan{Title: "take " + describe.Some(tracked, 3) + " out of git (git rm --cached), and leave it on the disk", Safety: plan.Unsafe, Steps: steps,
		After: []string{"commit this, for the others to get it: git add .gitignore && git commit"}}
}

// ignoreLines puts lines at the end of .gitignore, or makes it.
func ignoreLines(t *target.Target, lines []string) (plan.Step, error) {
	text := strings.Join(lines, "\n")
	src, err := t.ReadConfig(gitIgnore)
	if errors.Is(err, fs.ErrNotExist) {
		return plan.CreateFile{File: gitIgnore, Content: text + "\n"}, nil
	}
	if err != nil {
		return nil, err
	}
	e := plan.Insert(gitIgnore, src, len(src), text+"\n")
	switch {
	case len(src) == 0:
		e = plan.InsertAfterLine(gitIgnore, src, 0, text)
	case !strings.HasSuffix(string(src), "\n"):
		e = plan.Insert(gitIgnore, src, len(src), "\n"+text)
	}
	e.Beside = true
	return e, nil
}

// missingIgnores lists the lines that .gitignore needs so that what was tracked of the outputs is not added again.
func missingIgnores(t *target.Target, outputs, tracked []string) []string {
	src, err := t.ReadConfig(gitIgnore)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var folders, lines []string
	for _, abs := range outputs {
		out := t.Rel(abs)
		below := func(folder string) bool { return strings.HasPrefix(out+"/", folder+"/") }
		line := "/" + ignorePattern(out)
		switch {
		case slices.ContainsFunc(folders, below):
			continue
		case slices.Contains(tracked, out):
		case slices.ContainsFunc(tracked, func(name string) bool { return strings.HasPrefix(name, out+"/") }):
			folders = append(folders, out)
			line += "/"
		default:
			continue
		}
		if !ignores(string(src), out) && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// ignores tells whether a .gitignore has a line for a path already.
func ignores(text, name string) bool {
	for line := range strings.Lines(text) {
		pattern := strings.TrimSpace(line)
		for _, end := range []string{"/**", "/*", "/"} {
			if rest, ok := strings.CutSuffix(pattern, end); ok {
				pattern = rest
				break
			}
		}
		if strings.TrimPrefix(pattern, "/") == ignorePattern(name) || pattern == ignorePattern(path.Base(name)) {
			return true
		}
	}
	return false
}

// ignorePattern is a path as a pattern that matches nothing else (gitignore(5)).
func ignorePattern(name string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, " ", `\ `).Replace(name)
}
