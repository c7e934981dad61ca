package env

import (
	"go/ast"
	"go/token"
	"strconv"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
)

// modeUse is a call of gin.SetMode that is given a variable of the environment as it is: gin.SetMode(os.Getenv("APP_ENV")).
type modeUse struct {
	file   *project.GoFile
	line   int
	always bool // main comes to the call whatever happens
}

// modeVariables are the variables that the programs give to gin.SetMode, by name.
func modeVariables(d *target.Deployment) map[*target.Deployed]map[string]modeUse {
	out := map[*target.Deployed]map[string]modeUse{}
	for _, p := range d.Programs {
		out[p] = map[string]modeUse{}
		for _, f := range p.Files() {
			modeCalls(f, func(syntax *project.Syntax, gin string, call *ast.CallExpr) {
				if name := variable(syntax.File, call.Args[0]); name != "" && name != "GIN_MODE" {
					out[p][name] = modeUse{f, syntax.Position(call.Pos()).Line, !conditional(syntax.File, call)}
				}
			})
		}
	}
	return out
}

// variable is the variable of the environment that an expression reads; "" for anything else.
func variable(file *ast.File, x ast.Expr) string {
	call, ok := ast.Unparen(x).(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return ""
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Getenv" {
		return ""
	}
	if id, ok := sel.X.(*ast.Ident); !ok || id.Name != "os" {
		return ""
	}
	lit := constant(file, call.Args[0])
	if lit == nil || lit.Kind != token.STRING {
		return ""
	}
	name, _ := strconv.Unquote(lit.Value)
	return name
}

// badValue is the finding about a value that gin takes for no mode. The variable may mean more than gin's mode, so that the value is
// not ours to change.
func (u modeUse) badValue(s artefact.Setting) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("%s=%s is given to gin.SetMode, and gin has no such mode", s.Name.Value, shown(s.Value.Value)),
		Why:      checks.Msg("gin panics in this call: gin mode unknown. It takes debug, release or test, in exactly this spelling."),
		Help:     checks.Msg("set GIN_MODE for gin, and take this call out; or write %s=%s", s.Name.Value, meantOr(s.Value.Value, "release")),
		Evidence: []checks.Message{checks.Msg("%s:%d  gin.SetMode(os.Getenv(%q))", u.file.Path, u.line, s.Name.Value)},
	}
	if !u.always {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	return f
}
