package listen

import (
	"context"
	"go/ast"
	"slices"
	"strings"
)

// Bounds of one walk. Real programs need a few thousand steps; the rest is for those that were written to be walked.
const (
	maxSteps = 200_000
	maxDepth = 200
	maxQueue = 200
)

// program is the walk through one main package: the state of the program as far as it is known.
type program struct {
	ctx  context.Context
	in   Input
	code *code
	main *pack

	found    []Address
	steps    int
	depth    int
	stack    []*ast.BlockStmt // the functions under way
	mute     int              // above 0 in a branch that is looked at and not taken
	journal  *[]change        // of assignments, where they may have to be undone
	path     []arm
	unsure   int // above 0 behind a condition that is not settled by the code alone
	gor      int // the goroutine walked
	gors     int // the last goroutine started
	globals  map[*variable]*cell
	inited   map[*pack]bool
	objects  map[string][]*object // structs that were made, by type
	queue    []callback
	queued   map[*ast.BlockStmt]bool
	env      map[string]scalar // set by the program: from env files, os.Setenv
	flags    map[string]*cell
	viper    *viper
	listenBy map[string]bool   // names of functions that may listen
	may      map[ast.Node]bool // what nodeMayListen found
}

// callback is a function that was handed to foreign code, to be called some day.
type callback struct {
	fn    *closure
	first bool // before the others
}

// change is an assignment that can be undone.
type change struct {
	c   *cell
	old value
}

func newProgram(ctx context.Context, in Input, c *code, main *pack) *program {
	return &program{ctx: ctx, in: in, code: c, main: main,
		globals: map[*variable]*cell{}, inited: map[*pack]bool{}, objects: map[string][]*object{},
		queued: map[*ast.BlockStmt]bool{}, may: map[ast.Node]bool{}, env: map[string]scalar{}, flags: map[string]*cell{}, viper: newViper()}
}

// walk goes through the program: package initialization, main, and then what foreign code was given to call (commands,
// life-cycle hooks).
func (p *program) walk() {
	p.main.load()
	p.findListening()
	p.autoload(p.main, map[*pack]bool{})
	p.initialize(p.main)
	if main := p.main.funcs["main"]; main != nil {
		p.call(main, nil)
	}
	for n := 0; len(p.queue) > 0 && n < maxQueue; n++ {
		i := max(0, slices.IndexFunc(p.queue, func(c callback) bool { return c.first }))
		next := p.queue[i]
		p.queue = slices.Delete(p.queue, i, i+1)
		p.gors++
		p.gor = p.gors
		p.path = []arm{{branch: Place{File: "callback"}, index: n}} // which of them one process calls is not known
		p.call(next.fn, nil)
	}
}

// initialize walks the package variables and init functions of what the package imports, then its own.
func (p *program) initialize(pk *pack) {
	if p.inited[pk] || !pk.matters() {
		return
	}
	p.inited[pk] = true
	for _, i := range pk.imports {
		p.initialize(i)
	}
	if !pk.inits && pk != p.main {
		return // its variables are computed when they are read
	}
	pk.load()
	for _, s := range pk.files {
		if s.syntax == nil {
			continue
		}
		for _, d := range s.syntax.File.Decls {
			if g, ok := d.(*ast.GenDecl); ok {
				p.initVars(pk, g)
			}
		}
	}
	var inits []string
	for name := range pk.funcs {
		if strings.HasPrefix(name, "init ") {
			inits = append(inits, name)
		}
	}
	slices.Sort(inits)
	for _, name := range inits {
		p.call(pk.funcs[name], nil)
	}
}

func (p *program) initVars(pk *pack, g *ast.GenDecl) {
	for _, spec := range g.Specs {
		if spec, ok := spec.(*ast.ValueSpec); ok {
			for _, name := range spec.Names {
				if v := pk.vars[name.Name]; v != nil && len(spec.Values) > 0 {
					p.global(v).get()
				}
			}
		}
	}
}

// global is the storage of a package variable in this program.
func (p *program) global(v *variable) *cell {
	c := p.globals[v]
	if c == nil {
		c = &cell{}
		p.globals[v] = c
		c.init = func() value { return p.initialValue(v) }
	}
	return c
}

func (p *program) initialValue(v *variable) value {
	defer p.apart()()
	switch {
	case v.embed != "":
		return file{path: v.embed, dir: v.file.pack.dir}
	case len(v.spec.Values) == 0:
		return p.zero(p.typeOf(v.spec.Type, v.file), v.file.place(v.spec.Pos()))
	case len(v.spec.Values) == len(v.spec.Names):
		val := p.eval(v.spec.Values[v.index], &frame{file: v.file}, nil)
		return p.asType(val, v.spec.Type, v.file)
	}
	if t, ok := p.eval(v.spec.Values[0], &frame{file: v.file}, nil).(tuple); ok && v.index < len(t) {
		return t[v.index]
	}
	return unknown{}
}

// apart walks something that is not part of the branch under way, such as a package variable read for the first time. The
// function it returns comes back.
func (p *program) apart() func() {
	journal, path, unsure := p.journal, p.path, p.unsure
	p.journal, p.path, p.unsure = nil, nil, 0
	return func() { p.journal, p.path, p.unsure = journal, path, unsure }
}

// set assigns to a variable.
func (p *program) set(c *cell, v value) {
	if p.journal != nil {
		*p.journal = append(*p.journal, change{c, c.get()})
	}
	c.init, c.v = nil, v
}

// enqueue notes a function that foreign code was given.
func (p *program) enqueue(fn *closure, first bool) {
	if fn.body == nil || p.queued[fn.body] || p.mute > 0 || !first && !p.mayListen(fn) {
		return
	}
	p.queued[fn.body] = true
	p.queue = append(p.queue, callback{fn, first})
}

// tired tells that the walk has gone on for long enough.
func (p *program) tired() bool {
	p.steps++
	return p.steps > maxSteps || p.steps%1024 == 0 && p.ctx.Err() != nil
}
