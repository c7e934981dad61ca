//go:build oracle

package oracle

import (
	"bufio"
	"cmp"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// small tells whether only the fixed sample is to be run.
var small = os.Getenv("ORACLE_SAMPLE") != ""

// perKind is how many mutations of one kind the fixed sample holds for each module.
const perKind = 2

func TestOracle(t *testing.T) {
	d := fetch(t, spare.path+"@"+spare.version)
	spare.sum, spare.goModSum = d.Sum, d.GoModSum
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			if small && !s.small {
				t.Skip("not in the fixed sample")
			}
			root := s.prepare(t)
			kinds := map[string]int{}
			for _, m := range mutations(look(t, filepath.Join(root, s.dir))) {
				if kinds[m.kind()]++; small && kinds[m.kind()] > perKind {
					continue
				}
				t.Run(m.name, func(t *testing.T) {
					t.Parallel()
					copied := filepath.Join(t.TempDir(), "sample")
					copyTree(t, root, copied)
					dir := filepath.Join(copied, s.dir)
					m.apply(t, dir)
					compare(t, s, m, dir)
				})
			}
		})
	}
}

// look finds out what a module looks like.
func look(t *testing.T, dir string) shape {
	t.Helper()
	f := readMod(t, filepath.Join(dir, "go.mod"))
	s := shape{path: f.Module.Mod.Path, requires: f.Require}
	if data, err := os.ReadFile(filepath.Join(dir, "go.sum")); err == nil {
		s.sums = strings.Split(strings.TrimSpace(string(data)), "\n")
	}
	_, err := os.Stat(filepath.Join(dir, "vendor", "modules.txt"))
	s.vendored = err == nil
	out, err := goCommand(dir, nil, "list", "-json=Name,ImportPath,Dir,GoFiles,Imports", "./...")
	if err != nil {
		t.Fatal(out)
	}
	for d := json.NewDecoder(bufio.NewReader(strings.NewReader(out))); ; {
		var p struct {
			pkg
			GoFiles, Imports []string
		}
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		rel, err := filepath.Rel(dir, p.Dir)
		if err != nil {
			t.Fatal(err)
		}
		p.Dir = filepath.ToSlash(rel)
		s.packages = append(s.packages, p.pkg)
		for _, i := range p.Imports {
			first, _, _ := strings.Cut(i, "/")
			if !strings.Contains(first, ".") || i == s.path || strings.HasPrefix(i, s.path+"/") {
				continue
			}
			for _, name := range p.GoFiles {
				data, err := os.ReadFile(filepath.Join(dir, rel, name))
				if err == nil && strings.Contains(string(data), `"`+i+`"`) {
					s.foreign = append(s.foreign, use{filepath.Join(rel, name), i})
					break
				}
			}
		}
	}
	home := slices.IndexFunc(s.packages, func(p pkg) bool { return p.Name == "main" })
	s.home = s.packages[max(home, 0)]
	// Only folders that others need make a difference when they go; the deeper ones first.
	slices.SortStableFunc(s.packages, func(a, b pkg) int { return cmp.Compare(strings.Count(b.Dir, "/"), strings.Count(a.Dir, "/")) })
	return s
}
