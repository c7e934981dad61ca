// Package engine finds the gin engines of a program and what is done to each, in order: middleware, routes with their full
// paths, templates, proxies, and where it is run.
//
// It is an analyzer (golang.org/x/tools/go/analysis). Of each function it works out a summary of what the function does to the
// engines and groups that it gets, makes, keeps and returns; a summary is put in where the function is called, across packages
// too (as a fact about the function). What it cannot follow makes an engine incomplete; it is never guessed.
package engine

import (
	"go/token"
	"reflect"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
)

// Analyzer gives a *Result for each package.
var Analyzer = &analysis.Analyzer{
	Name:             "ginengines",
	Doc:              "find the gin engines of a program, and what is registered on each",
	Requires:         []*analysis.Analyzer{inspect.Analyzer},
	RunDespiteErrors: true,
	ResultType:       reflect.TypeFor[*Result](),
	Run:              run,
	FactTypes:        []analysis.Fact{new(bundle)},
}

// GinPath is the import path of gin.
const GinPath = "github.com/gin-gonic/gin"

// Result is the engines as one package shows them.
type Result struct {
	// Engines are those that functions of this package make, or get from functions that they call, followed to where they go
	// from here. Of an engine that is made in a function of this package and returned to other functions of it, there is one
	// Engine: as seen from the outermost of them. Package main sees most.
	Engines []*Engine
}

// Engine is one gin engine.
type Engine struct {
	Made    token.Position // the call that makes it
	MadePos token.Pos      // the same, or the call in this package that leads to it
	Default bool           // by gin.Default: with Logger and Recovery
	Seen    string         // the function of this package that it is seen from, "main" or "NewRouter"
	// Ops is what is done to it and to its groups, in the order in which it happens.
	Ops []Op
	// Lost are places where it goes to code that we cannot follow: something may be done to it there. None means that Ops is all
	// that the program does to it. Where a package that is no program returns an engine to its callers, or keeps it in a package
	// variable, it is lost there: package main sees the rest.
	Lost []Lost
}

// Lost is a place where an engine goes out of sight.
type Lost struct {
	At token.Position
	To string // what it is handed to, as written
}

// Kind is the kind of an Op.
type Kind int

// The kinds of operation.
const (
	Use      Kind = iota // Use(handlers...)
	Group                // Group(path, handlers...); Op.Group is the new one
	Route                // a method and a path, by whatever call: GET, Handle, Any, Match, Static, StaticFile, StaticFS, ...
	NoRoute              // NoRoute, NoMethod
	LoadHTML             // LoadHTMLGlob, LoadHTMLFiles, LoadHTMLFS
	SetHTML              // SetHTMLTemplate, or an assignment to HTMLRender
	FuncMap              // SetFuncMap
	Delims               // Delims
	Proxies              // SetTrustedProxies
	Option               // an assignment to another field of the engine; Op.Name is the field
	Run                  // Run, RunTLS, RunUnix, RunFd, RunListener, RunQUIC
	Serve                // becomes the handler of an http.Server, http.ListenAndServe, http.Serve or an httptest server
	Library              // is handed to a function of a library we know, such as pprof.Register; Op.Name is its full name
)

// Op is one operation on an engine.
type Op struct {
	Kind Kind
	Name string // the method, field or function: "GET", "StaticFS", "TrustedPlatform", "github.com/gin-contrib/pprof.Register"
	// Group is what it is done to: a path of groups from the engine (whose Group has no Parent) down.
	Group *GroupRef
	// Methods and Path are of a Route: one Op per call, Any having all its methods, the Path joined with those of the groups.
	// PathKnown says that the path is a constant, as are those of its groups; else Path is as far as it is known.
	Methods   []string
	Path      string
	PathKnown bool
	// From and Rest are of a Route whose path is known only below a group: that group, and the path below it.
	From     *GroupRef
	Rest     string
	Handlers []Handler // of Use, Group, Route, NoRoute, in order
	// Spread says that handlers were given as slice..., and so are not all in Handlers.
	Spread bool
	// Args are the other arguments. Those of SetTrustedProxies are the proxies one by one, where they are listed; nil is one Value
	// "nil". Of a Serve they are the constants beside the handler, or the Addr of the http.Server.
	Args []Value
	// Arms are the branches that lead there: of two operations with unequal arms of one branch only one happens.
	Arms []Arm
	// Loop says that it is done in a loop, perhaps several times or never.
	Loop bool
	At   token.Position // the call
	End  token.Position
	// Brace is the line of the brace before it, where it is the first in a block.
	Brace int
	// Pos is the call if it is in the package under analysis, else the call of that package that leads to it.
	Pos token.Pos
	// Own says that Pos is the call itself.
	Own bool
	// Func is the full name of the function that holds the call: "example.org/shop/router.New", "(*example.org/shop/web.Server).Routes".
	Func string
}

// GroupRef is a router group. Two operations on one group have equal refs.
type GroupRef struct {
	Parent *GroupRef
	Made   token.Position // the call of Group; none for the engine's own group
	Prefix string         // the joined path, as far as known
	Known  bool           // whether Prefix is all of it
	// From and Rest are of a group whose path is not all known: the group above it, or itself, whose own path is not a constant, and
	// the path from there down; no From where that is not known either.
	From *GroupRef
	Rest string
	// Uses is the number of operations of the engine (an index into Ops) that had happened when the group was made: it has
	// copied the middleware that its parent had then.
	Uses int
}

// Handler is a middleware or a handler of a route.
type Handler struct {
	// Name is the full name of the function, or of the function whose result it is ("github.com/gin-contrib/cors.New"); for a
	// function literal that of the function around it, with ".func". Empty where it is not known.
	Name string
	// Made says that it is the result of a call of Name.
	Made bool
	At   token.Position
	// Src is the expression as written, cut to a line.
	Src string
}

// Value is an argument.
type Value struct {
	Text  string // of a constant: the string itself, or the value as Go writes it; else the expression as written
	Known bool   // whether it is a constant
	// Default says that Text is what the code falls back to while a variable, flag or setting is not set. Known is then false.
	Default bool
	Pos     token.Position
}

// Arm is one side of a branch. What comes after an if whose first arm returned stands in its second; the index -1 is any arm but
// those that returned.
type Arm struct {
	Branch token.Position
	Index  int
}

// Exclusive tells whether of two operations only one can happen.
func Exclusive(a, b Op) bool {
	for _, x := range a.Arms {
		for _, y := range b.Arms {
			if x.Branch == y.Branch && x.Index != y.Index {
				return true
			}
		}
	}
	return false
}

// Always tells whether an operation happens whenever the engine is made.
func (o Op) Always() bool { return len(o.Arms) == 0 && !o.Loop }
