package opens

import (
	"go/ast"
	"go/token"
	"path"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
)

// maxDepth bounds how many names lead to the value of an expression: code may define names in a ring.
const maxDepth = 16

// text is the value of an expression, where the package's own text tells it: literals, constants, variables that are set once,
// their sums, and filepath.Join of them.
func (v *visit) text(x ast.Expr, depth int) (string, bool) {
	if depth == 0 {
		return "", false
	}
	switch x := x.(type) {
	case *ast.BasicLit:
		if x.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(x.Value)
		return s, err == nil
	case *ast.ParenExpr:
		return v.text(x.X, depth-1)
	case *ast.BinaryExpr:
		if x.Op != token.ADD {
			return "", false
		}
		a, ok := v.text(x.X, depth-1)
		if !ok {
			return "", false
		}
		b, ok := v.text(x.Y, depth-1)
		return a + b, ok
	case *ast.CallExpr:
		return v.joined(x, depth)
	case *ast.Ident:
		if v.scope.names[x.Name] > 0 {
			value := v.scope.values[x.Name]
			if v.scope.names[x.Name] != 1 || value == nil {
				v.asks = true
				return "", false
			}
			return v.text(value, depth-1)
		}
		return v.global(v.pkg, x.Name, depth)
	case *ast.SelectorExpr: // of another package of the program
		if from := v.file.Imported(x.X); from != "" && !v.scope.has(x.X) && v.pkg.others != nil && v.pkg.others[from] != nil {
			return v.global(v.pkg.others[from], x.Sel.Name, depth)
		}
	}
	return "", false
}

// global is the value of a constant or variable of a package.
func (v *visit) global(p *pkg, name string, depth int) (string, bool) {
	value, ok := p.value(name)
	if !ok {
		return "", false
	}
	there := visit{pkg: p, file: value.file}
	return there.text(value.expr, depth-1)
}

// joined is the value of filepath.Join, path.Join, string(x) and filepath.FromSlash of what is known.
func (v *visit) joined(call *ast.CallExpr, depth int) (string, bool) {
	if call.Ellipsis.IsValid() {
		return "", false
	}
	var parts []string
	for _, a := range call.Args {
		s, ok := v.text(a, depth-1)
		if !ok {
			return "", false
		}
		parts = append(parts, s)
	}
	switch fn := call.Fun.(type) {
	case *ast.Ident:
		return strings.Join(parts, ""), fn.Name == "string" && len(parts) == 1
	case *ast.SelectorExpr:
		from := v.file.Imported(fn.X)
		switch {
		case (from == "path/filepath" || from == "path") && fn.Sel.Name == "Join":
			return path.Join(parts...), true
		case (from == "path/filepath" || from == "path") && (fn.Sel.Name == "Clean" || fn.Sel.Name == "FromSlash" || fn.Sel.Name == "ToSlash") && len(parts) == 1:
			return parts[0], true
		}
	}
	return "", false
}

// value is what a name of the package stands for; ok is false where it is not always the same.
func (p *pkg) value(name string) (d definition, ok bool) {
	v, known := p.values[name]
	if !known {
		v = p.findValue(name)
		p.values[name] = v
	}
	if v == nil {
		return definition{}, false
	}
	return *v, true
}

func (p *pkg) findValue(name string) *definition {
	var value *definition
	assigned := false
	p.holding(name, func(d *declared) {
		if x := d.values[name]; x != nil {
			value = &definition{x, d.file}
		}
		assigned = assigned || d.assigned[name]
	})
	if assigned {
		return nil
	}
	return value
}

// declared is what one file says of the names of its package.
type declared struct {
	file     *project.GoFile
	values   map[string]ast.Expr // of constants, and of those variables that no other package can set
	assigned map[string]bool     // names that are set, or whose address is taken
	methods  map[string]bool
}

func declaredIn(f *project.GoFile) *declared {
	d := &declared{file: f, values: map[string]ast.Expr{}, assigned: map[string]bool{}, methods: map[string]bool{}}
	s, _ := f.Syntax()
	if s == nil || s.File == nil {
		return d
	}
	for _, decl := range s.File.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv != nil {
				d.methods[decl.Name.Name] = true
			}
		case *ast.GenDecl:
			d.declare(decl)
		}
	}
	d.assign(s.File)
	return d
}

func (d *declared) declare(g *ast.GenDecl) {
	if g.Tok != token.CONST && g.Tok != token.VAR {
		return
	}
	for _, s := range g.Specs {
		spec := s.(*ast.ValueSpec)
		if len(spec.Values) != len(spec.Names) {
			continue
		}
		for i, id := range spec.Names {
			if g.Tok == token.CONST || !id.IsExported() {
				d.values[id.Name] = spec.Values[i]
			}
		}
	}
}

func (d *declared) assign(file *ast.File) {
	note := func(x ast.Expr) {
		if id, ok := x.(*ast.Ident); ok {
			d.assigned[id.Name] = true
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, x := range n.Lhs {
					note(x)
				}
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				note(n.X)
			}
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				note(n.Key)
				note(n.Value)
			}
		}
		return true
	})
}

// localScope is the names that a function declares, in whatever block, and how often each gets a value.
type localScope struct {
	names  map[string]int
	values map[string]ast.Expr // of those that are declared with one
}

func (s localScope) has(x ast.Expr) bool {
	id, ok := x.(*ast.Ident)
	return ok && s.names[id.Name] > 0
}

// give sets what the parameters of a function are in each call of it. One that the function sets itself keeps no value.
func (s localScope) give(values map[string]string) {
	for name, value := range values {
		if s.names[name] == 1 && s.values[name] == nil {
			s.values[name] = &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(value)}
		}
	}
}

// localsOf finds the names of a function. A name that is declared twice, or set again, has no value that we know.
func localsOf(d *ast.FuncDecl) localScope {
	s := localScope{map[string]int{}, map[string]ast.Expr{}}
	note := func(x, value ast.Expr) {
		if id, ok := x.(*ast.Ident); ok && id.Name != "_" {
			s.names[id.Name]++
			if value != nil {
				s.values[id.Name] = value
			}
		}
	}
	fields := func(l *ast.FieldList) {
		if l == nil {
			return
		}
		for _, f := range l.List {
			for _, id := range f.Names {
				note(id, nil)
			}
		}
	}
	again := map[string]bool{}
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			fields(n.Recv)
		case *ast.FuncType:
			fields(n.Params)
			fields(n.Results)
		case *ast.AssignStmt:
			for i, x := range n.Lhs {
				switch {
				case n.Tok != token.DEFINE:
					if element, ok := x.(*ast.IndexExpr); ok {
						x = element.X
					}
					if id, ok := x.(*ast.Ident); ok {
						again[id.Name] = true
					}
				case len(n.Lhs) == len(n.Rhs):
					note(x, n.Rhs[i])
				default:
					note(x, nil)
				}
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if len(n.Values) == len(n.Names) {
					note(id, n.Values[i])
				} else {
					note(id, nil)
				}
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				note(n.Key, nil)
				note(n.Value, nil)
			} else {
				for _, x := range []ast.Expr{n.Key, n.Value} {
					if id, ok := x.(*ast.Ident); ok {
						again[id.Name] = true
					}
				}
			}
		case *ast.UnaryExpr:
			if id, ok := n.X.(*ast.Ident); ok && n.Op == token.AND {
				again[id.Name] = true
			}
		}
		return true
	})
	for name := range again {
		if s.names[name] > 0 {
			s.names[name]++
		}
	}
	return s
}

// quoteMeta is a name as a pattern of path.Match that matches nothing else.
func quoteMeta(name string) string {
	if !strings.ContainsAny(name, `*?[\`) {
		return name
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(name)
}
