package report

import (
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	gmtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// pageMargin is left of all of a page; code stands further in.
const (
	pageMargin = "  "
	codeMargin = "    "
)

var codeStyle = lipgloss.NewStyle().Foreground(lipgloss.Cyan)

// setPage sets a page, Markdown of CommonMark with tables, for a terminal. It uses only what every terminal and every palette has.
// Code is never broken: a command that is cut cannot be copied.
func setPage(markdown string, o Options) string {
	p := page{source: []byte(markdown), o: o}
	p.out.WriteByte('\n')
	parser := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Linkify)).Parser()
	p.blocks(parser.Parse(gmtext.NewReader(p.source)), pageMargin)
	return p.out.String()
}

// page is a page in the making.
type page struct {
	source []byte
	o      Options
	out    strings.Builder
}

// blocks sets what stands below a node, with empty lines between.
func (p *page) blocks(parent ast.Node, margin string) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if n != parent.FirstChild() {
			p.out.WriteByte('\n')
		}
		p.block(n, margin)
	}
}

func (p *page) block(n ast.Node, margin string) {
	switch n := n.(type) {
	case *ast.Heading:
		p.paragraph(p.inline(n, bold), margin, margin)
	case *ast.Paragraph, *ast.TextBlock:
		p.paragraph(p.inline(n, lipgloss.NewStyle()), margin, margin)
	case *ast.CodeBlock, *ast.FencedCodeBlock, *ast.HTMLBlock:
		p.code(n.Lines())
	case *ast.List:
		p.list(n, margin)
	case *extast.Table:
		p.table(n, margin)
	default:
		p.blocks(n, margin+pageMargin)
	}
}

// paragraph writes words that fill the lines; first stands before the first of them.
func (p *page) paragraph(words, first, margin string) {
	for _, line := range wrap(words, p.o.width()-lipgloss.Width(margin)-len(pageMargin)) {
		p.out.WriteString(strings.TrimRight(first+line, " ") + "\n")
		first = margin
	}
}

func (p *page) code(lines *gmtext.Segments) {
	for i := range lines.Len() {
		at := lines.At(i)
		line := strings.TrimRight(string(at.Value(p.source)), "\n")
		if line != "" && p.o.Color {
			line = codeStyle.Render(line)
		}
		if line != "" {
			line = codeMargin + line
		}
		p.out.WriteString(line + "\n")
	}
}

func (p *page) list(list *ast.List, margin string) {
	bullet := "• "
	if p.o.ASCII {
		bullet = "* "
	}
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		if list.IsOrdered() {
			bullet = strconv.Itoa(number) + ". "
			number++
		}
		first := item.FirstChild()
		if first == nil {
			continue
		}
		p.paragraph(p.inline(first, lipgloss.NewStyle()), margin+bullet, margin+strings.Repeat(" ", lipgloss.Width(bullet)))
		for n := first.NextSibling(); n != nil; n = n.NextSibling() {
			p.block(n, margin+strings.Repeat(" ", lipgloss.Width(bullet)))
		}
	}
}

func (p *page) table(n *extast.Table, margin string) {
	var rows [][]string
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		style := lipgloss.NewStyle()
		if row.Kind() == extast.KindTableHeader {
			style = bold
		}
		var cells []string
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			cells = append(cells, p.inline(cell, style))
		}
		rows = append(rows, cells)
	}
	if len(rows) == 0 {
		return
	}
	narrower := p.o
	narrower.Width = p.o.width() - lipgloss.Width(margin) - len(pageMargin)
	var b strings.Builder
	table(&b, rows[0], rows[1:], narrower)
	for line := range strings.Lines(b.String()) {
		p.out.WriteString(margin + line)
	}
}

// inline is the text of a paragraph, each word in a style, so that lines may be broken anywhere between words.
func (p *page) inline(parent ast.Node, style lipgloss.Style) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			said := util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(n.Segment.Value(p.source))))
			b.WriteString(p.styled(style, string(said)))
			switch {
			case n.HardLineBreak():
				b.WriteByte('\n')
			case n.SoftLineBreak():
				b.WriteByte(' ')
			}
		case *ast.CodeSpan:
			b.WriteString(p.styled(codeStyle, p.raw(n)))
		case *ast.Emphasis:
			b.WriteString(p.inline(n, style.Bold(true)))
		case *ast.AutoLink:
			b.WriteString(p.link(string(n.URL(p.source)), p.styled(style, string(n.Label(p.source)))))
		case *ast.Link:
			b.WriteString(p.link(string(n.Destination), p.inline(n, style)))
		default:
			b.WriteString(p.inline(n, style))
		}
	}
	return b.String()
}

// raw is what stands in a code span.
func (p *page) raw(span *ast.CodeSpan) string {
	var b strings.Builder
	for n := span.FirstChild(); n != nil; n = n.NextSibling() {
		if t, ok := n.(*ast.Text); ok {
			b.Write(t.Segment.Value(p.source))
		}
	}
	return strings.ReplaceAll(b.String(), "\n", " ")
}

// styled puts each word in a style, the blanks between them in none.
func (p *page) styled(style lipgloss.Style, words string) string {
	if !p.o.Color {
		return words
	}
	parts := strings.Split(words, " ")
	for i, word := range parts {
		if word != "" {
			parts[i] = style.Render(word)
		}
	}
	return strings.Join(parts, " ")
}

// link makes words lead to a page, where the terminal understands that.
func (p *page) link(url, words string) string {
	if !p.o.Color {
		return words
	}
	return ansi.SetHyperlink(url) + words + ansi.ResetHyperlink()
}
