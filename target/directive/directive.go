// Package directive reads the comments by which a project says that it lives with a finding:
//
//	//gindoctor:ignore ID reason
//	# gindoctor:ignore ID until=2027-01-31 reason
//
// in Go, go.mod, TOML, YAML, Dockerfiles, INI, nginx and unit files, shell and make. A comment at the end of a line speaks of that
// line, one that stands alone of the next line that is none. Dockerfiles and units know comments of the second kind only.
package directive

import (
	"bytes"
	"context"
	"go/scanner"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gindoctor/gindoctor/target/project"
)

// Directive is one comment.
type Directive struct {
	File         string // relative to the root
	Line, Column int    // of the comment
	EndColumn    int    // exclusive
	Alone        bool   // nothing else stands in its line
	InValue      bool   // something does, in a kind of file where a comment has a line of its own: it is no comment
	Of           int    // the line it speaks of
	Check        string // empty where it names none
	Until        string // as written; empty for ever
	Reason       string
	Text         string // the comment as written
	Blanks       string // what stands before it, as far as that is blank
}

// word is what a comment has to begin with.
const word = "gindoctor:ignore"

// maxSize bounds the files that are looked into.
const maxSize = 4 << 20

// Read finds the comments of a tree, by file and line.
func Read(ctx context.Context, tree *project.Tree) ([]Directive, error) {
	var files []string
	for _, f := range tree.Files {
		if f.Type.IsRegular() && styleOf(f.Path) != nil && !project.Within(f.Path, "vendor") {
			files = append(files, f.Path)
		}
	}
	found := make([][]Directive, len(files))
	var wg sync.WaitGroup
	var next atomic.Int64
	for range min(runtime.GOMAXPROCS(0), len(files)) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(files) {
					return
				}
				found[i] = readFile(tree.Root, files[i])
			}
		})
	}
	wg.Wait()
	return slices.Concat(found...), ctx.Err()
}

// readFile passes over what cannot be read: the checks that are about the file say so.
func readFile(root, name string) []Directive {
	abs := filepath.Join(root, filepath.FromSlash(name))
	info, err := os.Stat(abs)
	if err != nil || info.Size() > maxSize {
		return nil
	}
	data, err := os.ReadFile(abs)
	if err != nil || !bytes.Contains(data, []byte(word)) {
		return nil
	}
	return Parse(name, data)
}

// style is how comments are written in a kind of file.
type style struct {
	markers []string
	alone   bool // only in lines of their own: behind a value they are part of it
}

var (
	slashes   = &style{markers: []string{"//"}}
	hashes    = &style{markers: []string{"#"}}
	ownLines  = &style{markers: []string{"#"}, alone: true} // https://docs.docker.com/reference/dockerfile/#format
	iniLike   = &style{markers: []string{"#", ";"}}
	unitLines = &style{markers: []string{"#", ";"}, alone: true} // systemd.syntax(7)
)

var stylesByExtension = map[string]*style{
	".go": slashes, ".mod": slashes, ".work": slashes,
	".toml": hashes, ".yaml": hashes, ".yml": hashes, ".sh": hashes, ".bash": hashes, ".mk": hashes, ".env": hashes, ".rules": hashes, ".nginx": hashes,
	".dockerfile": ownLines, ".containerfile": ownLines, ".properties": ownLines,
	".ini": iniLike, ".conf": iniLike,
	".service": unitLines, ".socket": unitLines, ".timer": unitLines, ".path": unitLines, ".target": unitLines, ".mount": unitLines,
}

var stylesByPrefix = []struct {
	prefix string
	style  *style
}{
	{"dockerfile", ownLines}, {"containerfile", ownLines}, {"makefile", hashes}, {"gnumakefile", hashes}, {"procfile", hashes},
	{"justfile", hashes}, {".env", hashes}, {"supervisor", iniLike},
}

// styleOf tells how comments are written in a file; nil where it is of no kind that we look into.
func styleOf(name string) *style {
	base := strings.ToLower(path.Base(name))
	if strings.HasSuffix(path.Dir(name), ".d") && path.Ext(base) == ".conf" {
		if of := stylesByExtension[path.Ext(strings.TrimSuffix(path.Dir(name), ".d"))]; of == unitLines {
			return of // a drop-in of a unit
		}
	}
	if s := stylesByExtension[path.Ext(base)]; s != nil {
		return s
	}
	for _, p := range stylesByPrefix {
		if strings.HasPrefix(base, p.prefix) {
			return p.style
		}
	}
	if strings.Contains(name, "/sites-") {
		return hashes // nginx
	}
	return nil
}

// Parse finds the comments of one file.
func Parse(name string, data []byte) []Directive {
	var out []Directive
	if strings.HasSuffix(name, ".go") {
		out = parseGo(name, data)
	} else if style := styleOf(name); style != nil {
		number := 0
		for line := range bytes.Lines(data) {
			number++
			if d, ok := parseLine(string(bytes.TrimRight(line, "\r\n")), style.markers); ok {
				d.File, d.Line, d.InValue = name, number, style.alone && !d.Alone
				out = append(out, d)
			}
		}
	}
	resolve(out)
	return out
}

// parseGo asks Go's own scanner, which knows a comment from a string.
func parseGo(name string, data []byte) []Directive {
	var out []Directive
	fset := token.NewFileSet()
	file := fset.AddFile(name, -1, len(data))
	var s scanner.Scanner
	s.Init(file, data, nil, scanner.ScanComments)
	codeLine := 0
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return out
		}
		at := file.PositionFor(pos, false)
		if tok != token.COMMENT {
			if tok != token.SEMICOLON || lit != "\n" {
				codeLine = at.Line + strings.Count(lit, "\n")
			}
			continue
		}
		lit = strings.TrimRight(lit, "\r")
		if d, ok := parseComment(lit, "//"); ok {
			d.File, d.Line, d.Column, d.EndColumn, d.Alone = name, at.Line, at.Column, at.Column+len(lit), codeLine != at.Line
			before := data[:at.Offset]
			d.Blanks = string(before[len(bytes.TrimRight(before, " \t")):])
			out = append(out, d)
		}
	}
}

// parseLine finds the comment of a line: it begins the line, or a blank stands before it.
func parseLine(line string, markers []string) (Directive, bool) {
	at := strings.Index(line, word)
	if at < 0 {
		return Directive{}, false
	}
	before := strings.TrimRight(line[:at], " \t")
	for _, marker := range markers {
		code, ok := strings.CutSuffix(before, marker)
		if !ok || code != "" && !strings.HasSuffix(code, " ") && !strings.HasSuffix(code, "\t") {
			continue
		}
		d, ok := parseComment(line[len(code):], marker)
		d.Column, d.EndColumn, d.Alone = len(code)+1, len(line)+1, strings.TrimSpace(code) == ""
		d.Blanks = code[len(strings.TrimRight(code, " \t")):]
		return d, ok
	}
	return Directive{}, false
}

// parseComment reads what a comment says, marker included.
func parseComment(text, marker string) (Directive, bool) {
	rest, ok := strings.CutPrefix(text, marker)
	if !ok {
		return Directive{}, false
	}
	rest, ok = strings.CutPrefix(strings.TrimLeft(rest, " \t"), word)
	if !ok || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return Directive{}, false
	}
	d := Directive{Text: text}
	fields := strings.Fields(rest)
	if len(fields) > 0 {
		d.Check, fields = fields[0], fields[1:]
	}
	if len(fields) > 0 {
		if until, ok := strings.CutPrefix(fields[0], "until="); ok {
			d.Until, fields = until, fields[1:]
		}
	}
	d.Reason = strings.Join(fields, " ")
	return d, true
}

// resolve finds the line that each comment speaks of.
func resolve(all []Directive) {
	for i := len(all) - 1; i >= 0; i-- {
		d := &all[i]
		switch {
		case !d.Alone:
			d.Of = d.Line
		case i+1 < len(all) && all[i+1].Alone && all[i+1].Line == d.Line+1:
			d.Of = all[i+1].Of
		default:
			d.Of = d.Line + 1
		}
	}
}
