package listen

import (
	"path"
	"reflect"
	"strings"
)

// viper is the state of one viper: where a key gets its value from.
type viper struct {
	set, defaults map[string]scalar
	bound         map[string][]string // environment variables, by key
	flags         map[string]*cell
	prefix        string // of environment variables
	auto          bool   // every key may come from the environment
	replace       []string
	name, typ     string
	file          string
	paths         []string
	doc           *document
	parent        *viper // of a Sub
	below         string
}

func newViper() *viper {
	return &viper{set: map[string]scalar{}, defaults: map[string]scalar{}, bound: map[string][]string{}, flags: map[string]*cell{}, name: "config"}
}

// viperExtensions are those that viper looks for, in its order, as far as we read them.
var viperExtensions = []string{"json", "toml", "yaml", "yml", "properties", "dotenv", "env", "ini"}

func (p *program) viperCall(v *viper, name string, c *call) (value, bool) {
	text, known := c.text(0)
	key := strings.ToLower(text)
	if strings.HasPrefix(name, "Get") || name == "Sub" || strings.HasPrefix(name, "Unmarshal") {
		return p.viperRead(v, name, key, known, c)
	}
	if p.mute > 0 {
		return unknown{}, true
	}
	switch name {
	case "New", "NewWithOptions":
		return newViper(), true
	case "GetViper":
		return p.viper, true
	case "SetConfigName":
		v.name = text
	case "SetConfigType":
		v.typ = text
	case "SetConfigFile":
		v.file, _ = pathText(toScalar(c.arg(0)))
	case "AddConfigPath":
		if dir, ok := pathText(toScalar(c.arg(0))); ok {
			v.paths = append(v.paths, dir)
		} else {
			v.paths = append(v.paths, ".") // its own folder, or the working one
		}
	case "SetEnvPrefix":
		v.prefix = strings.ToUpper(text)
	case "AutomaticEnv":
		v.auto = true
	case "SetEnvKeyReplacer":
		for _, a := range c.args {
			if l, ok := a.(list); ok {
				v.replace = nil
				for _, s := range l {
					t, _ := toScalar(s).text()
					v.replace = append(v.replace, t)
				}
			}
		}
	case "SetDefault":
		if known {
			p.viperSet(v.defaults, key, c.arg(1))
		}
	case "Set":
		if known {
			p.viperSet(v.set, key, c.arg(1))
		}
	case "BindEnv":
		for i := 1; i < len(c.args); i++ {
			if n, ok := c.text(i); ok {
				v.bound[key] = append(v.bound[key], n)
			}
		}
		if len(c.args) == 1 && known {
			v.bound[key] = []string{v.envName(key)}
		}
	case "BindPFlag":
		if f, ok := c.arg(1).(*cell); ok && known {
			v.flags[key] = f
		}
	case "BindPFlags":
		for n, f := range p.flags {
			v.flags[strings.ToLower(n)] = f
		}
	case "ReadInConfig", "MergeInConfig", "SafeReadInConfig":
		v.doc = p.viperFile(v)
	case "ReadConfig":
		v.doc = p.document(c.arg(0), v.typ)
	default:
		p.handOver(c.args, name)
	}
	return unknown{}, true
}

func (p *program) viperSet(into map[string]scalar, key string, v value) {
	if o, ok := v.(*object); ok && o.isMap {
		for k, c := range o.fields {
			p.viperSet(into, under(key, strings.ToLower(k)), c.get())
		}
		return
	}
	into[key] = toScalar(v)
}

func (p *program) viperRead(v *viper, name, key string, known bool, c *call) (value, bool) {
	switch {
	case name == "GetViper":
		return p.viper, true
	case name == "Unmarshal" || name == "UnmarshalExact":
		p.fill(c.arg(0), viperTags{p, v}, "")
		return unknown{}, true
	case !known:
		return unknown{}, true
	case name == "UnmarshalKey":
		p.fill(c.arg(1), viperTags{p, v}, key)
		return unknown{}, true
	case name == "Sub":
		return &viper{parent: v, below: key}, true
	}
	s := p.viperKey(v, key)
	if strings.HasPrefix(name, "GetInt") || strings.HasPrefix(name, "GetUint") {
		s.kind = intKind
		if len(s.parts) == 1 && s.parts[0].unset {
			s.parts[0].text = "0"
		}
	}
	if name == "GetBool" {
		s.kind = boolKind
		if len(s.parts) == 1 && s.parts[0].unset {
			s.parts[0].text = "false"
		}
	}
	return s, true
}

// viperKey is the value of a key by viper's order: Set, environment, file, default, flag.
func (p *program) viperKey(v *viper, key string) scalar {
	key = strings.ToLower(key)
	if v.parent != nil {
		return p.viperKey(v.parent, under(v.below, key))
	}
	if s, ok := v.set[key]; ok {
		return s
	}
	name := ""
	names := v.bound[key]
	if v.auto && len(names) == 0 {
		names = []string{v.envName(key)}
	}
	for _, n := range names {
		if s := p.getenv(n); !s.parts[0].unset && s.parts[0].text != "" {
			return s
		}
		name = n
	}
	if v.doc != nil {
		if s := v.doc.look(key); !s.parts[0].unset {
			return s
		}
	}
	if name == "" {
		name = key
	}
	if s, ok := v.defaults[key]; ok {
		return fallback(s, name).(scalar)
	}
	if f := v.flags[key]; f != nil {
		return toScalar(f)
	}
	return scalar{textKind, []part{{known: true, unset: true, name: name}}}
}

func (v *viper) envName(key string) string {
	if len(v.replace) > 0 && len(v.replace)%2 == 0 {
		key = strings.NewReplacer(v.replace...).Replace(key)
	}
	key = strings.ToUpper(key)
	if v.prefix != "" {
		key = v.prefix + "_" + key
	}
	return key
}

// viperFile finds and parses the configuration file.
func (p *program) viperFile(v *viper) *document {
	if v.file != "" {
		return p.document(file{path: v.file}, v.typ)
	}
	paths := v.paths
	if len(paths) == 0 {
		paths = []string{"."}
	}
	for _, dir := range paths {
		for _, ext := range viperExtensions {
			f := file{path: path.Join(dir, v.name+"."+ext)}
			if name, data, ok := p.read(f); ok {
				return parseDocument(name, v.typ, data)
			}
		}
		if v.typ != "" {
			if name, data, ok := p.read(file{path: path.Join(dir, v.name)}); ok {
				return parseDocument(name, v.typ, data)
			}
		}
	}
	return nil
}

// viperTags fills a struct by its mapstructure tags.
type viperTags struct {
	p *program
	v *viper
}

func (t viperTags) field(tag reflect.StructTag, name, prefix string) (scalar, string, bool) {
	key, below := keyOf(tag, "mapstructure", name, prefix)
	return t.p.viperKey(t.v, key), below, true
}
