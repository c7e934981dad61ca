package tree

import (
	"net/http"
	"slices"
)

// AnyMethods are what the method Any stands for, in its order, in every release so far.
var AnyMethods = []string{
	http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodHead, http.MethodOptions, http.MethodDelete,
	http.MethodConnect, http.MethodTrace,
}

// IsStatic tells whether a method of gin serves files: those register GET and HEAD, with a handler of their own.
func IsStatic(name string) bool {
	return slices.Contains([]string{"Static", "StaticFS", "StaticFile", "StaticFileFS"}, name)
}
