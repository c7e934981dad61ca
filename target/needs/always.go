package needs

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/gindoctor/gindoctor/target/project"
)

// unconditional is what a shell line runs each time, one command a line: nothing of an `if`, a loop, a function or a subshell, nothing
// behind `||`, and nothing behind a question that `&&` asks, such as `test -f docs/docs.go && ...`.
func unconditional(line string) string {
	file, err := project.ShellFile(line)
	if err != nil {
		return line
	}
	var out []string
	var walk func(s *syntax.Stmt)
	walk = func(s *syntax.Stmt) {
		switch c := s.Cmd.(type) {
		case *syntax.CallExpr:
			out = append(out, line[s.Pos().Offset():s.End().Offset()])
		case *syntax.BinaryCmd:
			walk(c.X)
			if c.Op != syntax.OrStmt && (c.Op != syntax.AndStmt || !asks(c.X)) {
				walk(c.Y)
			}
		case *syntax.Block:
			for _, s := range c.Stmts {
				walk(s)
			}
		}
	}
	for _, s := range file.Stmts {
		walk(s)
	}
	return strings.Join(out, "\n")
}

// asks tells of a command that changes nothing: its answer decides whether the next one runs.
func asks(s *syntax.Stmt) bool {
	switch c := s.Cmd.(type) {
	case *syntax.CallExpr:
		name := ""
		if len(c.Args) > 0 {
			name = c.Args[0].Lit()
		}
		switch name {
		case "test", "[", "command", "which", "type", "hash", "grep", "git", "find", "diff", "cmp":
			return true
		}
		return s.Negated
	case *syntax.BinaryCmd:
		return asks(c.X) || asks(c.Y)
	case *syntax.TestClause:
		return true
	}
	return true
}
