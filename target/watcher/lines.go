package watcher

import (
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/shellword"
)

// commandLine is the line of a program with its arguments, run in a folder. `sh -c TEXT` is the shell line TEXT.
func commandLine(words []Word, dir string) Line {
	line := Line{Dir: dir, Words: words, Text: joined(words)}
	if len(words) > 0 {
		line.Place = words[0].Place
	}
	if script := shellScript(words); script != nil {
		return Line{Text: script.Text, Dir: dir, Shell: true, Place: script.Place}
	}
	return line
}

// typedWord is a word that stands in no file.
func typedWord(text string) Word { return Word{Text: text, Known: true} }

func typedWords(texts ...string) []Word {
	var out []Word
	for _, text := range texts {
		out = append(out, typedWord(text))
	}
	return out
}

// joined are words as they would be typed. One that nobody knows is written as a variable, which is what a reader of shell text
// takes for unknown.
func joined(words []Word) string {
	var out []string
	for _, w := range words {
		if !w.Known {
			out = append(out, `"$_"`)
			continue
		}
		out = append(out, shellword.Quote(w.Text))
	}
	return strings.Join(out, " ")
}

// shown are words as their user typed them, a pattern for the shell among them.
func shown(words []Word) string {
	var out []string
	for _, w := range words {
		if w.Glob {
			out = append(out, w.Text)
		} else {
			out = append(out, joined([]Word{w}))
		}
	}
	return strings.Join(out, " ")
}

// shellScript is the text that a shell is given with -c; nil where the words are no such call.
func shellScript(words []Word) *Word {
	if len(words) < 3 || !slices.Contains([]string{"sh", "bash", "ash", "dash", "zsh"}, path.Base(words[0].Text)) {
		return nil
	}
	for i := 1; i+1 < len(words) && strings.HasPrefix(words[i].Text, "-"); i++ {
		if strings.HasSuffix(words[i].Text, "c") && !strings.HasPrefix(words[i].Text, "--") {
			if !words[i+1].Known {
				return nil
			}
			return &words[i+1]
		}
	}
	return nil
}

// oneTime are the commands that end by themselves: with them nothing is served.
var oneTime = map[string][]string{ // by program: its sub-commands, nil for any
	"go":            {"build", "test", "vet", "generate", "install", "fmt", "mod", "get", "clean", "list", "env", "version", "fix", "doc"},
	"gofmt":         nil,
	"goimports":     nil,
	"golangci-lint": nil,
	"staticcheck":   nil,
	"gotestsum":     nil,
	"sqlc":          nil,
	"swag":          nil,
	"protoc":        nil,
	"buf":           nil,
	"wire":          nil,
	"mockgen":       nil,
	"echo":          nil,
	"clear":         nil,
	"true":          nil,
	"cp":            nil,
	"rm":            nil,
	"mkdir":         nil,
	"touch":         nil,
	"date":          nil,
}

// endsByItself tells of a line that it builds, tests or generates and comes to an end; false where nobody knows.
func (l Line) endsByItself() bool {
	if l.Shell || len(l.Words) == 0 {
		return false
	}
	subs, ok := oneTime[path.Base(l.Words[0].Text)]
	if !ok || subs == nil {
		return ok
	}
	return len(l.Words) > 1 && slices.Contains(subs, l.Words[1].Text)
}

// chain parts the lines of a cycle into those that build and the last, which is kept running unless it ends by itself.
func chain(lines []Line) (build []Line, run *Line) {
	if len(lines) == 0 {
		return nil, nil
	}
	last := lines[len(lines)-1]
	if last.endsByItself() {
		return lines, nil
	}
	return lines[:len(lines)-1], &last
}
