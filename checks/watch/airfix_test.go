package watch_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/checks/watch"
	"github.com/gindoctor/gindoctor/target/tomldoc"
)

// TestAirFixes carries out the plan of every finding of every fixture, and asks again: the finding is gone, the rest of the file
// is as it was, and it parses where it did.
func TestAirFixes(t *testing.T) {
	t.Parallel()
	for _, c := range []*checks.Check{
		&watch.UnknownKey, &watch.WrongType, &watch.DeprecatedKey, &watch.ConfigIgnored, &watch.MissingDir, &watch.WrongPackage,
		&watch.BinMismatch, &watch.StaleOnError, &watch.HardKill, &watch.DelayUnit, &watch.Debounce, &watch.ShellWrapper,
		&watch.ProxyPort, &watch.PollNeedless, &watch.Platform, &watch.SlowBuild,
	} {
		archives, err := filepath.Glob(filepath.Join(checktest.FixturesDir(), filepath.FromSlash(c.ID), "bad*.txtar"))
		if err != nil || len(archives) == 0 {
			t.Fatal(c.ID, err)
		}
		for _, archive := range archives {
			t.Run(c.ID+"/"+filepath.Base(archive), func(t *testing.T) {
				t.Parallel()
				for n := range checktest.Load(t, archive).Ask(t, c).Findings {
					mendOne(t, archive, c, n)
				}
			})
		}
	}
}

func mendOne(t *testing.T, archive string, c *checks.Check, n int) {
	t.Helper()
	f := checktest.Load(t, archive)
	before := f.Ask(t, c).Findings
	p := before[n].Fix
	if p == nil {
		return
	}
	if len(p.Steps) == 0 || len(p.After) == 0 && c != &watch.ShellWrapper {
		t.Errorf("the plan %q does nothing, or leaves air running by the old file", p.Title)
	}
	edits := map[string][]plan.Edit{}
	for _, s := range p.Steps {
		switch step := s.(type) {
		case plan.Edit:
			edits[step.File] = append(edits[step.File], step)
		case plan.RenameFile:
			if err := os.Rename(filepath.Join(f.Options.Dir, step.From), filepath.Join(f.Options.Dir, step.To)); err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatalf("a step of kind %T", s)
		}
	}
	for name, list := range edits {
		file := filepath.Join(f.Options.Dir, name)
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got, err := plan.Apply(src, list)
		if err != nil {
			t.Fatalf("%s: %v", p.Title, err)
		}
		if filepath.Ext(name) == ".toml" {
			if doc := tomldoc.Parse(got); doc.Err != nil {
				t.Errorf("%s: the file is no TOML any more: %v\n%s", p.Title, doc.Err, got)
			}
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, left := range f.Ask(t, c).Findings {
		if left.Key == before[n].Key {
			text, _ := os.ReadFile(filepath.Join(f.Options.Dir, ".air.toml"))
			t.Errorf("after %q it is still there: %s\n%s", p.Title, checktest.Describe(left), strings.TrimSpace(string(text)))
		}
	}
}
