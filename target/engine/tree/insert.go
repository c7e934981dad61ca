package tree

import "strings"

// insert puts a path below the root of its method, unless gin would refuse it.
func (r rules) insert(root *node, path string, index int) *Panic {
	at, left := root, path
	for left != "" {
		way, p := r.way(at, left, path)
		if p != nil {
			return p
		}
		if way == nil {
			break
		}
		at, left = way, left[max(1, len(way.name)):]
	}
	if left == "" {
		if at.route != none {
			return &Panic{Duplicate, "handlers are already registered for path '" + path + "'", at.route}
		}
	} else {
		if p := r.refuse(at, left, path); p != nil {
			return p
		}
		at = r.grow(at, left, index)
	}
	at.route = index
	at.travel()
	return nil
}

// way is where what is left of a path goes from a node; nil where no route has gone that way yet.
func (r rules) way(at *node, left, path string) (*node, *Panic) {
	if next := at.literal(left[0]); next != nil {
		return next, nil
	}
	var wild *node
	switch {
	case at.rest != nil && left[0] == '/':
		wild = at.rest
	case at.param != nil && (wildcard(left[0]) || !r.since(staticBeside)):
		wild = at.param
	default:
		return nil, nil
	}
	whole := left == wild.name || strings.HasPrefix(left, wild.name+"/")
	if whole && (wild == at.param || !r.since(staticBeside)) {
		return wild, nil
	}
	return nil, wildcardConflict(wild, left, path)
}

func wildcardConflict(wild *node, left, path string) *Panic {
	segment := left
	if wild.name[0] == ':' {
		segment, _, _ = strings.Cut(left, "/")
	}
	prefix := path[:strings.Index(path, segment)] + wild.name
	return &Panic{WildcardConflict, "'" + segment + "' in new path '" + path + "' conflicts with existing wildcard '" + wild.name +
		"' in existing prefix '" + prefix + "'", wild.first}
}

// refuse is what is wrong with a path where it leaves all others: left of it is what follows the node.
func (r rules) refuse(at *node, left, path string) *Panic {
	for here := at; ; here = nil { // only the first wildcard can follow a node that others go by
		found, i, p := r.find(left)
		if p != nil || i < 0 {
			return p
		}
		if i > 0 {
			here = nil
		}
		if p := r.badWildcard(here, left[i:], found, path); p != nil {
			return p
		}
		if found[0] == '*' {
			return r.badCatchAll(here, left, i, found, path)
		}
		left = left[i+len(found):]
	}
}

// badWildcard is what is wrong with a wildcard, at the node at which it would stand beside others, if any.
func (r rules) badWildcard(here *node, from, found, path string) *Panic {
	var several, unnamed, beside *Panic
	quoted := found
	if !r.since(namesSegment) {
		quoted = from
	}
	if strings.ContainsAny(found[1:], ":*") {
		several = alone(SeveralWildcards, "only one wildcard per path segment is allowed, has: '"+quoted+"' in path '"+path+"'")
	}
	if len(found) < 2 {
		unnamed = alone(Unnamed, "wildcards must be named with a non-empty name in path '"+path+"'")
	}
	if here != nil && here.goesOn() && !r.since(staticBeside) {
		called := "segment"
		if !r.since(namesSegment) {
			called = "route"
		}
		beside = &Panic{ChildrenConflict, "wildcard " + called + " '" + found + "' conflicts with existing children in path '" + path + "'", here.witness()}
	}
	if !r.since(namesSegment) {
		return firstOf(several, beside, unnamed)
	}
	return firstOf(several, unnamed, beside)
}

// badCatchAll is what is wrong with a catch-all, which begins at i.
func (r rules) badCatchAll(here *node, left string, i int, found, path string) *Panic {
	if i+len(found) != len(left) {
		return alone(CatchAllNotLast, "catch-all routes are only allowed at the end of the path in path '"+path+"'")
	}
	if here == nil {
		if i > 0 && left[i-1] == '/' {
			return nil
		}
		return alone(NoSlash, "no / before catch-all in path '"+path+"'")
	}
	if before := path[len(path)-len(left)-1]; before != '/' {
		text := "no / before catch-all in path '" + path + "'"
		if !r.since(escapes) {
			text = "runtime error: index out of range [-1]"
		}
		return alone(NoSlash, text)
	}
	text := "catch-all conflicts with existing handle for the path segment root in path '" + path + "'"
	if segment := here.segment(); r.since(namesClash) {
		text = "catch-all wildcard '" + left + "' in new path '" + path + "' conflicts with existing path segment '" + segment +
			"' in existing prefix '" + here.piece() + segment + "'"
		if !here.goesOn() && !r.since(clashOfNone) {
			text = "runtime error: index out of range [0] with length 0"
		}
	}
	return &Panic{CatchAllConflict, text, here.witness()}
}

// grow makes the nodes for what is left of a path that nothing is wrong with.
func (r rules) grow(at *node, left string, index int) *node {
	for left != "" {
		found, i, _ := r.find(left)
		literal := left
		switch {
		case i >= 0 && found[0] == '*':
			literal = left[:i-1]
		case i >= 0:
			literal = left[:i]
		}
		for _, char := range []byte(literal) {
			next := at.child(node{char: char}, index)
			at.next = append(at.next, next)
			at = next
		}
		left = left[len(literal):]
		switch {
		case left == "":
		case left[0] == ':':
			at.param = at.child(node{name: found}, index)
			at, left = at.param, left[len(found):]
		default:
			at.rest = at.child(node{name: left}, index)
			return at.rest
		}
	}
	return at
}

// find finds the first wildcard of what is left of a path, up to the next slash or the end; at -1 where there is none.
func (r rules) find(left string) (found string, i int, p *Panic) {
	for i := 0; i < len(left); i++ {
		switch {
		case wildcard(left[i]):
			segment, _, _ := strings.Cut(left[i:], "/")
			return segment, i, nil
		case left[i] != '\\' || !r.since(escapes):
		case i+1 < len(left) && left[i+1] != ':':
			return "", none, alone(BadEscape, "invalid escape string in path '"+left+"'")
		default:
			i++ // the escaped colon
		}
	}
	return "", none, nil
}

func wildcard(char byte) bool { return char == ':' || char == '*' }

func firstOf(panics ...*Panic) *Panic {
	for _, p := range panics {
		if p != nil {
			return p
		}
	}
	return nil
}
