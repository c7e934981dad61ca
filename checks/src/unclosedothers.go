package src

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/ryanrolds/sqlclosecheck/pkg/analyzer"
	"github.com/timakin/bodyclose/passes/bodyclose"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/buildssa"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/analysis/passes/httpresponse"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/analysis/passes/lostcancel"

	"github.com/gindoctor/gindoctor/checks"
)

// secondOpinion is what other analyzers say of the package. They need it in another form (SSA), which takes its time, and so are
// asked only where there is something to confirm.
type secondOpinion struct {
	lines map[string]bool // file:line of what they report
}

// confirmed tells whether the analyzer that knows such things says the same. Where there is none, we stand alone.
func (u *unclosed) confirmed(o *opened) bool {
	switch o.what {
	case responseBody.what, rows.what, statement.what:
	default:
		return true
	}
	if u.others == nil {
		u.others = u.ask()
	}
	for _, n := range []ast.Node{o.at.Node(), o.stmt.Node()} {
		if u.others.lines[place(u.Position(n.Pos()))] || u.others.lines[place(u.Position(n.End()))] {
			return true
		}
	}
	return false
}

func place(at token.Position) string {
	at.Column, at.Offset = 0, 0
	return at.String()
}

// ask runs bodyclose and sqlclosecheck over the package. Code with gaps in its types can crash them: then they confirm nothing.
func (u *unclosed) ask() (out *secondOpinion) {
	out = &secondOpinion{lines: map[string]bool{}}
	defer func() { _ = recover() }()
	note := func(d analysis.Diagnostic) {
		if !strings.Contains(d.Message, "should use defer") {
			out.lines[place(u.Position(d.Pos))] = true
		}
	}
	graphs, err := ctrlflow.Analyzer.Run(u.passWithout(ctrlflow.Analyzer, u.ResultOf, note))
	if err != nil {
		return out
	}
	ssa, err := buildssa.Analyzer.Run(u.passWithout(buildssa.Analyzer, map[*analysis.Analyzer]any{ctrlflow.Analyzer: graphs}, note))
	if err != nil {
		return out
	}
	for _, a := range []*analysis.Analyzer{bodyclose.Analyzer, analyzer.NewAnalyzer()} {
		_, _ = a.Run(u.passWithout(a, map[*analysis.Analyzer]any{buildssa.Analyzer: ssa}, note)) // an error of theirs: no confirmation
	}
	return out
}

// vet passes on what two analyzers of go vet find in code that runs for a request: go test leaves them out.
func (u *unclosed) vet() {
	defer func() { _ = recover() }() // as above
	say := func(f checks.Finding) func(analysis.Diagnostic) {
		return func(d analysis.Diagnostic) {
			c, ok := u.Inspector().Root().FindByPos(d.Pos, d.Pos)
			if !ok {
				return
			}
			if _, perRequest := u.names.PerRequest(c); !perRequest {
				return
			}
			f := f
			f.Severity, f.Evidence = checks.Warning, []checks.Message{checks.Msg("go vet: %s", d.Message)}
			f.Key = u.key(c) + " " + d.Message
			u.Report(Finding{Finding: f, Pos: d.Pos, End: d.End})
		}
	}
	results := map[*analysis.Analyzer]any{inspect.Analyzer: u.Inspector()}
	if u.requests() {
		_, _ = httpresponse.Analyzer.Run(u.passWithout(httpresponse.Analyzer, results, say(checks.Finding{
			Message: checks.Msg("the response is used before its error is looked at"),
			Why:     checks.Msg("Where the call fails there is no response, and the handler panics."),
			Help:    checks.Msg("Look at the error first, then write: defer resp.Body.Close()"),
		})))
	}
	if !u.cancels() {
		return
	}
	graphs, err := ctrlflow.Analyzer.Run(u.passWithout(ctrlflow.Analyzer, results, func(analysis.Diagnostic) {}))
	if err != nil {
		return
	}
	results[ctrlflow.Analyzer] = graphs
	_, _ = lostcancel.Analyzer.Run(u.passWithout(lostcancel.Analyzer, results, say(checks.Finding{
		Message: checks.Msg("a context is not cancelled on every way out"),
		Why:     checks.Msg("Until it ends by itself, each request leaves the context, its timer and what waits for it behind."),
		Help:    checks.Msg("Write below the line: defer cancel()"),
	})))
}

// requests tells whether anything here is answered with a response that has to be closed.
func (u *unclosed) requests() bool {
	for _, fn := range u.callIndex().callees {
		if fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "net/http" && slices.Contains([]string{"Do", "Get", "Head", "Post", "PostForm", "ReadResponse"}, fn.Name()) {
			return true
		}
	}
	return false
}

// cancels tells whether code that runs for a request makes a context that has to be cancelled.
func (u *unclosed) cancels() bool {
	for c, call := range u.Calls() {
		if isFunc(u.Callee(call), "context", "WithCancel", "WithTimeout", "WithDeadline", "WithCancelCause", "WithTimeoutCause", "WithDeadlineCause") {
			if _, perRequest := u.names.PerRequest(c); perRequest {
				return true
			}
		}
	}
	return false
}
