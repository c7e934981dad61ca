package artefact

import (
	"path"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

var nginxFiles = reader{
	kind:  "nginx configuration",
	named: func(name string) bool { return extension(name, ".conf", ".nginx") || strings.Contains(name, "/sites-") },
	holds: func(text []byte) bool { return nginxWords.Match(text) },
	read: func(f *File) any {
		n := readNginx(f)
		if f.tooMany(n.blocks(), mostParts, "blocks") {
			n.Directives = nil
		}
		return n
	},
}

var nginxWords = lazyregexp.New(`(?m)^[ \t]*((server|http|events|stream)[ \t]*\{|(upstream|location)[ \t]+[^;{]*\{|proxy_(pass|set_header)[ \t]+[^;]+;)`)

// Nginx is a configuration file of nginx.
type Nginx struct {
	*File
	Directives []*Directive
}

// Directive is one directive, with those of its block.
type Directive struct {
	Span  // from its name to the end of its last argument
	Name  Text
	Args  []Text
	Block []*Directive
	// IsBlock tells whether it has a block, be it an empty one.
	IsBlock bool
	Parent  *Directive // nil at the top of the file
	File    *Nginx
}

// Arg is an argument by its number, the zero Text where there are not so many.
func (d *Directive) Arg(i int) Text {
	if i < len(d.Args) {
		return d.Args[i]
	}
	return Text{}
}

// Walk calls visit for each directive of the file, outer ones first.
func (n *Nginx) Walk(visit func(*Directive)) {
	var walk func([]*Directive)
	walk = func(all []*Directive) {
		for _, d := range all {
			visit(d)
			walk(d.Block)
		}
	}
	walk(n.Directives)
}

// blocks counts the directives that have a block.
func (n *Nginx) blocks() int {
	count := 0
	n.Walk(func(d *Directive) {
		if d.IsBlock {
			count++
		}
	})
	return count
}

// Included are the files of the project that an include directive takes in: those that its pattern ends like, where it is one of
// the machine that nginx runs on.
func (s *Set) Included(d *Directive) []*Nginx {
	pattern := d.Arg(0).Value
	if d.Name.Value != "include" || pattern == "" {
		return nil
	}
	below := path.Join(path.Dir(d.File.Path), pattern)
	tail := path.Join(path.Base(path.Dir(pattern)), path.Base(pattern))
	var out []*Nginx
	for _, n := range Of[*Nginx](s) {
		beside, _ := path.Match(below, n.Path)
		end := path.Join(path.Base(path.Dir(n.Path)), path.Base(n.Path))
		alike, _ := path.Match(tail, end)
		if n != d.File && (beside || alike && (path.IsAbs(pattern) || strings.Contains(pattern, "/"))) {
			out = append(out, n)
		}
	}
	return out
}

// maxBlocks bounds how deep blocks may stand in each other.
const maxBlocks = 100

// readNginx reads as nginx does (nginx, src/core/ngx_conf_file.c, ngx_conf_read_token): words, quotes, ; { } and comments.
func readNginx(f *File) *Nginx {
	n := &Nginx{File: f}
	r := nginxReader{n: n, text: f.Text}
	var parent *Directive
	depth := 0
	for {
		args, end := r.statement()
		at := r.at - 1
		switch end {
		case 0:
			if len(args) > 0 {
				f.fail(&ParseError{Span: args[0].Span, Reason: "a directive without its semicolon"})
			} else if parent != nil {
				f.fail(&ParseError{Span: parent.Span, Reason: "a block that is not closed"})
			}
			return n
		case '}':
			if len(args) > 0 {
				f.fail(&ParseError{Span: args[0].Span, Reason: "a directive without its semicolon"})
				parent = n.add(parent, args, false)
			}
			if parent == nil {
				f.fail(&ParseError{Span: f.src.span(at, at+1), Reason: "a closing brace too many"})
				continue
			}
			parent = parent.Parent
			depth--
		case '{', ';':
			if len(args) == 0 {
				f.fail(&ParseError{Span: f.src.span(at, at+1), Reason: "no directive stands before " + string(end)})
				if end == ';' {
					continue
				}
				args = []Text{{Span: f.src.span(at, at)}}
			}
			if end == '{' {
				if depth++; depth > maxBlocks {
					f.fail(&ParseError{Span: f.src.span(at, at+1), Reason: "blocks are nested too deep"})
					return n
				}
			}
			parent = n.add(parent, args, end == '{')
		}
	}
}

// add keeps a directive, and gives the block that what follows stands in.
func (n *Nginx) add(parent *Directive, args []Text, block bool) *Directive {
	d := &Directive{Name: args[0], Args: args[1:], IsBlock: block, Parent: parent, File: n, Span: args[0].Span}
	end := args[len(args)-1]
	d.EndLine, d.EndColumn = end.EndLine, end.EndColumn
	if parent == nil {
		n.Directives = append(n.Directives, d)
	} else {
		parent.Block = append(parent.Block, d)
	}
	if block {
		return d
	}
	return parent
}

type nginxReader struct {
	n    *Nginx
	text []byte
	at   int
}

// statement reads words up to a ; { or }, which it returns; 0 at the end of the file.
func (r *nginxReader) statement() (args []Text, end byte) {
	for r.at < len(r.text) {
		switch c := r.text[r.at]; c {
		case ' ', '\t', '\r', '\n':
			r.at++
		case '#':
			for r.at < len(r.text) && r.text[r.at] != '\n' {
				r.at++
			}
		case ';', '{', '}':
			r.at++
			return args, c
		default:
			args = append(args, r.word())
		}
	}
	return args, 0
}

func (r *nginxReader) word() Text {
	start := r.at
	if quote := r.text[r.at]; quote == '"' || quote == '\'' {
		for r.at++; r.at < len(r.text) && r.text[r.at] != quote; r.at++ {
			if r.text[r.at] == '\\' {
				r.at++
			}
		}
		end := min(r.at, len(r.text))
		r.at = min(end+1, len(r.text))
		t := r.n.src.whole(start+1, max(end, start+1))
		t.Value = unslashed(t.Value)
		return t
	}
	for r.at < len(r.text) {
		switch c := r.text[r.at]; {
		case c == '\\':
			r.at++
		case c == '$' && r.at+1 < len(r.text) && r.text[r.at+1] == '{':
			for r.at < len(r.text) && r.text[r.at] != '}' {
				r.at++
			}
		case c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' || c == '{':
			return r.n.src.whole(start, r.at)
		}
		r.at++
	}
	r.at = min(r.at, len(r.text))
	return r.n.src.whole(start, r.at)
}
