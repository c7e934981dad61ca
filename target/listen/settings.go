package listen

import (
	"go/ast"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/target/structtag"
)

// decoder is what NewDecoder of a configuration format gives.
type decoder struct {
	from   value
	format string
}

// settingsCall is a call of a library that reads settings.
func (p *program) settingsCall(fn *foreign, c *call) (value, bool) {
	switch fn.path {
	case "io", "io/ioutil", "bufio", "bytes", "embed", "io/fs":
		if fn.name == "ReadFile" {
			return p.osCall(fn.name, c)
		}
		for _, a := range c.args {
			if t, ok := a.(file); ok {
				return tuple{t, unknown{}}, true
			}
		}
		return nil, false
	case "github.com/joho/godotenv", "github.com/subosito/gotenv":
		return p.dotenvCall(fn.name, c)
	case "github.com/spf13/viper":
		return p.viperCall(p.viper, fn.name, c)
	case "github.com/kelseyhightower/envconfig":
		if prefix, known := c.text(0); known && len(c.args) > 1 {
			p.fill(c.arg(1), envconfigTags{p, strings.ToUpper(prefix)}, "")
		}
		return noError, true
	case "github.com/sethvargo/go-envconfig":
		p.fill(c.arg(1), envTags{p, "env"}, "")
		return noError, true
	case "github.com/ilyakaznacheev/cleanenv":
		return p.cleanenvCall(fn.name, c)
	case "github.com/jinzhu/configor":
		if fn.name == "New" {
			o, _ := c.arg(0).(*object)
			return configor{o}, true
		}
		p.configorLoad(configor{}, c)
		return unknown{}, true
	}
	switch {
	case strings.HasPrefix(fn.path, "github.com/caarlos0/env"):
		return p.caarlosCall(fn, c)
	case formatOf(fn.path) == "ini":
		return p.iniCall(fn.name, c)
	case formatOf(fn.path) != "":
		return p.formatCall(fn.name, formatOf(fn.path), c)
	}
	return nil, false
}

// formatOf is the configuration format that a package reads.
func formatOf(path string) string {
	switch {
	case strings.Contains(path, "yaml"):
		return "yaml"
	case path == "encoding/json" || strings.Contains(path, "json-iterator") || strings.HasSuffix(path, "/sonic") || strings.HasSuffix(path, "/go-json"):
		return "json"
	case strings.Contains(path, "toml"):
		return "toml"
	case path == "gopkg.in/ini.v1" || path == "github.com/go-ini/ini":
		return "ini"
	}
	return ""
}

func (p *program) dotenvCall(name string, c *call) (value, bool) {
	switch name {
	case "Load", "MustLoad":
		p.loadEnv(c.args, false)
	case "Overload", "OverLoad":
		p.loadEnv(c.args, true)
	case "Read":
		o := &object{fields: map[string]*cell{}, isMap: true}
		names := c.args
		if len(names) == 0 {
			names = []value{literal(textKind, ".env", Place{})}
		}
		for _, n := range names {
			if text, known := toScalar(n).text(); known {
				for key, s := range p.envFile(file{path: text}) {
					o.fields[key] = &cell{v: s}
				}
			}
		}
		return tuple{o, unknown{}}, true
	default:
		return nil, false
	}
	return unknown{}, true
}

func (p *program) formatCall(name, format string, c *call) (value, bool) {
	switch name {
	case "Unmarshal", "UnmarshalStrict", "UnmarshalFromString":
		p.decode(c.arg(0), format, c.arg(1))
		return unknown{}, true
	case "NewDecoder":
		return decoder{c.arg(0), format}, true
	case "DecodeFile":
		if path, ok := pathText(toScalar(c.arg(0))); ok {
			p.decode(file{path: path}, format, c.arg(1))
		}
		return tuple{unknown{}, unknown{}}, true
	case "Decode", "DecodeReader", "DecodeFS":
		p.decode(c.arg(0), format, c.arg(len(c.args)-1))
		return unknown{}, true
	}
	return nil, false
}

func (p *program) iniCall(name string, c *call) (value, bool) {
	switch name {
	case "Load", "LooseLoad", "ShadowLoad", "LoadSources", "InsensitiveLoad":
		for _, a := range c.args {
			if d := p.document(a, "ini"); d != nil {
				return tuple{iniSection{doc: d}, unknown{}}, true
			}
			if name, ok := pathText(toScalar(a)); ok {
				if d := p.document(file{path: name}, "ini"); d != nil {
					return tuple{iniSection{doc: d}, unknown{}}, true
				}
			}
		}
	case "MapTo":
		if name, known := c.text(1); known {
			p.decode(file{path: name}, "ini", c.arg(0))
		}
	default:
		return nil, false
	}
	return unknown{}, true
}

// iniSection is a file, section or key of package ini.
type iniSection struct {
	doc *document
	key string
}

func (p *program) iniMethod(s iniSection, name string, c *call) (value, bool) {
	arg, known := c.text(0)
	switch {
	case name == "Section" || name == "GetSection" || name == "Key" || name == "GetKey":
		if !known {
			return unknown{}, true
		}
		next := iniSection{s.doc, s.key}
		if !strings.EqualFold(arg, "default") && arg != "" {
			next.key = under(s.key, arg)
		}
		if strings.HasPrefix(name, "Get") {
			return tuple{next, unknown{}}, true
		}
		return next, true
	case name == "MapTo" || name == "StrictMapTo":
		p.fill(c.arg(0), docTags{s.doc, "ini"}, s.key)
		return unknown{}, true
	}
	v := s.doc.look(s.key)
	switch name {
	case "String", "Value":
		return v, true
	case "MustString", "MustInt", "MustInt64", "MustUint":
		return firstSet([]value{v, c.arg(0)}), true
	case "Int", "Uint", "Int64":
		v.kind = intKind
		return tuple{v, unknown{}}, true
	}
	return unknown{}, true
}

func (p *program) cleanenvCall(name string, c *call) (value, bool) {
	switch name {
	case "ReadConfig":
		if path, ok := pathText(toScalar(c.arg(0))); ok {
			if strings.HasSuffix(path, ".env") {
				p.addEnv(file{path: path}, true)
			} else {
				p.decode(file{path: path}, "", c.arg(1))
			}
		}
		p.fill(c.arg(1), envTags{p, "env"}, "")
	case "ReadEnv":
		p.fill(c.arg(0), envTags{p, "env"}, "")
	default:
		return nil, false
	}
	return unknown{}, true
}

func (p *program) caarlosCall(fn *foreign, c *call) (value, bool) {
	switch fn.name {
	case "Parse", "ParseWithOptions", "ParseWithFuncs":
		p.fill(c.arg(0), envTags{p, "env"}, "")
		return unknown{}, true
	case "ParseAs", "ParseAsWithOptions":
		t, ok := fn.recv.(*named)
		if !ok {
			return unknown{}, true
		}
		o := p.zero(t, Place{})
		p.fill(o, envTags{p, "env"}, "")
		return tuple{o, unknown{}}, true
	case "Must":
		return c.arg(0), true
	}
	return nil, false
}

// libraryMethod is a method of something foreign that reads settings.
func (p *program) libraryMethod(fn *foreign, c *call) (value, bool) {
	switch recv := fn.recv.(type) {
	case *viper:
		return p.viperCall(recv, fn.name, c)
	case iniSection:
		return p.iniMethod(recv, fn.name, c)
	case configor:
		if fn.name == "Load" {
			p.configorLoad(recv, c)
		}
		return unknown{}, true
	case decoder:
		if fn.name == "Decode" {
			p.decode(recv.from, recv.format, c.arg(0))
			return unknown{}, true
		}
		return recv, true // KnownFields and other settings of it
	case scalar:
		if fn.name == "String" {
			return recv, true
		}
	case file:
		if fn.name == "Close" {
			return unknown{}, true
		}
	}
	if v, ok := p.readFlag(fn, c); ok {
		return v, true
	}
	if len(c.args) >= 3 {
		if v, ok := p.flagCall(fn.name, c); ok {
			return v, true
		}
	}
	if fn.name == "Lookup" && len(c.args) == 1 {
		if name, known := c.text(0); known && p.flags[name] != nil {
			return p.flags[name], true
		}
	}
	if fn.name == "ReadFile" { // of an embed.FS
		return p.osCall(fn.name, c)
	}
	return nil, false
}

// document parses what a program read from a file; nil where that is not known.
func (p *program) document(from value, format string) *document {
	if t, ok := from.(tuple); ok && len(t) > 0 {
		from = t[0]
	}
	if c, ok := from.(*cell); ok {
		from = c.get()
	}
	f, ok := from.(file)
	if !ok {
		return nil
	}
	name, data, ok := p.read(f)
	if !ok {
		return &document{file: f.path, values: map[string]part{}} // it is not there (yet)
	}
	return parseDocument(name, format, data)
}

func (p *program) decode(from value, format string, into value) {
	if d := p.document(from, format); d != nil {
		tag := format
		if tag == "" {
			tag = "yaml"
			if strings.HasSuffix(d.file, ".toml") {
				tag = "toml"
			} else if strings.HasSuffix(d.file, ".json") {
				tag = "json"
			}
		}
		p.fill(into, docTags{d, tag}, "")
	}
}

// look is the value of a key, or what stands for one that has none.
func (d *document) look(key string) scalar {
	if v, ok := d.values[strings.ToLower(key)]; ok {
		return scalar{textKind, []part{v}}
	}
	return scalar{textKind, []part{{known: true, unset: true, name: key}}}
}

// filler says where the fields of a struct get their values from.
type filler interface {
	// field gives the value for a field with that tag below prefix, and the prefix for the fields of a struct there. The
	// value counts when ok is set; without one the field keeps what it has.
	field(tag reflect.StructTag, name, prefix string) (v scalar, below string, ok bool)
}

// fill sets the fields of a struct as a decoder would. What has no value keeps its own, as a default that the key overrides.
func (p *program) fill(into value, from filler, prefix string) {
	if c, ok := into.(*cell); ok {
		into = c.get()
	}
	o, ok := into.(*object)
	if !ok || o.isMap || p.depth > maxDepth || p.tired() || p.mute > 0 {
		return
	}
	p.depth++
	defer func() { p.depth-- }()
	st := structOf(o.typ)
	if st == nil {
		return
	}
	for _, fl := range st.Fields.List {
		tag := structtag.Of(fl)
		for _, name := range fieldNames(fl) {
			p.fillField(o, fl, name, tag, from, prefix)
		}
	}
}

func (p *program) fillField(o *object, fl *ast.Field, name string, tag reflect.StructTag, from filler, prefix string) {
	v, below, ok := from.field(tag, name, prefix)
	c := p.fieldCell(o, name)
	if c == nil {
		return
	}
	switch old := c.get().(type) {
	case *object:
		if len(fl.Names) == 0 && below != prefix && tag == "" {
			if _, mapped := from.(docTags); mapped {
				below = prefix // an embedded struct's fields are its own
			}
		}
		p.fill(old, from, below)
	case scalar:
		if !ok {
			return
		}
		text, _ := v.text()
		if v.parts[0].unset && text == "" {
			if had, known := old.text(); known && had != "" && had != "0" && had != "false" {
				p.set(c, fallback(old, v.parts[0].name))
				return
			}
			v.parts[0].text = map[kind]string{textKind: "", intKind: "0", boolKind: "false"}[old.kind]
		}
		if v.parts[0].cert == Default && old.parts[0].cert != Literal && !old.parts[0].unset {
			return // it was read from somewhere else already
		}
		if v.parts[0].at.IsZero() && v.parts[0].cert == Default && fl.Tag != nil {
			v.parts[0].at = o.typ.file.place(fl.Tag.Pos())
		}
		v.kind = old.kind
		if old.kind == boolKind {
			b, _ := strconv.ParseBool(v.parts[0].text)
			v.parts[0].text = strconv.FormatBool(b)
		}
		p.set(c, v)
	}
}

// docTags fills from a configuration file by the tags of its format.
type docTags struct {
	doc *document
	tag string
}

func (d docTags) field(tag reflect.StructTag, name, prefix string) (scalar, string, bool) {
	key, below := keyOf(tag, d.tag, name, prefix)
	return d.doc.look(key), below, true
}

// keyOf is the key of a field by its tag, or by its name; what is inlined has its fields at the level of the struct.
func keyOf(tag reflect.StructTag, format, name, prefix string) (key, below string) {
	text := tag.Get(format)
	own, options, _ := strings.Cut(text, ",")
	if strings.Contains(options, "inline") || strings.Contains(options, "squash") {
		return prefix, prefix
	}
	if own == "" || own == "-" {
		own = name
	}
	key = under(prefix, own)
	return key, key
}

// envTags fills from the environment by `env` tags: caarlos0/env (envDefault, envPrefix), cleanenv (env-default) and
// sethvargo/go-envconfig (env:"NAME,default=...", prefix).
type envTags struct {
	p   *program
	tag string
}

func (e envTags) field(tag reflect.StructTag, _, prefix string) (scalar, string, bool) {
	below := prefix
	for _, t := range []string{"envPrefix", "env-prefix"} {
		below += tag.Get(t)
	}
	name, options, _ := strings.Cut(tag.Get(e.tag), ",")
	for o := range strings.SplitSeq(options, ",") {
		if pre, ok := strings.CutPrefix(strings.TrimSpace(o), "prefix="); ok {
			below += pre
		}
	}
	if name == "" {
		return scalar{}, below, false
	}
	def, has := tag.Lookup("envDefault")
	if !has {
		def, has = tag.Lookup("env-default")
	}
	if !has {
		for o := range strings.SplitSeq(options, ",") {
			if d, ok := strings.CutPrefix(strings.TrimSpace(o), "default="); ok {
				def, has = d, true
			}
		}
	}
	return e.p.variable(prefix+name, def, has), below, true
}

// envconfigTags fills from the environment as kelseyhightower/envconfig does: PREFIX_NAME, or the name of the tag, which
// also holds without the prefix.
type envconfigTags struct {
	p      *program
	prefix string
}

func (e envconfigTags) field(tag reflect.StructTag, name, prefix string) (scalar, string, bool) {
	own := tag.Get("envconfig")
	if own == "" {
		own = tag.Get("split_words")
		if own == "true" {
			own = structtag.SplitWords(name)
		} else {
			own = name
		}
	}
	own = strings.ToUpper(own)
	full := own
	for _, pre := range []string{prefix, e.prefix} {
		if pre != "" {
			full = pre + "_" + full
		}
	}
	def, has := tag.Lookup("default")
	below := strings.TrimPrefix(full, e.prefix+"_")
	if tag.Get("envconfig") != "" {
		if v := e.p.getenv(full); v.parts[0].unset && !e.p.getenv(own).parts[0].unset {
			full = own
		}
	}
	return e.p.variable(full, def, has), below, true
}

// configor is what configor.New gives.
type configor struct{ settings *object }

// configorLoad reads the files, the first winning, and then the environment (jinzhu/configor, utils.go, processTags).
func (p *program) configorLoad(from configor, c *call) {
	for i := len(c.args) - 1; i > 0; i-- {
		if name, known := c.text(i); known {
			if d := p.document(file{path: name}, ""); d != nil && len(d.values) > 0 {
				p.fill(c.arg(0), docTags{d, "yaml"}, "")
			}
		}
	}
	prefix := "CONFIGOR"
	if from.settings != nil {
		if s, known := toScalar(from.settings.get("ENVPrefix")).text(); known && s != "" {
			prefix = s
		}
	}
	p.fill(c.arg(0), configorTags{p}, prefix)
}

type configorTags struct{ p *program }

func (e configorTags) field(tag reflect.StructTag, name, prefix string) (scalar, string, bool) {
	full := strings.ToUpper(prefix + "_" + name)
	if prefix == "-" {
		full = strings.ToUpper(name)
	}
	variable := full
	if own := tag.Get("env"); own != "" {
		variable = own
	}
	def, has := tag.Lookup("default")
	v := e.p.variable(variable, def, has)
	return v, full, true
}

// loads tells by its name whether a function may fill what it is given a pointer to.
func loads(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"load", "parse", "unmarshal", "decode", "read", "bind", "scan", "process", "fill", "init", "must", "config",
		"env", "unpack", "populate", "default"}, func(word string) bool { return strings.Contains(name, word) })
}

// expose gives up what is known of variables and structs that foreign code was handed to fill in.
func (p *program) expose(name string, c *call) {
	fills := loads(name)
	for i, a := range c.args {
		byAddress := false
		if i < len(c.expr.Args) {
			u, ok := c.expr.Args[i].(*ast.UnaryExpr)
			byAddress = ok && u.Op == token.AND
		}
		if !byAddress && !fills {
			continue
		}
		switch a := a.(type) {
		case *cell:
			p.load(a, nil, nil)
		case *object:
			p.loadObject(a)
		}
	}
}

func (p *program) loadObject(o *object) {
	if o.loaded || o.isMap || p.mute > 0 {
		return
	}
	o.loaded = true
	st := structOf(o.typ)
	if st == nil {
		return
	}
	for _, fl := range st.Fields.List {
		for _, n := range fieldNames(fl) {
			if c := o.fields[n]; c != nil {
				p.load(c, fl, o.typ.file)
			}
		}
	}
}

// load is a variable after foreign code had a pointer to it: what was set may be overridden, what was not is unknown, save
// for a default in the field's tag.
func (p *program) load(c *cell, fl *ast.Field, s *source) {
	switch v := c.get().(type) {
	case *object:
		p.loadObject(v)
	case scalar:
		text, known := v.text()
		if !known {
			return
		}
		if text != "" && text != "0" && text != "false" {
			p.set(c, fallback(v, ""))
			return
		}
		if fl != nil && fl.Tag != nil {
			tag := structtag.Of(fl)
			for _, key := range []string{"default", "env-default", "envDefault"} {
				if def, ok := tag.Lookup(key); ok {
					p.set(c, scalar{v.kind, []part{{text: def, known: true, cert: Default, at: s.place(fl.Tag.Pos())}}})
					return
				}
			}
		}
		p.set(c, unknown{})
	}
}

// variable is an environment variable with a default.
func (p *program) variable(name, def string, has bool) scalar {
	v := p.getenv(name)
	if v.parts[0].unset && has {
		return scalar{textKind, []part{{text: def, known: true, cert: Default, name: name}}}
	}
	return v
}
