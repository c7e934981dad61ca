//go:build oracle

package oracle

import (
	"net/http"
	"path"

	"github.com/gindoctor/gindoctor/target/engine/tree"
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

// Routes are the routes that a call registers, in order.
func (c Call) Routes() []tree.Route {
	methods := c.Methods
	given := c.Given
	handlers := c.Handlers
	switch c.Name {
	case "Handle", "Match":
	case "Any":
		methods = tree.AnyMethods
	case "Static", "StaticFS":
		given = path.Join(given, "/*filepath")
		fallthrough
	case "StaticFile", "StaticFileFS":
		methods = []string{http.MethodGet, http.MethodHead}
		handlers++
	default:
		methods = []string{c.Name}
	}
	var out []tree.Route
	for _, m := range methods {
		out = append(out, tree.Route{Call: c.Name, Given: c.Given, Method: m, Path: tree.Join(c.Group, given), Handlers: handlers})
	}
	return out
}
