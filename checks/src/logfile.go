package src

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gindoctor/gindoctor/checks"
)

// LogFile finds log files that are opened so that a second process, or the next start, writes over what is there. While a server is
// reloaded two processes write for a moment; without O_APPEND each keeps an offset of its own.
var LogFile = &Rule{
	Check: checks.Check{
		ID:       "src/log-file",
		Title:    "a log file that loses lines when the server is started anew",
		Stage:    checks.Serve,
		Severity: checks.Warning,
		Profiles: checks.Dev | checks.CI,
	},
	Imports:  []string{"os"},
	Requires: []*analysis.Analyzer{namesAnalyzer},
	Look: func(p *Pass) error {
		if p.example() {
			return nil
		}
		l := &logFile{Pass: p, names: p.Names()}
		for c, call := range p.Calls() {
			switch fn := p.Callee(call); {
			case isFunc(fn, "os", "OpenFile") && len(call.Args) == 3:
				l.opened(c, call)
			case isFunc(fn, "os", "Create") && len(call.Args) == 1:
				l.created(c, call)
			}
		}
		return nil
	},
}

type logFile struct {
	*Pass
	names *names
}

// opened judges os.OpenFile(name, flags, mode).
func (l *logFile) opened(c inspector.Cursor, call *ast.CallExpr) {
	flags := map[string]bool{}
	if !l.flags(call.Args[1], flags) || flags["O_APPEND"] || flags["O_TRUNC"] || flags["O_EXCL"] || !flags["O_CREATE"] || !flags["O_WRONLY"] && !flags["O_RDWR"] {
		return // O_TRUNC: begun anew on purpose
	}
	if !l.isLog(c) && (!l.named(call.Args[0]) || l.positioned(c)) || l.ownName(call.Args[0]) {
		return
	}
	f := l.finding(c, call)
	f.Message = checks.Msg("the log file is opened without os.O_APPEND")
	f.Why = checks.Msg("It is written from its start: each start of the server writes over the lines of the one before, and two processes, as during a reload, over each other's.")
	f.Help = checks.Msg("Add |os.O_APPEND to the flags.")
	if sel, ok := lastOperand(call.Args[1]).(*ast.SelectorExpr); ok {
		f.Edits = []analysis.TextEdit{insertAt(call.Args[1].End(), "|"+types.ExprString(sel.X)+".O_APPEND")}
		f.Repair = "open the log file with os.O_APPEND"
	}
	l.Report(f)
}

// created judges os.Create(name), which empties the file.
func (l *logFile) created(c inspector.Cursor, call *ast.CallExpr) {
	if !l.isLog(c) || l.ownName(call.Args[0]) {
		return
	}
	f := l.finding(c, call)
	f.Message = checks.Msg("os.Create empties the log file at each start")
	f.Why = checks.Msg("Each reload throws away the lines that led to it; and while the old process still writes, its next line lands far behind the end, after a gap of zero bytes.")
	f.Help = checks.Msg("Open it with os.OpenFile(…, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644).")
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok && call.Args[0].End() == call.Rparen {
		pkg := types.ExprString(sel.X)
		f.Edits = []analysis.TextEdit{
			{Pos: sel.Sel.Pos(), End: sel.Sel.End(), NewText: []byte("OpenFile")},
			insertAt(call.Rparen, ", "+pkg+".O_CREATE|"+pkg+".O_WRONLY|"+pkg+".O_APPEND, 0o666"), // the mode that Create gives
		}
		f.Repair, f.Unsafe = "append to the log file instead of emptying it", true
	}
	l.Report(f)
}

func (l *logFile) finding(c inspector.Cursor, call *ast.CallExpr) Finding {
	f := Finding{Pos: call.Pos(), End: call.End()}
	f.Key = l.key(c) + " " + types.ExprString(call.Args[0])
	f.Confidence = checks.Likely
	return f
}

// flags takes os.O_CREATE|os.O_WRONLY apart; false where something else is among them.
func (l *logFile) flags(e ast.Expr, into map[string]bool) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		return x.Op == token.OR && l.flags(x.X, into) && l.flags(x.Y, into)
	case *ast.SelectorExpr:
		obj := l.TypesInfo.Uses[x.Sel]
		if obj == nil || obj.Pkg() == nil || obj.Pkg().Path() != "os" && obj.Pkg().Path() != "syscall" {
			return false
		}
		name := obj.Name()
		if name == "O_CREAT" {
			name = "O_CREATE"
		}
		into[name] = true
		return true
	case *ast.Ident: // a constant of its own
		set, ok := l.ConstInt(x)
		return ok && l.flagsOf(set, l.TypesInfo.Uses[x], into)
	}
	return false
}

// flagsOf takes the value of a constant apart, by the flags of the package os as they are where the code is for.
func (l *logFile) flagsOf(set int64, of types.Object, into map[string]bool) bool {
	if _, ok := of.(*types.Const); !ok {
		return false
	}
	os := l.imported("os")
	if os == nil {
		return false
	}
	for _, name := range []string{"O_WRONLY", "O_RDWR", "O_APPEND", "O_CREATE", "O_EXCL", "O_TRUNC"} {
		flag, ok := os.Scope().Lookup(name).(*types.Const)
		if !ok {
			return false
		}
		if bit, _ := constant.Int64Val(constant.ToInt(flag.Val())); set&bit != 0 {
			into[name] = true
		}
	}
	return true
}

// imported is a package that this one imports; nil where it does not.
func (l *logFile) imported(path string) *types.Package {
	for _, p := range l.Pkg.Imports() {
		if p.Path() == path {
			return p
		}
	}
	return nil
}

func lastOperand(e ast.Expr) ast.Expr {
	for {
		b, ok := e.(*ast.BinaryExpr)
		if !ok {
			return e
		}
		e = b.Y
	}
}

// named tells whether a file's name, as far as it is known, is that of a log.
func (l *logFile) named(e ast.Expr) bool {
	name, ok := l.ConstString(l.Follow(e))
	if !ok {
		if call, isCall := l.Follow(e).(*ast.CallExpr); isCall && len(call.Args) > 0 { // filepath.Join(dir, "app.log")
			name, ok = l.ConstString(l.Follow(call.Args[len(call.Args)-1]))
		}
	}
	return ok && path.Ext(name) == ".log"
}

// ownName tells whether each start, or each process, has a file of its own: its name holds the time or the process id.
func (l *logFile) ownName(e ast.Expr) bool {
	own := false
	var look func(e ast.Expr, depth int)
	look = func(e ast.Expr, depth int) {
		ast.Inspect(e, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.CallExpr:
				fn := l.Callee(x)
				own = own || isFunc(fn, "time", "Now") || isFunc(fn, "os", "Getpid", "TempDir", "MkdirTemp") || fn != nil && strings.Contains(strings.ToLower(fn.Name()), "uuid")
			case *ast.Ident:
				if v := l.Var(x); v != nil && depth < 4 {
					values, _ := l.Values(v)
					for _, value := range values {
						look(value, depth+1)
					}
				}
			}
			return !own
		})
	}
	look(e, 0)
	return own
}

// isLog tells whether what a call opens becomes the output of a logger.
func (l *logFile) isLog(c inspector.Cursor) bool {
	return l.anyUse(c, 0, func(use inspector.Cursor) bool {
		switch use.ParentEdgeKind() {
		case edge.CallExpr_Args:
			return l.takesOutput(l.Callee(use.Parent().Node().(*ast.CallExpr)), use.ParentEdgeIndex())
		case edge.AssignStmt_Rhs:
			assign := use.Parent().Node().(*ast.AssignStmt)
			return l.isOutput(l.Var(assign.Lhs[min(use.ParentEdgeIndex(), len(assign.Lhs)-1)]))
		case edge.KeyValueExpr_Value:
			return l.isOutput(l.Var(use.Parent().Node().(*ast.KeyValueExpr).Key))
		}
		return false
	})
}

// positioned tells whether somebody goes to a place in the file: then it is no mere log.
func (l *logFile) positioned(c inspector.Cursor) bool {
	return l.anyUse(c, 0, func(use inspector.Cursor) bool {
		sel, ok := use.Parent().Node().(*ast.SelectorExpr)
		return ok && slices.Contains([]string{"Seek", "WriteAt", "Truncate", "ReadAt", "Read"}, sel.Sel.Name)
	})
}

// anyUse asks a question of every place that a value gets to: through variables, and io.MultiWriter.
func (l *logFile) anyUse(c inspector.Cursor, depth int, ask func(inspector.Cursor) bool) bool {
	if depth > 5 {
		return false
	}
	if ask(c) {
		return true
	}
	switch c.ParentEdgeKind() {
	case edge.ParenExpr_X:
		return l.anyUse(c.Parent(), depth+1, ask)
	case edge.CallExpr_Args:
		call := c.Parent().Node().(*ast.CallExpr)
		if isFunc(l.Callee(call), "io", "MultiWriter") || isFunc(l.Callee(call), "bufio", "NewWriter", "NewWriterSize") {
			return l.anyUse(c.Parent(), depth+1, ask)
		}
		return false
	}
	var v *types.Var
	switch n := c.Parent().Node().(type) {
	case *ast.AssignStmt:
		if c.ParentEdgeKind() == edge.AssignStmt_Rhs {
			v = l.Var(n.Lhs[min(c.ParentEdgeIndex(), len(n.Lhs)-1)])
		}
	case *ast.ValueSpec:
		if c.ParentEdgeKind() == edge.ValueSpec_Values {
			v = l.Var(n.Names[0])
		}
	}
	if v == nil || v.Pkg() != l.Pkg {
		return false
	}
	for _, use := range l.names.Uses(v) {
		if use.ParentEdgeKind() == edge.SelectorExpr_Sel {
			use = use.Parent()
		}
		if use.ParentEdgeKind() != edge.AssignStmt_Lhs && l.anyUse(use, depth+1, ask) {
			return true
		}
	}
	return false
}

// takesOutput tells whether a function takes the output of a logger as argument i.
func (l *logFile) takesOutput(fn *types.Func, i int) bool {
	switch {
	case fn == nil || i != 0:
		return isFunc(fn, ginPath, "LoggerWithWriter", "RecoveryWithWriter")
	case isFunc(fn, ginPath, "LoggerWithWriter", "RecoveryWithWriter", "CustomRecoveryWithWriter"),
		isFunc(fn, "log", "SetOutput", "New"), isMethod(fn, "log", "Logger", "SetOutput"),
		isFunc(fn, "log/slog", "NewTextHandler", "NewJSONHandler"),
		isFunc(fn, "github.com/sirupsen/logrus", "SetOutput"), isMethod(fn, "github.com/sirupsen/logrus", "Logger", "SetOutput"),
		isFunc(fn, "go.uber.org/zap/zapcore", "AddSync", "Lock"), isFunc(fn, "github.com/rs/zerolog", "New"):
		return true
	}
	return false
}

// isOutput tells whether a variable is the output of a logger.
func (l *logFile) isOutput(v *types.Var) bool {
	if v == nil || v.Pkg() == nil {
		return false
	}
	switch v.Pkg().Path() {
	case ginPath:
		return slices.Contains([]string{"DefaultWriter", "DefaultErrorWriter", "Output"}, v.Name())
	case "github.com/sirupsen/logrus", "github.com/rs/zerolog":
		return v.Name() == "Out"
	}
	return false
}
