package listen

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// frame is one call of a function.
type frame struct {
	file    *source
	typ     *ast.FuncType
	results []*cell // of named results
	returns []value // of the returns that were reached, in order
	named   string  // a setting that another return hangs on
	tainted bool
}

// flow tells how a statement ended.
type flow int

const (
	goesOn flow = iota
	breaks
	returns
	ends // the program, or this goroutine
)

func (p *program) block(list []ast.Stmt, f *frame, sc *scope) flow {
	for _, s := range list {
		if how := p.exec(s, f, sc); how != goesOn {
			return how
		}
	}
	return goesOn
}

func (p *program) exec(s ast.Stmt, f *frame, sc *scope) flow {
	if p.tired() {
		return ends
	}
	switch s := s.(type) {
	case *ast.BlockStmt:
		return p.block(s.List, f, &scope{outer: sc})
	case *ast.ExprStmt:
		p.eval(s.X, f, sc)
		if isFatal(s.X) {
			return ends
		}
	case *ast.AssignStmt:
		p.assign(s, f, sc)
	case *ast.DeclStmt:
		p.declare(s, f, sc)
	case *ast.IncDecStmt:
		if c := p.location(s.X, f, sc); c != nil {
			p.set(c, unknown{})
		}
	case *ast.ReturnStmt:
		return p.returnStmt(s, f, sc)
	case *ast.IfStmt:
		return p.ifStmt(s, f, sc)
	case *ast.SwitchStmt:
		return p.switchStmt(s, f, sc)
	case *ast.TypeSwitchStmt:
		return p.typeSwitch(s, f, sc)
	case *ast.SelectStmt:
		return p.selectStmt(s, f, sc)
	case *ast.ForStmt:
		return p.forStmt(s, f, sc)
	case *ast.RangeStmt:
		return p.rangeStmt(s, f, sc)
	case *ast.GoStmt:
		p.goStmt(s.Call, f, sc)
	case *ast.LabeledStmt:
		return p.exec(s.Stmt, f, sc)
	case *ast.BranchStmt:
		return breaks
	case *ast.SendStmt:
		p.eval(s.Value, f, sc)
	}
	return goesOn // deferred calls clean up
}

func (p *program) goStmt(call ast.Expr, f *frame, sc *scope) {
	defer p.newGoroutine()()
	p.eval(call, f, sc)
}

// newGoroutine walks on in a goroutine of its own; the function it returns comes back.
func (p *program) newGoroutine() func() {
	before := p.gor
	p.gors++
	p.gor = p.gors
	return func() { p.gor = before }
}

func (p *program) declare(s *ast.DeclStmt, f *frame, sc *scope) {
	d, ok := s.Decl.(*ast.GenDecl)
	if !ok {
		return
	}
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			sc.define(spec.Name.Name, &named{path: f.file.pack.path, name: spec.Name.Name, pack: f.file.pack, file: f.file, spec: spec.Type})
		case *ast.ValueSpec:
			p.declareValues(spec, f, sc)
		}
	}
}

func (p *program) declareValues(spec *ast.ValueSpec, f *frame, sc *scope) {
	var values []value
	for _, x := range spec.Values {
		values = append(values, p.eval(x, f, sc))
	}
	values = spreadTuple(values, len(spec.Names))
	for i, name := range spec.Names {
		switch {
		case i < len(values):
			sc.define(name.Name, p.asType(values[i], spec.Type, f.file))
		case len(values) > 0:
			sc.define(name.Name, unknown{})
		default:
			sc.define(name.Name, p.zero(p.typeIn(spec.Type, f.file, sc), f.file.place(spec.Pos())))
		}
	}
}

// spreadTuple lays the results of one call out over n variables.
func spreadTuple(values []value, n int) []value {
	if len(values) == 1 && n > 1 {
		if t, ok := values[0].(tuple); ok {
			values = t
		} else {
			values = append(slices.Clone(values), value(unknown{}))
		}
		for len(values) < n {
			values = append(values, unknown{})
		}
	}
	return values
}

func (p *program) assign(s *ast.AssignStmt, f *frame, sc *scope) {
	var values []value
	for _, x := range s.Rhs {
		values = append(values, p.eval(x, f, sc))
	}
	values = spreadTuple(values, len(s.Lhs))
	for i, x := range s.Lhs {
		var v value = unknown{}
		if i < len(values) {
			v = values[i]
		}
		if t, ok := v.(tuple); ok && len(t) > 0 {
			v = t[0]
		}
		id, isIdent := x.(*ast.Ident)
		if s.Tok == token.DEFINE && isIdent {
			if sc == nil || sc.vars[id.Name] == nil {
				sc.define(id.Name, v)
				continue
			}
		}
		c := p.location(x, f, sc)
		if c == nil {
			p.keepCallback(x, v)
			continue
		}
		switch s.Tok {
		case token.ASSIGN, token.DEFINE:
			p.set(c, v)
			p.keepCallback(x, v)
		case token.ADD_ASSIGN:
			p.set(c, p.add(c.get(), v))
		default:
			p.set(c, unknown{})
		}
	}
}

// keepCallback notes a function put into a field of something foreign, such as the RunE of a command.
func (p *program) keepCallback(to ast.Expr, v value) {
	if sel, ok := to.(*ast.SelectorExpr); ok {
		if fn, ok := v.(*closure); ok {
			p.enqueue(fn, early(sel.Sel.Name))
		}
	}
}

// early tells whether what is called by that name runs before the main work: flags and configuration are read there.
func early(name string) bool {
	return strings.Contains(name, "PreRun") || name == "Before" || name == "OnInitialize" || name == "Provide"
}

func (p *program) returnStmt(s *ast.ReturnStmt, f *frame, sc *scope) flow {
	var v value
	switch {
	case len(s.Results) == 1:
		v = p.eval(s.Results[0], f, sc)
	case len(s.Results) > 1:
		t := make(tuple, len(s.Results))
		for i, x := range s.Results {
			t[i] = p.eval(x, f, sc)
		}
		v = t
	case len(f.results) == 1:
		v = f.results[0].get()
	case len(f.results) > 1:
		t := make(tuple, len(f.results))
		for i, c := range f.results {
			t[i] = c.get()
		}
		v = t
	default:
		return returns
	}
	if f.tainted {
		v = fallback(v, f.named)
	}
	f.returns = append(f.returns, v)
	return returns
}

// verdict is what is known of a condition.
type verdict struct {
	known, holds bool
	setting      string // what the user may set to turn it
	open         bool   // whether there is such a setting
}

func (p *program) judge(x ast.Expr, f *frame, sc *scope) verdict {
	s, ok := p.eval(x, f, sc).(scalar)
	if !ok {
		return verdict{}
	}
	text, known := s.text()
	if !known || s.kind != boolKind {
		return verdict{}
	}
	v := verdict{known: true, holds: text == "true"}
	v.setting, v.open = s.setting()
	return v
}

func (p *program) ifStmt(s *ast.IfStmt, f *frame, sc *scope) flow {
	sc = &scope{outer: sc}
	if s.Init != nil {
		if how := p.exec(s.Init, f, sc); how != goesOn {
			return how
		}
	}
	at := f.file.place(s.Pos())
	then := func() flow { return p.block(s.Body.List, f, &scope{outer: sc}) }
	other := func() flow {
		if s.Else == nil {
			return goesOn
		}
		return p.exec(s.Else, f, sc)
	}
	v := p.judge(s.Cond, f, sc)
	switch {
	case p.givesUp(s.Body, s.Body.List, f):
		return other() // the program does not get to its server that way
	case s.Else != nil && p.elseGivesUp(s.Else, f):
		return then()
	case !v.known:
		return p.either(at, f, then, other)
	case v.holds:
		return p.decided(at, v, f, then, other)
	}
	return p.decided(at, v, f, other, then)
}

func (p *program) elseGivesUp(s ast.Stmt, f *frame) bool {
	b, ok := s.(*ast.BlockStmt)
	return ok && p.givesUp(b, b.List, f)
}

// decided walks the branch that is taken. Where a setting turned the condition, what either branch assigns or returns is no
// literal any more: it is what holds while the setting is as it is.
func (p *program) decided(at Place, v verdict, f *frame, taken, left func() flow) flow {
	if !v.open {
		return taken()
	}
	var changed, changedLeft []change
	// Look at the branch that is not taken, and undo it.
	p.mute++
	n := len(f.returns)
	how := p.record(&changedLeft, left)
	p.mute--
	f.returns = f.returns[:n]
	undo(changedLeft)
	leftReturns := how == returns && !f.tainted // the setting that was looked at first gives the name

	pop := p.push(arm{at, 0})
	p.unsure++
	how = p.record(&changed, taken)
	p.unsure--
	pop()
	for i := n; i < len(f.returns); i++ {
		f.returns[i] = fallback(f.returns[i], v.setting)
	}
	p.keep(changed)
	for _, c := range changed {
		p.set(c.c, fallback(c.c.get(), v.setting))
	}
	for _, c := range changedLeft {
		p.set(c.c, fallback(c.c.get(), v.setting))
	}
	if leftReturns {
		f.named, f.tainted = v.setting, true
	}
	return how
}

// either walks both branches of a condition that nobody knows and keeps what they agree on.
func (p *program) either(at Place, f *frame, a, b func() flow) flow {
	var inA, inB []change
	p.unsure++
	pop := p.push(arm{at, 0})
	howA := p.record(&inA, a)
	pop()
	after := map[*cell]value{}
	for _, c := range inA {
		after[c.c] = c.c.get()
	}
	undo(inA)
	pop = p.push(arm{at, 1})
	howB := p.record(&inB, b)
	pop()
	p.unsure--
	switch {
	case howA != goesOn && howB != goesOn:
		p.keep(inB)
		return max(howA, howB)
	case howA != goesOn: // only b comes here: what it left is what holds
		p.path = append(slices.Clone(p.path), arm{at, 1})
		p.keep(inB)
		return goesOn
	case howB != goesOn:
		p.path = append(slices.Clone(p.path), arm{at, 0})
		undo(inB)
		for c, v := range after {
			p.set(c, v)
		}
		return goesOn
	}
	p.keep(inB)
	for _, c := range inB {
		if _, ok := after[c.c]; !ok {
			after[c.c] = first(inB, c.c)
		}
	}
	for c, v := range after {
		p.set(c, join(v, c.get()))
	}
	return goesOn
}

// first is the value that a variable had before the changes.
func first(changes []change, c *cell) value {
	for _, x := range changes {
		if x.c == c {
			return x.old
		}
	}
	return c.get()
}

// record walks something and lists what it assigns; keep hands such a list on to the branch around it.
func (p *program) record(changes *[]change, walk func() flow) flow {
	outer := p.journal
	p.journal = changes
	how := walk()
	p.journal = outer
	return how
}

func (p *program) keep(changes []change) {
	if p.journal != nil {
		*p.journal = append(*p.journal, changes...)
	}
}

func undo(changes []change) {
	for _, c := range slices.Backward(changes) {
		c.c.v = c.old
	}
}

func (p *program) push(a arm) (pop func()) {
	before := p.path
	p.path = append(slices.Clone(before), a)
	return func() { p.path = before }
}

// givesUp tells whether a block ends the program or returns an error, without having listened.
func (p *program) givesUp(block ast.Node, list []ast.Stmt, f *frame) bool {
	if len(list) == 0 {
		return false
	}
	up := false
	switch last := list[len(list)-1].(type) {
	case *ast.ExprStmt:
		up = isFatal(last.X)
	case *ast.ReturnStmt:
		up = returnsError(last, f.typ)
	}
	return up && !p.nodeMayListen(block)
}

// isFatal tells whether a call does not come back.
func isFatal(x ast.Expr) bool {
	call, ok := x.(*ast.CallExpr)
	if !ok {
		return false
	}
	switch fn := call.Fun.(type) {
	case *ast.Ident:
		return fn.Name == "panic"
	case *ast.SelectorExpr:
		switch fn.Sel.Name {
		case "Fatal", "Fatalf", "Fatalln", "Fatalw", "Panic", "Panicf", "Panicln", "Exit", "Goexit":
			return true
		}
	}
	return false
}

// returnsError tells whether a return hands an error on: the last result is an error and it is not nil.
func returnsError(s *ast.ReturnStmt, typ *ast.FuncType) bool {
	if typ == nil || typ.Results == nil || len(typ.Results.List) == 0 {
		return false
	}
	last, ok := typ.Results.List[len(typ.Results.List)-1].Type.(*ast.Ident)
	if !ok || last.Name != "error" || len(s.Results) == 0 {
		return false
	}
	switch x := s.Results[len(s.Results)-1].(type) {
	case *ast.Ident:
		return x.Name != "nil"
	case *ast.CallExpr:
		sel, ok := x.Fun.(*ast.SelectorExpr)
		return ok && (isName(sel.X, "errors") || isName(sel.X, "xerrors") || sel.Sel.Name == "Errorf" || sel.Sel.Name == "Wrap")
	case *ast.SelectorExpr, *ast.UnaryExpr, *ast.CompositeLit:
		return true
	}
	return false
}

func isName(x ast.Expr, name string) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == name
}

func (p *program) switchStmt(s *ast.SwitchStmt, f *frame, sc *scope) flow {
	sc = &scope{outer: sc}
	if s.Init != nil {
		p.exec(s.Init, f, sc)
	}
	var clauses []*ast.CaseClause
	var others *ast.CaseClause
	for _, c := range s.Body.List {
		if c := c.(*ast.CaseClause); c.List == nil {
			others = c
		} else {
			clauses = append(clauses, c)
		}
	}
	return loopEnd(p.cases(s, clauses, others, f, sc))
}

// cases treats a switch as the chain of ifs that it stands for.
func (p *program) cases(s *ast.SwitchStmt, clauses []*ast.CaseClause, others *ast.CaseClause, f *frame, sc *scope) flow {
	if len(clauses) == 0 {
		if others == nil {
			return goesOn
		}
		return p.block(others.Body, f, &scope{outer: sc})
	}
	c := clauses[0]
	var cond ast.Expr
	for _, x := range c.List {
		test := x
		if s.Tag != nil {
			test = &ast.BinaryExpr{X: s.Tag, Op: token.EQL, Y: x, OpPos: x.Pos()}
		}
		if cond == nil {
			cond = test
		} else {
			cond = &ast.BinaryExpr{X: cond, Op: token.LOR, Y: test, OpPos: x.Pos()}
		}
	}
	at := f.file.place(c.Pos())
	then := func() flow { return p.block(c.Body, f, &scope{outer: sc}) }
	other := func() flow { return p.cases(s, clauses[1:], others, f, sc) }
	v := p.judge(cond, f, sc)
	switch {
	case p.givesUp(c, c.Body, f):
		return other()
	case !v.known:
		return p.either(at, f, then, other)
	case v.holds:
		return p.decided(at, v, f, then, other)
	}
	return p.decided(at, v, f, other, then)
}

// loopEnd turns the break out of a switch or loop into going on behind it.
func loopEnd(how flow) flow {
	if how == breaks {
		return goesOn
	}
	return how
}

func (p *program) typeSwitch(s *ast.TypeSwitchStmt, f *frame, sc *scope) flow {
	var bodies [][]ast.Stmt
	for _, c := range s.Body.List {
		bodies = append(bodies, c.(*ast.CaseClause).Body)
	}
	return p.oneOf(bodies, f.file.place(s.Pos()), f, sc)
}

func (p *program) selectStmt(s *ast.SelectStmt, f *frame, sc *scope) flow {
	var bodies [][]ast.Stmt
	for _, c := range s.Body.List {
		bodies = append(bodies, c.(*ast.CommClause).Body)
	}
	return p.oneOf(bodies, f.file.place(s.Pos()), f, sc)
}

// oneOf walks several bodies of which one is taken.
func (p *program) oneOf(bodies [][]ast.Stmt, at Place, f *frame, sc *scope) flow {
	if len(bodies) == 0 {
		return goesOn
	}
	last := func() flow { return goesOn } // a program that waits here goes on, one way or another
	for i := len(bodies) - 1; i >= 0; i-- {
		body, rest := bodies[i], last
		at := at
		at.Column += i
		last = func() flow {
			return p.either(at, f, func() flow { return p.block(body, f, &scope{outer: sc}) }, rest)
		}
	}
	return loopEnd(last())
}

// forStmt walks a loop once. What its own counter and body change from turn to turn is not known.
func (p *program) forStmt(s *ast.ForStmt, f *frame, sc *scope) flow {
	sc = &scope{outer: sc}
	if s.Init != nil {
		p.exec(s.Init, f, sc)
		for _, c := range sc.vars {
			c.v = unknown{}
		}
	}
	if s.Cond != nil {
		if v := p.judge(s.Cond, f, sc); v.known && !v.holds {
			return goesOn
		}
	}
	return loopEnd(p.block(s.Body.List, f, &scope{outer: sc}))
}

// maxTurns bounds the turns of a loop over a known list.
const maxTurns = 16

func (p *program) rangeStmt(s *ast.RangeStmt, f *frame, sc *scope) flow {
	over := p.eval(s.X, f, sc)
	if l, ok := over.(list); ok && len(l) > 0 {
		for i, v := range l[:min(len(l), maxTurns)] {
			how := p.turn(s, literal(intKind, itoa(i), Place{}), v, f, sc)
			if how == returns || how == ends {
				return how
			}
		}
		return goesOn
	}
	how := p.turn(s, unknown{}, unknown{}, f, sc)
	if how == returns { // there may be no turn at all
		return goesOn
	}
	return loopEnd(how)
}

func (p *program) turn(s *ast.RangeStmt, key, val value, f *frame, sc *scope) flow {
	sc = &scope{outer: sc}
	for i, x := range []ast.Expr{s.Key, s.Value} {
		if x == nil {
			continue
		}
		v := []value{key, val}[i]
		if id, ok := x.(*ast.Ident); ok && s.Tok == token.DEFINE {
			sc.define(id.Name, v)
		} else if c := p.location(x, f, sc); c != nil {
			p.set(c, v)
		}
	}
	return loopEnd(p.block(s.Body.List, f, &scope{outer: sc}))
}
