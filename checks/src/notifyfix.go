package src

import (
	"go/ast"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// addTerm adds SIGTERM after the last of the signals.
func (p *Pass) addTerm(args []ast.Expr) []analysis.TextEdit {
	if len(args) == 0 {
		return nil
	}
	last := args[len(args)-1]
	name, edits := p.syscallName(last)
	if name == "" {
		return nil
	}
	return append(edits, insertAt(last.End(), ", "+name+".SIGTERM"))
}

// replaceSignal writes SIGTERM where another signal stands.
func (p *Pass) replaceSignal(a ast.Expr) []analysis.TextEdit {
	name, edits := p.syscallName(a)
	if name == "" || !p.canGo(a, name) {
		return nil
	}
	return append(edits, analysis.TextEdit{Pos: a.Pos(), End: a.End(), NewText: []byte(name + ".SIGTERM")})
}

// dropSignal takes a signal out of a list of several.
func (p *Pass) dropSignal(args []ast.Expr, a ast.Expr) []analysis.TextEdit {
	i := slices.Index(args, a)
	if len(args) < 2 || i < 0 || !p.canGo(a, "") {
		return nil
	}
	if i == 0 {
		return []analysis.TextEdit{{Pos: a.Pos(), End: args[1].Pos()}}
	}
	if i == len(args)-1 || slices.Contains(uncatchable, p.signal(args[i-1])) {
		return []analysis.TextEdit{{Pos: args[i-1].End(), End: a.End()}}
	}
	return []analysis.TextEdit{{Pos: a.Pos(), End: args[i+1].Pos()}}
}

// canGo tells whether a name of a package can be taken out of a file: the file names the package elsewhere too, or in what takes
// its place (stays).
func (p *Pass) canGo(a ast.Expr, stays string) bool {
	sel, ok := ast.Unparen(a).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	if !ok {
		return false
	}
	if x.Name == stays {
		return true
	}
	pkg, file := p.TypesInfo.Uses[x], p.File(a.Pos())
	for id, obj := range p.TypesInfo.Uses {
		if obj == pkg && id != x && p.File(id.Pos()) == file {
			return true
		}
	}
	return false
}

// syscallName is what the file calls package syscall at a place, and the edit that imports it; "" where the name is taken.
func (p *Pass) syscallName(at ast.Expr) (string, []analysis.TextEdit) {
	file := p.File(at.Pos())
	if file == nil {
		return "", nil
	}
	name, edits := ImportEdit(file, "syscall")
	if len(edits) > 0 && !p.free(file, name, at) || len(edits) == 0 && !p.means(name, at, "syscall") {
		return "", nil
	}
	return name, edits
}
