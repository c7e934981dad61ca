package project

import (
	"regexp"
	"strings"
)

var (
	makeVariable = regexp.MustCompile(`^(?:export\s+|override\s+)*([A-Za-z_][A-Za-z0-9_.]*)\s*(\?=|:=|::=|=|\+=)\s*(.*)$`)
	makeUse      = regexp.MustCompile(`\$\$|\$\(([A-Za-z_][A-Za-z0-9_.]*)\)|\$\{([A-Za-z_][A-Za-z0-9_.]*)\}`)
)

// parseMakefile finds the commands in the recipes of a Makefile. Variables that the file sets to plain text are filled in; what
// make computes (functions, automatic variables) is left as a word that only the shell knows. Conditionals are not judged:
// the commands of every branch are listed.
func parseMakefile(text string) Script {
	var s Script
	variables := map[string]string{}
	inRecipe := false
	for _, line := range joined(text) {
		recipe, isRecipe := strings.CutPrefix(line.text, "\t")
		switch {
		case isRecipe && inRecipe:
			s.recipe(line, recipe, variables)
		case strings.TrimSpace(line.text) == "" || strings.HasPrefix(line.text, "#"):
		default:
			if m := makeVariable.FindStringSubmatch(line.text); m != nil {
				s.SetsPath = s.SetsPath || m[1] == "PATH" || m[1] == "SHELL"
				if m[2] == "?=" && variables[m[1]] != "" {
					continue
				}
				variables[m[1]] = strings.TrimSpace(m[3])
				continue
			}
			rule, inline, hasInline := strings.Cut(line.text, ";")
			if isRule := strings.Contains(rule, ":"); isRule {
				inRecipe = true
				if hasInline {
					s.recipe(line, inline, variables)
				}
			}
			if strings.HasPrefix(line.text, "include ") || strings.HasPrefix(line.text, "-include ") {
				s.SetsPath = true // what another file sets is not ours to guess
			}
		}
	}
	return s
}

// recipe adds the commands of one recipe, as make hands it to the shell.
func (s *Script) recipe(line numberedLine, recipe string, variables map[string]string) {
	shell := strings.TrimLeft(recipe, " \t@-+")
	if setsPath(shell) {
		s.SetsPath = true
	}
	for _, c := range ParseShell(expandMake(shell, variables, 4), Position{line.number, 1}) {
		// Variables that were filled in have moved what follows, so the line itself is asked for the column.
		c.Pos = Position{line.number, 1 + wordIndex(line.text, c.Name(), len(line.text)-len(shell))}
		s.Commands = append(s.Commands, c)
	}
}

// wordIndex finds where name stands in a line as a word of its own; without it, the answer is otherwise.
func wordIndex(line, name string, otherwise int) int {
	for from := 0; name != ""; {
		i := strings.Index(line[from:], name)
		if i < 0 {
			break
		}
		start, end := from+i, from+i+len(name)
		if (start == 0 || !partOfWord(line[start-1])) && (end == len(line) || !partOfWord(line[end])) {
			return start
		}
		from = end
	}
	return otherwise
}

func partOfWord(c byte) bool {
	return c == '_' || c == '.' || c == '/' || c == '-' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// expandMake fills in variables and turns what make computes into a shell variable, so that the shell's parser takes it for a
// word of unknown content.
func expandMake(line string, variables map[string]string, depth int) string {
	line = makeUse.ReplaceAllStringFunc(line, func(use string) string {
		if use == "$$" {
			return use
		}
		value, known := variables[use[2:len(use)-1]]
		if !known {
			return "${MAKE_VARIABLE}"
		}
		if strings.Contains(value, "$") {
			if depth == 0 {
				return "${MAKE_VARIABLE}"
			}
			return expandMake(value, variables, depth-1)
		}
		return value
	})
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		if line[i] != '$' || i+1 == len(line) || strings.HasPrefix(line[i:], "${MAKE_VARIABLE}") {
			b.WriteByte(line[i])
			continue
		}
		switch next := line[i+1]; next {
		case '$':
			b.WriteByte('$')
			i++
		case '(', '{':
			b.WriteString("${MAKE_VARIABLE}")
			i += closing(line[i+1:])
		default: // an automatic variable such as $@
			b.WriteString("${MAKE_VARIABLE}")
			i++
		}
	}
	return b.String()
}

// closing is the offset of the bracket that closes the one s begins with; the end of s where it is never closed.
func closing(s string) int {
	depth := 0
	for i := range len(s) {
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

type numberedLine struct {
	text   string
	number int // from 1, of its first line
}

// joined splits text into lines, those that end in a backslash joined with the next.
func joined(text string) []numberedLine {
	var out []numberedLine
	number, open := 0, false
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\r\n")
		body, continues := strings.CutSuffix(line, `\`)
		if open {
			last := &out[len(out)-1]
			last.text += " " + strings.TrimLeft(body, " \t")
		} else {
			out = append(out, numberedLine{body, number})
		}
		open = continues
	}
	return out
}
