package project

import (
	"path"
	"slices"
	"strings"
)

// sourceFiles stands in a value for the names of files that are there, of which only those that look know how they are called. No text
// has such a byte.
const sourceFiles = "\x01"

// reference adds what a reference means that is no variable of the file: an automatic variable, one of the environment, a function.
func (c *makeCall) reference(e *makeExpansion, name string, depth int) {
	if depth >= maxMakeDepth {
		e.hide()
		return
	}
	if value, ok := c.automatic[name]; ok {
		e.put(value)
		return
	}
	word, rest, call := strings.Cut(strings.TrimSpace(name), " ")
	switch {
	case call:
		e.function(word, strings.TrimLeft(rest, " \t"), depth+1)
		return
	case strings.ContainsAny(name, "$"):
		if inner, known := e.argument(name, depth+1); known && !strings.Contains(inner, "$") {
			e.reference("("+inner+")", depth+1)
			return
		}
		e.hide()
		return
	case strings.Contains(name, ":"):
		e.substitution(name, depth+1)
		return
	}
	if value, ok := c.builtIn(name); ok {
		e.put(value)
		return
	}
	v := c.scene.Variable(name)
	if !v.Known || strings.Contains(v.Text, "$") || !v.Set && (c.blind || strings.ContainsAny(name, "@<^*?+%|.") || strings.HasPrefix(name, "MAKE")) {
		e.hide()
		return
	}
	e.put(v.Text)
}

// builtIn are variables that make has by itself.
func (c *makeCall) builtIn(name string) (string, bool) {
	switch name {
	case "CURDIR":
		return c.dir, true
	case "PWD":
		return c.started, !c.scene.Variable("PWD").Set
	case "MAKEFILE_LIST":
		return strings.Join(c.files, " "), true
	case "RM":
		return "rm -f", true
	case "CC":
		return "cc", !c.scene.Variable("CC").Set
	}
	return "", false
}

// argument is a text of a function's call with all filled in.
func (e *makeExpansion) argument(text string, depth int) (string, bool) {
	value, known := e.files(text, depth)
	return value, known && !strings.Contains(value, sourceFiles)
}

// files is argument where the names of files may stand in it.
func (e *makeExpansion) files(text string, depth int) (string, bool) {
	in := &makeExpansion{makefile: e.makefile, out: e.src.Empty(), steps: e.steps, lists: true}
	in.value(text, depth)
	e.steps = in.steps
	if in.tooLong || in.out.hidden(0, len(in.out.bytes)) {
		return "", false
	}
	return in.out.String(), true
}

// arguments splits a function's call at its commas.
func makeArguments(text string) []string {
	var out []string
	for {
		i := bareIndex(text, ',')
		if i < 0 {
			return append(out, text)
		}
		out, text = append(out, text[:i]), text[i+1:]
	}
}

// function adds what a function gives, of those that give the same wherever they run.
func (e *makeExpansion) function(name, text string, depth int) {
	args := makeArguments(text)
	switch name {
	case "if":
		e.choice(args, depth)
		return
	case "or":
		for _, a := range args {
			if value, known := e.argument(a, depth); !known || value != "" {
				e.putKnown(value, known)
				return
			}
		}
		return
	case "info", "warning":
		return
	case "shell":
		e.shellOutput(text, depth)
		return
	case "wildcard":
		e.wildcard(text, depth)
		return
	case "strip", "sort", "filter-out": // files stay files
		if value, known := e.files(args[len(args)-1], depth); known && strings.TrimSpace(value) == sourceFiles {
			e.put(sourceFiles)
			return
		}
	}
	arity := map[string]int{"subst": 3, "patsubst": 3, "addprefix": 2, "addsuffix": 2, "filter": 2, "filter-out": 2}[name]
	if arity == 0 {
		args = []string{text}
	}
	for i := range args {
		value, known := e.argument(args[i], depth)
		if !known {
			e.hide()
			return
		}
		args[i] = value
	}
	if len(args) < arity {
		e.hide()
		return
	}
	value, known := makeText(name, args, e.call.dir)
	e.putKnown(value, known)
}

func (e *makeExpansion) putKnown(value string, known bool) {
	if !known {
		e.hide()
		return
	}
	e.put(value)
}

// choice is $(if condition,then,else).
func (e *makeExpansion) choice(args []string, depth int) {
	condition, known := e.argument(strings.TrimSpace(args[0]), depth)
	switch {
	case !known:
		e.hide()
	case condition != "" && len(args) > 1:
		e.value(args[1], depth)
	case condition == "" && len(args) > 2:
		e.value(strings.Join(args[2:], ","), depth)
	}
}

// makeText are the functions for texts and for the names of files (GNU make, "Functions for Transforming Text").
func makeText(name string, args []string, dir string) (string, bool) {
	last := args[len(args)-1]
	each := func(change func(word string) string) (string, bool) {
		words := strings.Fields(last)
		for i, w := range words {
			words[i] = change(w)
		}
		return strings.Join(words, " "), true
	}
	switch name {
	case "strip":
		return strings.Join(strings.Fields(last), " "), true
	case "firstword", "lastword":
		words := strings.Fields(last)
		switch {
		case len(words) == 0:
			return "", true
		case name == "firstword":
			return words[0], true
		}
		return words[len(words)-1], true
	case "notdir":
		return each(func(w string) string { return w[strings.LastIndexByte(w, '/')+1:] })
	case "dir":
		return each(func(w string) string {
			if i := strings.LastIndexByte(w, '/'); i >= 0 {
				return w[:i+1]
			}
			return "./"
		})
	case "basename":
		return each(func(w string) string { return strings.TrimSuffix(w, path.Ext(w)) })
	case "suffix":
		return each(path.Ext)
	case "abspath", "realpath":
		return each(func(w string) string { return within(dir, w) })
	case "addprefix":
		return each(func(w string) string { return args[0] + w })
	case "addsuffix":
		return each(func(w string) string { return w + args[0] })
	case "subst":
		if args[0] == "" {
			return "", false
		}
		return strings.ReplaceAll(last, args[0], args[1]), true
	case "patsubst":
		return each(func(w string) string { return patsubst(args[0], args[1], w) })
	case "filter", "filter-out":
		patterns := strings.Fields(args[0])
		var out []string
		for w := range strings.FieldsSeq(last) {
			matches := slices.ContainsFunc(patterns, func(p string) bool { return patsubst(p, "", w) != w || p == w })
			if matches == (name == "filter") {
				out = append(out, w)
			}
		}
		return strings.Join(out, " "), true
	}
	return "", false
}

// patsubst is a word in which what % stands for in a pattern is put into another; the word itself where the pattern does not match.
func patsubst(pattern, to, word string) string {
	before, behind, wild := strings.Cut(pattern, "%")
	if !wild {
		if word == pattern {
			return to
		}
		return word
	}
	if len(word) < len(before)+len(behind) || !strings.HasPrefix(word, before) || !strings.HasSuffix(word, behind) {
		return word
	}
	return strings.Replace(to, "%", word[len(before):len(word)-len(behind)], 1)
}

// substitution is $(NAME:a=b).
func (e *makeExpansion) substitution(name string, depth int) {
	variable, change, _ := strings.Cut(name, ":")
	from, to, ok := strings.Cut(change, "=")
	value, known := e.argument("$("+variable+")", depth)
	if !ok || !known {
		e.hide()
		return
	}
	if !strings.Contains(from, "%") {
		from, to = "%"+from, "%"+to
	}
	value, known = makeText("patsubst", []string{from, to, value}, "")
	e.putKnown(value, known)
}

// shellOutput is what a shell says, of the few commands whose answer is known: the folder, a program by its name.
func (e *makeExpansion) shellOutput(text string, depth int) {
	text, known := e.argument(text, depth)
	words := strings.Fields(text)
	if !known || len(words) == 0 {
		e.hide()
		return
	}
	text = strings.Join(words, " ")
	switch {
	case text == "pwd":
		e.put(e.call.dir)
	case words[0] == "find", strings.HasPrefix(text, "git ls-files"):
		e.put(sourceFiles)
	case len(words) == 2 && words[0] == "which", len(words) == 3 && words[0] == "command" && words[1] == "-v":
		e.put(words[len(words)-1]) // its path, which names the same program
	case len(words) == 2 && words[0] == "dirname" && !strings.ContainsAny(words[1], "$`\"'"):
		e.put(path.Dir(words[1]))
	default:
		e.hide()
	}
}

// wildcard are the files that match; of a plain name it is known whether it is there.
func (e *makeExpansion) wildcard(text string, depth int) {
	name, known := e.argument(strings.TrimSpace(text), depth)
	if known && strings.ContainsAny(name, "*?[ ") {
		e.put(sourceFiles)
		return
	}
	if !known || name == "" {
		e.hide()
		return
	}
	at := within(e.call.dir, name)
	if _, _, there := e.call.scene.Read(at); there {
		e.put(name)
	} else if !e.call.scene.Absent(at) {
		e.hide()
	}
}
