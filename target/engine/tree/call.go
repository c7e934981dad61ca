package tree

import (
	"net/http"
	"path"
	"slices"
)

// Call is a call of gin that registers routes.
type Call struct {
	Name    string   // the method of gin: "GET", "Any", "StaticFS", ...
	Group   string   // the path of the group that it is called on, "/" for the engine
	Given   string   // the path as the call got it
	Methods []string // of Handle and Match
	// Handlers is the length of the chain: those given to the call and all middleware that the group has by then.
	Handlers int
}

// anyMethods is what the method Any stands for, in its order, in every release so far.
var anyMethods = []string{
	http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodHead, http.MethodOptions, http.MethodDelete,
	http.MethodConnect, http.MethodTrace,
}

// IsStatic tells whether a method of gin serves files: those register GET and HEAD, with a handler of their own.
func IsStatic(name string) bool {
	return slices.Contains([]string{"Static", "StaticFS", "StaticFile", "StaticFileFS"}, name)
}

// Routes are the routes that a call registers, in order.
func (c Call) Routes() []Route {
	methods := c.Methods
	given := c.Given
	handlers := c.Handlers
	switch c.Name {
	case "Handle", "Match":
	case "Any":
		methods = anyMethods
	case "Static", "StaticFS":
		given = path.Join(given, "/*filepath")
		fallthrough
	case "StaticFile", "StaticFileFS":
		methods = []string{http.MethodGet, http.MethodHead}
		handlers++
	default:
		methods = []string{c.Name}
	}
	var out []Route
	for _, m := range methods {
		out = append(out, Route{Call: c.Name, Given: c.Given, Method: m, Path: Join(c.Group, given), Handlers: handlers})
	}
	return out
}
