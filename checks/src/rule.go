package src

import (
	"cmp"
	"context"
	"errors"
	"go/ast"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/source"
)

// Rule is a check of source code that works one package at a time: a check of gindoctor and an analyzer for go vet and its kin.
// Whatever its facts about other packages, it sees of them only what its analyzers export.
type Rule struct {
	checks.Check // without Run
	// Imports names the packages of which a package has to import one for the question to arise ("x", or "x/..." for those below
	// it too); none for every package.
	Imports []string
	// Typed says that there is no answer without the types of the dependencies. Other rules then judge by syntax, less surely.
	Typed    bool
	Requires []*analysis.Analyzer // besides inspect.Analyzer and callsAnalyzer
	Look     func(*Pass) error
	// Weigh, where set, looks at a finding once more with what is known beyond the code: files, artefacts. Vet tools do without.
	Weigh func(context.Context, *target.Target, Finding, *checks.Finding) error

	once     sync.Once
	analyzer *analysis.Analyzer
	asCheck  sync.Once
	check    *checks.Check
}

// Analyzer is the rule for drivers of golang.org/x/tools/go/analysis.
func (r *Rule) Analyzer() *analysis.Analyzer {
	r.once.Do(func() {
		r.analyzer = &analysis.Analyzer{
			Name:             strings.ReplaceAll(strings.TrimPrefix(r.ID, "src/"), "-", ""),
			Doc:              r.Title + "\n\nThis is the check " + r.ID + " of gindoctor; gindoctor explain " + r.ID + " tells more.",
			Requires:         append([]*analysis.Analyzer{inspect.Analyzer, callsAnalyzer, source.Requirements}, r.Requires...),
			RunDespiteErrors: !r.Typed,
			ResultType:       reflect.TypeFor[[]Finding](),
			Run:              r.run,
		}
	})
	return r.analyzer
}

func (r *Rule) run(pass *analysis.Pass) (any, error) { return r.look(&Pass{Pass: pass, rule: r}) }

// Vet is the rule for vet tools, which know no severities and look at one package at a time: what is merely worth knowing is left
// out unless infos points at true, and what lies in another package is said of programs only, not of each package that leads there.
func (r *Rule) Vet(infos *bool) *analysis.Analyzer {
	a := *r.Analyzer()
	a.Run = func(pass *analysis.Pass) (any, error) {
		return r.look(&Pass{Pass: pass, rule: r, passesOver: func(f Finding) bool {
			return cmp.Or(f.Severity, r.Severity) == checks.Info && !*infos || f.Elsewhere.IsValid() && pass.Pkg.Name() != "main"
		}})
	}
	return &a
}

func (r *Rule) look(p *Pass) (any, error) {
	if len(r.Imports) > 0 && !source.Imports(p.Files, r.Imports) {
		return p.found, nil
	}
	if err := r.Look(p); err != nil {
		return nil, err
	}
	return p.found, nil
}

// Pass is one package that a rule looks at.
type Pass struct {
	*analysis.Pass
	rule       *Rule
	found      []Finding
	passesOver func(Finding) bool // what a vet tool does not say; nil for none
}

// Inspector walks the syntax trees of the package.
func (p *Pass) Inspector() *inspector.Inspector {
	return p.ResultOf[inspect.Analyzer].(*inspector.Inspector)
}

// File is the file that holds a position.
func (p *Pass) File(pos token.Pos) *ast.File {
	for _, f := range p.Files {
		if f.FileStart <= pos && pos < f.FileEnd {
			return f
		}
	}
	return nil
}

// Position of a node, for messages and evidence.
func (p *Pass) Position(pos token.Pos) token.Position { return p.Fset.PositionFor(pos, false) }

// Finding is one thing wrong in the code. Its texts, severity, confidence, evidence and key are those of the embedded Finding;
// its location and fix are made from Pos, End and Edits.
type Finding struct {
	checks.Finding
	// Pos and End are the code to point at. End is exclusive, and may be missing.
	Pos, End token.Pos
	// Elsewhere is the place to point at where it lies in another package: a vet tool then points at Pos.
	Elsewhere token.Position
	// Also are further places, shown as evidence.
	Also []Also
	// Edits mend it; Repair names the mending by a verb phrase. Unsafe edits are made only when asked for.
	Edits  []analysis.TextEdit
	Repair string
	// FileEdits are edits of another package, as its own pass has worked them out (Pass.fileEdits).
	FileEdits []plan.Edit
	Unsafe    bool
	// About is what Weigh has to know.
	About any
	// Tentative says that it counts only where Weigh gives it a severity. Vet tools do not show it.
	Tentative bool

	at, until token.Position
	edits     []plan.Step // of the edits, by absolute file names
}

// Also is a place that belongs to a finding, and what is there.
type Also struct {
	Pos token.Position
	Is  checks.Message
}

// Report takes one finding. What stands in generated code is passed over: nobody would mend it there. So is a test, which vet
// tools look at too, and what tests are run against: it is not the service.
func (p *Pass) Report(f Finding) {
	f.at, f.until = p.Position(f.Pos), p.Position(f.End)
	if p.notService(f.Pos) || p.forTests(f) {
		return
	}
	if f.Elsewhere.IsValid() {
		f.at, f.until = f.Elsewhere, token.Position{}
	}
	steps, err := p.steps(f.Edits)
	for _, e := range f.FileEdits {
		steps = append(steps, e)
	}
	if err == nil {
		f.edits = steps
	} else {
		f.Edits = nil
	}
	p.found = append(p.found, f)
	if !f.Tentative && (p.passesOver == nil || !p.passesOver(f)) {
		p.Pass.Report(f.diagnostic(p.rule))
	}
}

// notService tells whether a place is in a generated file or a test.
func (p *Pass) notService(pos token.Pos) bool {
	file := p.File(pos)
	return file != nil && ast.IsGenerated(file) || strings.HasSuffix(p.Position(pos).Filename, "_test.go")
}

// steps are the edits as a plan holds them: with what stands in the file now.
func (p *Pass) steps(edits []analysis.TextEdit) ([]plan.Step, error) {
	var out []plan.Step
	for _, e := range edits {
		at := p.Position(e.Pos)
		src, err := p.ReadFile(at.Filename)
		if err != nil {
			return nil, err
		}
		end := at.Offset
		if e.End.IsValid() {
			end = p.Position(e.End).Offset
		}
		if end > len(src) || at.Offset > end {
			return nil, errors.New("the file has changed")
		}
		if at.Offset == end {
			out = append(out, plan.Insert(at.Filename, src, at.Offset, string(e.NewText)))
		} else {
			out = append(out, plan.Replace(at.Filename, src, at.Offset, end, string(e.NewText)))
		}
	}
	return out, nil
}

// diagnostic is the finding as vet tools show it: in one line.
func (f Finding) diagnostic(r *Rule) analysis.Diagnostic {
	text := f.Message.String()
	if f.Elsewhere.IsValid() {
		text += " (" + filepath.Base(f.Elsewhere.Filename) + ":" + strconv.Itoa(f.Elsewhere.Line) + ")"
	}
	if !f.Why.IsZero() {
		text += ": " + strings.TrimSuffix(f.Why.String(), ".")
	}
	d := analysis.Diagnostic{Pos: f.Pos, End: f.End, Category: r.ID, Message: text + " (" + r.ID + ")"}
	if len(f.Edits) > 0 {
		d.SuggestedFixes = []analysis.SuggestedFix{{Message: f.Repair, TextEdits: f.Edits}}
	}
	return d
}

// AsCheck is the rule as a check of gindoctor.
func (r *Rule) AsCheck() *checks.Check {
	r.asCheck.Do(func() {
		c := r.Check
		c.Needs |= checks.Modules
		c.Run = r.ask
		r.check = &c
	})
	return r.check
}

// ask runs the suite of all rules over each module, once for all of them, and reports what this rule has found.
func (r *Rule) ask(ctx context.Context, t *target.Target, report checks.Reporter) error {
	all, err := t.Imports(ctx)
	if err != nil {
		return err
	}
	var open error
	asked := false
	for _, im := range all {
		analysis, err := t.Analyze(ctx, im, Suite())
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, answer := range analysis.Of(r.Analyzer()) {
			if len(r.Imports) > 0 && !source.Imports(answer.Package.Syntax, r.Imports) {
				continue
			}
			asked = true
			gap := analysis.Code.Untyped[answer.Package.PkgPath]
			if err := r.unanswered(answer, gap); err != nil {
				open = cmp.Or(open, err)
				continue
			}
			for _, f := range answer.Result.([]Finding) {
				if key := f.at.String() + "\x00" + f.Message.String(); !seen[key] {
					seen[key] = true
					found := r.finding(t, im, f, gap)
					if r.Weigh != nil {
						if err := r.Weigh(ctx, t, f, &found); err != nil {
							return err
						}
					}
					if !f.Tentative || found.Severity != 0 {
						report(found)
					}
				}
			}
		}
	}
	if !asked && open == nil && len(r.Imports) > 0 {
		return checks.Skip("no package here imports %s", strings.TrimSuffix(r.Imports[0], "/..."))
	}
	return open
}

// unanswered is why a rule has no answer about a package, nil where it has one.
func (r *Rule) unanswered(a source.Answer, gap error) error {
	var crash *source.Crash
	switch {
	case a.Err == nil:
		return nil
	case errors.As(a.Err, &crash):
		panic(crash.Error() + "\n" + crash.Stack)
	case errors.Is(gap, source.ErrSyntaxOnly):
		return target.ErrFast
	case gap != nil && r.Typed:
		return gap
	}
	return a.Err
}

// finding is what a rule found, as a check reports it. What was concluded without the types of the dependencies is likely at
// most, and so no error.
func (r *Rule) finding(t *target.Target, im *project.Imports, found Finding, gap error) checks.Finding {
	f := found.Finding
	f.Why = sentence(f.Why)
	f.Service = im.Module.Dir
	f.Location = location(t, found)
	for _, a := range found.Also {
		f.Evidence = append(f.Evidence, checks.Msg("%s:%d  %s", t.Rel(a.Pos.Filename), a.Pos.Line, a.Is))
	}
	if gap != nil {
		f.Confidence = max(f.Confidence, checks.Likely)
		if f.Severity == checks.Error || f.Severity == 0 && r.Severity == checks.Error {
			f.Severity = checks.Warning
		}
		f.Evidence = append(f.Evidence, checks.Msg("judged by the code alone: %s", gap))
	}
	if len(found.edits) > 0 {
		f.Fix = &plan.Plan{Title: found.Repair, Safety: plan.Safe}
		if found.Unsafe {
			f.Fix.Safety = plan.Unsafe
		}
		for _, step := range found.edits {
			edit := step.(plan.Edit)
			edit.File = t.Rel(edit.File)
			f.Fix.Steps = append(f.Fix.Steps, edit)
		}
	}
	return f
}

func location(t *target.Target, f Finding) *checks.Location {
	at := checks.At(t.Rel(f.at.Filename), f.at.Line, f.at.Column)
	if f.until.IsValid() {
		at.EndLine, at.EndColumn = f.until.Line, f.until.Column
	}
	return at
}

// Suite is all rules, to be run together.
var Suite = sync.OnceValue(func() *source.Suite {
	s := &source.Suite{}
	for _, r := range Rules() {
		m := source.Member{Analyzer: r.Analyzer()}
		if r.Typed { // what these require is dear: it is made of the packages only that the question is about
			m.Imports = r.Imports
		}
		*s = append(*s, m)
	}
	return s
})

// Analyzers are all rules, for vet tools and other drivers of golang.org/x/tools/go/analysis. What is merely worth knowing is said
// only where infos points at true.
func Analyzers(infos *bool) []*analysis.Analyzer {
	var out []*analysis.Analyzer
	for _, r := range Rules() {
		out = append(out, r.Vet(infos))
	}
	slices.SortFunc(out, func(a, b *analysis.Analyzer) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// plainWord is a word that begins a sentence as it begins any other, and no name out of the code.
var plainWord = lazyregexp.New(`^[a-z]{2,}[ ,]`)

// sentence is a clause, as vet tools join it to the message, as a sentence of its own.
func sentence(m checks.Message) checks.Message {
	if plainWord.MatchString(m.Format) {
		m.Format = strings.ToUpper(m.Format[:1]) + m.Format[1:]
	}
	if m.Format != "" && !strings.ContainsAny(m.Format[len(m.Format)-1:], ".!?:") {
		m.Format += "."
	}
	return m
}
