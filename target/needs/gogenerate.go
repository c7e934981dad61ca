package needs

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
)

// generateLine begins a comment that `go generate` carries out (https://pkg.go.dev/cmd/go#hdr-Generate_Go_files_by_processing_source).
const generateLine = "//go:generate "

// goGenerate are the files that known generators write which the comments of some packages call.
func goGenerate(im *project.Imports, c Cycle, dir string, args []string) []Write {
	var packages []string
	for _, a := range args {
		switch {
		case a == "-x" || a == "-v":
		case strings.HasPrefix(a, "-"):
			return nil // not all are carried out
		default:
			packages = append(packages, a)
		}
	}
	if len(packages) == 0 {
		packages = []string{"."}
	}
	var out []Write
	for _, arg := range packages {
		for _, p := range named(im, dir, arg) {
			for _, f := range p.Files {
				if im.BuildsHere(f) {
					out = append(out, fileGenerates(im, c, f)...)
				}
			}
		}
	}
	return out
}

// fileGenerates are the files that the comments of one file have written.
func fileGenerates(im *project.Imports, c Cycle, f *project.GoFile) []Write {
	src, err := f.Source(maxWriter)
	if err != nil || !strings.Contains(string(src), generateLine) {
		return nil
	}
	var out []Write
	var aliases []string
	for line := range strings.Lines(string(src)) {
		text, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), generateLine)
		if !ok {
			continue
		}
		words := generateWords(text)
		switch {
		case len(words) > 1 && words[0] == "-command":
			aliases = append(aliases, words[1]) // such a name stands for something else
		case len(words) == 0 || slices.Contains(aliases, words[0]):
		default:
			for _, w := range generated(im, c, path.Dir(f.Path), tool(words)) {
				w.By += " (of go generate)"
				out = append(out, w)
			}
		}
	}
	return out
}

// generateWords parts a comment as the go command does: at blanks, where no double quotes hold them together. None where a variable
// stands in it.
func generateWords(text string) []string {
	if strings.Contains(text, "$") {
		return nil
	}
	var words []string
	for text = strings.TrimLeft(text, " \t"); text != ""; text = strings.TrimLeft(text, " \t") {
		if text[0] == '"' {
			quoted, err := strconv.QuotedPrefix(text)
			if err != nil {
				return nil
			}
			word, _ := strconv.Unquote(quoted)
			words, text = append(words, word), text[len(quoted):]
			continue
		}
		end := strings.IndexAny(text, " \t")
		if end < 0 {
			end = len(text)
		}
		words, text = append(words, text[:end]), text[end:]
	}
	return words
}
