package project

import (
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// makeConditional matches the lines that begin, divide and end the branches of a conditional.
var makeConditional = lazyregexp.New(`^(?:ifeq|ifneq|ifdef|ifndef|else|endif)(?:[\s(]|$)`)

// branch is a conditional of a Makefile that is open.
type branch struct {
	asked string // of `ifndef X` the X, while nothing else is asked
	truth truth  // of the branch that is read now
	taken truth  // whether one of those above it was taken
}

// truth is what is known of a question.
type truth int

const (
	perhaps truth = iota
	no
	yes
)

func known(answer bool) truth {
	if answer {
		return yes
	}
	return no
}

func (t truth) not() truth {
	switch t {
	case yes:
		return no
	case no:
		return yes
	}
	return perhaps
}

// and is the truth of both.
func (t truth) and(other truth) truth {
	switch {
	case t == no || other == no:
		return no
	case t == yes && other == yes:
		return yes
	}
	return perhaps
}

// branch is the first branch of a conditional. Where the file is read for what stands in it, none is judged.
func (m *makefile) branch(name, rest, asked string) branch {
	b := branch{asked: asked}
	if m.call != nil && !m.skips() {
		b.truth = m.asks(name, rest)
	}
	b.taken = b.truth
	return b
}

// otherwise is the branch behind an `else`, which may ask something of its own.
func (m *makefile) otherwise(b branch, rest string) branch {
	next := branch{truth: b.taken.not()}
	if m.call == nil {
		return branch{}
	}
	if word, question, _ := strings.Cut(rest, " "); strings.HasPrefix(word, "if") {
		next.truth = next.truth.and(m.asks(word, strings.TrimSpace(question)))
	}
	next.taken = next.truth
	switch {
	case b.taken == yes:
		next.taken = yes
	case b.taken == perhaps && next.truth != yes:
		next.taken = perhaps
	}
	return next
}

// skips tells whether the lines that are read now stand in a branch that is not taken.
func (m *makefile) skips() bool {
	return slices.ContainsFunc(m.branches, func(b branch) bool { return b.truth == no })
}

// open tells whether the lines that are read now stand in a branch that may be taken, and whether that depends on more than whether a
// variable is set.
func (m *makefile) open(variable string) (open, onMore bool) {
	for _, b := range m.branches {
		if b.truth == perhaps {
			open, onMore = true, onMore || b.asked != variable
		}
	}
	return open, onMore
}

// asks answers a conditional.
func (m *makefile) asks(name, rest string) truth {
	switch name {
	case "ifdef", "ifndef":
		answer := m.call.defined(m, rest)
		if name == "ifndef" {
			return answer.not()
		}
		return answer
	case "ifeq", "ifneq":
		a, b, ok := makeOperands(rest)
		left, leftKnown := m.value(a)
		right, rightKnown := m.value(b)
		if !ok || !leftKnown || !rightKnown {
			return perhaps
		}
		return known((left == right) == (name == "ifeq"))
	}
	return perhaps
}

// makeOperands are what is compared: (a,b), "a" "b" or 'a' 'b'.
func makeOperands(rest string) (a, b string, ok bool) {
	if inner, found := strings.CutPrefix(rest, "("); found {
		depth := 0
		for i := range len(inner) {
			switch inner[i] {
			case '(', '{':
				depth++
			case ')', '}':
				depth--
			case ',':
				if depth == 0 {
					return strings.TrimSpace(inner[:i]), strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(inner[i+1:]), ")")), true
				}
			}
		}
		return "", "", false
	}
	for _, quote := range []string{`"`, `'`} {
		if parts := strings.Split(rest, quote); len(parts) == 5 && strings.TrimSpace(parts[2]) == "" {
			return parts[1], parts[3], true
		}
	}
	return "", "", false
}

// value is a text of the file with all filled in; known is false where a part of it is computed.
func (m *makefile) value(text string) (value string, known bool) {
	e := &makeExpansion{makefile: m, out: m.src.Empty(), lists: m.call.needing}
	if e.value(text, 0); e.tooLong || e.out.hidden(0, len(e.out.bytes)) {
		return "", false
	}
	return e.out.String(), true
}
