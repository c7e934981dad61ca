package tree

import (
	"slices"
	"strings"
)

const none = -1

// node is a place in a path: behind a literal byte, or behind a wildcard.
type node struct {
	up   *node
	char byte   // the literal byte that leads here
	name string // or the wildcard: ":id"; of a catch-all with the slash before it, "/*path"

	next  []*node // the literal bytes that go on, the most travelled first, as gin sorts them
	param *node   // the parameter that goes on
	rest  *node   // the catch-all that goes on, slash included

	route  int // the route that ends here
	first  int // the first that came by
	passed int // how many came by
}

func (n *node) literal(char byte) *node {
	for _, c := range n.next {
		if c.char == char {
			return c
		}
	}
	return nil
}

func (n *node) goesOn() bool { return len(n.next) > 0 || n.param != nil || n.rest != nil }

// witness is the first route that goes on from here where gin looks first; the one that ends here where none goes on.
func (n *node) witness() int {
	switch {
	case len(n.next) > 0:
		return n.next[0].first
	case n.rest != nil:
		return n.rest.first
	}
	return n.route
}

// cut tells whether gin's tree has a piece that ends here.
func (n *node) cut() bool {
	return n.up == nil || n.name != "" || n.route != none || n.param != nil || n.rest != nil || len(n.next) != 1
}

// piece is the text of the piece of gin's tree that leads here.
func (n *node) piece() string {
	if n.name != "" || n.up == nil {
		return n.name
	}
	from := n.up
	for !from.cut() {
		from = from.up
	}
	return n.since(from)
}

// segment is the text of the piece of gin's tree that goes on first from here, up to a slash.
func (n *node) segment() string {
	if len(n.next) == 0 {
		return ""
	}
	end := n.next[0]
	for !end.cut() {
		end = end.next[0]
	}
	text, _, _ := strings.Cut(end.since(n), "/")
	return text
}

// since is the literal text between two nodes.
func (n *node) since(from *node) string {
	var text []byte
	for ; n != from; n = n.up {
		text = append(text, n.char)
	}
	slices.Reverse(text)
	return string(text)
}

func (n *node) child(c node, index int) *node {
	c.up, c.route, c.first = n, none, index
	return &c
}

// travel counts a route that ends here, and puts the more travelled ways first: behind those that are travelled as often.
func (n *node) travel() {
	for ; n != nil; n = n.up {
		n.passed++
		if n.up == nil || n.name != "" {
			continue
		}
		ways := n.up.next
		i := 0
		for ways[i] != n {
			i++
		}
		for ; i > 0 && ways[i-1].passed < n.passed; i-- {
			ways[i-1], ways[i] = ways[i], ways[i-1]
		}
	}
}
