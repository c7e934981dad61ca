package engine

import (
	"cmp"
	"go/token"
	"slices"
)

// The code of functions that have to do with routers is kept in a small language of its own: what is left when all that has no
// bearing on routers is taken away. It can be written down as a fact, which syntax trees cannot.

// fn is a function, a function literal, or the initial value of a package variable.
type fn struct {
	Key      string // the full name: "example.org/shop/router.New"
	Pkg      string
	File     string
	Params   []int // slots; the receiver is the first of a method
	Types    []string
	Results  []int // slots of named results
	Variadic bool
	Handler  bool // returns one handler: a call of it is told by its name
	Method   bool
	Body     []*node
	At       place

	pos token.Pos
}

// place is a position in the file of a function.
type place struct{ Line, Col, Off int }

func (f *fn) position(p place) token.Position {
	if f == nil || p.Line == 0 {
		return token.Position{}
	}
	return token.Position{Filename: f.File, Offset: p.Off, Line: p.Line, Column: p.Col}
}

// node is an expression or a statement.
type node struct {
	Op    op
	Str   string
	Src   string // as written
	Type  string // the named type of the value, without a pointer: "net/http.Server"
	N     int
	Flag  flag
	Kids  []*node
	Names []string
	Fn    *fn
	At    place
	End   place

	pos token.Pos // where the package under analysis holds it
}

type op uint8

const (
	xUnknown op = iota // of no interest; Kids are evaluated for what they do
	xConst             // Str; fString says that it is a string
	xLocal             // slot N
	xGlobal            // Str is the full name
	xField             // Str of Kids[0]
	xIndex             // Kids[1] of Kids[0]
	xFunc              // the function Str
	xBound             // the method Str of Kids[0]
	xIMethod           // the method Str of the interface value Kids[0]; Names[0] is its signature
	xGin               // the method Str of gin's on Kids[0]
	xExpr              // the method Str as a function (T.Method)
	xLiteral           // Fn, nil where it has nothing to do with routers
	xCall              // Kids[0] is the function
	xBuiltin           // Str, with Kids
	xStruct            // Type, with the fields Names
	xList              // Kids
	xMap               // keys and values in turn
	xBinary            // Str
	xNot
	xSame // Kids[0]: conversions and the like

	sExpr   // Kids[0]
	sAssign // Kids[:N] = Kids[N:]; fDefine
	sReturn
	sIf     // init, cond, then, else; fAbort
	sSwitch // init, tag, and cases; fDefault says that one of them is the default
	sCase   // a block; Names[0] "default"; slot N-1 takes the tag
	sFor    // init, cond, post, body; Names unused; slots assigned in Kids[4:]
	sRange  // key, value, x, body; slots assigned in Kids[4:]
	sBlock
	sDefer
	sBreak // break, continue, goto
	sDie   // panic, os.Exit, log.Fatal
)

type flag uint16

const (
	fString   flag = 1 << iota
	fSpread        // f(x...)
	fHandler       // the value is a handler
	fEngine        // the value is a *gin.Engine
	fServes        // the value is an http.Handler or *http.Server
	fObject        // the value is a struct or points to one
	fDefine        // :=, var
	fAbort         // a branch that is taken when something failed
	fDefault       // has a default case
	fStd           // the function is one of the standard library
	fOwn           // it is one of the module
	fNil           // the constant nil
	fAssigned      // a variable that is assigned to elsewhere
)

// bundle is the fact about a package: the code of its functions and those of the packages below it that have to do with routers.
type bundle struct {
	Funcs   []*fn
	Methods []method
	Inits   []string // keys of the init functions, in the order in which they run
}

// method says what a named type does for a method of an interface.
type method struct {
	Type, Name, Key, Signature string
	Path                       []string // of embedded fields
}

// AFact marks the bundle as a fact.
func (*bundle) AFact() {}

func (b *bundle) String() string { return "routers" }

// join adds what another bundle holds.
func (b *bundle) join(other *bundle) {
	b.Funcs = append(b.Funcs, other.Funcs...)
	b.Methods = append(b.Methods, other.Methods...)
	for _, key := range other.Inits {
		if !slices.Contains(b.Inits, key) {
			b.Inits = append(b.Inits, key)
		}
	}
}

// tidy sorts, and takes out what is there twice: packages come by more than one way.
func (b *bundle) tidy() {
	slices.SortStableFunc(b.Funcs, func(x, y *fn) int { return cmp.Compare(x.Key, y.Key) })
	b.Funcs = slices.CompactFunc(b.Funcs, func(x, y *fn) bool { return x.Key == y.Key })
	order := func(x, y method) int {
		return cmp.Or(cmp.Compare(x.Type, y.Type), cmp.Compare(x.Name, y.Name))
	}
	slices.SortStableFunc(b.Methods, order)
	b.Methods = slices.CompactFunc(b.Methods, func(x, y method) bool { return order(x, y) == 0 })
}
