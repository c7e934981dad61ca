package envvars_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/internal/quietgo"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/envvars"
	"github.com/gindoctor/gindoctor/target/host"
)

// TestFind plays the programs of testdata: each is an archive with a file `want` of what is read, a line each.
func TestFind(t *testing.T) {
	t.Parallel()
	archives, err := filepath.Glob(filepath.Join("testdata", "*.txtar"))
	if err != nil || len(archives) == 0 {
		t.Fatal(archives, err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			root := t.TempDir()
			want := ""
			// Else the go command leaves a process behind that still writes to this home when the test takes it away.
			a.Files = append(a.Files, txtar.File{Name: ".config/go/telemetry/mode", Data: []byte("off")})
			for _, f := range a.Files {
				if f.Name == "want" {
					want = string(f.Data)
					continue
				}
				path := filepath.Join(root, filepath.FromSlash(f.Name))
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, f.Data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(strings.TrimSpace(want), strings.TrimSpace(describe(t, root))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func describe(t *testing.T, root string) string {
	t.Helper()
	quietgo.Home(t, root)
	ctx, cancel := context.WithCancel(t.Context())
	tg, err := target.Open(ctx, target.Options{Dir: root, Profile: "ci", Types: target.TypesNever, Host: &host.Fake{}, Environ: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + root, "XDG_CONFIG_HOME=" + filepath.Join(root, ".config"), "GOFLAGS=", "GOPROXY=off"}})
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	defer tg.Settle()
	defer cancel()
	imports, err := tg.Imports(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, im := range imports {
		facts, err := tg.EnvReads(ctx, im)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range facts.Programs {
			fmt.Fprintf(&b, "program %s\n", p.Main.Dir)
			for _, r := range p.Reads {
				b.WriteString(line(r) + "\n")
			}
			for _, o := range p.Open {
				fmt.Fprintf(&b, "open %s:%d %s\n", o.At.File, o.At.Line, o.Why)
			}
			for _, l := range p.Loads {
				fmt.Fprintf(&b, "load %s:%d %s by %s: missing %s, malformed %s", l.At.File, l.At.Line, strings.Join(l.Files, " "), l.Via, l.Missing, l.Malformed)
				fmt.Fprintf(&b, "%s%s\n", word(l.Always, ", always"), word(!l.Sure, ", perhaps"))
			}
			for _, d := range p.Dials {
				fmt.Fprintf(&b, "dial %s:%d %s: %s%s%s\n", d.At.File, d.At.Line, d.Via, d.Without, word(d.Always, ", always"), word(d.Retries, ", again"))
			}
		}
	}
	return b.String()
}

func line(r envvars.Read) string {
	s := fmt.Sprintf("%s %s:%d %s: %s", r.Name, r.At.File, r.At.Line, r.Via, r.Without)
	if r.HasDefault {
		s += fmt.Sprintf(" to %s%q", word(!r.DefaultKnown, "computed "), r.Default)
	}
	if r.Without == envvars.Dies {
		s += fmt.Sprintf(" at %d", r.DiesAt.Line)
	}
	if len(r.Or) > 0 {
		s += " (or " + strings.Join(r.Or, ", ") + ")"
	}
	return s + word(r.Always, ", always") + word(!r.Sure, ", perhaps")
}

func word(ok bool, w string) string {
	if ok {
		return w
	}
	return ""
}
