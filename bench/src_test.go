package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/bench/imports"
	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/source/stub"
)

// onlySource has gindoctor ask the family src and nothing else.
var onlySource = []string{"check", "--profile", "ci", "--only", "src/*", "--allow-unknown", "--fail-on", "never"}

// BenchmarkSourceBySyntax is the syntactic tier of family src, all rules, on a generated service and on a real one.
func BenchmarkSourceBySyntax(b *testing.B) {
	root := generateService(b, 600, 125)
	bySyntax(b, "src/* --fast, 600 files, 75,000 lines", root)
	b.Run("answer", func(b *testing.B) { bySyntax(b, "src/* --fast, apache/answer", module(b, answer)) })
}

// BenchmarkSourceTier is the syntactic tier itself, all checks of family src without the start of a process, against a bare pass over
// the same files on the same processors, by processor time; and how far its first steps get: reading the module, parsing in full what has to be, checking
// types. The declarations of package stub are read once per process, and are there already.
func BenchmarkSourceTier(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as late as the program has it (collectLate)
	for _, service := range []struct {
		name string
		dir  string
	}{{"600 files, 75,000 lines", generateService(b, 600, 125)}, {"gotify/server", module(b, gotifyServer)}, {"apache/answer", module(b, answer)}} {
		files, err := imports.Below(service.dir)
		if err != nil {
			b.Fatal(err)
		}
		parse := func() error { return imports.Parse(files) }
		for _, step := range []struct {
			what, aim string
			run       func(context.Context, *target.Target) error
		}{
			{"tier of src/* --fast, " + service.name, "≤ 5", askSource},
			{"  its import pass, " + service.name, "", readModule},
			{"  and parsing what it has to, " + service.name, "", parseInteresting},
			{"  and checking types, " + service.name, "", checkTypes},
		} {
			raceBy(b, processorTime, row{what: step.what, against: "go/parser ImportsOnly", aim: step.aim, note: "(processor time)"}, func() error {
				t, err := target.Open(b.Context(), target.Options{Dir: service.dir, Profile: "ci", Types: target.TypesNever, Environ: os.Environ()})
				if err != nil {
					return err
				}
				return step.run(b.Context(), t)
			}, parse)
		}
	}
}

func askSource(ctx context.Context, t *target.Target) error {
	selected, err := checks.Select(catalogue.All(), checks.CI, []string{"src/*"}, nil)
	if err != nil {
		return err
	}
	for _, o := range checks.Run(ctx, t, selected, checks.RunOptions{}) {
		if o.Broken {
			return fmt.Errorf("%s: %s", o.Check.ID, o.Reason)
		}
	}
	return nil
}

func readModule(ctx context.Context, t *target.Target) error {
	return eachModule(ctx, t, func(*project.Imports, *project.PackageGraph) error { return nil })
}

func parseInteresting(ctx context.Context, t *target.Target) error {
	return eachModule(ctx, t, func(_ *project.Imports, g *project.PackageGraph) error {
		var wg sync.WaitGroup
		for _, p := range g.Packages {
			wg.Go(func() {
				for _, f := range p.Files {
					if p.Program() || stub.Interesting(f.Imports) {
						_, _ = f.Syntax()
					}
				}
			})
		}
		wg.Wait()
		return nil
	})
}

func checkTypes(ctx context.Context, t *target.Target) error {
	return eachModule(ctx, t, func(im *project.Imports, _ *project.PackageGraph) error {
		_, err := t.Code(ctx, im)
		return err
	})
}

func eachModule(ctx context.Context, t *target.Target, do func(*project.Imports, *project.PackageGraph) error) error {
	all, err := t.Imports(ctx)
	if err != nil {
		return err
	}
	for _, im := range all {
		g, err := t.PackageGraph(ctx, im)
		if err != nil {
			return err
		}
		if err := do(im, g); err != nil {
			return err
		}
	}
	return nil
}

func bySyntax(b *testing.B, what, root string) {
	bin, err := doctor()
	if err != nil {
		b.Fatal(err)
	}
	var us, them costs
	race(b, row{what: what, against: "a process that only does ImportsOnly", aim: "≤ 5"},
		func() error { return us.of(root, nil, bin, append(onlySource, "--fast")...) },
		func() error {
			name, args := bare(root)
			return them.of(root, nil, name, args...)
		})
	us.against(&them)
}

// BenchmarkSourceTyped is the typed tier: what go vet does and all rules of family src, against go vet with the same warm cache.
func BenchmarkSourceTyped(b *testing.B) {
	bin, err := doctor()
	if err != nil {
		b.Fatal(err)
	}
	for _, project := range []struct {
		name string
		dir  string
	}{{"gotify/server", gotify(b)}, {"apache/answer", compiled(b, answer)}} {
		var us, them costs
		race(b, row{what: "src/*, " + project.name, against: "go vet ./...", aim: "≤ 1.2"},
			func() error { return us.of(project.dir, nil, bin, onlySource...) },
			func() error { return them.of(project.dir, nil, "go", "vet", "./...") })
		us.against(&them)
	}
}

// costs are what the runs of a command took beside the time on the clock, which tells little on a machine that has other work.
type costs struct {
	processor []time.Duration
	most      int64 // kB
}

// of runs a command and takes what it costs, with the processes that it starts.
func (c *costs) of(dir string, env []string, name string, args ...string) error {
	ended, err := process(dir, env, name, args...)
	if err == nil {
		c.processor = append(c.processor, ended.UserTime()+ended.SystemTime())
		c.most = max(c.most, peak(ended))
	}
	return err
}

// against adds the lines about the costs of the last race.
func (c *costs) against(them *costs) {
	us, other := median(c.processor), median(them.processor)
	rows = append(rows, row{what: "  processor time of it", ratio: fmt.Sprintf("%.2f", float64(us)/float64(other)),
		note: fmt.Sprintf("%s : %s", us.Round(time.Millisecond), other.Round(time.Millisecond))})
	memory(c.most)
}

// memory adds the line about the memory of the last race.
func memory(kb int64) {
	rows = append(rows, row{what: "  peak memory of it", ratio: fmt.Sprintf("%d MiB", kb/1024)})
}

// gotifyServer is a service in use, small and well kept.
const gotifyServer = "github.com/gotify/server/v2@v2.6.1"

// answer is a large service in use, at a version whose modules the proxy has.
const answer = "github.com/apache/incubator-answer@v1.4.0"

// module fetches a module of the proxy into the module cache and copies it.
func module(b *testing.B, version string) string {
	b.Helper()
	out, err := exec.Command("go", "mod", "download", "-json", version).Output()
	if err != nil {
		b.Skipf("the module proxy does not give %s: %v", version, err)
	}
	_, rest, _ := strings.Cut(string(out), `"Dir": "`)
	src, _, _ := strings.Cut(rest, `"`)
	dir := filepath.Join(b.TempDir(), "project")
	for _, args := range [][]string{{"cp", "-r", src, dir}, {"chmod", "-R", "u+w", dir}} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
	}
	return dir
}

// compiled is a module of the proxy with all it needs in the caches.
func compiled(b *testing.B, version string) string {
	b.Helper()
	dir := module(b, version)
	warm(b, dir)
	return dir
}

// generateService writes a module as generate does, of which each tenth file has handlers and routes of Gin in it.
func generateService(b *testing.B, n, lines int) string {
	b.Helper()
	root, _ := generate(b, n-n/10, lines)
	write := func(name, text string) {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	write("go.mod", "module example.org/big\n\ngo 1.24\n\nrequire github.com/gin-gonic/gin v1.12.0\n")
	var imports, calls strings.Builder
	for i := range n / 10 {
		name := fmt.Sprintf("web%d", i)
		write("web/"+name+"/routes.go", handlers(name, lines))
		fmt.Fprintf(&imports, "\t%q\n", "example.org/big/web/"+name)
		fmt.Fprintf(&calls, "\t%s.Register(r.Group(%q))\n", name, "/"+name)
	}
	write("cmd/service/main.go", "package main\n\nimport (\n\t\"log\"\n\n\t\"github.com/gin-gonic/gin\"\n\n"+imports.String()+
		")\n\nfunc main() {\n\tr := gin.Default()\n"+calls.String()+"\tif err := r.Run(\":8080\"); err != nil {\n\t\tlog.Fatal(err)\n\t}\n}\n")
	return root
}

// handlers is a file with so many lines of handlers, and the function that registers them.
func handlers(pkg string, lines int) string {
	var routes, body strings.Builder
	for f := 0; strings.Count(body.String(), "\n") < lines-30; f++ {
		fmt.Fprintf(&routes, "\tr.GET(\"/items%d/:id\", show%d)\n", f, f)
		fmt.Fprintf(&body, "\nfunc show%d(c *gin.Context) {\n\tvar in struct{ Name string }\n\tif err := c.ShouldBindQuery(&in); err != nil {\n\t\tc.AbortWithStatusJSON(http.StatusBadRequest, gin.H{\"error\": err.Error()})\n\t\treturn\n\t}\n\tc.JSON(http.StatusOK, gin.H{\"id\": c.Param(\"id\"), \"name\": in.Name})\n}\n", f)
	}
	return "package " + pkg + "\n\nimport (\n\t\"net/http\"\n\n\t\"github.com/gin-gonic/gin\"\n)\n\n// Register adds the routes.\nfunc Register(r *gin.RouterGroup) {\n" + routes.String() + "}\n" + body.String()
}
