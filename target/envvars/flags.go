package envvars

import (
	"go/ast"
	"slices"
	"strings"
)

// readFlags reads flags that take their value from the environment too: those of urfave/cli, which are structs, and the method
// Envar of kingpin.
func (r *reader) readFlags() {
	for _, f := range r.with("EnvVars", "EnvVar", "Envar(") {
		each(f, func(s site) {
			switch n := s.node().(type) {
			case *ast.CompositeLit:
				if strings.HasSuffix(written(n.Type), "Flag") {
					r.cliFlag(s.keep(), n)
				}
			case *ast.CallExpr:
				if p, name, x := f.callee(n.Fun); p == "" && x != nil && name == "Envar" && len(n.Args) == 1 {
					for _, env := range r.text(s, n.Args[0]).all {
						r.add(s.keep(), env, "kingpin", fate{what: goesOn, maybe: true})
					}
				}
			}
		})
	}
}

func (r *reader) cliFlag(s site, lit *ast.CompositeLit) {
	var names []string
	read := Read{Via: "cli flag", Without: FallsBack, Sure: true, Func: s.funcName()}
	for _, el := range lit.Elts {
		kv, ok := el.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		switch written(kv.Key) {
		case "EnvVars", "EnvVar", "Sources":
			names = append(names, r.namesIn(s, kv.Value)...)
			if names != nil {
				read.At = s.file.place(kv.Value)
			}
		case "Value":
			read.Default, read.DefaultKnown = r.defaultText(s, kv.Value)
			read.HasDefault = true
		case "Required":
			if written(kv.Value) == "true" {
				read.Without, read.Sure = Unknown, false // a flag may be given in its place
			}
		}
	}
	for _, n := range slices.Compact(names) {
		read.Name = n
		r.out.Reads = append(r.out.Reads, read)
	}
}

func (r *reader) namesIn(s site, e ast.Expr) []string {
	switch x := e.(type) {
	case *ast.CompositeLit:
		return r.elements(s, x, false, 0).all
	case *ast.CallExpr: // cli.EnvVars("A", "B")
		if _, name, _ := s.file.callee(x.Fun); name != "EnvVars" && name != "NewValueSourceChain" && name != "EnvVar" {
			return nil
		}
		var out []string
		for _, a := range x.Args {
			if inner, ok := a.(*ast.CallExpr); ok {
				out = append(out, r.namesIn(s, inner)...)
				continue
			}
			out = append(out, r.text(s, a).all...)
		}
		return out
	}
	return r.text(s, e).all
}
