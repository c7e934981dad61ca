package envvars

import (
	"go/ast"
	"strings"
)

const caarlos = "github.com/caarlos0/env"

// tagOptions are what a call tells caarlos0/env (v6 to v11, type Options) about the names that it reads, and about what it does
// without them.
type tagOptions struct {
	prefix    string // before all names
	requires  bool   // each field without a default
	byField   bool   // fields without a tag too
	elsewhere bool   // they are not read from the environment of the process
}

// options are those of a call; ok is false where they are computed.
func (t *tagReader) options(s site) (o tagOptions, ok bool) {
	for _, arg := range s.call().Args {
		lit, known := t.optionsLiteral(s, arg)
		if !known {
			return o, false
		}
		if lit == nil {
			continue
		}
		for _, el := range lit.Elts {
			if kv, pair := el.(*ast.KeyValueExpr); !pair || !t.option(s, &o, written(kv.Key), kv.Value) {
				return o, false
			}
		}
	}
	return o, true
}

// optionsLiteral is the struct of options that an argument is; nil where it is something else. known is false where it are options
// that are put together elsewhere.
func (t *tagReader) optionsLiteral(s site, e ast.Expr) (lit *ast.CompositeLit, known bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		if t.isOptions(s, e) {
			return e, true
		}
	case *ast.Ident:
		d := s.decl()
		if d == nil {
			break
		}
		value, _ := assigned(d.Body, e.Name)
		if value == nil {
			_, value = s.file.pack.value(e.Name)
		}
		lit, is := value.(*ast.CompositeLit)
		if !is || !t.isOptions(s, lit) {
			break
		}
		return lit, !setsField(d.Body, e.Name)
	case *ast.CallExpr:
		_, name, _ := s.file.callee(e.Fun)
		return nil, !strings.Contains(strings.ToLower(name), "option")
	}
	return nil, true
}

func (t *tagReader) isOptions(s site, lit *ast.CompositeLit) bool {
	sel, ok := lit.Type.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Options" {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	return ok && t.lib.of(s.file.imported(id.Name))
}

// setsField tells whether a function sets fields of a variable one by one.
func setsField(body *ast.BlockStmt, name string) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok {
			for _, l := range a.Lhs {
				sel, ok := l.(*ast.SelectorExpr)
				found = found || ok && isName(sel.X, name)
			}
		}
		return !found
	})
	return found
}

// option notes one of them; it is false where its value is computed.
func (t *tagReader) option(s site, o *tagOptions, key string, value ast.Expr) bool {
	truth := written(value)
	switch key {
	case "Prefix":
		text := t.r.text(s, value)
		if len(text.all) != 1 {
			return false
		}
		o.prefix = text.all[0]
	case "TagName", "PrefixTagName", "DefaultValueTagName":
		return false // other tags than those that are looked at
	case "RequiredIfNoDef":
		o.requires = truth == "true"
		return o.requires || truth == "false"
	case "UseFieldNameByDefault":
		o.byField = truth == "true"
		return o.byField || truth == "false"
	case "Environment":
		o.elsewhere = !strings.Contains(truth, "os.Environ")
	}
	return true
}

// fieldVariable is the variable of a field without a tag (caarlos0/env v11.4.2, toEnvName).
func fieldVariable(field string) string {
	var out strings.Builder
	letters := []rune(field)
	for i, c := range letters {
		if c == '_' {
			continue
		}
		if out.Len() > 0 && upper(c) && i+1 < len(letters) && (lower(letters[i+1]) || lower(letters[i-1])) {
			out.WriteByte('_')
		}
		out.WriteRune(c)
	}
	return strings.ToUpper(out.String())
}

func upper(c rune) bool { return c >= 'A' && c <= 'Z' }

func lower(c rune) bool { return c >= 'a' && c <= 'z' }
