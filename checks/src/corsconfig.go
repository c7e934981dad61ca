package src

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/gindoctor/gindoctor/checks"
)

// This file judges the configurations of CORS libraries, as their constructors do (gin-contrib/cors: Config.Validate).

// fields are the values of a struct, by field, as far as they are plain to see.
type fields struct {
	values map[string]ast.Expr
	maybe  map[string]bool // perhaps set to something else
}

func (f *fields) unknown(names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return f.maybe[n] })
}

// corsConfig reports what is wrong with the configuration that a CORS library gets.
func (p *Pass) corsConfig(c inspector.Cursor, call *ast.CallExpr) {
	if len(call.Args) != 1 {
		return
	}
	f := p.structFields(c, call.Args[0])
	if f == nil {
		return
	}
	pkg := p.Callee(call).Pkg().Path()
	if pkg != ginCORS {
		p.rsOptions(call, f)
		return
	}
	report := func(at ast.Node, message, why, help checks.Message) {
		p.Report(Finding{Finding: checks.Finding{Message: message, Why: why, Help: help, Key: message.Format}, Pos: at.Pos(), End: at.End()})
	}
	panics := checks.Msg("cors.New panics on it: the program ends before it listens.")
	all, allKnown := p.flag(f, "AllowAllOrigins")
	hasFunc := f.values["AllowOriginFunc"] != nil && !p.isNil(f.values["AllowOriginFunc"]) ||
		f.values["AllowOriginWithContextFunc"] != nil && !p.isNil(f.values["AllowOriginWithContextFunc"])
	origins, originsKnown := p.list(f, "AllowOrigins")
	funcKnown := !f.unknown("AllowOriginFunc", "AllowOriginWithContextFunc")
	switch {
	case allKnown && all && (hasFunc && funcKnown || len(origins) > 0 && !f.unknown("AllowOrigins")):
		report(call, checks.Msg("AllowAllOrigins is set together with the origins that are allowed"), panics, checks.Msg("set one of the two"))
		return
	case allKnown && !all && funcKnown && !hasFunc && originsKnown && len(origins) == 0:
		report(call, checks.Msg("the CORS configuration allows no origin at all"), panics, checks.Msg("set AllowOrigins, or AllowAllOrigins"))
		return
	}
	wildcards, wildcardsKnown := p.flag(f, "AllowWildcard")
	star := slices.ContainsFunc(origins, func(e ast.Expr) bool { s, _ := p.ConstString(e); return s == "*" })
	literal := funcKnown && !hasFunc && !star // nothing but the list decides
	for _, o := range origins {
		origin, ok := p.ConstString(o)
		if !ok {
			continue
		}
		switch problem := p.corsOrigin(f, origin); {
		case problem != "":
			report(o, checks.Msg("%q is no origin: %s", origin, problem), panics, checks.Msg("write scheme and host, as in https://shop.example"))
		case strings.Count(origin, "*") > 1 && wildcards:
			report(o, checks.Msg("%q has more than one *", origin), panics, checks.Msg("write an origin for each, with one * at most"))
		case strings.Contains(origin, "*") && origin != "*" && wildcardsKnown && !wildcards && literal:
			report(o, checks.Msg("%q matches no origin: AllowWildcard is not set", origin),
				checks.Msg("The origin is compared letter by letter, * included: every browser gets 403."), checks.Msg("set AllowWildcard: true"))
		case neverSent(origin) && literal:
			report(o, checks.Msg("no browser sends the origin %q: it ends with the host or the port", origin),
				checks.Msg("The origin is compared letter by letter: pages from there get 403."), checks.Msg("take away what follows the host and the port"))
		}
	}
	credentials, _ := p.flag(f, "AllowCredentials")
	if (allKnown && all || star && !f.unknown("AllowOrigins")) && credentials && !f.unknown("AllowCredentials") {
		p.Report(Finding{
			Finding: wildcardWithCredentials("name the origins in AllowOrigins"),
			Pos:     call.Pos(), End: call.End(),
		})
	}
}

// corsOrigin is why gin-contrib/cors refuses an origin; empty where it takes it, or where that is not known.
func (p *Pass) corsOrigin(f *fields, origin string) string {
	if strings.Contains(origin, "*") || strings.HasPrefix(origin, "/") || f.values["CustomSchemas"] != nil ||
		f.unknown("CustomSchemas", "AllowBrowserExtensions", "AllowWebSockets", "AllowFiles", "AllowOrigins") {
		return ""
	}
	schemas := []string{"http://", "https://"}
	for field, more := range map[string][]string{
		"AllowBrowserExtensions": {"chrome-extension://", "safari-extension://", "moz-extension://", "ms-browser-extension://"},
		"AllowWebSockets":        {"ws://", "wss://"},
		"AllowFiles":             {"file://"},
	} {
		on, known := p.flag(f, field)
		if !known {
			return ""
		}
		if on {
			schemas = append(schemas, more...)
		}
	}
	if slices.ContainsFunc(schemas, func(s string) bool { return strings.HasPrefix(origin, s) }) {
		return ""
	}
	return "it does not begin with http:// or https://"
}

// neverSent tells whether an origin has a path, which browsers leave out.
func neverSent(origin string) bool {
	_, rest, ok := strings.Cut(origin, "://")
	return ok && strings.HasPrefix(origin, "http") && strings.Contains(rest, "/")
}

// rsOptions reports what is wrong with the options of github.com/rs/cors.
func (p *Pass) rsOptions(call *ast.CallExpr, f *fields) {
	if f.unknown("AllowedOrigins", "AllowOriginFunc", "AllowOriginRequestFunc", "AllowOriginVaryRequestFunc", "AllowCredentials") ||
		f.values["AllowOriginFunc"] != nil || f.values["AllowOriginRequestFunc"] != nil || f.values["AllowOriginVaryRequestFunc"] != nil {
		return
	}
	origins, known := p.list(f, "AllowedOrigins")
	all := known && len(origins) == 0 || slices.ContainsFunc(origins, func(e ast.Expr) bool { s, _ := p.ConstString(e); return s == "*" })
	if credentials, _ := p.flag(f, "AllowCredentials"); all && credentials {
		p.Report(Finding{Finding: wildcardWithCredentials("name the origins in AllowedOrigins"), Pos: call.Pos(), End: call.End()})
	}
}

// flag is a constant boolean field; false where it is not set.
func (p *Pass) flag(f *fields, name string) (value, known bool) {
	e := f.values[name]
	if f.maybe[name] {
		return false, false
	}
	if e == nil {
		return false, true
	}
	v := p.TypesInfo.Types[e].Value
	if v == nil || v.Kind() != constant.Bool {
		return false, false
	}
	return constant.BoolVal(v), true
}

// list is the elements of a field that is a slice; known says that these are all.
func (p *Pass) list(f *fields, name string) (elements []ast.Expr, known bool) {
	e := f.values[name]
	if e == nil || p.isNil(e) {
		return nil, !f.maybe[name]
	}
	lit, ok := p.Follow(e).(*ast.CompositeLit)
	if !ok {
		return nil, false
	}
	return lit.Elts, !f.maybe[name]
}

// structFields are the fields of a struct that an expression makes: a literal, or a variable that is made by one, or by
// DefaultConfig, and whose fields are then set one by one in the same function; or what a function of the package returns that
// does so. Nil where that is not what it is.
func (p *Pass) structFields(c inspector.Cursor, e ast.Expr) *fields {
	f := &fields{values: map[string]ast.Expr{}, maybe: map[string]bool{}}
	if star, ok := ast.Unparen(e).(*ast.StarExpr); ok {
		e = star.X
	}
	made := p.Follow(e)
	v := p.Var(e)
	if address, ok := made.(*ast.UnaryExpr); ok && address.Op == token.AND {
		made = ast.Unparen(address.X)
		if p.handedOn(v) {
			return nil
		}
	}
	switch x := made.(type) {
	case *ast.CompositeLit:
		for _, elt := range x.Elts {
			kv, ok := elt.(*ast.KeyValueExpr)
			if !ok {
				return nil
			}
			if id := identOf(kv.Key); id != nil {
				f.values[id.Name] = kv.Value
			}
		}
	case *ast.CallExpr:
		if !isFunc(p.Callee(x), ginCORS, "DefaultConfig") {
			if ret, ok := p.onlyReturn(x); ok && v == nil {
				return p.structFields(ret, ret.Node().(*ast.ReturnStmt).Results[0])
			}
			return nil
		}
	default:
		if !p.zeroStruct(v) {
			return nil
		}
	}
	if v == nil {
		return f
	}
	fn, ok := funcOf(c)
	if !ok || v.Parent() == nil || v.Parent() == p.Pkg.Scope() {
		return nil
	}
	p.assignedFields(fn, c, v, f)
	return f
}

// onlyReturn is the one return statement of the function of this package that a call calls, where that gives one result.
func (p *Pass) onlyReturn(call *ast.CallExpr) (ret inspector.Cursor, ok bool) {
	fn := p.Callee(call)
	if fn == nil || fn.Pkg() != p.Pkg || fn.Signature().Results().Len() != 1 {
		return ret, false
	}
	for c := range p.Nodes((*ast.FuncDecl)(nil)) {
		if p.TypesInfo.Defs[c.Node().(*ast.FuncDecl).Name] != fn {
			continue
		}
		returns := 0
		for r := range c.Preorder((*ast.ReturnStmt)(nil)) {
			if in, _ := funcOf(r); in.Node() == c.Node() && len(r.Node().(*ast.ReturnStmt).Results) == 1 {
				ret, returns = r, returns+1
			}
		}
		return ret, returns == 1
	}
	return ret, false
}

// handedOn tells whether a variable that holds a pointer is used for more than for what it points at: then others may change that.
func (p *Pass) handedOn(v *types.Var) bool {
	for c := range p.Nodes((*ast.Ident)(nil)) {
		if p.TypesInfo.Uses[c.Node().(*ast.Ident)] != v {
			continue
		}
		if kind := c.ParentEdgeKind(); kind != edge.SelectorExpr_X && kind != edge.StarExpr_X {
			return true
		}
	}
	return false
}

// zeroStruct tells whether a variable begins as a struct without values: var config cors.Config.
func (p *Pass) zeroStruct(v *types.Var) bool {
	values, complete := p.Values(v)
	return complete && len(values) == 0 && v.Kind() == types.LocalVar && isType(v.Type(), ginCORS, "Config")
}

// assignedFields adds what is assigned to the fields of a variable before a place.
func (p *Pass) assignedFields(fn, before inspector.Cursor, v *types.Var, f *fields) {
	for a := range fn.Preorder((*ast.AssignStmt)(nil)) {
		assign := a.Node().(*ast.AssignStmt)
		if assign.Pos() > before.Node().Pos() {
			return
		}
		for i, lhs := range assign.Lhs {
			sel, ok := ast.Unparen(lhs).(*ast.SelectorExpr)
			if !ok || p.Var(sel.X) != v {
				continue
			}
			if a.Parent().Node() != body(fn.Node()) || len(assign.Lhs) != len(assign.Rhs) {
				f.maybe[sel.Sel.Name] = true // under a condition
				continue
			}
			f.values[sel.Sel.Name] = p.appended(f, sel, assign.Rhs[i])
			delete(f.maybe, sel.Sel.Name)
		}
	}
}

// appended is what is assigned to a field: with the elements before it where it is appended to what the field has.
func (p *Pass) appended(f *fields, field *ast.SelectorExpr, value ast.Expr) ast.Expr {
	call, ok := ast.Unparen(value).(*ast.CallExpr)
	if !ok || len(call.Args) == 0 || call.Ellipsis.IsValid() || identOf(call.Fun) == nil || identOf(call.Fun).Name != "append" {
		return value
	}
	to, ok := ast.Unparen(call.Args[0]).(*ast.SelectorExpr)
	if !ok || p.Var(to) == nil || p.Var(to) != p.Var(field) || p.Var(to.X) != p.Var(field.X) || f.maybe[field.Sel.Name] {
		return value
	}
	var before []ast.Expr
	if had := f.values[field.Sel.Name]; had != nil {
		lit, ok := p.Follow(had).(*ast.CompositeLit)
		if !ok {
			return value
		}
		before = lit.Elts
	}
	return &ast.CompositeLit{Elts: append(slices.Clone(before), call.Args[1:]...)}
}
