package needs

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/project"
)

// The bounds of reading a Makefile: how far make calls itself, and its size in bytes.
const (
	maxMake     = 3
	maxMakefile = 1 << 20
)

var (
	makeRule      = lazyregexp.New(`^([A-Za-z0-9_./ -]+?)\s*:([^:=].*|)$`)
	makePlain     = lazyregexp.New(`^([A-Za-z_][A-Za-z0-9_]*)\s*:?=\s*([^$#\\]*)$`)
	makeTouches   = lazyregexp.New(`^(?:(?:export|override|private|define|undefine)\s+)*([A-Za-z_][A-Za-z0-9_]*)\s*(?:[?+!:]*=.*)?$`)
	makeReference = lazyregexp.New(`\$[({]([A-Za-z_][A-Za-z0-9_]*)[)}]`)
)

// makefile is what a Makefile says for certain: rules outside of conditionals, and variables that are set once to plain text.
type makefile struct {
	rules     map[string]*makeTarget
	first     string
	phony     []string
	variables map[string]string
	set       map[string]int // how often
}

type makeTarget struct {
	needs  []string
	recipe []string
	unsure bool // several rules, or one under a condition
}

// makeWrites are the files that the recipes of a call of make write, as far as make carries them out at each call.
func makeWrites(im *project.Imports, c Cycle, args []string, depth int) []Write {
	var targets []string
	for i := 0; i < len(args); i++ {
		switch a := args[i]; {
		case a == "-s" || a == "--silent" || a == "--no-print-directory" || a == "-B":
		case a == "-C" && i+1 < len(args) && !filepath.IsAbs(args[i+1]):
			i++
			c.Dir = path.Join(c.Dir, args[i])
		case strings.HasPrefix(a, "-") || strings.Contains(a, "="):
			return nil // another file, or other variables
		default:
			targets = append(targets, a)
		}
	}
	m := readMakefile(c)
	if m == nil || depth == 0 {
		return nil
	}
	if len(targets) == 0 {
		targets = []string{m.first}
	}
	var out []Write
	seen := map[string]bool{}
	for _, line := range m.lines(c, targets, seen) {
		for _, w := range lineWrites(im, c, line, depth-1) {
			w.By += " (of make)"
			out = append(out, w)
		}
	}
	return out
}

// readMakefile reads the file that make takes in a folder; nil where there is none, or where it sets up make itself in another way.
func readMakefile(c Cycle) *makefile {
	for _, name := range []string{"GNUmakefile", "makefile", "Makefile"} {
		file := filepath.Join(c.abs(), name)
		info, err := os.Stat(file)
		if err != nil {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil || info.Size() > maxMakefile || strings.Contains(string(data), ".RECIPEPREFIX") || strings.Contains(string(data), ".ONESHELL") ||
			strings.Contains(string(data), ".DEFAULT_GOAL") {
			return nil
		}
		return parseMake(string(data))
	}
	return nil
}

func parseMake(text string) *makefile {
	m := &makefile{rules: map[string]*makeTarget{}, variables: map[string]string{}, set: map[string]int{}}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\\\n", " ")
	var now []*makeTarget
	conditions := 0
	for line := range strings.SplitSeq(text, "\n") {
		word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case strings.HasPrefix(line, "\t"):
			for _, t := range now {
				t.recipe = append(t.recipe, strings.TrimLeft(line, "\t @-+"))
				t.unsure = t.unsure || conditions > 0
			}
		case strings.HasPrefix(word, "if") || word == "define":
			conditions++
		case word == "endif" || word == "endef":
			conditions--
		case makePlain.MatchString(line) && conditions == 0:
			v := makePlain.FindStringSubmatch(line)
			m.variables[v[1]] = strings.TrimSpace(v[2])
			m.set[v[1]]++
		case makeTouches.MatchString(line):
			m.set[makeTouches.FindStringSubmatch(line)[1]] += 2
		case makeRule.MatchString(line):
			now = m.rule(makeRule.FindStringSubmatch(line), conditions > 0)
		case strings.TrimSpace(line) != "" && line[0] != '#':
			now = nil
		}
	}
	return m
}

func (m *makefile) rule(parts []string, unsure bool) []*makeTarget {
	prerequisites, _, _ := strings.Cut(parts[2], "#")
	prerequisites, inline, _ := strings.Cut(prerequisites, ";")
	needed := strings.Fields(prerequisites)
	if name, _, sets := strings.Cut(prerequisites, "="); sets {
		m.set[strings.TrimRight(strings.TrimSpace(name), "?+!: ")] += 2 // for this target, and for what it needs
	}
	if parts[1] == ".PHONY" {
		m.phony = append(m.phony, needed...)
		return nil
	}
	var out []*makeTarget
	for name := range strings.FieldsSeq(parts[1]) {
		t := m.rules[name]
		if t == nil {
			t = &makeTarget{}
			m.rules[name] = t
		} else {
			t.unsure = true
		}
		if m.first == "" && name[0] != '.' {
			m.first = name
		}
		t.needs, t.unsure = append(t.needs, needed...), t.unsure || unsure
		if strings.TrimSpace(inline) != "" {
			t.recipe = append(t.recipe, strings.TrimLeft(inline, " @-+"))
		}
		out = append(out, t)
	}
	return out
}

// lines are the recipe lines that make runs at each call for some targets: for those that are phony, or of which there is no file.
func (m *makefile) lines(c Cycle, targets []string, seen map[string]bool) []string {
	var out []string
	for _, name := range targets {
		t := m.rules[name]
		if seen[name] || t == nil || t.unsure {
			continue
		}
		seen[name] = true
		out = append(out, m.lines(c, t.needs, seen)...)
		if _, err := os.Lstat(filepath.Join(c.abs(), filepath.FromSlash(name))); err == nil && !slices.Contains(m.phony, name) {
			continue
		}
		for _, line := range t.recipe {
			out = append(out, m.expanded(line))
		}
	}
	return out
}

// expanded is a recipe line as the shell gets it; a variable that is not known for certain stays a word that only the shell knows.
func (m *makefile) expanded(line string) string {
	line = makeReference.ReplaceAllStringFunc(line, func(found string) string {
		name := found[2 : len(found)-1]
		if v, ok := m.variables[name]; ok && m.set[name] == 1 {
			return v
		}
		return "$UNKNOWN"
	})
	return strings.ReplaceAll(line, "$$", "$")
}
