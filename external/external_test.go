//go:build unix

package external_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/config"
	"github.com/gindoctor/gindoctor/external"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
)

// ask runs a script as an external check of an otherwise empty project.
func ask(t *testing.T, script string, timeout time.Duration) checks.Outcome {
	t.Helper()
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "check.sh"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return run(t, root, config.External{Name: "own", Command: []string{"./check.sh", "one"}, Timeout: timeout})
}

func run(t *testing.T, root string, e config.External) checks.Outcome {
	t.Helper()
	ctx := context.Background()
	tgt, err := target.Open(ctx, target.Options{Dir: root, Profile: "ci", Environ: append(os.Environ(), "SECRET=geheim"), Host: &host.Fake{}})
	if err != nil {
		t.Fatal(err)
	}
	c := external.Check(e)
	if err := checks.Validate([]*checks.Check{c}); err != nil {
		t.Fatal(err)
	}
	return checks.Run(ctx, tgt, []*checks.Check{c}, checks.RunOptions{})[0]
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name, script string
		status       checks.Status
		says         string // in the reason or the findings
	}{
		{"nothing wrong", `echo '{"findings": []}'`, checks.Passed, ""},
		{"a finding", `echo '{"findings": [{"message": "no licence", "severity": "error", "location": {"file": "a/../main.go", "line": 3}}]}'`,
			checks.Found, "error certain main.go:3 no licence"},
		{"the question", `q=$(cat); case "$q" in *'"schema":"gindoctor/external/v1"'*'"profile":"ci"'*) m=asked;; *) m="$q";; esac
			echo "{\"findings\": [{\"message\": \"$m $1 in $(basename $(pwd)) ${SECRET-no secret}\", \"confidence\": \"likely\"}]}"`,
			checks.Found, "asked one in "},
		{"bare environment", `echo "{\"findings\": [{\"message\": \"${SECRET-nothing}\"}]}"`, checks.Found, "warning certain nothing"},
		{"fails", "echo broken >&2; exit 3", checks.Unknown, "./check.sh failed (exit status 3): broken"},
		{"prints nothing", "exit 0", checks.Unknown, "it printed nothing"},
		{"prints nonsense", "echo hello", checks.Unknown, "no list of findings"},
		{"prints too much behind", `echo '{"findings": []} {}'`, checks.Unknown, "behind its findings"},
		{"another key", `echo '{"findings": [], "more": 1}'`, checks.Unknown, `unknown field "more"`},
		{"no findings", `echo '{}'`, checks.Unknown, `the key "findings" is missing`},
		{"no message", `echo '{"findings": [{"severity": "info"}]}'`, checks.Unknown, "finding 1 of ./check.sh: no message"},
		{"no severity", `echo '{"findings": [{"message": "x", "severity": "fatal"}]}'`, checks.Unknown, `"fatal" is none of`},
		{"an error that is likely", `echo '{"findings": [{"message": "x", "severity": "error", "confidence": "likely"}]}'`, checks.Unknown, "has to be certain"},
		{"a place outside", `echo '{"findings": [{"message": "x", "location": {"file": "/etc/passwd"}}]}'`, checks.Unknown, "relative to the root"},
		{"no such stage", `echo '{"findings": [{"message": "x", "stage": "lunch"}]}'`, checks.Unknown, `no stage "lunch"`},
		{"floods", "while :; do echo 0123456789012345678901234567890123456789012345678901234567890123456789; done", checks.Unknown, "more than 4 MiB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := ask(t, c.script, time.Minute)
			said := o.Reason.String()
			for _, f := range o.Findings {
				at := ""
				if f.Location != nil {
					at = " " + f.Location.File + ":" + string(rune('0'+f.Location.Line))
				}
				said += f.Severity.String() + " " + f.Confidence.String() + at + " " + f.Message.String()
			}
			if o.Status != c.status || !strings.Contains(said, c.says) {
				t.Errorf("%s: %s\nwant %s: %s", o.Status, said, c.status, c.says)
			}
			if o.Broken {
				t.Error("what an external check does wrong is no crash of ours")
			}
		})
	}
}

// TestHangs ends an executable with all that it has started.
func TestHangs(t *testing.T) {
	o := ask(t, "sleep 600 & sleep 600\n", 200*time.Millisecond)
	if o.Status != checks.Unknown || !strings.Contains(o.Reason.String(), "no answer within 200ms") {
		t.Errorf("%s: %s", o.Status, o.Reason)
	}
}

// TestLeavesBehind ends what an executable leaves running: it would hold its output open, and outlive us.
func TestLeavesBehind(t *testing.T) {
	note := filepath.Join(t.TempDir(), "pid")
	o := ask(t, "sleep 600 & echo $! >'"+note+"'\necho '{\"findings\": []}'\n", time.Minute)
	if o.Status != checks.Unknown || !strings.Contains(o.Reason.String(), "goes on printing") {
		t.Errorf("%s: %s", o.Status, o.Reason)
	}
	data, err := os.ReadFile(note)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	for state(pid) == "running" {
		runtime.Gosched()
	}
}

// state tells whether a process runs; one that has ended and is not reaped does not.
func state(pid int) string {
	out, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	if err != nil || strings.HasPrefix(string(out), "Z") {
		return "ended"
	}
	return "running"
}

func TestNoProgram(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "text"), []byte("hello"), 0o644); err != nil {
		t.Fatal(err)
	}
	for command, says := range map[string]string{"./nothing": "there is no program ./nothing", "./text": "./text cannot be executed"} {
		if o := run(t, root, config.External{Name: "own", Command: []string{command}, Timeout: time.Minute}); o.Status != checks.Unknown || !strings.Contains(o.Reason.String(), says) {
			t.Errorf("%s: %s: %s", command, o.Status, o.Reason)
		}
	}
}

// TestExamples runs the two examples of docs/external.md: one in shell, one in Go.
func TestExamples(t *testing.T) {
	examples, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "main.go"), []byte("package main\n\n// TODO later\nfunc main() {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "header")
	if out, err := exec.Command("go", "build", "-o", program, filepath.Join(examples, "header", "main.go")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for command, says := range map[string]string{filepath.Join(examples, "todo.sh"): "main.go holds a TODO", program: "main.go has no licence header"} {
		o := run(t, root, config.External{Name: "own", Command: []string{command}, Timeout: time.Minute})
		if o.Status != checks.Found || len(o.Findings) != 1 || o.Findings[0].Message.String() != says || o.Findings[0].Location.File != "main.go" {
			t.Errorf("%s: %s %s %+v", command, o.Status, o.Reason, o.Findings)
		}
	}
}
