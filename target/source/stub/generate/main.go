// Generate writes the declarations of packages to files below target/source/stub/_packages: what they export, without bodies,
// comments and unexported members. What comes from packages that have no declarations there becomes any.
//
//	go run ./target/source/stub/generate -C MODULE PACKAGE...
//
// MODULE is a folder with a go.mod that requires the packages. Declarations of the standard library's package syscall are cut to
// its signals and what processes need: the rest differs from system to system.
package main

import (
	"flag"
	"fmt"
	"go/constant"
	"go/format"
	"go/types"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

func main() {
	dir := flag.String("C", ".", "the folder of a module that requires the packages")
	out := flag.String("out", "target/source/stub/_packages", "where to write the declarations")
	flag.Parse()
	loaded, err := packages.Load(&packages.Config{Dir: *dir, Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports}, flag.Args()...)
	if err != nil {
		log.Fatal(err)
	}
	known := map[string]bool{"unsafe": true}
	for _, p := range loaded {
		known[p.PkgPath] = true
	}
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			log.Fatal(p.Errors)
		}
		w := &writer{pkg: p.Types, known: known, imports: map[string]string{}, extra: map[*types.TypeName]bool{}}
		if err := write(filepath.Join(*out, filepath.FromSlash(p.PkgPath)+".go"), w.source()); err != nil {
			log.Fatal(err)
		}
	}
}

func write(name string, src []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, src, 0o644)
}

// writer declares one package.
type writer struct {
	pkg     *types.Package
	known   map[string]bool
	imports map[string]string        // path to name
	extra   map[*types.TypeName]bool // unexported types that exported declarations name
	queue   []*types.TypeName
}

const outside = "zz_outside_zz"

var (
	outsidePointer = lazyregexp.New(`\*` + outside + `\.\w+(\[[^\]]*\])?`)
	outsideType    = lazyregexp.New(outside + `\.\w+(\[[^\]]*\])?`)
	unnamed        = lazyregexp.New(`#rv\d+`) // a result without a name, in compiled packages
)

func (w *writer) qualifier(p *types.Package) string {
	switch {
	case p == w.pkg:
		return ""
	case !w.known[p.Path()]:
		return outside
	}
	w.imports[p.Path()] = p.Name()
	for path, name := range w.imports { // two packages of one name
		if name == p.Name() && path < p.Path() {
			w.imports[p.Path()] = p.Name() + "_"
		}
	}
	return w.imports[p.Path()]
}

func (w *writer) typ(t types.Type) string {
	w.collect(t, map[types.Type]bool{})
	return w.inside(types.TypeString(t, w.qualifier))
}

func (w *writer) inside(s string) string {
	return unnamed.ReplaceAllString(outsideType.ReplaceAllString(outsidePointer.ReplaceAllString(s, "any"), "any"), "_")
}

// collect notes the unexported types of the package that a type names.
func (w *writer) collect(t types.Type, seen map[types.Type]bool) {
	if seen[t] {
		return
	}
	seen[t] = true
	switch t := t.(type) {
	case *types.Alias:
		w.note(t.Obj())
	case *types.Named:
		w.note(t.Obj())
		for a := range t.TypeArgs().Types() {
			w.collect(a, seen)
		}
	case *types.Pointer:
		w.collect(t.Elem(), seen)
	case *types.Slice:
		w.collect(t.Elem(), seen)
	case *types.Array:
		w.collect(t.Elem(), seen)
	case *types.Chan:
		w.collect(t.Elem(), seen)
	case *types.Map:
		w.collect(t.Key(), seen)
		w.collect(t.Elem(), seen)
	case *types.Signature:
		for v := range t.Params().Variables() {
			w.collect(v.Type(), seen)
		}
		for v := range t.Results().Variables() {
			w.collect(v.Type(), seen)
		}
	case *types.Struct:
		for f := range t.Fields() {
			w.collect(f.Type(), seen)
		}
	case *types.Interface:
		for m := range t.Methods() {
			w.collect(m.Type(), seen)
		}
		for e := range t.EmbeddedTypes() {
			w.collect(e, seen)
		}
	case *types.Union:
		for term := range t.Terms() {
			w.collect(term.Type(), seen)
		}
	}
}

func (w *writer) note(n *types.TypeName) {
	if n.Pkg() == w.pkg && !n.Exported() && !w.extra[n] && n.Parent() == w.pkg.Scope() {
		w.extra[n] = true
		w.queue = append(w.queue, n)
	}
}

var signals = lazyregexp.New(`^(Signal|SIG\w+|Errno|E[A-Z]+|SysProcAttr|SysProcIDMap|Kill|Getpid|Exec|Stat_t|Timespec|Rlimit|Getrlimit|Setrlimit|RLIMIT_NOFILE|Umask|Environ|Getenv|Conn|RawConn|O_\w+|S_IRUSR|Stdout|Stdin|Stderr|WaitStatus|Credential)$`)

func (w *writer) source() []byte {
	var body strings.Builder
	for _, name := range w.pkg.Scope().Names() {
		obj := w.pkg.Scope().Lookup(name)
		if !obj.Exported() || w.pkg.Path() == "syscall" && !signals.MatchString(name) {
			continue
		}
		w.object(&body, obj)
	}
	for len(w.queue) > 0 {
		next := w.queue[0]
		w.queue = w.queue[1:]
		w.object(&body, next)
	}
	var head strings.Builder
	fmt.Fprintf(&head, "package %s\n\n", w.pkg.Name())
	var paths []string
	for p := range w.imports {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	if len(paths) > 0 {
		head.WriteString("import (\n")
		for _, p := range paths {
			name := ""
			if n := w.imports[p]; n != filepath.Base(p) {
				name = n + " "
			}
			fmt.Fprintf(&head, "%s%q\n", name, p)
		}
		head.WriteString(")\n\n")
	}
	src := head.String() + body.String()
	formatted, err := format.Source([]byte(src))
	if err != nil {
		log.Fatalf("%s: %v\n%s", w.pkg.Path(), err, src)
	}
	return formatted
}

func (w *writer) object(out *strings.Builder, obj types.Object) {
	switch obj := obj.(type) {
	case *types.Const:
		typ := ""
		if b, ok := obj.Type().(*types.Basic); !ok || b.Info()&types.IsUntyped == 0 {
			typ = w.typ(obj.Type())
		}
		value := obj.Val().ExactString()
		if obj.Val().Kind() == constant.Float {
			value = obj.Val().String() // exact fractions can be larger than the type checker takes
		}
		fmt.Fprintf(out, "const %s %s = %s\n", obj.Name(), typ, value)
	case *types.Var:
		fmt.Fprintf(out, "var %s %s\n", obj.Name(), w.typ(obj.Type()))
	case *types.Func:
		body := ""
		if obj.Signature().TypeParams().Len() > 0 {
			body = " { panic(0) }" // the language asks for one
		}
		fmt.Fprintf(out, "func %s%s%s\n", obj.Name(), w.signature(obj.Signature()), body)
	case *types.TypeName:
		w.typeName(out, obj)
	}
}

func (w *writer) signature(s *types.Signature) string {
	return strings.TrimPrefix(w.typ(s), "func")
}

func (w *writer) typeName(out *strings.Builder, obj *types.TypeName) {
	if obj.IsAlias() {
		rhs := obj.Type()
		if a, ok := rhs.(*types.Alias); ok {
			rhs = a.Rhs()
		}
		fmt.Fprintf(out, "type %s = %s\n", obj.Name(), w.typ(rhs))
		return
	}
	named := obj.Type().(*types.Named)
	params, args := w.typeParams(named)
	fmt.Fprintf(out, "type %s%s %s\n", obj.Name(), params, w.underlying(named.Underlying()))
	if types.IsInterface(named) {
		return
	}
	for m := range named.Methods() {
		if !m.Exported() {
			continue
		}
		recv := obj.Name() + args
		if _, ptr := m.Signature().Recv().Type().(*types.Pointer); ptr {
			recv = "*" + recv
		}
		fmt.Fprintf(out, "func (%s) %s%s\n", recv, m.Name(), w.signature(m.Signature()))
	}
}

func (w *writer) typeParams(n *types.Named) (decl, use string) {
	if n.TypeParams().Len() == 0 {
		return "", ""
	}
	var decls, uses []string
	for p := range n.TypeParams().TypeParams() {
		decls = append(decls, p.Obj().Name()+" "+w.typ(p.Constraint()))
		uses = append(uses, p.Obj().Name())
	}
	return "[" + strings.Join(decls, ", ") + "]", "[" + strings.Join(uses, ", ") + "]"
}

// underlying is a type literal; of a struct with its exported fields, and a mark where it has others.
func (w *writer) underlying(t types.Type) string {
	s, ok := t.(*types.Struct)
	if !ok {
		return w.typ(t)
	}
	var out strings.Builder
	out.WriteString("struct {\n")
	hidden := false
	for f := range s.Fields() {
		switch {
		case !f.Exported() && !f.Embedded():
			hidden = true
		case f.Embedded():
			fmt.Fprintf(&out, "%s\n", w.typ(f.Type()))
		default:
			fmt.Fprintf(&out, "%s %s\n", f.Name(), w.typ(f.Type()))
		}
	}
	if hidden {
		out.WriteString("_ int\n")
	}
	out.WriteString("}")
	return out.String()
}
