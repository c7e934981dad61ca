package target

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"text/template/parse"
)

// everyTemplateHas are the functions of text/template and html/template.
var everyTemplateHas = []string{
	"and", "break", "call", "continue", "eq", "ge", "gt", "html", "index", "js", "le", "len", "lt", "ne", "not", "or", "print", "printf", "println",
	"slice", "urlquery",
}

// maxTemplate is how much of a template is read: more is no template that somebody wrote.
const maxTemplate = 1 << 20

// TemplateFuncs lists the functions that a template (a path relative to the root) calls, apart from those that each template has.
func (t *Target) TemplateFuncs(file string) ([]string, error) {
	name := filepath.Join(t.root, filepath.FromSlash(file))
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxTemplate {
		return nil, errors.New("not a template of a usual size")
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return templateFuncs(string(data))
}

func templateFuncs(text string) ([]string, error) {
	tree := parse.New("template")
	tree.Mode = parse.SkipFuncCheck
	set := map[string]*parse.Tree{}
	if _, err := tree.Parse(text, "", "", set); err != nil {
		return nil, err
	}
	var out []string
	for _, part := range set {
		calledIn(part.Root, func(name string) {
			if !slices.Contains(everyTemplateHas, name) {
				out = append(out, name)
			}
		})
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// calledIn shows the names of the functions that a part of a template calls.
func calledIn(n parse.Node, see func(string)) {
	branch := func(b *parse.BranchNode) {
		calledIn(b.Pipe, see)
		calledIn(b.List, see)
		calledIn(b.ElseList, see)
	}
	switch x := n.(type) {
	case *parse.ListNode:
		if x != nil {
			for _, c := range x.Nodes {
				calledIn(c, see)
			}
		}
	case *parse.ActionNode:
		calledIn(x.Pipe, see)
	case *parse.PipeNode:
		if x != nil {
			for _, c := range x.Cmds {
				calledIn(c, see)
			}
		}
	case *parse.CommandNode:
		for _, c := range x.Args {
			calledIn(c, see)
		}
	case *parse.ChainNode:
		calledIn(x.Node, see)
	case *parse.TemplateNode:
		calledIn(x.Pipe, see)
	case *parse.IfNode:
		branch(&x.BranchNode)
	case *parse.RangeNode:
		branch(&x.BranchNode)
	case *parse.WithNode:
		branch(&x.BranchNode)
	case *parse.IdentifierNode:
		see(x.Ident)
	}
}
