// Package tree says which route registrations gin refuses by a panic, and in which words.
//
// The rules are those of gin's route tree, told in another way: gin keeps a radix tree of path pieces, which it splits as routes
// come; here each literal byte of a path is a node of its own, and a parameter or a catch-all is one node. Where gin's words
// depend on how its tree was split, the pieces are worked out from the nodes.
package tree

import (
	"path"
	"strings"
)

// Kind is why a registration panics.
type Kind int

// The kinds of panic.
const (
	Duplicate        Kind = iota // the same method and path a second time
	WildcardConflict             // something else stands where another route has a wildcard
	CatchAllConflict             // a catch-all at a level where other routes go on
	ChildrenConflict             // a wildcard at a level where other routes go on, which gin before 1.7 refuses
	SeveralWildcards             // more than one wildcard in a path segment
	Unnamed                      // a wildcard without a name
	CatchAllNotLast              // a catch-all that is not the end of its path
	NoSlash                      // a catch-all in the middle of a path segment
	BadEscape                    // a backslash before something else than a colon
	BadPath                      // a path that does not begin with a slash
	BadMethod                    // a method that Handle refuses
	NoMethod                     // an empty method
	NoHandler                    // an empty chain of handlers
	TooManyHandlers              // a chain of 63 handlers or more
	StaticWildcard               // a wildcard in the path of Static and its kin
)

// Route is one registration.
type Route struct {
	Call   string // the method of gin that is called: "GET", "Handle", "Static", ...
	Given  string // the path as that call got it
	Method string
	Path   string // all of it, joined with those of the groups
	// Handlers is the length of the chain: the route's own handlers and all middleware that its group has by then.
	Handlers int
}

// Panic is a registration refused.
type Panic struct {
	Kind Kind
	Text string // what gin says
	// With is the earlier route that it clashes with, by the order in which routes were added; -1 where it is wrong by itself.
	With int
}

// Tree is the routes of an engine.
type Tree struct {
	rules rules
	roots map[string]*node // by method
	added int
}

// New is an engine without routes. The version is gin's as go.mod has it; without one the newest rules are taken.
func New(version string) *Tree {
	return &Tree{rules: rulesOf(version), roots: map[string]*node{}}
}

// Add registers a route. One that panics counts as added, and leaves the tree as it was.
func (t *Tree) Add(r Route) *Panic {
	index := t.added
	t.added++
	if p := refused(r); p != nil {
		return p
	}
	root := t.roots[r.Method]
	if root == nil {
		root = &node{route: none, first: index}
	}
	if p := t.rules.insert(root, r.Path, index); p != nil {
		return p
	}
	t.roots[r.Method] = root
	return nil
}

// First is the registration at which a program ends, by its index, and why; nil where it does not.
func First(version string, routes []Route) (int, *Panic) {
	t := New(version)
	for i, r := range routes {
		if p := t.Add(r); p != nil {
			return i, p
		}
	}
	return 0, nil
}

// refused is what gin finds wrong with a route before it looks at the tree, in the order in which it looks (routergroup.go, and
// addRoute in gin.go).
func refused(r Route) *Panic {
	wild := strings.ContainsAny(r.Given, ":*")
	switch {
	case r.Call == "Handle" && !letters(r.Method):
		return alone(BadMethod, "http method "+r.Method+" is not valid")
	case wild && (r.Call == "StaticFile" || r.Call == "StaticFileFS"):
		return alone(StaticWildcard, "URL parameters can not be used when serving a static file")
	case wild && (r.Call == "Static" || r.Call == "StaticFS"):
		return alone(StaticWildcard, "URL parameters can not be used when serving a static folder")
	case r.Handlers >= tooMany:
		return alone(TooManyHandlers, "too many handlers")
	case !strings.HasPrefix(r.Path, "/"):
		return alone(BadPath, "path must begin with '/'")
	case r.Method == "":
		return alone(NoMethod, "HTTP method can not be empty")
	case r.Handlers == 0:
		return alone(NoHandler, "there must be at least one handler")
	}
	return nil
}

// letters tells whether a method is one that Handle takes: capital letters and nothing else.
func letters(method string) bool {
	return method != "" && strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// TooMany tells whether gin refuses a group or a route for the length of its chain of handlers.
func TooMany(handlers int) bool { return handlers >= tooMany }

// Join is the path of a route, or a group, below a group (gin v1.12.0 utils.go joinPaths).
func Join(group, given string) string {
	if given == "" {
		return group
	}
	joined := path.Join(group, given)
	if strings.HasSuffix(given, "/") && !strings.HasSuffix(joined, "/") {
		joined += "/"
	}
	return joined
}

func alone(kind Kind, text string) *Panic { return &Panic{Kind: kind, Text: text, With: none} }
