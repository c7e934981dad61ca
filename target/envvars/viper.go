package envvars

import (
	"go/ast"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/structtag"
)

const viperPath = "github.com/spf13/viper"

// viperState is what the program tells viper. Several vipers are taken as one: which is which, only types would tell.
type viperState struct {
	prefix   string
	auto     bool
	replace  []string
	unsure   bool // a prefix or a replacer that is computed
	bound    map[string]bool
	defaults map[string]ast.Expr
	where    map[string]site
	unmarsh  bool
	other    bool // a key may have its value from a file, a flag or the code
}

// viperSources are the calls by which viper has values from elsewhere than the environment.
var viperSources = []string{"ReadInConfig", "MergeInConfig", "ReadConfig", "MergeConfig", "MergeConfigMap", "ReadRemoteConfig", "BindPFlag", "BindPFlags",
	"BindFlagValue", "BindFlagValues", "Set", "RegisterAlias"}

var viperGet = lazyregexp.New(`^(Get(String|Int|Int32|Int64|Uint|Uint16|Uint32|Uint64|Bool|Float64|Duration|Time|StringSlice|IntSlice|StringMap|StringMapString|SizeInBytes)?|IsSet)$`)

// readViper reads what the program asks viper for, as far as viper looks into the environment for it.
func (r *reader) readViper() {
	v := &viperState{bound: map[string]bool{}, defaults: map[string]ast.Expr{}, where: map[string]site{}}
	all := calls(r.with("viper"), r.ofViper)
	for _, s := range all {
		r.viperSetting(v, s)
	}
	for _, s := range all {
		if name := calledName(s.file, s.call()); name == "BindEnv" || name == "MustBindEnv" {
			r.viperBind(v, s, s.call())
		}
	}
	if !v.auto {
		return
	}
	for _, defaults := range []bool{false, true} {
		for _, s := range all {
			if name := calledName(s.file, s.call()); (name == "SetDefault") == defaults && (defaults || viperGet.MatchString(name)) {
				r.viperRead(v, s, name)
			}
		}
	}
	if v.unmarsh {
		r.viperTags(v)
	}
}

// ofViper tells whether a call is one of viper's: of the package, or of something whose name or declaration says that it is a viper.
func (r *reader) ofViper(f *file, c *ast.CallExpr) bool {
	p, _, x := f.callee(c.Fun)
	if p != "" || x == nil {
		return p == viperPath
	}
	name := ""
	switch x := x.(type) {
	case *ast.Ident:
		name = x.Name
	case *ast.SelectorExpr:
		name = x.Sel.Name
	case *ast.CallExpr:
		inner, fun, _ := f.callee(x.Fun)
		return inner == viperPath && (fun == "GetViper" || fun == "New")
	}
	return name != "" && f.vipers()[name]
}

// vipers are the names in a file that are declared as a viper.
func (f *file) vipers() map[string]bool {
	if f.viperNames != nil {
		return f.viperNames
	}
	f.viperNames = map[string]bool{}
	ast.Inspect(f.tree(), func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.Field:
			f.noteVipers(x.Names, x.Type, nil)
		case *ast.ValueSpec:
			f.noteVipers(x.Names, x.Type, x.Values)
		case *ast.AssignStmt:
			for i, l := range x.Lhs {
				if i < len(x.Rhs) && f.makesViper(x.Rhs[i], "Sub") {
					f.viperNames[lastName(l)] = true
				}
			}
		}
		return true
	})
	delete(f.viperNames, "")
	return f.viperNames
}

// noteVipers notes the names that are declared as vipers, by their type or their values.
func (f *file) noteVipers(names []*ast.Ident, typ ast.Expr, values []ast.Expr) {
	for i, n := range names {
		if strings.TrimPrefix(written(typ), "*") == "viper.Viper" || i < len(values) && f.makesViper(values[i]) {
			f.viperNames[n.Name] = true
		}
	}
}

// makesViper tells whether an expression is a call that gives a viper, be it by one more function.
func (f *file) makesViper(e ast.Expr, also ...string) bool {
	c, ok := e.(*ast.CallExpr)
	return ok && f.calls(c, viperPath, append([]string{"New", "GetViper", "NewWithOptions"}, also...)...)
}

// lastName is the name of a variable, or of a field without what it is a field of; "" for all else.
func lastName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

func (r *reader) viperSetting(v *viperState, s site) {
	c := s.call()
	_, name, _ := s.file.callee(c.Fun)
	v.other = v.other || slices.Contains(viperSources, name)
	arg := func(i int) (string, bool) {
		if i >= len(c.Args) {
			return "", false
		}
		t := r.text(s, c.Args[i])
		if len(t.all) != 1 {
			return "", false
		}
		return t.all[0], true
	}
	switch name {
	case "SetEnvPrefix":
		p, ok := arg(0)
		if v.prefix = p; !ok {
			v.unsure = true
			r.openAt(s, "the prefix of the names is computed")
		}
	case "AutomaticEnv":
		v.auto = true
	case "SetEnvKeyReplacer":
		v.replace = nil
		if len(c.Args) != 1 {
			return
		}
		inner, ok := ast.Unparen(c.Args[0]).(*ast.CallExpr)
		if !ok {
			v.unsure = true
			return
		}
		for _, a := range inner.Args {
			t := r.text(s, a)
			if len(t.all) != 1 {
				v.unsure = true
				return
			}
			v.replace = append(v.replace, t.all[0])
		}
	case "SetDefault":
		if key, ok := arg(0); ok && len(c.Args) == 2 {
			v.defaults[strings.ToLower(key)], v.where[strings.ToLower(key)] = c.Args[1], s
		}
	case "Unmarshal", "UnmarshalExact", "UnmarshalKey":
		v.unmarsh = true
	}
}

// viperBind is BindEnv(key) or BindEnv(key, names...).
func (r *reader) viperBind(v *viperState, s site, c *ast.CallExpr) {
	if len(c.Args) == 0 {
		return
	}
	key := r.text(s, c.Args[0])
	if key.known() {
		for _, k := range key.all {
			v.bound[strings.ToLower(k)] = true
		}
	}
	if len(c.Args) == 1 {
		for _, k := range key.all {
			r.addViper(v, s, strings.ToLower(k), v.name(k))
		}
		if !key.known() {
			r.openAt(s, "the key is computed: "+written(c.Args[0]))
		}
		return
	}
	for _, a := range c.Args[1:] {
		t := r.text(s, a)
		if !t.known() {
			r.openAt(s, "the name is computed: "+written(a))
		}
		for _, n := range t.all {
			k := ""
			if key.known() {
				k = strings.ToLower(key.all[0])
			}
			r.addViper(v, s, k, n)
		}
	}
}

func (v *viperState) name(key string) string {
	key = strings.ToUpper(key)
	if v.prefix != "" {
		key = strings.ToUpper(v.prefix) + "_" + key
	}
	if len(v.replace) > 0 && len(v.replace)%2 == 0 {
		key = strings.NewReplacer(v.replace...).Replace(key)
	}
	return key
}

func (r *reader) addViper(v *viperState, s site, key, name string) {
	read := Read{Name: name, At: s.place(), Via: viperPath, Func: s.funcName(), Without: FallsBack, Always: r.alwaysReached(s)}
	if def := v.defaults[key]; def != nil {
		read.Default, read.DefaultKnown = r.defaultText(v.where[key], def)
		read.HasDefault = true
	}
	r.out.Reads = append(r.out.Reads, read)
}

// viperRead is a key that is read while AutomaticEnv holds.
func (r *reader) viperRead(v *viperState, s site, name string) {
	c := s.call()
	if len(c.Args) == 0 || v.unsure {
		return
	}
	t := r.text(s, c.Args[0])
	if !t.known() {
		if name != "SetDefault" {
			r.openAt(s, "the key is computed: "+written(c.Args[0]))
		}
		return
	}
	for _, key := range t.all {
		env := v.name(key)
		if strings.ContainsAny(env, "-/ ") || strings.Contains(env, ".") || v.bound[strings.ToLower(key)] {
			continue // no shell can set such a name: the key is one of the file
		}
		if name == "SetDefault" && slices.ContainsFunc(r.out.Reads, func(x Read) bool { return x.Name == env }) {
			continue
		}
		r.addViper(v, s, strings.ToLower(key), env)
		if name == "GetString" && !v.other && v.defaults[strings.ToLower(key)] == nil {
			r.vital(s, &r.out.Reads[len(r.out.Reads)-1])
		}
	}
}

// vital follows what comes of a key that has no other source than the environment: viper takes a variable that is empty for none.
func (r *reader) vital(s site, read *Read) {
	if f := r.after(s, emptyValue, false); f.what == ends {
		read.Without, read.DiesAt, read.Sure, read.NotEmpty = Dies, f.at.place(), !f.maybe, true
	}
}

// viperTags are the keys that Unmarshal fills a struct with: those of mapstructure tags, at the top level.
func (r *reader) viperTags(v *viperState) {
	if v.unsure {
		return
	}
	for _, f := range r.with(`mapstructure:"`) {
		each(f, func(s site) {
			st, ok := s.node().(*ast.StructType)
			if !ok || len(s.path) < 2 {
				return
			}
			for _, fl := range st.Fields.List {
				key, _, _ := strings.Cut(structtag.Of(fl).Get("mapstructure"), ",")
				if _, isStruct := fl.Type.(*ast.StructType); key == "" || isStruct || !looksLikeVariable.MatchString(key) {
					continue
				}
				at := site{f, []ast.Node{fl}}
				r.addViper(v, at, strings.ToLower(key), v.name(key))
			}
		})
	}
}
