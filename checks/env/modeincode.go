package env

import (
	"cmp"
	"go/ast"
	"go/token"
	"slices"
	"strconv"

	"golang.org/x/tools/go/ast/astutil"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

const ginPath = "github.com/gin-gonic/gin"

// modesInCode finds gin.SetMode with a constant that is no mode. It tells too whether any program uses gin at all.
func modesInCode(d *target.Deployment) (found []checks.Finding, asked bool) {
	seen := map[*project.GoFile]bool{}
	for _, p := range d.Programs {
		asked = asked || p.Gin
		for _, f := range p.Files() {
			if !seen[f] {
				seen[f] = true
				found = append(found, modesIn(f, p.Module.Dir)...)
			}
		}
	}
	return found, asked
}

func modesIn(f *project.GoFile, service string) []checks.Finding {
	var out []checks.Finding
	modeCalls(f, func(syntax *project.Syntax, gin string, call *ast.CallExpr) {
		lit := constant(syntax.File, call.Args[0])
		if lit == nil {
			return
		}
		if value, err := strconv.Unquote(lit.Value); err == nil && !isMode(value) {
			out = append(out, modeFinding(f, syntax, gin, lit, value, service))
		}
	})
	return out
}

// modeCalls visits the calls of gin.SetMode in a file that people write; gin is what the file calls the package.
func modeCalls(f *project.GoFile, visit func(syntax *project.Syntax, gin string, call *ast.CallExpr)) {
	imports := slices.IndexFunc(f.Imports, func(i project.Import) bool { return i.Path == ginPath })
	if imports < 0 {
		return
	}
	syntax, _ := f.Syntax()
	if syntax == nil || syntax.File == nil || ast.IsGenerated(syntax.File) {
		return
	}
	gin := cmp.Or(f.Imports[imports].Name, "gin")
	ast.Inspect(syntax.File, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 1 {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "SetMode" {
			return true
		}
		if id, ok := sel.X.(*ast.Ident); ok && id.Name == gin {
			visit(syntax, gin, call)
		}
		return true
	})
}

// constant is the text that an argument is: written there, or that of a constant of the same file.
func constant(file *ast.File, arg ast.Expr) *ast.BasicLit {
	for range 5 {
		switch x := arg.(type) {
		case *ast.BasicLit:
			if x.Kind == token.STRING {
				return x
			}
			return nil
		case *ast.ParenExpr:
			arg = x.X
		case *ast.Ident:
			arg = constantNamed(file, x.Name)
		default:
			return nil
		}
	}
	return nil
}

// constantNamed is the value of a constant of that name at the top of the file; nil where there is none.
func constantNamed(file *ast.File, name string) ast.Expr {
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			spec := s.(*ast.ValueSpec)
			i := slices.IndexFunc(spec.Names, func(n *ast.Ident) bool { return n.Name == name })
			if i >= 0 && i < len(spec.Values) {
				return spec.Values[i]
			}
		}
	}
	return nil
}

func modeFinding(f *project.GoFile, syntax *project.Syntax, gin string, lit *ast.BasicLit, value, service string) checks.Finding {
	at := syntax.Position(lit.Pos())
	finding := checks.Finding{
		Message:  checks.Msg("gin.SetMode(%q): gin has no such mode", value),
		Why:      checks.Msg("gin panics in this call: gin mode unknown. It takes debug, release or test, in exactly this spelling."),
		Help:     checks.Msg("write gin.ReleaseMode, gin.DebugMode or gin.TestMode"),
		Location: checks.Span(f.Path, at.Line, at.Column, len(lit.Value)),
		Service:  service,
		Key:      "SetMode " + value,
	}
	if conditional(syntax.File, lit) {
		finding.Severity, finding.Confidence = checks.Warning, checks.Likely
		finding.Why = checks.Msg("Where the program comes to this call, gin panics: gin mode unknown. It takes debug, release or test, in exactly this spelling.")
	}
	constants := map[string]string{"release": ".ReleaseMode", "debug": ".DebugMode", "test": ".TestMode"}
	if meant := meantMode(value); meant != "" {
		finding.Help = checks.Msg("write gin%s", constants[meant])
		finding.Fix = &plan.Plan{
			Title:  "write gin" + constants[meant],
			Safety: plan.Safe,
			Steps:  []plan.Step{plan.ReplaceAt(f.Path, at.Line, at.Column, lit.Value, gin+constants[meant])},
		}
	}
	return finding
}

// conditional tells whether a call is not made whenever main is: it lies in a branch, or in another function.
func conditional(file *ast.File, at ast.Node) bool {
	path, _ := astutil.PathEnclosingInterval(file, at.Pos(), at.End())
	for _, n := range path {
		switch x := n.(type) {
		case *ast.IfStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.ForStmt, *ast.RangeStmt, *ast.FuncLit, *ast.GenDecl:
			return true
		case *ast.FuncDecl:
			return x.Recv != nil || x.Name.Name != "init" && (x.Name.Name != "main" || file.Name.Name != "main")
		}
	}
	return true
}
