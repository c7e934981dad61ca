package watcher

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// parseModd reads a modd.conf as modd does: variables (@name = value), then blocks of patterns with commands in braces. dir is the
// folder of the file as modd was given it, its @confdir. Where modd gives up, wrong tells.
// The grammar is that of conf/lex.go and conf/parse.go of modd 0.8.
func parseModd(doc *document, dir string) *moddConf {
	p := &moddParser{conf: &moddConf{doc: doc, variables: map[string]string{"@confdir": dir}}, text: string(doc.data)}
	for p.conf.wrong == nil && p.variables() {
		if b := p.block(); p.conf.wrong == nil {
			p.conf.blocks = append(p.conf.blocks, b)
		}
	}
	return p.conf
}

type moddParser struct {
	conf *moddConf
	text string
	at   int
}

const (
	moddBlank    = " \t"
	moddSpace    = moddBlank + "\r\n" // modd takes the carriage return of a line's end away
	moddQuotes   = `'"`
	moddNotBare  = "{}#" + moddSpace + moddQuotes
	moddWordByte = "abcdefghijklmnopqrstuvwxyz1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
)

func (p *moddParser) peek() byte {
	if p.at >= len(p.text) {
		return 0
	}
	return p.text[p.at]
}

func (p *moddParser) ended() bool { return p.at >= len(p.text) }

// isOneOf tells whether the next byte is one of a set. A carriage return counts at the end of a line alone.
func (p *moddParser) isOneOf(set string) bool {
	if p.ended() || p.text[p.at] == '\r' && !strings.HasPrefix(p.text[p.at:], "\r\n") {
		return false
	}
	return strings.IndexByte(set, p.text[p.at]) >= 0
}

func (p *moddParser) skip(set string) {
	for p.isOneOf(set) {
		p.at++
	}
}

// skipComments passes over blanks, ends of lines and comments.
func (p *moddParser) skipComments() {
	for {
		p.skip(moddSpace)
		if p.peek() != '#' || p.ended() {
			return
		}
		p.at = p.conf.doc.lineEnd(p.at)
	}
}

func (p *moddParser) wrong(kind FaultKind, start, end int, says string, known ...string) {
	if p.conf.wrong == nil {
		end = min(max(end, start), len(p.text))
		p.conf.wrong = &moddError{kind, min(start, end), end, says, known}
	}
}

// variables reads what stands before a block, and tells whether a block follows.
func (p *moddParser) variables() bool {
	for {
		p.skipComments()
		if p.ended() {
			return false
		}
		if p.peek() != '@' {
			return true
		}
		if !p.variable() {
			return false
		}
	}
}

func (p *moddParser) variable() bool {
	start := p.at
	p.at++
	p.skip(moddWordByte)
	name := p.text[start:p.at]
	p.skip(moddSpace)
	if p.peek() != '=' {
		p.wrong(Syntax, start, p.at, "Expected =")
		return false
	}
	p.at++
	p.skip(moddSpace)
	if p.ended() {
		p.wrong(Syntax, start, p.at, "unterminated variable assignment")
		return false
	}
	var v moddText
	switch {
	case p.isOneOf(moddQuotes):
		v = p.quotedText()
	case p.isOneOf(moddNotBare):
		p.wrong(Syntax, start, p.at, "= must be followed by a string")
		return false
	default:
		v = p.line()
	}
	if _, ok := p.conf.variables[name]; ok {
		p.wrong(Syntax, start, start+len(name), fmt.Sprintf("variable %s shadows previous declaration", name))
	}
	p.conf.variables[name] = strings.TrimSpace(v.text)
	return p.conf.wrong == nil
}

// quotedText reads a text in quotes. Only its own quote can be escaped in it.
func (p *moddParser) quotedText() moddText {
	start, quote := p.at, p.text[p.at]
	for p.at++; p.at < len(p.text); p.at++ {
		switch p.text[p.at] {
		case '\\':
			p.at++
		case quote:
			p.at++
			inner := strings.ReplaceAll(p.text[start+1:p.at-1], "\r\n", "\n")
			return moddText{strings.ReplaceAll(inner, `\`+string(quote), string(quote)), start, p.at}
		}
	}
	p.at = len(p.text)
	p.wrong(Syntax, start, p.conf.doc.lineEnd(start), "unterminated quoted string")
	return moddText{}
}

// line reads to the end of a line; a backslash before it goes on with the next, unless it is all that the text begins with.
func (p *moddParser) line() moddText {
	start := p.at
	for !p.ended() {
		end := p.conf.doc.lineEnd(p.at)
		goesOn := end > max(p.at, start+1) && p.text[end-1] == '\\'
		p.at = min(end+1, len(p.text))
		if strings.HasPrefix(p.text[end:], "\r\n") {
			p.at = end + 2
		}
		if !goesOn {
			return p.trimmed(start, end)
		}
	}
	return p.trimmed(start, len(p.text))
}

func (p *moddParser) trimmed(start, end int) moddText {
	raw := p.text[start:end]
	start += len(raw) - len(strings.TrimLeft(raw, " \t\r\n\v\f"))
	text := strings.TrimSpace(raw)
	return moddText{strings.ReplaceAll(text, "\r\n", "\n"), start, start + len(text)}
}

func (p *moddParser) bareText() moddText {
	start := p.at
	for !p.ended() && !p.isOneOf(moddNotBare) {
		_, size := utf8.DecodeRuneInString(p.text[p.at:])
		p.at += size
	}
	return moddText{p.text[start:p.at], start, p.at}
}

func (p *moddParser) block() *moddBlock {
	b := &moddBlock{start: p.at, end: p.at, conf: p.conf, patternsEnd: p.at}
	for p.conf.wrong == nil {
		p.skipComments()
		if p.ended() {
			p.wrong(Syntax, b.start, b.patternsEnd, "expected block open parentheses: the patterns have no { }")
			return b
		}
		if p.peek() == '{' || p.peek() == '}' {
			break
		}
		p.pattern(b)
	}
	if p.conf.wrong != nil {
		return b
	}
	if p.peek() == '}' {
		p.wrong(Syntax, p.at, p.at+1, "invalid input")
		return b
	}
	p.at++
	p.inside(b)
	b.end = p.at
	return b
}

func (p *moddParser) pattern(b *moddBlock) {
	start := p.at
	not := p.peek() == '!'
	if not {
		p.at++
		if p.isOneOf("{}#" + moddSpace) {
			p.wrong(Syntax, start, p.at, "! must be followed by a string")
			return
		}
	}
	var t moddText
	quoted := p.isOneOf(moddQuotes)
	if quoted {
		t = p.quotedText()
	} else {
		t = p.bareText()
	}
	t.start = start
	b.patternsEnd = max(t.end, start)
	switch {
	case not:
		b.exclude = append(b.exclude, moddPattern{t, moddGlob(t.text)})
	case !quoted && t.text == "+noignore":
		b.noCommon = true
	default:
		b.include = append(b.include, moddPattern{t, moddGlob(t.text)})
	}
}

// inside reads what stands in the braces of a block.
func (p *moddParser) inside(b *moddBlock) {
	for p.conf.wrong == nil {
		p.skipComments()
		start := p.at
		switch {
		case p.ended():
			p.wrong(Syntax, b.start, b.patternsEnd, "unterminated block: a } that stands behind a command belongs to the command")
			return
		case p.peek() == '}':
			p.at++
			return
		case p.isOneOf(moddNotBare):
			p.wrong(Syntax, start, start+1, "invalid input")
			return
		}
		_, size := utf8.DecodeRuneInString(p.text[p.at:])
		p.at += size
		p.skip(moddWordByte)
		p.directive(b, moddText{p.text[start:p.at], start, p.at})
	}
}

func (p *moddParser) directive(b *moddBlock, name moddText) {
	if !slices.Contains([]string{"daemon", "indir", "prep"}, name.text) {
		p.wrong(UnknownName, name.start, name.end, "unknown directive: "+name.text, "daemon", "indir", "prep")
		return
	}
	c := moddCommand{directive: name}
	for p.skip(moddBlank); p.peek() == '+' && !p.ended(); p.skip(moddBlank) {
		start := p.at
		p.at++
		p.skip(moddWordByte)
		c.options = append(c.options, moddText{p.text[start:p.at], start, p.at})
	}
	if p.peek() != ':' || p.ended() {
		p.wrong(Syntax, name.start, p.at, "invalid command option")
		return
	}
	p.at++
	p.skip(moddBlank)
	switch {
	case p.isOneOf("\r\n"):
		p.wrong(Syntax, name.start, p.at, "empty command specification")
		return
	case p.isOneOf(moddQuotes):
		c.moddText = p.quotedText()
		c.text = strings.TrimSpace(c.text)
	default:
		c.moddText = p.line()
	}
	p.take(b, name, c)
}

// take notes a command, or a folder, in its block.
func (p *moddParser) take(b *moddBlock, name moddText, c moddCommand) {
	var known []string
	switch name.text {
	case "indir":
		if b.hasIndir && b.indir.text != "" {
			p.wrong(Syntax, name.start, name.end, "indir can only be used once per block")
		}
		if len(c.options) > 0 {
			p.wrong(Syntax, c.options[0].start, c.options[0].end, "indir takes no options")
		}
		b.indir, b.hasIndir = c.moddText, true
		return
	case "prep":
		known = []string{"+onchange"}
		b.preps = append(b.preps, c)
	case "daemon":
		known = moddSignals
		b.daemons = append(b.daemons, c)
	}
	for _, o := range c.options {
		if !slices.Contains(known, o.text) {
			p.wrong(UnknownName, o.start, o.end, "unknown option: "+o.text, known...)
		}
	}
}
