package fs

import (
	"context"
	"path"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// Case finds names that macOS and Windows take for one.
var Case = checks.Check{
	ID:       "fs/case",
	Title:    "two paths differ by the case of letters only",
	Stage:    checks.Build,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.CI,
	Run:      caseClash,
}

func caseClash(ctx context.Context, t *target.Target, report checks.Reporter) error {
	tree, err := t.Tree(ctx)
	if err != nil {
		return err
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	for _, pair := range clashes(tree) {
		report(checks.Finding{
			Message:  checks.Msg("%s and %s differ by the case of letters only", pair[0], pair[1]),
			Why:      checks.Msg("On macOS and Windows they are one: a checkout there has only one of the two, and a build finds other files than here."),
			Help:     checks.Msg("give one of them another name: git mv %s NAME", shellword.Path(pair[1])),
			Location: whole(pair[1]),
			Service:  describe.ServiceAt(modules, path.Dir(pair[1])),
			Key:      pair[0],
		})
	}
	return nil
}

// most is how many clashes are told one by one: more of them have one cause.
const most = 5

// clashes lists pairs of names that are one when case does not count. Of two such folders the files are not told of as well.
func clashes(tree *project.Tree) [][2]string {
	known := make(map[string]string, len(tree.Dirs)+len(tree.Files))
	var out [][2]string
	look := func(name string) {
		lower := strings.ToLower(name)
		other, ok := known[lower]
		if !ok {
			known[lower] = name
			return
		}
		if path.Dir(other) == path.Dir(name) && len(out) < most {
			out = append(out, [2]string{other, name})
		}
	}
	for _, dir := range tree.Dirs {
		if !aside(dir) {
			look(dir)
		}
	}
	for _, f := range tree.Files {
		if !aside(f.Path) {
			look(f.Path)
		}
	}
	return out
}

// aside tells whether a name lies where it is nobody's source: in testdata or a hidden folder.
func aside(name string) bool {
	return inTestdata(name+"/") || strings.HasPrefix(name, ".") && name != "." || strings.Contains(name, "/.")
}
