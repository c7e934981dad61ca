package src

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/engine"
)

// Address finds constant addresses that no program can listen on.
var Address = &Rule{
	Check: checks.Check{
		ID:       "src/address",
		Title:    "an address that cannot be listened on",
		Stage:    checks.Bind,
		Severity: checks.Error,
		Profiles: checks.Dev | checks.CI,
		Explains: []string{"src/run-error"},
	},
	Requires: []*analysis.Analyzer{engine.Analyzer},
	Look:     address,
}

func address(p *Pass) error {
	for _, call := range p.Calls() {
		fn := p.Callee(call)
		switch {
		case fn == nil:
		case isMethod(fn, ginPath, "Engine", "Run"):
			p.runAddress(call)
		case isMethod(fn, ginPath, "Engine", "RunTLS", "RunQUIC"), isFunc(fn, "net/http", "ListenAndServe", "ListenAndServeTLS"):
			p.addressArg(call, 0, 0)
		case isFunc(fn, "net", "Listen"):
			p.listenAddress(call, 0)
		case isMethod(fn, "net", "ListenConfig", "Listen"):
			p.listenAddress(call, 1)
		}
	}
	p.serverAddresses()
	p.comesTo()
	return nil
}

// comesTo judges the addresses that are put together on the way to Run, by calls and the fields of settings, and those that are the
// fallback for what is not set.
func (p *Pass) comesTo() {
	judged := map[token.Position]bool{}
	for _, f := range p.found {
		judged[token.Position{Filename: f.at.Filename, Line: f.at.Line}] = true
	}
	for _, e := range p.ResultOf[engine.Analyzer].(*engine.Result).Engines {
		for _, o := range ops(e, engine.Run, engine.Serve) {
			if !takesAddress(o) {
				continue
			}
			line := token.Position{Filename: o.At.Filename, Line: o.At.Line}
			if judged[line] || !o.Args[0].Known && !o.Args[0].Default {
				continue
			}
			if bad := fault(o.Args[0].Text); bad != nil {
				judged[line] = true
				p.reportAddress(o, bad)
			}
		}
	}
}

// takesAddress tells whether the first argument of an operation is the address that is listened on.
func takesAddress(o engine.Op) bool {
	switch o.Name {
	case "Run":
		return len(o.Args) == 1
	case "RunTLS", "RunQUIC", "net/http.ListenAndServe", "net/http.Server":
		return len(o.Args) > 0
	}
	return false
}

// reportAddress reports what an address comes to. A fallback is wrong only where nothing else is set, and that of a server only
// where it does not get its listener.
func (p *Pass) reportAddress(o engine.Op, bad *addressFault) {
	addr := o.Args[0].Text
	f := Finding{Finding: checks.Finding{
		Severity: p.unlessExample(),
		Message:  checks.Msg("%s gets %q, and that is no address to listen on: %s", strings.TrimPrefix(o.Name, "net/"), addr, bad.what),
		Why:      checks.Msg("it fails at once, and nothing listens"),
		Help:     checks.Msg("write an address as \":8080\" or \"127.0.0.1:8080\", with a port from 0 to 65535"),
		Key:      addr,
	}}
	if bad.meant != "" {
		f.Help = checks.Msg("make it %q", bad.meant)
	}
	if o.Args[0].Default {
		f.Message = checks.Msg("%s gets %q where nothing else is set, and that is no address to listen on: %s", strings.TrimPrefix(o.Name, "net/"), addr, bad.what)
	}
	if bad.unsure || o.Args[0].Default || o.Name == "net/http.Server" && p.listens() != 0 {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	f.Pos, f.End, f.Elsewhere = opPlace(o)
	p.Report(f)
}

// runAddress judges Run, which takes one address or none.
func (p *Pass) runAddress(call *ast.CallExpr) {
	if call.Ellipsis.IsValid() || len(call.Args) == 0 {
		return
	}
	if len(call.Args) == 1 {
		p.addressArg(call, 0, 0)
		return
	}
	f := Finding{Pos: call.Args[1].Pos(), End: call.Args[len(call.Args)-1].End(), Finding: checks.Finding{
		Severity: p.unlessExample(),
		Message:  checks.Msg("%s takes one address, and here are %d", types.ExprString(call.Fun), len(call.Args)),
		Why:      checks.Msg("gin panics at once: too many parameters"),
		Help:     checks.Msg("write the host and the port as one address: %s(\"127.0.0.1:8080\")", types.ExprString(call.Fun)),
		Key:      "arguments",
	}}
	host, ok := p.text(call.Args[0])
	port, ok2 := p.text(call.Args[1])
	if joined := host + ":" + strings.TrimPrefix(port, ":"); ok && ok2 && len(call.Args) == 2 && fault(joined) == nil && p.literals(call.Args) {
		f.Help = checks.Msg("write: %s(%q)", types.ExprString(call.Fun), joined)
		f.Edits = []analysis.TextEdit{{Pos: call.Args[0].Pos(), End: call.Args[1].End(), NewText: []byte(strconv.Quote(joined))}}
		f.Repair = "write the address as one"
	}
	p.Report(f)
}

func (p *Pass) literals(args []ast.Expr) bool {
	return !slices.ContainsFunc(args, func(a ast.Expr) bool { _, ok := ast.Unparen(a).(*ast.BasicLit); return !ok })
}

// listenAddress judges net.Listen(network, address).
func (p *Pass) listenAddress(call *ast.CallExpr, network int) {
	if network+1 >= len(call.Args) {
		return
	}
	if n, ok := p.ConstString(call.Args[network]); ok && (n == "tcp" || n == "tcp4" || n == "tcp6") {
		p.addressArg(call, network+1, 0)
	}
}

func (p *Pass) addressArg(call *ast.CallExpr, i int, severity checks.Severity) {
	if i < len(call.Args) && !call.Ellipsis.IsValid() {
		p.judgeAddress(call.Args[i], types.ExprString(call.Fun), severity)
	}
}

// serverAddresses judges the Addr of http.Server values: surely where the package has a server listen on its own.
func (p *Pass) serverAddresses() {
	listens := p.listens()
	for c := range p.Nodes((*ast.CompositeLit)(nil), (*ast.AssignStmt)(nil)) {
		switch n := c.Node().(type) {
		case *ast.CompositeLit:
			if !isType(p.TypesInfo.TypeOf(n), "net/http", "Server") {
				continue
			}
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok && isIdent(kv.Key, "Addr") {
					p.judgeAddress(kv.Value, "http.Server", listens)
				}
			}
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				sel, ok := lhs.(*ast.SelectorExpr)
				if ok && n.Tok == token.ASSIGN && len(n.Lhs) == len(n.Rhs) && sel.Sel.Name == "Addr" && isType(p.TypesInfo.TypeOf(sel.X), "net/http", "Server") {
					p.judgeAddress(n.Rhs[i], "http.Server", listens)
				}
			}
		}
	}
}

// listens is how bad the wrong Addr of a server is: as bad as can be where the package has one listen on its own.
func (p *Pass) listens() checks.Severity {
	for _, call := range p.Calls() {
		if isMethod(p.Callee(call), "net/http", "Server", "ListenAndServe", "ListenAndServeTLS") {
			return 0
		}
	}
	return checks.Warning
}

func isIdent(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

// judgeAddress judges the address that an expression gives, where it gives always the same.
func (p *Pass) judgeAddress(e ast.Expr, to string, severity checks.Severity) {
	addr, ok := p.text(e)
	if !ok {
		return
	}
	bad := fault(addr)
	if bad == nil {
		return
	}
	f := Finding{Pos: e.Pos(), End: e.End(), Finding: checks.Finding{
		Severity: severity,
		Message:  checks.Msg("%q is no address to listen on: %s", addr, bad.what),
		Why:      checks.Msg("%s fails at once, and nothing listens", to),
		Help:     checks.Msg("write an address as \":8080\" or \"127.0.0.1:8080\", with a port from 0 to 65535"),
		Key:      addr,
	}}
	if severity == 0 {
		f.Severity = p.unlessExample()
	}
	if bad.unsure {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	if bad.meant != "" {
		f.Help = checks.Msg("write: %q", bad.meant)
		f.Edits = p.mendAddress(e, addr, bad.meant)
		f.Repair = "write the address as " + strconv.Quote(bad.meant)
	}
	p.Report(f)
}

// unlessExample is the severity of what is an error in a program that is meant to be run: zero, the rule's own.
func (p *Pass) unlessExample() checks.Severity {
	if p.example() {
		return checks.Warning
	}
	return 0
}

// mendAddress writes the address that was meant: into the literal, or before the variable or constant that lacks the colon.
func (p *Pass) mendAddress(e ast.Expr, addr, meant string) []analysis.TextEdit {
	if lit, ok := ast.Unparen(e).(*ast.BasicLit); ok {
		quoted := strconv.Quote(meant)
		if lit.Value[0] == '`' {
			quoted = "`" + meant + "`"
		}
		return []analysis.TextEdit{{Pos: lit.Pos(), End: lit.End(), NewText: []byte(quoted)}}
	}
	if meant == ":"+addr {
		return []analysis.TextEdit{insertAt(e.Pos(), `":" + `)}
	}
	return nil
}

// text is the string that an expression always gives: of constants, and of variables that get but one value.
func (p *Pass) text(e ast.Expr) (string, bool) { return p.textWithin(e, 8) }

// textWithin is text for so many steps: what a variable gets may name the variable itself.
func (p *Pass) textWithin(e ast.Expr, steps int) (string, bool) {
	e = p.Follow(e)
	if s, ok := p.ConstString(e); ok {
		return s, true
	}
	if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.ADD && steps > 0 {
		x, okX := p.textWithin(b.X, steps-1)
		y, okY := p.textWithin(b.Y, steps-1)
		return x + y, okX && okY
	}
	return "", false
}
