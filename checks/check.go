// Package checks holds what can be wrong with a target: the shape of a check and of a finding, and the runner.
// The checks themselves live in one package per family below, one file per check.
package checks

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
)

// Stage is a link of the chain that a change travels from the editor to the user.
type Stage string

// The stages, in the order of the chain.
const (
	Save    Stage = "save"
	Notice  Stage = "notice"
	Build   Stage = "build"
	Package Stage = "package"
	Stop    Stage = "stop"
	Start   Stage = "start"
	Bind    Stage = "bind"
	Route   Stage = "route"
	Serve   Stage = "serve"
)

// Stages lists all stages in the order of the chain.
var Stages = []Stage{Save, Notice, Build, Package, Stop, Start, Bind, Route, Serve}

// Order is the stage's place in the chain, from 0; an unknown stage comes last.
func (s Stage) Order() int {
	for i, known := range Stages {
		if s == known {
			return i
		}
	}
	return len(Stages)
}

// Severity says how much a finding breaks. The zero value stands for "the check's own default".
type Severity int

// The severities, mildest first. An Error breaks the chain now and for certain.
const (
	Info Severity = iota + 1
	Warning
	Error
)

func (s Severity) String() string {
	switch s {
	case Info:
		return "info"
	case Warning:
		return "warning"
	case Error:
		return "error"
	}
	return "unset"
}

// ParseSeverity reads the name of a severity.
func ParseSeverity(name string) (Severity, error) {
	for _, s := range []Severity{Info, Warning, Error} {
		if s.String() == name {
			return s, nil
		}
	}
	return 0, fmt.Errorf("%q is none of error, warning, info", name)
}

// Confidence says how sure a finding is. The zero value is Certain.
type Confidence int

// The confidences, surest first. Certain means proved from facts; an Error has to be.
const (
	Certain Confidence = iota
	Likely
	Possible
)

func (c Confidence) String() string {
	return [...]string{"certain", "likely", "possible"}[c]
}

// Profile is the situation a run is made for; a check names all it belongs to.
type Profile uint8

// The profiles of design.md section 7.
const (
	Dev Profile = 1 << iota
	CI
	Prod
)

// ParseProfile reads the name of a profile.
func ParseProfile(name string) (Profile, error) {
	for _, p := range []Profile{Dev, CI, Prod} {
		if p.String() == name {
			return p, nil
		}
	}
	return 0, fmt.Errorf("%q is none of dev, ci, prod", name)
}

func (p Profile) String() string { return strings.Join(p.Names(), ",") }

// Names lists the profiles that p holds.
func (p Profile) Names() []string {
	var names []string
	for i, name := range []string{"dev", "ci", "prod"} {
		if p&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// Check is one question about the target. It is a value: the declaration says everything but the answer.
type Check struct {
	ID       string   // family/short-name; never renamed once released
	Title    string   // what is wrong, in one line
	Stage    Stage    // the link of the chain it is about
	Severity Severity // of its findings, unless one says otherwise
	Profiles Profile  // where it runs by itself
	Needs    Need     // what must be there for an answer
	Explains []string // globs of the checks whose findings are consequences of this one's
	Run      RunFunc  // turns facts into findings
}

// RunFunc looks at the facts and reports what is wrong. It returns an error only when it could not look (the check is then
// unknown), or what Skip made when the question does not arise.
type RunFunc func(ctx context.Context, t *target.Target, report Reporter) error

// Reporter takes one finding. The runner fills in what the check's declaration says already.
type Reporter func(Finding)

var validID = lazyregexp.New(`^(mod|env|watch|fs|port|limit|run|leak|src|deploy|dep|config)/[a-z0-9]+(-[a-z0-9]+)*$`)

// Validate refuses a catalogue that holds an ill-formed check: its declaration is the contract others rely on.
func Validate(all []*Check) error {
	var errs []error
	seen := map[string]bool{}
	for _, c := range all {
		if err := c.validate(); err != nil {
			errs = append(errs, fmt.Errorf("check %q: %w", c.ID, err))
		}
		if seen[c.ID] {
			errs = append(errs, fmt.Errorf("check %q stands twice in the catalogue", c.ID))
		}
		seen[c.ID] = true
	}
	return errors.Join(errs...)
}

func (c *Check) validate() error {
	switch {
	case !validID.MatchString(c.ID):
		return errors.New("the id is not family/short-name of a known family")
	case c.Title == "" || strings.HasSuffix(c.Title, ".") || strings.Contains(c.Title, "\n"):
		return errors.New("the title must be one line without a full stop")
	case c.Stage.Order() == len(Stages):
		return fmt.Errorf("no stage %q", c.Stage)
	case c.Severity < Info || c.Severity > Error:
		return errors.New("no default severity")
	case c.Profiles == 0:
		return errors.New("it belongs to no profile")
	case c.Run == nil:
		return errors.New("it has nothing to run")
	}
	return nil
}

// NotAsked is the error of a check whose question does not arise for this target.
type NotAsked struct{ Reason Message }

func (e *NotAsked) Error() string { return e.Reason.String() }

// Skip says that the question does not arise, and why: the check ends as skipped, unless it had found something.
func Skip(format string, args ...any) error {
	return &NotAsked{Reason: Msg(format, args...)}
}
