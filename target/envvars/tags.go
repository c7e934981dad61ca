package envvars

import (
	"go/ast"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/structtag"
)

// library is one that fills a struct from the environment by the tags of its fields.
type library struct {
	path     string   // of its import, or how that begins
	parse    []string // its functions that read the environment
	must     []string // those that end the program
	tag      string   // holds the name
	defaults []string
	required []string // tags that make a field required when they say true
	prefixes []string // tags that put something before the names of a struct's fields
	several  bool     // a tag may hold several names, any of which will do
	untagged bool     // fields without a tag are read too (envconfig)
	byPath   bool     // so they are, by the names of the fields that lead there (configor)
	argument int      // of the struct
}

var libraries = []library{
	{path: caarlos, tag: "env", parse: []string{"Parse", "ParseAs", "ParseWithOptions", "ParseAsWithOptions", "ParseWithFuncs"},
		defaults: []string{"envDefault"}, required: []string{"required"}, prefixes: []string{"envPrefix"}},
	{path: "github.com/ilyakaznacheev/cleanenv", tag: "env", several: true, parse: []string{"ReadEnv", "ReadConfig", "UpdateEnv"},
		defaults: []string{"env-default"}, required: []string{"env-required"}, prefixes: []string{"env-prefix"}},
	{path: "github.com/sethvargo/go-envconfig", tag: "env", parse: []string{"Process", "ProcessWith"}, must: []string{"MustProcess"}, argument: 1},
	{path: "github.com/kelseyhightower/envconfig", tag: "envconfig", parse: []string{"Process"}, must: []string{"MustProcess"},
		defaults: []string{"default"}, required: []string{"required"}, untagged: true, argument: 1},
	{path: "github.com/vrischmann/envconfig", tag: "envconfig", parse: []string{"Init", "InitWithPrefix"}},
	{path: "github.com/Netflix/go-env", tag: "env", parse: []string{"UnmarshalFromEnviron"}},
	{path: "github.com/jinzhu/configor", tag: "env", parse: []string{"Load"}, defaults: []string{"default"}, required: []string{"required"}, byPath: true},
	{path: "github.com/alecthomas/kong", tag: "env", several: true, parse: []string{"Parse"}, defaults: []string{"default"}},
	{path: "github.com/alexflint/go-arg", tag: "env", must: []string{"MustParse"}, parse: []string{"Parse"}, defaults: []string{"default"}},
}

func (l library) of(importPath string) bool {
	return importPath == l.path || strings.HasPrefix(importPath, l.path+"/")
}

// readTags reads the tags of structs, for each library that the program uses.
func (r *reader) readTags() {
	for _, l := range libraries {
		var files []*file
		for _, f := range r.with(l.path) {
			if f.imports(l.of) {
				files = append(files, f)
			}
		}
		if len(files) == 0 {
			continue
		}
		parse := calls(files, func(f *file, c *ast.CallExpr) bool {
			p, name, x := f.callee(c.Fun)
			if inner, ok := x.(*ast.CallExpr); ok && l.byPath { // configor.New(...).Load(...)
				p, _, _ = f.callee(inner.Fun)
			}
			return l.of(p) && (slices.Contains(l.parse, name) || slices.Contains(l.must, name))
		})
		if len(parse) > 0 {
			t := tagReader{r: r, lib: l, structs: r.structs(l)}
			t.read(parse)
		}
	}
}

// tagged is a declared struct type.
type tagged struct {
	file *file
	name string
	st   *ast.StructType
}

// structs are the struct types of the program with a tag of the library, and those that hold one of them.
func (r *reader) structs(l library) map[string]tagged {
	out := map[string]tagged{}
	words := []string{l.tag + `:"`}
	if l.untagged || l.byPath {
		words = []string{"struct"}
	}
	for _, pre := range l.prefixes {
		words = append(words, pre+`:"`)
	}
	packs := map[*pack]bool{}
	for _, f := range r.with(words...) {
		packs[f.pack] = true
	}
	for _, p := range r.order {
		if !packs[p] {
			continue
		}
		for _, f := range p.with("struct") {
			for _, spec := range f.specs(token.TYPE) {
				ts := spec.(*ast.TypeSpec)
				if st, ok := ts.Type.(*ast.StructType); ok {
					out[p.path+"."+ts.Name.Name] = tagged{f, ts.Name.Name, st}
				}
			}
		}
	}
	return out
}

type tagReader struct {
	r       *reader
	lib     library
	structs map[string]tagged
	how     tagOptions
	file    bool
	depth   int
	fate    fate
	always  bool
}

// filling is a call that fills a struct.
type filling struct {
	name, prefix string // of the struct; before its names
	how          tagOptions
	file         bool // fields may be filled from a file before
	by           site
}

// read goes through the structs that the calls fill. Where one cannot be told, all that no other struct holds are read.
func (t *tagReader) read(parse []site) {
	var all []filling
	for _, s := range parse {
		how, known := tagOptions{}, true
		if t.lib.path == caarlos {
			how, known = t.options(s)
		}
		if !known || how.elsewhere {
			t.r.openAt(s, "the names are computed, or not read from the environment")
			continue
		}
		f := filling{how: how, by: s, file: calledName(s.file, s.call()) == "ReadConfig" || t.lib.byPath && len(s.call().Args) > 1}
		var ok bool
		if f.name, f.prefix, ok = t.filled(s); ok {
			f.prefix = how.prefix + f.prefix
			all = append(all, f)
			continue
		}
		if t.lib.untagged {
			t.r.openAt(s, "the struct that is filled cannot be told")
			continue
		}
		for _, f.name = range t.unheld() {
			f.prefix = how.prefix
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b filling) int { return strings.Compare(a.name, b.name) })
	same := func(a, b filling) bool { return a.name == b.name && a.prefix == b.prefix }
	t.file = slices.ContainsFunc(all, func(f filling) bool { return f.file })
	for _, f := range slices.CompactFunc(all, same) {
		t.how = f.how
		t.fate, t.always = t.r.after(f.by, anError, false), t.r.alwaysReached(f.by)
		if slices.Contains(t.lib.must, calledName(f.by.file, f.by.call())) {
			t.fate = fate{what: ends, at: f.by}
		}
		t.walk(t.structs[f.name], f.prefix)
	}
}

// filled is the struct that a call fills, by its declared type.
func (t *tagReader) filled(s site) (name, prefix string, ok bool) {
	c := s.call()
	if i, is := ast.Unparen(c.Fun).(*ast.IndexExpr); is { // ParseAs[Config]
		return t.typeName(s, i.Index), "", t.has(t.typeName(s, i.Index))
	}
	arg := t.lib.argument
	if arg >= len(c.Args) {
		return "", "", false
	}
	if t.lib.untagged {
		p := t.r.text(s, c.Args[0])
		if !p.known() {
			return "", "", false
		}
		if prefix = strings.ToUpper(p.all[0]); prefix != "" {
			prefix += "_"
		}
	}
	if t.lib.byPath {
		prefix = t.configorPrefix(c)
	}
	if t.lib.path == "github.com/ilyakaznacheev/cleanenv" && len(c.Args) == 2 {
		arg = 1
	}
	name = t.typeOf(s, c.Args[arg], 0)
	return name, prefix, t.has(name)
}

// configorPrefix is what configor puts before all names: what its configuration says, else its own name; "-" means nothing.
func (t *tagReader) configorPrefix(c *ast.CallExpr) string {
	prefix := "CONFIGOR"
	ast.Inspect(c.Fun, func(n ast.Node) bool {
		if kv, ok := n.(*ast.KeyValueExpr); ok && written(kv.Key) == "ENVPrefix" {
			if lit, ok := isString(kv.Value); ok {
				prefix, _ = strconv.Unquote(lit.Value)
			}
		}
		return true
	})
	if prefix == "-" {
		return ""
	}
	return strings.ToUpper(prefix) + "_"
}

func (t *tagReader) has(name string) bool { _, ok := t.structs[name]; return ok }

// typeOf is the name of the struct that an expression is, or points to.
func (t *tagReader) typeOf(s site, e ast.Expr, depth int) string {
	if depth > 6 {
		return ""
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		return t.typeOf(s, e.X, depth+1)
	case *ast.CompositeLit:
		return t.typeName(s, e.Type)
	case *ast.CallExpr:
		if written(e.Fun) == "new" && len(e.Args) == 1 {
			return t.typeName(s, e.Args[0])
		}
	case *ast.Ident:
		return t.typeOfName(s, e.Name, depth)
	case *ast.SelectorExpr: // a field, or a variable of another package
		if id, ok := e.X.(*ast.Ident); ok {
			if p := t.r.own(s.file, id.Name); p != nil {
				return t.global(p, e.Sel.Name, depth)
			}
		}
	}
	return ""
}

func (t *tagReader) typeOfName(s site, name string, depth int) string {
	d := s.decl()
	if d == nil {
		return t.global(s.file.pack, name, depth)
	}
	found := ""
	ast.Inspect(d, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.AssignStmt:
			for i, l := range x.Lhs {
				if isName(l, name) && len(x.Lhs) == len(x.Rhs) && x.Tok == token.DEFINE && found == "" {
					found = t.typeOf(s, x.Rhs[i], depth+1)
				}
			}
		case *ast.ValueSpec:
			if declared, ok := t.declaredAs(s, x, name, depth); ok {
				found = declared
			}
		case *ast.Field:
			if indexOf(x.Names, name) >= 0 {
				found = t.typeName(s, x.Type)
			}
		}
		return found == ""
	})
	if found == "" {
		return t.global(s.file.pack, name, depth)
	}
	return found
}

// global is the type of a package variable.
func (t *tagReader) global(p *pack, name string, depth int) string {
	for _, f := range p.with(name) {
		for _, spec := range f.specs(token.VAR) {
			v := spec.(*ast.ValueSpec)
			if found, ok := t.declaredAs(site{f, []ast.Node{v}}, v, name, depth); ok {
				return found
			}
		}
	}
	return ""
}

// declaredAs is the type that a declaration gives a variable; ok is false where it declares no such variable, or says neither type nor
// value.
func (t *tagReader) declaredAs(s site, v *ast.ValueSpec, name string, depth int) (found string, ok bool) {
	i := indexOf(v.Names, name)
	switch {
	case i < 0:
		return "", false
	case v.Type != nil:
		return t.typeName(s, v.Type), true
	case i < len(v.Values):
		return t.typeOf(s, v.Values[i], depth+1), true
	}
	return "", false
}

// typeName is how a type expression is called in the map of structs.
func (t *tagReader) typeName(s site, e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.StarExpr:
		return t.typeName(s, e.X)
	case *ast.Ident:
		return s.file.pack.path + "." + e.Name
	case *ast.SelectorExpr:
		if id, ok := e.X.(*ast.Ident); ok {
			if p := t.r.own(s.file, id.Name); p != nil {
				return p.path + "." + e.Sel.Name
			}
		}
	}
	return ""
}

// unheld are the structs with a tag of the library that no other struct holds.
func (t *tagReader) unheld() []string {
	held := map[string]bool{}
	var out []string
	for _, st := range t.structs {
		for _, fl := range st.st.Fields.List {
			held[t.typeName(site{st.file, []ast.Node{fl}}, fl.Type)] = true
		}
	}
	for name, st := range t.structs {
		if !held[name] && slices.ContainsFunc(st.st.Fields.List, t.concerns) {
			out = append(out, name)
		}
	}
	return out
}

func (t *tagReader) concerns(fl *ast.Field) bool {
	tag := structtag.Of(fl)
	if _, ok := tag.Lookup(t.lib.tag); ok {
		return true
	}
	return slices.ContainsFunc(t.lib.prefixes, func(p string) bool { _, ok := tag.Lookup(p); return ok })
}

// walk reads the fields of a struct.
func (t *tagReader) walk(st tagged, prefix string) {
	if st.st == nil || t.depth > 8 {
		return
	}
	t.depth++
	defer func() { t.depth-- }()
	for _, fl := range st.st.Fields.List {
		names := fl.Names
		if len(names) == 0 {
			names = []*ast.Ident{{Name: project.TypeName(fl.Type)}}
		}
		for _, n := range names {
			t.field(st, fl, n.Name, prefix, len(fl.Names) == 0)
		}
	}
}

func (t *tagReader) field(st tagged, fl *ast.Field, name, prefix string, embedded bool) {
	tag := structtag.Of(fl)
	own, options, _ := strings.Cut(tag.Get(t.lib.tag), ",")
	below := prefix
	for _, p := range t.lib.prefixes {
		below += tag.Get(p)
	}
	for o := range strings.SplitSeq(options, ",") {
		if pre, ok := strings.CutPrefix(strings.TrimSpace(o), "prefix="); ok {
			below += pre
		}
	}
	var or []string
	if t.lib.several && options != "" {
		for name := range strings.SplitSeq(options, ",") {
			or = append(or, prefix+strings.TrimSpace(name))
		}
		options = ""
	}
	at := site{st.file, []ast.Node{fl}}
	inner, nested := t.structs[t.typeName(at, fl.Type)]
	if anonymous, ok := ast.Unparen(fl.Type).(*ast.StructType); ok {
		inner, nested = tagged{st.file, name, anonymous}, true
	}
	if t.lib.untagged {
		if own == "-" || isTrue(tag, "ignored") || !ast.IsExported(name) {
			return
		}
		if own == "" {
			if own = name; isTrue(tag, "split_words") {
				own = structtag.SplitWords(name)
			}
		}
		own = strings.ToUpper(own)
		if nested && embedded {
			t.walk(inner, prefix)
			return
		}
		below = prefix + own + "_"
		if tagged := tag.Get(t.lib.tag); tagged != "" && prefix != "" {
			or = []string{own} // envconfig asks for the name as it stands in the tag too
		}
	}
	if t.lib.byPath {
		if below = prefix + strings.ToUpper(name) + "_"; embedded && tag.Get("anonymous") == "true" {
			below = prefix
		}
		if own == "" {
			own = strings.ToUpper(name)
		} else {
			prefix = ""
		}
	}
	if nested && (t.lib.untagged || t.lib.byPath || own == "") {
		if _, pointer := ast.Unparen(fl.Type).(*ast.StarExpr); pointer && t.lib.path == caarlos && !strings.Contains(options, "init") {
			defer func(f fate) { t.fate = f }(t.fate)
			t.fate = fate{} // a pointer that is nil is passed over
		}
		t.walk(inner, below)
		return
	}
	if own == "" && t.how.byField && ast.IsExported(name) {
		own = fieldVariable(name)
	}
	if own == "" || own == "-" {
		return
	}
	t.add(at, fl, Read{Name: prefix + own, Or: or}, options, tag)
}

// fileTags are the tags by which a field is filled from a file.
var fileTags = []string{"yaml", "json", "toml"}

func (t *tagReader) add(at site, fl *ast.Field, read Read, options string, tag reflect.StructTag) {
	read = Read{Name: read.Name, Or: read.Or, At: at.place(), Via: t.lib.path, Without: FallsBack, Sure: true, Always: t.always}
	if fl.Tag != nil {
		read.At = at.file.place(fl.Tag)
	}
	var words []string
	for o := range strings.SplitSeq(options, ",") {
		o = strings.TrimSpace(o)
		if d, ok := strings.CutPrefix(o, "default="); ok {
			read.Default, read.HasDefault, read.DefaultKnown = d, true, true
		}
		words = append(words, o)
	}
	for _, key := range t.lib.defaults {
		if d, ok := tag.Lookup(key); ok && (d != "" || !t.lib.untagged) { // envconfig takes an empty default for none
			read.Default, read.HasDefault, read.DefaultKnown = d, true, true
		}
	}
	read.NotEmpty = slices.Contains(words, "notEmpty")
	required := t.how.requires || slices.Contains(words, "required") || slices.Contains(words, "notEmpty") ||
		slices.ContainsFunc(t.lib.required, func(key string) bool { return isTrue(tag, key) })
	if required && !read.HasDefault {
		read.Without = Unknown
		inFile := t.file && (t.lib.byPath || slices.ContainsFunc(fileTags, func(key string) bool { return tag.Get(key) != "" }))
		if t.fate.what == ends && !inFile {
			read.Without, read.DiesAt, read.Sure = Dies, t.fate.at.place(), !t.fate.maybe
		}
	}
	t.r.out.Reads = append(t.r.out.Reads, read)
}

// isTrue tells whether a tag says yes, as strconv.ParseBool takes it.
func isTrue(tag reflect.StructTag, key string) bool {
	yes, err := strconv.ParseBool(tag.Get(key))
	return err == nil && yes
}
