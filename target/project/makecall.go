package project

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// The bounds of following make.
const (
	maxMakeIncludes = 32
	maxMakeGoals    = 256
)

// makefileNames are the files that make looks for, in this order (GNU make, "What Name to Give Your Makefile").
var makefileNames = []string{"GNUmakefile", "makefile", "Makefile"}

// makeCall is one start of make: what its files say, as make reads them with the variables that it is given.
type makeCall struct {
	scene     Scene
	started   string                   // where it is started
	dir       string                   // where it runs: -C
	given     map[string]*makeVariable // on the command line
	rules     map[string]*makeRule
	patterns  []*makeRule
	first     string
	sets      map[string][]makeSet
	exports   map[string]bool
	exportAll bool
	blind     bool // something may define what is not seen here
	included  int
	files     []string // as $(MAKEFILE_LIST) has them

	now       []*makeRule // those whose recipe is read
	statement int         // counts the rules of the file
	needing   bool        // prerequisites are read: files that are there need no name
	automatic map[string]string
	done      map[string]bool
	shells    []Shell
}

// makeRule is what is known of a target.
type makeRule struct {
	name      string // with % for a pattern
	needs     []string
	src       *makefile // of the recipe
	recipe    []*Text
	statement int
	phony     bool
	ruled     bool // there is a rule for it
	unsure    bool // it stands under a condition that is not known, or is written in a form that is not read
}

// makeSet is a variable that is set for a target and what it needs.
type makeSet struct {
	name, operator, value string
	export                bool
}

// makes is what a call of make runs.
func (s Scene) makes(c Command, dir string) ([]Shell, bool) {
	call := &makeCall{scene: s, started: dir, dir: dir, given: map[string]*makeVariable{}, rules: map[string]*makeRule{}, sets: map[string][]makeSet{}, exports: map[string]bool{},
		done: map[string]bool{}}
	m := &makefile{Script: &Script{}, variables: map[string]*makeVariable{"MAKE": {value: "make"}}, prefix: '\t', call: call}
	call.passedOn()
	goals, names, ok := call.arguments(c)
	if !ok {
		return nil, false
	}
	for name, v := range call.given {
		m.variables[name] = v
	}
	file, text, at, ok := s.firstFile(call.dir, names)
	if !ok {
		return nil, false
	}
	m.src, m.File = NewSource(text), file
	call.files = []string{path.Base(at)}
	m.lines()
	if shell := m.variables["SHELL"]; shell != nil {
		if value, known := m.value(shell.value); !known || !slices.ContainsFunc(strings.Fields(value), func(f string) bool { return PosixShell(path.Base(f)) }) {
			return nil, false
		}
	}
	if len(goals) == 0 {
		if goals, ok = call.defaultGoal(m); !ok {
			return nil, false
		}
	}
	whole := true
	for _, goal := range goals {
		whole = call.goal(m, goal) && whole
	}
	return call.shells, whole && !call.blind
}

// passedOn takes down the variables that a make above this one was given on its command line: they count here too.
func (c *makeCall) passedOn() {
	for name := range strings.FieldsSeq(c.scene.Variable("MAKEOVERRIDES").Text) {
		v := c.scene.Variable(name)
		value := &makeVariable{value: strings.ReplaceAll(v.Text, "$", "$$"), simple: true}
		if !v.Known {
			value.value = computedValue
		}
		c.given[name] = value
	}
}

// makeSwitches are the flags of make that change nothing of what is built where nothing has been built yet.
var makeSwitches = []string{"-s", "--silent", "--quiet", "-B", "--always-make", "-k", "--keep-going", "-i", "--ignore-errors", "-w", "--print-directory",
	"--no-print-directory", "-r", "-R", "-j", "--jobs", "-O", "--output-sync", "--trace", "--warn-undefined-variables", "-d", "-S", "-b", "-m"}

// arguments reads the words of a call: what is to be made, and the files to look for.
func (c *makeCall) arguments(command Command) (goals, files []string, ok bool) {
	files = makefileNames
	words := command.Words
	for i := 1; i < len(words); i++ {
		word := words[i]
		flag, value, joined := strings.Cut(word, "=")
		if name, v, set := command.given(i); set {
			value := &makeVariable{value: v}
			if v != computedValue && strings.Contains(v, "$") {
				value.value = computedValue
			}
			c.given[name] = value
			continue
		}
		if len(word) > 2 && (strings.HasPrefix(word, "-C") || strings.HasPrefix(word, "-f")) {
			flag, value, joined = word[:2], word[2:], true
		}
		switch {
		case word == "" && i > 1 && (words[i-1] == "-j" || words[i-1] == "-l"): // $(nproc)
		case word == "":
			return nil, nil, false
		case slices.Contains([]string{"-C", "--directory", "-f", "--file", "--makefile"}, flag):
			if !joined {
				if i++; i == len(words) {
					return nil, nil, false
				}
				value = words[i]
			}
			switch {
			case value == "" || value == "-":
				return nil, nil, false
			case flag == "-C" || flag == "--directory":
				c.dir = within(c.dir, value)
			default:
				files = []string{value}
			}
		case slices.Contains(makeSwitches, flag), strings.HasPrefix(word, "-j"), strings.HasPrefix(word, "-l"), strings.Trim(word, "0123456789") == "" && i > 1 && words[i-1] == "-j":
		case strings.HasPrefix(word, "-"):
			return nil, nil, false
		default:
			goals = append(goals, plainTarget(word))
		}
	}
	if len(files) == 1 && path.IsAbs(files[0]) {
		return nil, nil, false
	}
	return goals, files, true
}

func (c *makeCall) defaultGoal(m *makefile) ([]string, bool) {
	if v := m.variables[".DEFAULT_GOAL"]; v != nil {
		value, known := m.value(v.value)
		return strings.Fields(value), known && value != ""
	}
	return []string{c.first}, c.first != "" && !c.blind
}

// inherited is a variable of the environment that a line of the file adds to, or leaves as it is; nil where there is none.
func (c *makeCall) inherited(name, operator string) *makeVariable {
	if operator != "?=" && operator != "+=" {
		return nil
	}
	v := c.scene.Variable(name)
	switch {
	case !v.Known || strings.Contains(v.Text, "$") || !v.Set && c.blind:
		return &makeVariable{value: computedValue}
	case !v.Set:
		return nil
	}
	return &makeVariable{value: v.Text}
}

// defined answers ifdef.
func (c *makeCall) defined(m *makefile, text string) truth {
	name, ok := m.value(text)
	if v := m.variables[name]; ok && v != nil {
		if v.value == computedValue {
			return perhaps
		}
		return known(v.value != "")
	}
	v := c.scene.Variable(name)
	if !ok || !v.Known || c.blind && !v.Set {
		return perhaps
	}
	return known(v.Text != "")
}

func (c *makeCall) export(m *makefile, directive, rest string) {
	names, known := m.value(rest)
	switch {
	case !known:
		c.blind = true
	case directive == "export" && names == "":
		c.exportAll = true
	default:
		for name := range strings.FieldsSeq(names) {
			c.exports[name] = directive == "export"
		}
	}
}

// include reads other files in the place of the line.
func (c *makeCall) include(m *makefile, rest string) {
	names, known := m.value(rest)
	if !known {
		c.blind = true
	}
	for name := range strings.FieldsSeq(names) {
		at := within(c.dir, name)
		file, text, ok := c.scene.Read(at)
		if c.included++; ok && c.included <= maxMakeIncludes && len(text) <= maxScriptSize {
			in := &makefile{Script: &Script{File: file}, src: NewSource(text), variables: m.variables, branches: slices.Clone(m.branches), prefix: '\t', call: c}
			c.files = append(c.files, name)
			in.lines()
			continue
		}
		if ok || strings.ContainsAny(name, "*?[") || !c.scene.Absent(at) {
			c.blind = true
		}
	}
}

// beginRule reads the line of a rule.
func (c *makeCall) beginRule(m *makefile, text *Text, start int) {
	c.now = nil
	c.statement++
	line := text.String()[start:]
	colon := bareIndex(line, ':')
	if colon < 0 { // a function: $(info ...) says something, $(eval ...) may define anything
		if value, known := m.value(uncommented(line)); !known || strings.TrimSpace(value) != "" {
			c.blind = true
		}
		return
	}
	targets, known := m.value(strings.TrimSuffix(line[:colon], "&"))
	if !known {
		c.blind = true
		return
	}
	behind := len(line[:colon]) + 1
	double := behind < len(line) && line[behind] == ':'
	if double {
		behind++
	}
	if a := makeAssign.FindStringSubmatch(strings.TrimSpace(line[behind:])); a != nil {
		for name := range strings.FieldsSeq(targets) {
			name = plainTarget(name)
			c.sets[name] = append(c.sets[name], makeSet{a[2], a[3], strings.TrimSpace(uncommented(a[4])), strings.Contains(a[1], "export")})
		}
		c.blind = c.blind || strings.Contains(targets, "%")
		return
	}
	needs, inline := line[behind:], -1
	if end := strings.IndexAny(needs, ";#"); end >= 0 {
		if needs[end] == ';' {
			inline = start + behind + end + 1
		}
		needs = needs[:end]
	}
	c.needing = true
	needed, known := m.value(needs)
	c.needing = false
	open, _ := m.open("")
	static := bareIndex(needs, ':') >= 0
	if static {
		needed = ""
	}
	for name := range strings.FieldsSeq(targets) {
		if r := c.rule(m, name, strings.Fields(needed)); r != nil {
			r.unsure = r.unsure || !known || double || open || static
			c.now = append(c.now, r)
		}
	}
	if inline >= 0 {
		c.recipeLine(m, text.Part(inline, len(text.bytes)))
	}
}

// bareIndex is where a character stands first that is in no brackets of a reference; -1 where none does.
func bareIndex(text string, c byte) int {
	for i := 0; i < len(text); i++ {
		if end := dollar([]byte(text), i); end > i {
			i = end - 1
			continue
		}
		if text[i] == c {
			return i
		}
	}
	return -1
}

// rule takes down a target and what it needs; nil for one that says something to make itself.
func (c *makeCall) rule(m *makefile, name string, needs []string) *makeRule {
	switch name {
	case ".PHONY":
		for _, n := range needs {
			c.target(n).phony = true
		}
		return nil
	case ".ONESHELL":
		m.oneShell = true
		return nil
	case ".EXPORT_ALL_VARIABLES":
		c.exportAll = true
		return nil
	case ".SECONDEXPANSION", ".DEFAULT":
		c.blind = true
		return nil
	}
	needs = slices.DeleteFunc(needs, func(n string) bool { return n == "|" || n == sourceFiles })
	for i := range needs {
		needs[i] = plainTarget(needs[i])
	}
	name = plainTarget(name)
	if strings.Contains(name, "%") {
		r := &makeRule{name: name, needs: needs, ruled: true}
		c.patterns = append(c.patterns, r)
		return r
	}
	if c.first == "" && (name[0] != '.' || strings.Contains(name, "/")) {
		c.first = name
	}
	r := c.target(name)
	r.ruled = true
	r.needs = append(r.needs, needs...)
	return r
}

// plainTarget is the name of a target as make has it.
func plainTarget(name string) string {
	if rest := strings.TrimLeft(strings.TrimPrefix(name, "./"), "/"); strings.HasPrefix(name, "./") && rest != "" {
		return rest
	}
	return name
}

func (c *makeCall) target(name string) *makeRule {
	r := c.rules[name]
	if r == nil {
		r = &makeRule{name: name}
		c.rules[name] = r
	}
	return r
}

// recipeLine adds a line to the recipes of the rule that is read. A second recipe for a target takes the place of the first.
func (c *makeCall) recipeLine(m *makefile, text *Text) {
	if m.skips() {
		return
	}
	open, _ := m.open("")
	for _, r := range c.now {
		if r.statement != c.statement {
			r.statement, r.recipe, r.src = c.statement, nil, m
		}
		r.recipe = append(r.recipe, text)
		r.unsure = r.unsure || open
	}
}

// goal takes down what is run to make a target; false where that is not known as a whole.
func (c *makeCall) goal(m *makefile, name string) bool {
	if done, seen := c.done[name]; seen {
		return done
	}
	if len(c.done) > maxMakeGoals {
		return false
	}
	c.done[name] = true // what needs itself is left out by make
	whole := c.make(m, name)
	c.done[name] = whole
	return whole
}

func (c *makeCall) make(m *makefile, name string) bool {
	r, stem := c.rules[name], ""
	if r == nil || r.recipe == nil && !r.phony {
		if p, s, ok := c.pattern(name); ok {
			p.needs = append(p.needs, needsOf(r)...)
			r, stem = p, s
		}
	}
	switch {
	case r == nil:
		return !c.blind && !c.scene.Absent(within(c.dir, name)) // a file that is there
	case r.unsure:
		return false
	case !r.ruled && len(needsOf(r)) == 0:
		return !c.blind
	}
	before, exported := maps.Clone(m.variables), maps.Clone(c.exports)
	for _, set := range c.sets[name] {
		m.set(set.name, set.operator, set.value)
		c.exports[set.name] = c.exports[set.name] || set.export
	}
	whole := true
	for _, need := range r.needs {
		whole = c.goal(m, strings.ReplaceAll(need, "%", stem)) && whole
	}
	switch {
	case len(r.recipe) == 0:
	case !r.phony && !c.scene.Absent(within(c.dir, name)):
		whole = false // it may be up to date
	default:
		whole = c.run(r, name, stem) && whole
	}
	clear(m.variables)
	maps.Copy(m.variables, before)
	c.exports = exported
	return whole
}

func needsOf(r *makeRule) []string {
	if r == nil {
		return nil
	}
	return r.needs
}

// pattern is the rule of a pattern that a target matches: the one with the shortest stem.
func (c *makeCall) pattern(name string) (rule *makeRule, stem string, ok bool) {
	for _, p := range c.patterns {
		before, behind, _ := strings.Cut(p.name, "%")
		if len(name) <= len(before)+len(behind) || !strings.HasPrefix(name, before) || !strings.HasSuffix(name, behind) || len(p.recipe) == 0 {
			continue
		}
		if s := name[len(before) : len(name)-len(behind)]; !ok || len(s) < len(stem) {
			r := *p
			r.needs = slices.Clone(p.needs)
			rule, stem, ok = &r, s, true
		}
	}
	return rule, stem, ok
}

// run takes down the recipe of a rule.
func (c *makeCall) run(r *makeRule, target, stem string) bool {
	c.automatic = map[string]string{"@": target, "@D": path.Dir(target), "@F": path.Base(target), "*": stem, "^": strings.Join(r.needs, " ")}
	if len(r.needs) > 0 {
		first := strings.ReplaceAll(r.needs[0], "%", stem)
		c.automatic["<"], c.automatic["<D"], c.automatic["<F"] = first, path.Dir(first), path.Base(first)
	}
	defer func() { c.automatic = nil }()
	whole := true
	var all *Text
	for _, line := range r.recipe {
		shell := r.src.expanded(line)
		switch {
		case shell == nil:
			whole = false
		case !r.src.oneShell:
			whole = c.shell(r, shell) && whole
		case all == nil:
			all = shell
		default:
			all.Put("\n", Added, shell.at(0), shell.at(0))
			all.Append(shell)
		}
	}
	if all != nil {
		whole = c.shell(r, all) && whole
	}
	return whole
}

// shell takes down one text that a recipe has a shell run.
func (c *makeCall) shell(r *makeRule, text *Text) bool {
	commands, unknown := text.Commands(".", true)
	sh := Shell{File: r.src.File, Text: text.String(), Dir: c.dir, Commands: commands, Set: c.environment(r.src)}
	sh.place(c.dir)
	c.shells = append(c.shells, sh)
	return !slices.ContainsFunc(unknown, func(u Unknown) bool { return u.Reason != Sourced }) && len(c.shells) <= maxShells
}

// environment are the variables that make hands to what it starts: those of its command line, those that are exported, and those that
// it got out of its environment itself (GNU make, "Communicating Variables to a Sub-make").
func (c *makeCall) environment(m *makefile) map[string]Variable {
	out := map[string]Variable{}
	for name, v := range m.variables {
		export, said := c.exports[name]
		switch {
		case c.given[name] != nil:
			export = true
		case !said && c.exportAll:
			export = true
		case !said:
			env := c.scene.Variable(name)
			export = env.Set || !env.Known
		}
		if !export || name == "MAKE" || name == "SHELL" {
			continue
		}
		if value, known := m.value(v.value); known {
			out[name] = Variable{Text: value, Set: true, Known: true}
		} else {
			out[name] = Variable{Set: true}
		}
	}
	if c.blind { // what is not seen here may export these
		for _, name := range []string{"CGO_ENABLED", "GOOS", "GOARCH", "GOFLAGS", "GOBIN", "GOPATH", "GO111MODULE", "GOWORK", "GOTOOLCHAIN"} {
			if _, set := out[name]; !set {
				out[name] = Variable{Set: true}
			}
		}
	}
	if len(c.given) > 0 {
		out["MAKEOVERRIDES"] = Variable{Text: strings.Join(slices.Sorted(maps.Keys(c.given)), " "), Set: true, Known: true}
	}
	return out
}
