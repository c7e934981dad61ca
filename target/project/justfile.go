package project

import (
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

var (
	justAssign  = lazyregexp.New(`^(?:export\s+)?([A-Za-z_][A-Za-z0-9_-]*)\s*:=\s*(.*?)\s*$`)
	justSetting = lazyregexp.New(`^set\s+([a-z-]+)\s*:=\s*(.*?)\s*$`)
	justHeader  = lazyregexp.New(`^@?([A-Za-z_][A-Za-z0-9_-]*)([^:=]*(?:=[^:]*)?):(?:[^=]|$)`)
	justPlain   = lazyregexp.New(`^(?:'([^']*)'|"([^"\\]*)")$`)
	justUse     = lazyregexp.New(`\{\{\s*(?:([A-Za-z_][A-Za-z0-9_-]*)\s*\}\}|[^}]*\}\})`)
	justName    = lazyregexp.New(`[A-Za-z_][A-Za-z0-9_-]*`)
)

// justfile is a justfile while it is read (just.systems): first all that is set, then the recipes.
type justfile struct {
	*Script
	src       *Source
	variables map[string]string
	recipes   []justRecipe
	dir       string
	foreign   bool // another shell is set
	exported  []string
}

type justRecipe struct {
	name       string
	lines      []*Text
	parameters []string
	defaults   map[string]string // of parameters, where they are plain text
	needs      []string          // the recipes that run before it
	dir        string
	odd        bool // it takes a list, or gives words to what it needs
}

// parseJustfile finds the commands of a justfile's recipes. Variables that the file sets to plain text are filled in; what just
// computes is unknown here.
func parseJustfile(src *Source) Script {
	f := readJustfile(src)
	for _, r := range f.recipes {
		f.recipe(r)
	}
	return *f.Script
}

// readJustfile reads what a justfile sets, and its recipes as they stand there.
func readJustfile(src *Source) *justfile {
	f := &justfile{Script: &Script{SetsPath: strings.Contains(src.Text, "export PATH")}, src: src, variables: map[string]string{}, dir: "."}
	elsewhere := false // [no-cd]: the recipe runs where just is started
	for i := 0; i < len(src.starts); {
		from, to := src.physical(i)
		line := src.Text[from:to]
		body := strings.TrimLeft(line, " \t")
		switch {
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
			i++
		case body != line:
			i = f.recipeLine(i)
		default:
			elsewhere = f.top(line, from, elsewhere)
			i++
		}
	}
	return f
}

// recipeLine reads a line of a recipe, those joined to it by a backslash included, and gives the number of the one behind it.
func (f *justfile) recipeLine(i int) int {
	text := f.src.Empty()
	for {
		from, to := f.src.physical(i)
		line := f.src.Text[from:to]
		from += len(line) - len(strings.TrimLeft(line, " \t"))
		text.DropTo(from)
		i++
		if !continued(line) || i == len(f.src.starts) {
			text.Copy(from, max(from, to))
			break
		}
		text.Copy(from, max(from, to-1))
	}
	if n := len(f.recipes); n > 0 {
		f.recipes[n-1].lines = append(f.recipes[n-1].lines, text)
	}
	return i
}

// top reads a line that is none of a recipe. elsewhere tells of an attribute for the recipe that follows.
func (f *justfile) top(line string, at int, elsewhere bool) bool {
	if m := justSetting.FindStringSubmatch(line); m != nil {
		f.setting(m[1], m[2], f.src.Span(at, at+len(line)))
		return false
	}
	if m := justAssign.FindStringSubmatch(line); m != nil {
		f.set(m[1], m[2])
		if strings.HasPrefix(line, "export") {
			f.exported = append(f.exported, m[1])
		}
		return false
	}
	if strings.HasPrefix(line, "[") {
		return elsewhere || strings.Contains(line, "no-cd") || strings.Contains(line, "working-directory")
	}
	if strings.HasPrefix(line, "import") || strings.HasPrefix(line, "mod ") || strings.HasPrefix(line, "mod?") {
		f.Unknown = append(f.Unknown, Unknown{Span: f.src.Span(at, at+len(line)), Reason: Included})
		return false
	}
	if m := justHeader.FindStringSubmatch(line); m != nil {
		r := justRecipe{name: m[1], dir: "."}
		if elsewhere {
			r.dir = ""
		}
		r.parameters = justName.FindAllString(m[2], -1)
		r.header(line, m[2])
		f.recipes = append(f.recipes, r)
	}
	return false
}

func (f *justfile) set(name, value string) {
	m := justPlain.FindStringSubmatch(value)
	if _, before := f.variables[name]; before || m == nil {
		f.variables[name] = computedValue
		return
	}
	f.variables[name] = m[1] + m[2]
}

func (f *justfile) setting(name, value string, place Span) {
	switch name {
	case "working-directory":
		f.dir = ""
		if m := justPlain.FindStringSubmatch(value); m != nil {
			f.dir = relativeFolder(m[1] + m[2])
		}
	case "shell":
		program := strings.Trim(strings.SplitN(strings.TrimLeft(value, "[ "), ",", 2)[0], `"' ]`)
		if !PosixShell(path.Base(program)) {
			f.foreign = true
			f.Unknown = append(f.Unknown, Unknown{Span: place, Reason: OtherShell})
		}
	}
}

// header reads the rest of a recipe's first line: the defaults of its parameters, and what it needs.
func (r *justRecipe) header(line, parameters string) {
	_, needs, _ := strings.Cut(line[strings.Index(line, parameters)+len(parameters):], ":")
	needs, _, _ = strings.Cut(needs, "#")
	r.needs = strings.Fields(needs)
	r.odd = strings.ContainsAny(needs, "(&'\"") || strings.ContainsAny(parameters, "*+$(")
	r.defaults = map[string]string{}
	if strings.Contains(parameters, "=") {
		r.parameters = nil
		for word := range strings.FieldsSeq(parameters) {
			name, value, set := strings.Cut(word, "=")
			r.parameters = append(r.parameters, name)
			if plain := justPlain.FindStringSubmatch(value); set && plain != nil {
				r.defaults[name] = plain[1] + plain[2]
			}
			r.odd = r.odd || !justName.MatchString(name)
		}
	}
}

// texts are what a recipe has shells run: each line has one of its own, unless the first one names an interpreter for all.
func (f *justfile) texts(r justRecipe, known map[string]string) []*Text {
	if len(r.lines) > 0 && strings.HasPrefix(r.lines[0].String(), "#!") {
		if !shebangOfShell(r.lines[0].String()) {
			f.Unknown = append(f.Unknown, Unknown{Span: r.lines[0].Place(), Reason: OtherShell})
			return nil
		}
		return []*Text{templated(f.joined(r.lines[1:]), justUse, known)}
	}
	var out []*Text
	for _, line := range r.lines {
		if i := len(line.bytes) - len(strings.TrimLeft(line.String(), "@-")); !strings.HasPrefix(line.String()[i:], "#") {
			out = append(out, templated(line.Part(i, len(line.bytes)), justUse, known))
		}
	}
	return out
}

func (f *justfile) joined(lines []*Text) *Text {
	all := f.src.Empty()
	for _, line := range lines {
		all.Append(line)
		all.Put("\n", Added, line.at(len(line.bytes)), line.at(len(line.bytes)))
	}
	return all
}

// recipe takes down the commands of one recipe.
func (f *justfile) recipe(r justRecipe) {
	known := map[string]string{}
	for name, value := range f.variables {
		if value != computedValue && !slices.Contains(r.parameters, name) {
			known[name] = value
		}
	}
	dir := r.dir
	if dir != "" {
		dir = f.dir
	}
	script := len(r.lines) > 0 && strings.HasPrefix(r.lines[0].String(), "#!")
	if f.foreign && !script {
		return
	}
	for _, text := range f.texts(r, known) {
		f.add(text, dir)
	}
}
