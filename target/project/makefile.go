package project

import (
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

var (
	makeAssign    = lazyregexp.New(`^((?:(?:export|override|private)\s+)*)([A-Za-z_.][A-Za-z0-9_.-]*)\s*(\?=|:=|::=|:::=|=|\+=|!=)\s*(.*)$`)
	makeDefine    = lazyregexp.New(`^(?:(?:export|override|private)\s+)*define\s+([A-Za-z_.][A-Za-z0-9_.-]*)`)
	makeDirective = lazyregexp.New(`^(ifeq|ifneq|ifdef|ifndef|else|endif|endef|include|-include|sinclude|export|unexport|undefine|override|vpath|load|-load)(?:\s+(.*))?$`)
)

// The bounds of filling in variables: what people write stays far below.
const (
	maxMakeDepth = 16       // of variables in variables
	maxMakeSteps = 4096     // variables filled in for one recipe line
	maxMakeText  = 64 << 10 // bytes of one recipe line
	maxMakeTotal = 100_000  // variables filled in for one file
)

// computedValue stands in a value for what the tool that reads the file computes. No text has a NUL.
const computedValue = "\x00"

// makefile is a Makefile while it is read: first all that is set, then the recipes, for make expands them last.
type makefile struct {
	*Script
	src       *Source
	variables map[string]*makeVariable
	recipes   [][]*Text // the lines of each rule, as they stand in the file
	branches  []branch  // the conditionals that are open
	prefix    byte      // of recipe lines
	oneShell  bool
	inRule    bool
	steps     int
	call      *makeCall // what make is started with, and where; nil where the file is read for what stands in it
}

type makeVariable struct {
	value  string // with $ for what is to be filled in
	simple bool   // set by :=
}

// parseMakefile finds the commands in the recipes of a Makefile. Variables that the file sets to plain text are filled in; what
// make computes (functions, automatic variables, what is set in one of several branches) is left as a word that only the shell
// knows. Conditionals around recipes are not judged: the commands of every branch are listed.
func parseMakefile(src *Source) Script {
	m := &makefile{Script: &Script{}, src: src, variables: map[string]*makeVariable{"MAKE": {value: "make"}}, prefix: '\t'}
	m.lines()
	if shell := m.variables["SHELL"]; shell != nil && !strings.ContainsAny(shell.value, "$"+computedValue) {
		if fields := strings.Fields(shell.value); len(fields) > 0 && !slices.ContainsFunc(fields, func(f string) bool { return PosixShell(path.Base(f)) }) {
			for _, line := range slices.Concat(m.recipes...) {
				m.unknown(line.Place(), OtherShell)
			}
			return *m.Script
		}
	}
	for _, rule := range m.recipes {
		m.rule(rule)
	}
	return *m.Script
}

// lines reads the file, line after line.
func (m *makefile) lines() {
	for i := 0; i < len(m.src.starts); {
		i = m.line(i)
	}
}

// physical are the offsets of a line's text, without its end.
func (s *Source) physical(i int) (from, to int) {
	from, to = s.starts[i], len(s.Text)
	if i+1 < len(s.starts) {
		to = s.starts[i+1] - 1
	}
	if to > from && s.Text[to-1] == '\r' {
		to--
	}
	if i == 0 {
		from += bomWidth(s.Text)
	}
	return from, max(from, to)
}

// continued tells whether a line ends in a backslash that joins it with the next.
func continued(text string) bool {
	return (len(text)-len(strings.TrimRight(text, `\`)))%2 == 1
}

// line reads the logical line that begins with line i, and gives the number of the one behind it.
func (m *makefile) line(i int) int {
	from, to := m.src.physical(i)
	if m.inRule && from < to && m.src.Text[from] == m.prefix {
		text, next := m.recipeLine(i)
		if m.call != nil {
			m.call.recipeLine(m, text)
			return next
		}
		last := len(m.recipes) - 1
		m.recipes[last] = append(m.recipes[last], text)
		return next
	}
	text, next := m.joined(i)
	m.statement(text)
	if define := makeDefine.FindStringSubmatch(strings.TrimLeft(text.String(), " \t")); define != nil && !makeIsAssign(text.String()) {
		m.set(define[1], "=", computedValue)
		return m.skipDefine(next)
	}
	return next
}

// makeIsAssign tells a variable that is called define from the word.
func makeIsAssign(line string) bool {
	a := makeAssign.FindStringSubmatch(strings.TrimLeft(line, " \t"))
	return a != nil && a[2] == "define"
}

// skipDefine passes over the lines of a variable of several lines.
func (m *makefile) skipDefine(i int) int {
	for depth := 1; i < len(m.src.starts) && depth > 0; i++ {
		from, to := m.src.physical(i)
		switch line := strings.TrimSpace(m.src.Text[from:to]); {
		case makeDefine.MatchString(line):
			depth++
		case line == "endef" || strings.HasPrefix(line, "endef ") || strings.HasPrefix(line, "endef#"):
			depth--
		}
	}
	return i
}

// recipeLine is what make hands to the shell, variables not yet filled in: lines that end in a backslash are handed over as they
// are, without the prefix of the next one (GNU make, "Splitting Recipe Lines").
func (m *makefile) recipeLine(i int) (*Text, int) {
	text := m.src.Empty()
	for {
		from, to := m.src.physical(i)
		if from < to && m.src.Text[from] == m.prefix {
			from++
			text.DropTo(from)
		}
		text.Copy(from, to)
		i++
		if !continued(m.src.Text[from:to]) || i == len(m.src.starts) {
			return text, i
		}
		text.Put("\n", Written, to, m.src.starts[i])
	}
}

// joined is a line that is none of a recipe: the ends of lines that end in a backslash and the blanks around them become one
// blank.
func (m *makefile) joined(i int) (*Text, int) {
	text := m.src.Empty()
	for {
		from, to := m.src.physical(i)
		line := m.src.Text[from:to]
		if len(text.bytes) > 0 {
			trimmed := strings.TrimLeft(line, " \t")
			from += len(line) - len(trimmed)
		}
		i++
		if !continued(line) || i == len(m.src.starts) {
			text.Copy(from, max(from, to))
			return text, i
		}
		text.Copy(from, max(from, to-1))
		text.Put(" ", Written, max(from, to-1), m.src.starts[i])
	}
}

func (m *makefile) unknown(at Span, why Reason) {
	m.Unknown = append(m.Unknown, Unknown{Span: at, Reason: why})
}

// statement reads a line that is none of a recipe.
func (m *makefile) statement(text *Text) {
	whole := text.String()
	line := strings.TrimLeft(whole, " \t")
	indented := len(line) < len(whole)
	if uncommented(line) == "" {
		return
	}
	if m.call != nil && m.skips() && !makeConditional.MatchString(line) {
		return
	}
	place := text.around(len(whole)-len(line), len(whole))
	if strings.Contains(line, "$(eval ") || strings.Contains(line, "${eval ") {
		m.unknown(place, Evaluated)
	}
	if a := makeAssign.FindStringSubmatch(line); a != nil {
		if m.call != nil && strings.Contains(a[1], "export") {
			m.call.exports[a[2]] = true
		}
		m.set(a[2], a[3], strings.TrimSpace(uncommented(a[4])))
		return
	}
	if d := makeDirective.FindStringSubmatch(line); d != nil {
		m.directive(d[1], strings.TrimSpace(uncommented(d[2])), place)
		return
	}
	colon := strings.IndexByte(line, ':')
	switch {
	case makeDefine.MatchString(line):
	case m.call != nil && (colon >= 0 || line[0] == '$'):
		m.inRule = m.inRule || colon >= 0
		m.call.beginRule(m, text, len(whole)-len(line))
	case colon < 0:
		if m.inRule && indented && !strings.HasPrefix(line, "$") {
			m.unknown(place, BadFormat) // make stops here: a recipe line begins with a tab
		}
	default:
		m.beginRule(text, len(whole)-len(line), colon)
	}
}

// uncommented is a line without its comment.
func uncommented(line string) string {
	for i := 0; i < len(line); i++ {
		if line[i] == '#' && !(i > 0 && line[i-1] == '\\') {
			return line[:i]
		}
	}
	return strings.ReplaceAll(line, `\#`, "#")
}

// beginRule reads the line of a rule: targets, a colon, and what a target alone sets, or prerequisites and a recipe behind a
// semicolon.
func (m *makefile) beginRule(text *Text, start, colon int) {
	line := text.String()[start:]
	rest := strings.TrimLeft(line[colon+1:], ": \t")
	if a := makeAssign.FindStringSubmatch(rest); a != nil {
		m.setsPath(a[2])
		m.variables[a[2]] = &makeVariable{value: computedValue} // one value for these targets, another for others
		return
	}
	m.inRule = true
	m.recipes = append(m.recipes, nil)
	if strings.TrimSpace(line[:colon]) == ".ONESHELL" {
		m.oneShell = true
	}
	if end := strings.IndexAny(line, ";#"); end >= 0 && line[end] == ';' {
		m.recipes[len(m.recipes)-1] = []*Text{text.Part(start+end+1, len(text.bytes))}
	}
}

func (m *makefile) directive(name, rest string, place Span) {
	switch name {
	case "ifeq", "ifneq", "ifdef":
		m.branches = append(m.branches, m.branch(name, rest, ""))
	case "ifndef":
		m.branches = append(m.branches, m.branch(name, rest, rest))
	case "else":
		if n := len(m.branches); n > 0 {
			m.branches[n-1] = m.otherwise(m.branches[n-1], rest)
		}
	case "endif":
		m.branches = m.branches[:max(len(m.branches)-1, 0)]
	case "undefine":
		delete(m.variables, rest)
	case "export", "unexport":
		if m.call != nil {
			m.call.export(m, name, rest)
		}
	case "include", "-include", "sinclude":
		m.SetsPath = true // what another file sets is not ours to guess
		m.unknown(place, Included)
		for name := range strings.FieldsSeq(rest) {
			if !strings.ContainsAny(name, "$*?[") {
				m.includes = append(m.includes, include{file: name})
			}
		}
		if m.call != nil {
			m.call.include(m, rest)
		}
	case "load", "-load", "vpath":
		if m.call != nil {
			m.call.blind = true
		}
	}
}

func (m *makefile) setsPath(name string) {
	m.SetsPath = m.SetsPath || name == "PATH" || name == "SHELL"
}

// set takes down what a line sets. What one branch of a conditional sets is not known for certain, but for a default that asks
// whether there is a value yet.
func (m *makefile) set(name, operator, value string) {
	m.setsPath(name)
	before := m.variables[name]
	if before == nil && m.call != nil {
		before = m.call.inherited(name, operator)
	}
	open, inBranch := m.open(name)
	if m.call != nil && m.call.given[name] != nil {
		return // what the command line says counts
	}
	switch {
	case name == ".RECIPEPREFIX":
		m.prefix = '\t'
		if value != "" {
			m.prefix = value[0]
		}
		return
	case inBranch && (before == nil || before.value != value):
		m.variables[name] = &makeVariable{value: computedValue}
		return
	case operator == "?=" || open:
		if before != nil {
			return
		}
	case operator == "+=" && before != nil && before.value == computedValue:
		return
	}
	v := &makeVariable{value: value, simple: strings.HasPrefix(operator, ":")}
	switch {
	case operator == "!=":
		v.value = computedValue
	case operator == "+=" && before != nil:
		v.simple = before.simple
	}
	if v.simple {
		v.value = m.fixed(v.value)
	}
	if operator == "+=" && before != nil && before.value != "" {
		v.value = before.value + " " + v.value
	}
	if len(v.value) > maxMakeText {
		v.value = computedValue
	}
	m.variables[name] = v
}

// fixed is a value with all filled in that is known now.
func (m *makefile) fixed(value string) string {
	e := &makeExpansion{makefile: m, out: m.src.Empty(), lists: true}
	if e.value(value, 0); e.tooLong {
		return computedValue
	}
	var b strings.Builder
	for i, c := range e.out.bytes {
		switch {
		case e.out.from[i].nature != Hidden:
			if b.WriteByte(c); c == '$' {
				b.WriteByte('$')
			}
		case c == '$': // the first byte of a hidden word
			b.WriteString(computedValue)
		}
	}
	return b.String()
}

// rule reads the recipe of one rule. Each line has a shell of its own, unless the file asks for one for all.
func (m *makefile) rule(lines []*Text) {
	var all *Text
	for _, line := range lines {
		shell := m.expanded(line)
		if shell == nil {
			continue
		}
		if !m.oneShell {
			m.run(shell)
			continue
		}
		if all == nil {
			all = m.src.Empty()
		} else {
			all.Put("\n", Added, shell.at(0), shell.at(0))
		}
		all.Append(shell)
	}
	if all != nil {
		m.run(all)
	}
}

// expanded is a recipe line as the shell gets it: variables filled in, what is for make alone at its beginning left out.
func (m *makefile) expanded(line *Text) *Text {
	e := &makeExpansion{makefile: m, out: m.src.Empty()}
	e.text(line)
	if e.tooLong {
		m.unknown(line.Place(), TooLong)
		return nil
	}
	out := e.out
	i := 0
	for i < len(out.bytes) && strings.IndexByte(" \t@-+", out.bytes[i]) >= 0 {
		i++
	}
	return out.Part(i, len(out.bytes))
}

func (m *makefile) run(shell *Text) {
	if setsPath(shell.String()) {
		m.SetsPath = true
	}
	m.add(shell, ".")
}

// makeExpansion fills in variables.
type makeExpansion struct {
	*makefile
	out     *Text
	use     origin // where in the file the variable is used that is being filled in
	steps   int
	tooLong bool
	lists   bool // sourceFiles may stand in the text
}

// text adds a text of the file.
func (e *makeExpansion) text(t *Text) {
	for i := 0; i < len(t.bytes); {
		end := dollar(t.bytes, i)
		switch {
		case end == i:
			e.out.Append(t.Part(i, i+1))
			end = i + 1
		case end == i+2 && t.bytes[i+1] == '$':
			e.out.Append(t.Part(i, i+1))
			e.out.from[len(e.out.from)-1].end = t.from[i+1].end
		default:
			at := t.around(i, end)
			e.use = origin{start: int32(at.Start), end: int32(at.End)}
			e.reference(string(t.bytes[i+1:end]), 0)
		}
		i = end
	}
}

// value adds the value of a variable.
func (e *makeExpansion) value(value string, depth int) {
	bytes := []byte(value)
	for i := 0; i < len(bytes) && !e.tooLong; {
		end := dollar(bytes, i)
		switch {
		case end == i && value[i] == 0:
			e.hide()
			end = i + 1
		case end == i:
			for end++; end < len(bytes) && bytes[end] != '$' && bytes[end] != 0; end++ {
			}
			e.put(value[i:end])
		case end == i+2 && value[i+1] == '$':
			e.put("$")
		default:
			e.reference(value[i+1:end], depth)
		}
		i = end
	}
}

func (e *makeExpansion) put(text string) {
	if !e.lists && strings.Contains(text, sourceFiles) {
		e.hide()
		return
	}
	if len(e.out.bytes)+len(text) > maxMakeText || !e.src.room(len(text)) {
		e.tooLong = true
		return
	}
	e.out.Put(text, Filled, int(e.use.start), int(e.use.end))
}

func (e *makeExpansion) hide() {
	if e.tooLong = e.tooLong || !e.src.room(len(hiddenWord)); !e.tooLong {
		e.out.hide(int(e.use.start), int(e.use.end))
	}
}

// reference adds what a reference means that stands behind a dollar: (NAME), {NAME} or one character.
func (e *makeExpansion) reference(name string, depth int) {
	e.steps++
	e.makefile.steps++
	if e.steps > maxMakeSteps || e.makefile.steps > maxMakeTotal || len(e.out.bytes) > maxMakeText {
		e.tooLong = true
		return
	}
	if n := len(name); n > 1 {
		if name[n-1] != ')' && name[n-1] != '}' {
			e.hide() // never closed
			return
		}
		name = name[1 : n-1]
	}
	v := e.variables[name]
	if v == nil && e.call != nil {
		e.call.reference(e, name, depth)
		return
	}
	if v == nil || depth == maxMakeDepth {
		e.hide()
		return
	}
	if !e.src.room(len(v.value)) {
		e.tooLong = true
		return
	}
	e.value(v.value, depth+1)
}

// dollar is the end of the reference that begins at i, and i where none does. A dollar at the very end is one.
func dollar(text []byte, i int) int {
	if text[i] != '$' || i+1 == len(text) {
		return i
	}
	if text[i+1] != '(' && text[i+1] != '{' {
		return i + 2
	}
	return i + 1 + closing(text[i+1:])
}

// closing is the offset behind the bracket that closes the one s begins with; the end of s where it is never closed.
func closing(s []byte) int {
	depth := 0
	for i := range s {
		switch s[i] {
		case '(', '{':
			depth++
		case ')', '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}
