// Package external runs the checks that a project brings along: executables that print findings. The protocol is in
// docs/external.md.
package external

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/config"
	"github.com/gindoctor/gindoctor/target"
)

// Schema names the protocol, in what the executable reads.
const Schema = "gindoctor/external/v1"

// What an executable may print: more is no list of findings.
const (
	maxOutput = 4 << 20
	maxErrors = 64 << 10
	maxCount  = 1000
)

// Question is what the executable reads from its standard input.
type Question struct {
	Schema  string `json:"schema"`
	Root    string `json:"root"` // absolute; also its working folder
	Profile string `json:"profile"`
}

// Answer is what it prints.
type Answer struct {
	Findings []Finding `json:"findings"`
}

// Finding is one thing wrong, in the words of the JSON report.
type Finding struct {
	Message    string           `json:"message"`
	Why        string           `json:"why"`
	Help       string           `json:"help"`
	Severity   string           `json:"severity"`   // error, warning or info; warning where it is missing
	Confidence string           `json:"confidence"` // certain, likely or possible; certain where it is missing
	Stage      string           `json:"stage"`      // of the chain; serve where it is missing
	Location   *checks.Location `json:"location"`
	Evidence   []string         `json:"evidence"`
	Key        string           `json:"key"` // what it is about, in words that survive moved lines; the message where it is missing
}

// Check makes a check of an executable.
func Check(e config.External) *checks.Check {
	return &checks.Check{
		ID:       "config/" + e.Name,
		Title:    "a check of this project: " + e.Name,
		Stage:    checks.Serve,
		Severity: checks.Warning,
		Profiles: checks.Dev | checks.CI | checks.Prod,
		Run: func(ctx context.Context, t *target.Target, report checks.Reporter) error {
			return run(ctx, e, t, report)
		},
	}
}

func run(ctx context.Context, e config.External, t *target.Target, report checks.Reporter) error {
	question, err := json.Marshal(Question{Schema: Schema, Root: filepath.ToSlash(t.Root()), Profile: t.Profile()})
	if err != nil {
		return err
	}
	out, err := ask(ctx, e, t, append(question, '\n'))
	if err != nil {
		return err
	}
	answer, err := read(out)
	if err != nil {
		return err
	}
	for i, f := range answer.Findings {
		found, err := f.finding()
		if err != nil {
			return fmt.Errorf("finding %d of %s: %w", i+1, e.Command[0], err)
		}
		report(found)
	}
	return nil
}

// ask runs the executable in the root, without the user's environment, and takes what it prints.
func ask(ctx context.Context, e config.External, t *target.Target, question []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, e.Timeout)
	defer cancel()
	name := e.Command[0]
	if strings.ContainsAny(name, `/\`) && !filepath.IsAbs(name) {
		name = filepath.Join(t.Root(), filepath.FromSlash(name))
	}
	cmd := exec.CommandContext(ctx, name, e.Command[1:]...)
	cmd.Dir = t.Root()
	cmd.Env = environment(t)
	cmd.Stdin = bytes.NewReader(question)
	out, errs := &bounded{most: maxOutput, stop: cancel}, &bounded{most: maxErrors}
	cmd.Stdout, cmd.Stderr = out, errs
	cmd.WaitDelay = time.Second
	group(cmd)
	err := cmd.Run()
	_ = endGroup(cmd) // what it left running in the background; mostly there is nothing
	switch {
	case errors.Is(err, exec.ErrWaitDelay):
		return nil, fmt.Errorf("%s ended, and what it started goes on printing", e.Command[0])
	case out.over:
		return nil, fmt.Errorf("%s printed more than %d MiB; it was ended", e.Command[0], maxOutput>>20)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, fmt.Errorf("%s gave no answer within %s; it was ended", e.Command[0], e.Timeout)
	case err != nil:
		return nil, failure(e.Command[0], err, errs.kept.String())
	}
	return out.kept.Bytes(), nil
}

// environment is all that an executable gets of it: where programs are, and where the user is at home.
func environment(t *target.Target) []string {
	var out []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "SYSTEMROOT", "USERPROFILE", "TEMP"} {
		if value, ok := t.LookupEnv(name); ok {
			out = append(out, name+"="+value)
		}
	}
	return append(out, "LC_ALL=C.UTF-8")
}

func failure(name string, err error, said string) error {
	line, _, _ := strings.Cut(strings.TrimSpace(said), "\n")
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("there is no program %s", name)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%s cannot be executed", name)
	case line != "":
		return fmt.Errorf("%s failed (%w): %s", name, err, line)
	}
	return fmt.Errorf("%s failed: %w", name, err)
}

// read takes an answer: one object, and nothing else.
func read(data []byte) (*Answer, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var a Answer
	if err := dec.Decode(&a); errors.Is(err, io.EOF) {
		return nil, errors.New("it printed nothing; without findings it prints {\"findings\": []}")
	} else if err != nil {
		return nil, fmt.Errorf("what it printed is no list of findings: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("it printed something behind its findings")
	}
	switch {
	case a.Findings == nil:
		return nil, errors.New("what it printed is no list of findings: the key \"findings\" is missing")
	case len(a.Findings) > maxCount:
		return nil, fmt.Errorf("it printed %d findings; more than %d are no help to anybody", len(a.Findings), maxCount)
	}
	return &a, nil
}

func (f Finding) finding() (checks.Finding, error) {
	out := checks.Finding{Message: checks.Msg("%s", f.Message), Key: f.Key, Location: f.Location}
	if strings.TrimSpace(f.Message) == "" {
		return out, errors.New("no message")
	}
	if f.Key == "" {
		out.Key = f.Message
	}
	if f.Why != "" {
		out.Why = checks.Msg("%s", f.Why)
	}
	if f.Help != "" {
		out.Help = checks.Msg("%s", f.Help)
	}
	for _, e := range f.Evidence {
		out.Evidence = append(out.Evidence, checks.Msg("%s", e))
	}
	return out, errors.Join(f.grade(&out), f.place(&out))
}

func (f Finding) grade(out *checks.Finding) error {
	if f.Severity != "" {
		severity, err := checks.ParseSeverity(f.Severity)
		if err != nil {
			return fmt.Errorf("severity: %w", err)
		}
		out.Severity = severity
	}
	if f.Confidence != "" {
		confidences := []checks.Confidence{checks.Certain, checks.Likely, checks.Possible}
		i := slices.IndexFunc(confidences, func(c checks.Confidence) bool { return c.String() == f.Confidence })
		if i < 0 {
			return fmt.Errorf("confidence: %q is none of certain, likely, possible", f.Confidence)
		}
		out.Confidence = confidences[i]
	}
	if out.Severity == checks.Error && out.Confidence != checks.Certain {
		return errors.New("an error has to be certain")
	}
	return nil
}

func (f Finding) place(out *checks.Finding) error {
	if f.Stage != "" {
		if out.Stage = checks.Stage(f.Stage); out.Stage.Order() == len(checks.Stages) {
			return fmt.Errorf("stage: there is no stage %q", f.Stage)
		}
	}
	if l := f.Location; l != nil {
		if l.File == "" || path.IsAbs(l.File) || l.Line < 0 || l.Column < 0 || l.EndLine < 0 || l.EndColumn < 0 {
			return errors.New("location: file has to be relative to the root, and lines count from 1")
		}
		l.File = path.Clean(l.File)
	}
	return nil
}

// bounded keeps what is written to it up to a limit, beyond which it calls stop.
type bounded struct {
	kept bytes.Buffer // no embedded one: its ReadFrom would know no limit
	most int
	over bool
	stop func()
}

func (b *bounded) Write(p []byte) (int, error) {
	room := min(len(p), b.most-b.kept.Len())
	b.kept.Write(p[:room])
	if room < len(p) && !b.over {
		b.over = true
		if b.stop != nil {
			b.stop()
		}
	}
	return len(p), nil
}
