package project

import "mvdan.cc/sh/v3/syntax"

// FindRedirects lists the files that a shell text writes each time it is run, by the words behind `>` and `>>`. What stands under a
// condition, in a loop or in a function, and a name that only the shell knows, is left out; so is all behind a `cd`.
func FindRedirects(text string) []string {
	file, err := ShellFile(text)
	if err != nil {
		return nil
	}
	w := &shellWalk{text: NewSource(text).Whole(0, len(text))}
	var out []string
	moved := false
	var always func(s *syntax.Stmt)
	always = func(s *syntax.Stmt) {
		for _, r := range s.Redirs {
			if name, known := w.value(r.Word); known && name != "" && !moved && (r.Op == syntax.RdrOut || r.Op == syntax.AppOut || r.Op == syntax.RdrAll || r.Op == syntax.RdrClob) {
				out = append(out, name)
			}
		}
		switch c := s.Cmd.(type) {
		case *syntax.CallExpr:
			if len(c.Args) > 0 {
				name, _ := w.value(c.Args[0])
				moved = moved || name == "cd" || name == "pushd"
			}
		case *syntax.BinaryCmd:
			always(c.X)
			if c.Op != syntax.OrStmt {
				always(c.Y)
			}
		case *syntax.Block:
			for _, s := range c.Stmts {
				always(s)
			}
		}
	}
	for _, s := range file.Stmts {
		always(s)
	}
	return out
}

// Redirects lists all files that a shell text may write by > and >>; known is false where only the shell knows one of them.
func Redirects(text string) (names []string, known bool) {
	file, err := ShellFile(text)
	if err != nil {
		return nil, false
	}
	w := &shellWalk{text: NewSource(text).Whole(0, len(text))}
	known = true
	syntax.Walk(file, func(n syntax.Node) bool {
		r, ok := n.(*syntax.Redirect)
		if !ok {
			return true
		}
		switch r.Op {
		case syntax.RdrOut, syntax.AppOut, syntax.RdrAll, syntax.AppAll, syntax.RdrClob, syntax.RdrInOut:
			name, ok := w.value(r.Word)
			names, known = append(names, name), known && ok && name != "" && !globs(r.Word)
		}
		return true
	})
	return names, known
}
