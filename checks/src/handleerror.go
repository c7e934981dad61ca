package src

import (
	"bytes"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

// handleError are the edits that make `if err := CALL; err != nil { ... }` of a statement that is a call and nothing else: the
// error is returned where the function gives an error alone, else it ends the program. There are none where the statement shares
// its line with others.
func (p *Pass) handleError(stmt inspector.Cursor, call *ast.CallExpr) []analysis.TextEdit {
	file := p.File(call.Pos())
	if file == nil {
		return nil
	}
	indent, end, ok := p.ownLine(file, stmt.Node())
	if !ok {
		return nil
	}
	then, imports := "", []analysis.TextEdit(nil)
	if p.givesErrorAlone(stmt) {
		then = "return err"
	} else {
		then, imports = p.fatal(file, call)
	}
	edits := append(imports, insertAt(stmt.Node().Pos(), "if err := "))
	closing := "\n" + indent + "\t" + then + "\n" + indent + "}"
	if end == stmt.Node().End() {
		return append(edits, insertAt(end, "; err != nil {"+closing))
	}
	return append(edits, insertAt(stmt.Node().End(), "; err != nil {"), insertAt(end, closing))
}

// ownLine tells whether a statement has its lines for itself: the white space before it, and its end with a comment after it.
func (p *Pass) ownLine(file *ast.File, stmt ast.Node) (indent string, end token.Pos, ok bool) {
	src, err := p.ReadFile(p.Position(file.FileStart).Filename)
	if err != nil {
		return "", 0, false
	}
	tf := p.Fset.File(stmt.Pos())
	from, to := tf.Offset(stmt.Pos()), tf.Offset(stmt.End())
	if to > len(src) {
		return "", 0, false
	}
	before := src[bytes.LastIndexByte(src[:from], '\n')+1 : from]
	after, _, _ := bytes.Cut(src[to:], []byte("\n"))
	end = stmt.End()
	rest := strings.TrimSpace(string(after))
	if strings.HasPrefix(rest, "//") {
		for _, group := range file.Comments {
			for _, c := range group.List {
				if at := tf.Offset(c.Pos()); at >= to && at < to+len(after) {
					end, rest = c.End(), ""
				}
			}
		}
	}
	return string(before), end, rest == "" && strings.TrimSpace(string(before)) == ""
}

// givesErrorAlone tells whether the function around a place has one result, an error.
func (p *Pass) givesErrorAlone(c inspector.Cursor) bool {
	fn, ok := funcOf(c)
	if !ok {
		return false
	}
	results := funcType(fn.Node()).Results
	return results.NumFields() == 1 && types.Identical(p.TypesInfo.TypeOf(results.List[0].Type), types.Universe.Lookup("error").Type())
}
