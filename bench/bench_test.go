// Package bench holds the benchmarks that compare gindoctor with what its users know: each runs ours and the other in turn,
// in one process and on the same data, so that the ratio holds also on a machine that is busy. `make bench` prints them as
// a table; every ratio has an aim (reference: CONTRIBUTING.md, "Speed").
package bench

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/olekukonko/tablewriter"

	"github.com/gindoctor/gindoctor/bench/imports"
	"github.com/gindoctor/gindoctor/target/project"
)

// roles are what the test binary may be started as instead, by the variable that asks for it.
var roles = map[string]func(count string){}

func TestMain(m *testing.M) {
	if hold := os.Getenv(holderEnv); hold != "" {
		holdDescriptors(hold)
		return
	}
	if sockets := os.Getenv(socketsEnv); sockets != "" {
		holdSockets(sockets)
		return
	}
	for name, play := range roles {
		if count := os.Getenv(name); count != "" {
			play(count)
			return
		}
	}
	code := m.Run()
	printTable()
	if built != "" {
		os.RemoveAll(built)
	}
	os.Exit(code)
}

// row is one line of the table.
type row struct{ what, against, ratio, aim, note string }

var rows []row

func printTable() {
	if len(rows) == 0 {
		return
	}
	t := tablewriter.NewWriter(os.Stdout)
	t.Header("what", "against", "ratio", "aim", "")
	for _, r := range rows {
		if err := t.Append(r.what, r.against, r.ratio, r.aim, r.note); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	if err := t.Render(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// race runs ours and theirs in turn, b.N times and at least seven, and reports the median of the ratios, pair by pair.
func race(b *testing.B, r row, ours, theirs func() error) {
	b.Helper()
	raceBy(b, onTheClock, r, ours, theirs)
}

// onTheClock is the time since the start; processorTime what this process has used of the processors, which tells more where they
// have other work.
func onTheClock() time.Duration { return time.Since(began) }

var began = time.Now()

// raceBy is race by a measure of time.
func raceBy(b *testing.B, now func() time.Duration, r row, ours, theirs func() error) {
	b.Helper()
	timed := func(f func() error) time.Duration {
		started := now()
		if err := f(); err != nil {
			b.Fatal(err)
		}
		return now() - started
	}
	forgetPeak()
	timed(ours) // warm the caches of both
	timed(theirs)
	var ratios []float64
	var us, them []time.Duration
	for i := 0; i < max(b.N, 7); i++ {
		o, t := timed(ours), timed(theirs)
		us, them = append(us, o), append(them, t)
		ratios = append(ratios, float64(o)/float64(t))
	}
	r.ratio = fmt.Sprintf("%.2f", median(ratios))
	r.note = strings.TrimSpace(fmt.Sprintf("%s : %s %s", median(us).Round(100*time.Microsecond), median(them).Round(100*time.Microsecond), r.note))
	b.ReportMetric(median(ratios), "ratio")
	rows = slices.DeleteFunc(rows, func(old row) bool { return old.what == r.what }) // a benchmark may run more than once
	rows = append(rows, r)
}

func median[T cmp.Ordered](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// generate writes a module of n Go files with about that many lines each, and lists the files.
func generate(b *testing.B, n, lines int) (root string, files []string) {
	b.Helper()
	root = b.TempDir()
	write := func(name, text string) {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
		if strings.HasSuffix(name, ".go") {
			files = append(files, path)
		}
	}
	write("go.mod", "module example.org/big\n\ngo 1.24\n")
	body := func(i int) string {
		var s strings.Builder
		for f := 0; s.Len() == 0 || strings.Count(s.String(), "\n") < lines-12; f++ {
			fmt.Fprintf(&s, "\n// F%d_%d adds up what it is given.\nfunc F%d_%d(values []int) (sum int) {\n\tfor _, v := range values {\n\t\tif v > 0 {\n\t\t\tsum += v\n\t\t}\n\t}\n\tfmt.Println(strings.Repeat(\"x\", sum))\n\treturn sum\n}\n", i, f, i, f)
		}
		return s.String()
	}
	for i := range n - 1 {
		pkg := fmt.Sprintf("p%d", i/10)
		imports := "\t\"fmt\"\n\t\"strings\"\n"
		if i%10 == 0 && i > 0 {
			imports += fmt.Sprintf("\n\t_ \"example.org/big/internal/p%d\"\n", i/10-1)
		}
		write(fmt.Sprintf("internal/%s/f%d.go", pkg, i), "package "+pkg+"\n\nimport (\n"+imports+")\n"+body(i))
	}
	write("main.go", fmt.Sprintf("package main\n\nimport (\n\t\"net/http\"\n\n\t_ \"example.org/big/internal/p%d\"\n)\n\nfunc main() {\n\tif err := http.ListenAndServe(\":8080\", nil); err != nil {\n\t\tpanic(err)\n\t}\n}\n", (n-2)/10))
	return root, files
}

func BenchmarkImportPass(b *testing.B) {
	root, files := generate(b, 5000, 60)
	race(b, row{what: "listing and import pass, 5,000 files", against: "go/parser ImportsOnly", aim: "≤ 1.5"},
		func() error {
			tree, err := project.List(context.Background(), root)
			if err != nil {
				return err
			}
			_, err = project.Modules(context.Background(), tree)
			return err
		},
		func() error { return imports.Parse(files) })
}

// built is the folder of the binary that doctor made, to be taken away at the end.
var built string

// doctor builds the binary once per run of the benchmarks.
var doctor = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "gindoctor-bench-")
	if err != nil {
		return "", err
	}
	built = dir
	out, err := exec.Command("go", "build", "-buildvcs=false", "-o", dir, "../cmd/gindoctor", "./imports/bare").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building gindoctor: %w\n%s", err, out)
	}
	return filepath.Join(dir, "gindoctor"), nil
})

// bare is a process that does nothing but the bare pass over a folder: whole processes are compared with a whole one.
func bare(root string) (name string, args []string) {
	return filepath.Join(built, "bare"), []string{root}
}

// command runs a command to its end; exit codes that only say "findings" are fine.
func command(dir string, env []string, name string, args ...string) (peakKB int64, err error) {
	ended, err := process(dir, env, name, args...)
	if err != nil {
		return 0, err
	}
	return peak(ended), nil
}

func process(dir string, env []string, name string, args ...string) (*os.ProcessState, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() > 1 {
		return nil, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return cmd.ProcessState, nil
}

func BenchmarkBeforeTypeCheck(b *testing.B) {
	root, _ := generate(b, 600, 125)
	bin, err := doctor()
	if err != nil {
		b.Fatal(err)
	}
	var most int64
	r := row{what: "check --fast, 600 files, 75,000 lines", against: "a process that only does ImportsOnly", aim: "≤ 5"}
	race(b, r, func() error {
		kb, err := command(root, nil, bin, "check", "--profile", "ci", "--fast", "--allow-unknown")
		most = max(most, kb)
		return err
	}, func() error {
		name, args := bare(root)
		_, err := command(root, nil, name, args...)
		return err
	})
	rows = append(rows, row{what: "  peak memory of it", ratio: fmt.Sprintf("%d MiB", most/1024), aim: "< 64 MiB"})
}

// gotify is a real project, fetched once into the module cache and copied.
func gotify(b *testing.B) string {
	b.Helper()
	dir := module(b, gotifyServer)
	// The built user interface is no part of the module; without it nothing that embeds it compiles.
	built := filepath.Join(dir, "ui", "build", "static")
	if err := os.MkdirAll(built, 0o755); err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"../index.html", "../manifest.json", "x.js"} {
		if err := os.WriteFile(filepath.Join(built, name), []byte("{}"), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	warm(b, dir)
	return dir
}

// warm has the go command compile a project, and vet it, so that its caches hold all that a second time needs.
func warm(b *testing.B, dir string) {
	b.Helper()
	for _, args := range [][]string{{"build", "./..."}, {"vet", "./..."}} {
		if out, err := exec.Command("go", append([]string{"-C", dir}, args...)...).CombinedOutput(); err != nil && args[0] == "build" {
			b.Fatalf("go %s: %v\n%s", args[0], err, out)
		}
	}
}

func BenchmarkAgainstVet(b *testing.B) {
	dir := gotify(b)
	bin, err := doctor()
	if err != nil {
		b.Fatal(err)
	}
	vet := func() error { _, err := command(dir, nil, "go", "vet", "./..."); return err }
	race(b, row{what: "check --fast, gotify/server", against: "go vet ./...", aim: "far below 1"},
		func() error { _, err := command(dir, nil, bin, "check", "--fast"); return err }, vet)
	race(b, row{what: "check, gotify/server", against: "go vet ./...", aim: "≤ 1.5"},
		func() error { _, err := command(dir, nil, bin, "check"); return err }, vet)
}
