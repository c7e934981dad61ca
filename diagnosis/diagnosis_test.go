package diagnosis_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/diagnosis"
)

// declared are checks as the catalogue has them, as far as diagnosing needs them.
var declared = []*checks.Check{
	{ID: "mod/go-directive", Stage: checks.Build, Severity: checks.Error, Explains: []string{"mod/*", "run/stale-binary"}},
	{ID: "mod/missing-require", Stage: checks.Build, Severity: checks.Error, Explains: []string{"mod/compile-error", "run/stale-binary"}},
	{ID: "mod/compile-error", Stage: checks.Build, Severity: checks.Error, Explains: []string{"run/stale-binary"}},
	{ID: "mod/unused-require", Stage: checks.Build, Severity: checks.Warning},
	{ID: "mod/indirect-comment", Stage: checks.Build, Severity: checks.Info, Explains: []string{"mod/unused-require"}},
	{ID: "env/goflags", Stage: checks.Build, Severity: checks.Error, Explains: []string{"env/goroot"}},
	{ID: "env/goroot", Stage: checks.Build, Severity: checks.Error, Explains: []string{"env/goflags"}},
	{ID: "watch/two-instances", Stage: checks.Bind, Severity: checks.Error, Explains: []string{"run/two-servers"}},
	{ID: "port/leftover", Stage: checks.Bind, Severity: checks.Error, Explains: []string{"run/stale-binary", "run/two-servers"}},
	{ID: "port/split-address", Stage: checks.Bind, Severity: checks.Warning},
	{ID: "run/stale-binary", Stage: checks.Start, Severity: checks.Error},
	{ID: "run/two-servers", Stage: checks.Start, Severity: checks.Warning},
	{ID: "run/unresponsive", Stage: checks.Serve, Severity: checks.Error},
}

// wrong makes a finding as the runner completes it, with what the options set.
func wrong(id string, options ...func(*checks.Finding)) checks.Finding {
	i := slices.IndexFunc(declared, func(c *checks.Check) bool { return c.ID == id })
	f := checks.Finding{Check: id, Stage: declared[i].Stage, Severity: declared[i].Severity}
	for _, set := range options {
		set(&f)
	}
	return f
}

func key(k string) func(*checks.Finding)     { return func(f *checks.Finding) { f.Key = k } }
func service(s string) func(*checks.Finding) { return func(f *checks.Finding) { f.Service = s } }
func at(file string, line int) func(*checks.Finding) {
	return func(f *checks.Finding) { f.Location = checks.At(file, line, 1) }
}
func explains(globs ...string) func(*checks.Finding) {
	return func(f *checks.Finding) { f.Explains = globs }
}
func severity(s checks.Severity, c checks.Confidence) func(*checks.Finding) {
	return func(f *checks.Finding) { f.Severity, f.Confidence = s, c }
}
func process(pid, port int) func(*checks.Finding) {
	return func(f *checks.Finding) {
		f.Subject = &checks.Subject{Kind: checks.ProcessSubject, PID: pid, Port: port}
	}
}

// name is how the tests write a finding: its check and what tells it from others of that check.
func name(f checks.Finding) string {
	if f.Key != "" {
		return f.Check + " " + f.Key
	}
	return f.Check
}

// told are diagnoses in words: the roots, then what they explain.
type told struct{ Roots, Explains []string }

func tell(findings []checks.Finding) []told {
	diagnosis.Sort(findings)
	var out []told
	for _, d := range diagnosis.Diagnose(findings, declared) {
		var t told
		for _, i := range d.Findings {
			t.Roots = append(t.Roots, name(findings[i]))
		}
		for _, i := range d.Explains {
			t.Explains = append(t.Explains, name(findings[i]))
		}
		out = append(out, t)
	}
	return out
}

func TestDiagnose(t *testing.T) {
	for _, c := range []struct {
		name     string
		findings []checks.Finding
		want     []told
	}{
		{"nothing", nil, nil},
		{
			"a broken build explains that the server is old",
			[]checks.Finding{
				wrong("run/stale-binary", process(4711, 8080), service(".")),
				wrong("mod/missing-require", at("main.go", 4), service(".")),
			},
			[]told{{[]string{"mod/missing-require"}, []string{"run/stale-binary"}}},
		},
		{
			"also when the old server is only likely",
			[]checks.Finding{
				wrong("run/stale-binary", severity(checks.Warning, checks.Likely), service(".")),
				wrong("mod/compile-error", at("main.go", 4), service(".")),
			},
			[]told{{[]string{"mod/compile-error"}, []string{"run/stale-binary"}}},
		},
		{
			"a leftover explains the old server that it is",
			[]checks.Finding{wrong("port/leftover", process(4711, 8080)), wrong("run/stale-binary", process(4711, 8080))},
			[]told{{[]string{"port/leftover"}, []string{"run/stale-binary"}}},
		},
		{
			"not another one on another port",
			[]checks.Finding{wrong("port/leftover", process(4711, 8080)), wrong("run/stale-binary", process(815, 9090))},
			[]told{{[]string{"run/stale-binary"}, nil}, {[]string{"port/leftover"}, nil}},
		},
		{
			"a go line that is too new explains all of the module, and what that breaks",
			[]checks.Finding{
				wrong("mod/go-directive", at("go.mod", 3), service(".")),
				wrong("mod/missing-require", at("main.go", 4), service(".")),
				wrong("mod/compile-error", at("main.go", 9), service(".")),
				wrong("mod/unused-require", at("go.mod", 8), service(".")),
				wrong("run/stale-binary", process(4711, 0), service(".")),
			},
			[]told{{
				[]string{"mod/go-directive"},
				[]string{"mod/missing-require", "mod/compile-error", "run/stale-binary", "mod/unused-require"},
			}},
		},
		{
			"a chain of causes ends at the first",
			[]checks.Finding{
				wrong("mod/missing-require", at("main.go", 4), service(".")),
				wrong("mod/compile-error", at("main.go", 9), service(".")),
				wrong("run/stale-binary", service(".")),
			},
			[]told{{[]string{"mod/missing-require"}, []string{"mod/compile-error", "run/stale-binary"}}},
		},
		{
			"several findings of one check are one cause",
			[]checks.Finding{
				wrong("mod/missing-require", at("b.go", 4), service("."), key("b")),
				wrong("mod/missing-require", at("a.go", 4), service("."), key("a")),
				wrong("run/stale-binary", service(".")),
			},
			[]told{{[]string{"mod/missing-require a", "mod/missing-require b"}, []string{"run/stale-binary"}}},
		},
		{
			"but not on two ports",
			[]checks.Finding{
				wrong("port/leftover", process(1, 8080), key("a")), wrong("port/leftover", process(2, 9090), key("b")),
			},
			[]told{{[]string{"port/leftover a"}, nil}, {[]string{"port/leftover b"}, nil}},
		},
		{
			"two services do not mix",
			[]checks.Finding{
				wrong("mod/missing-require", at("cart/main.go", 4), service("cart")),
				wrong("run/stale-binary", process(1, 8080), service("cart"), key("cart")),
				wrong("run/stale-binary", process(2, 9090), service("user"), key("user")),
			},
			[]told{
				{[]string{"mod/missing-require"}, []string{"run/stale-binary cart"}},
				{[]string{"run/stale-binary user"}, nil},
			},
		},
		{
			"a watcher explains the server that it starts, which is another process",
			[]checks.Finding{wrong("watch/two-instances", process(10, 0), service(".")), wrong("run/two-servers", process(20, 8080), service("."))},
			[]told{{[]string{"watch/two-instances"}, []string{"run/two-servers"}}},
		},
		{
			"of causes that hold errors, the one on the earlier link comes first",
			[]checks.Finding{
				wrong("run/unresponsive", process(9, 9090)),
				wrong("mod/unused-require", key("w"), at("x", 1)),
				wrong("port/leftover", severity(checks.Warning, checks.Certain), process(3, 8080)),
				wrong("run/stale-binary", process(3, 8080)),
			},
			[]told{
				{[]string{"port/leftover"}, []string{"run/stale-binary"}},
				{[]string{"run/unresponsive"}, nil},
				{[]string{"mod/unused-require w"}, nil},
			},
		},
		{
			"what is wrong with the host explains what is wrong with a service",
			[]checks.Finding{
				wrong("watch/two-instances", severity(checks.Error, checks.Certain)), wrong("run/two-servers", service("cart")),
			},
			[]told{{[]string{"watch/two-instances"}, []string{"run/two-servers"}}},
		},
		{
			"two checks that explain each other make no ring",
			[]checks.Finding{wrong("env/goflags", key("f")), wrong("env/goroot", key("r"))},
			[]told{{[]string{"env/goflags f"}, []string{"env/goroot r"}}},
		},
		{
			"nor when there are several of each",
			[]checks.Finding{
				wrong("env/goflags", key("f1")), wrong("env/goroot", key("r1")), wrong("env/goflags", key("f2")), wrong("env/goroot", key("r2")),
			},
			[]told{{[]string{"env/goflags f1", "env/goflags f2"}, []string{"env/goroot r1", "env/goroot r2"}}},
		},
		{
			"an info explains nothing",
			[]checks.Finding{wrong("mod/indirect-comment", service(".")), wrong("mod/unused-require", service("."))},
			[]told{{[]string{"mod/unused-require"}, nil}, {[]string{"mod/indirect-comment"}, nil}},
		},
		{
			"an earlier broken link of the same process explains a later one that nothing else explains",
			[]checks.Finding{wrong("run/stale-binary", process(7, 0)), wrong("run/unresponsive", process(7, 8080))},
			[]told{{[]string{"run/stale-binary"}, []string{"run/unresponsive"}}},
		},
		{
			"of another process it does not",
			[]checks.Finding{wrong("run/stale-binary", process(7, 0)), wrong("run/unresponsive", process(8, 8080))},
			[]told{{[]string{"run/stale-binary"}, nil}, {[]string{"run/unresponsive"}, nil}},
		},
		{
			"an earlier warning does not break a later link",
			[]checks.Finding{wrong("port/split-address", process(0, 8080)), wrong("run/unresponsive", process(8, 8080))},
			[]told{{[]string{"run/unresponsive"}, nil}, {[]string{"port/split-address"}, nil}},
		},
		{
			"what holds an error comes before what holds warnings, whatever its root",
			[]checks.Finding{
				wrong("mod/unused-require", service(".")),
				wrong("port/leftover", severity(checks.Warning, checks.Likely), process(3, 8080)),
				wrong("run/stale-binary", process(3, 8080)),
			},
			[]told{{[]string{"port/leftover"}, []string{"run/stale-binary"}}, {[]string{"mod/unused-require"}, nil}},
		},
		{
			"what a finding itself explains, at its line only",
			[]checks.Finding{
				wrong("mod/unused-require", at("go.mod", 3), explains("port/*"), service(".")),
				wrong("port/split-address", at("go.mod", 3), service(".")),
				wrong("port/leftover", severity(checks.Warning, checks.Likely), at("go.mod", 4), service(".")),
			},
			[]told{{[]string{"mod/unused-require"}, []string{"port/split-address"}}, {[]string{"port/leftover"}, nil}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, tell(c.findings)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The order in which checks end never shows, and every finding belongs to exactly one diagnosis.
func TestDiagnoseAnything(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		findings := anything(random)
		want := tell(slices.Clone(findings))
		random.Shuffle(len(findings), func(i, j int) { findings[i], findings[j] = findings[j], findings[i] })
		if diff := cmp.Diff(want, tell(findings)); diff != "" {
			t.Fatalf("the order of the input shows (-first +shuffled):\n%s", diff)
		}
		complete(t, findings)
	}
}

// anything makes up to nine findings, all different.
func anything(random *rand.Rand) []checks.Finding {
	var findings []checks.Finding
	for i := range random.IntN(10) {
		f := wrong(declared[random.IntN(len(declared))].ID, key(fmt.Sprint(i)), service([]string{"", "", "cart", "user"}[random.IntN(4)]))
		if random.IntN(2) == 0 {
			process(random.IntN(3), []int{0, 8080, 9090}[random.IntN(3)])(&f)
		}
		if random.IntN(2) == 0 {
			at([]string{"go.mod", "main.go"}[random.IntN(2)], 1+random.IntN(2))(&f)
		}
		if random.IntN(4) == 0 {
			severity(checks.Warning, checks.Confidence(random.IntN(3)))(&f)
		}
		findings = append(findings, f)
	}
	return findings
}

func complete(t *testing.T, findings []checks.Finding) {
	t.Helper()
	held := make([]int, len(findings))
	last := checks.Error
	for _, d := range diagnosis.Diagnose(findings, declared) {
		if len(d.Findings) == 0 || findings[d.Findings[0]].Check != d.Cause {
			t.Fatalf("%+v has no root of its own", d)
		}
		worst := checks.Info
		for _, i := range slices.Concat(d.Findings, d.Explains) {
			held[i]++
			worst = max(worst, findings[i].Severity)
		}
		if worst > last {
			t.Fatalf("%+v comes after something milder", d)
		}
		last = worst
	}
	for i, n := range held {
		if n != 1 {
			t.Fatalf("%s belongs to %d diagnoses", name(findings[i]), n)
		}
	}
}

// BenchmarkDiagnose is what a broken generator makes: many findings, of which each could explain many others.
func BenchmarkDiagnose(b *testing.B) {
	var all []checks.Finding
	for i := range 10_000 {
		all = append(all, wrong(declared[i%len(declared)].ID, at(fmt.Sprint(i/7), i)))
	}
	diagnosis.Sort(all)
	for b.Loop() {
		diagnosis.Diagnose(all, declared)
	}
}
