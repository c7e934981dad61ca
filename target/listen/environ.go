package listen

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/joho/godotenv"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/project"
)

// file is a file of the project that the program reads, or what it read from there.
type file struct {
	path string // as the program names it
	dir  string // the folder it is relative to, for embedded files; empty means the working folder
}

// maxSettings bounds a configuration or env file that we read.
const maxSettings = 1 << 20

// read finds the file from where the program may stand: the module's folder, the main package's, the root.
func (p *program) read(f file) (name string, data []byte, ok bool) {
	dirs := []string{p.main.module.Dir, p.main.dir, "."}
	if f.dir != "" {
		dirs = []string{f.dir}
	}
	for _, d := range dirs {
		name := path.Join(d, filepath.ToSlash(f.path))
		if path.IsAbs(filepath.ToSlash(f.path)) || strings.HasPrefix(name, "../") {
			continue // what lies outside the project is not ours to read
		}
		abs := filepath.Join(p.in.Root, filepath.FromSlash(name))
		if info, err := os.Stat(abs); err != nil || !info.Mode().IsRegular() || info.Size() > maxSettings {
			continue
		}
		if data, err := os.ReadFile(abs); err == nil {
			return name, data, true
		}
	}
	return "", nil, false
}

// pathText is the path that a scalar is. Where it begins with a folder that only the running program knows, mostly its own,
// what comes behind that is taken as relative.
func pathText(s scalar) (string, bool) {
	text := ""
	for _, p := range s.parts {
		if text += p.text; !p.known {
			text = ""
		}
	}
	if whole, known := s.text(); known {
		return whole, whole != ""
	}
	text = strings.TrimLeft(filepath.ToSlash(text), "/")
	return text, text != ""
}

// getenv is a variable of the program's environment: what it set itself, what it is started with, what an env file adds.
func (p *program) getenv(name string) scalar {
	if s, ok := p.env["!"+name]; ok {
		return s
	}
	if p.in.LookupEnv != nil {
		if v, ok := p.in.LookupEnv(name); ok {
			return scalar{textKind, []part{{text: v, known: true, cert: FromEnv, name: name}}}
		}
	}
	if s, ok := p.env[name]; ok {
		return s
	}
	return scalar{textKind, []part{{known: true, unset: true, name: name}}}
}

func (p *program) osCall(name string, c *call) (value, bool) {
	key, known := c.text(0)
	switch name {
	case "Getenv", "LookupEnv":
		if !known {
			return unknown{}, true
		}
		v := p.getenv(key)
		if name == "Getenv" {
			return v, true
		}
		_, unset := v.setting()
		unset = unset && len(v.parts) == 1 && v.parts[0].unset
		is := "true"
		if unset {
			is = "false"
		}
		return tuple{v, derive(boolKind, is, v)}, true
	case "Setenv":
		if known && p.mute == 0 {
			p.env["!"+key] = asText(c.arg(1))
		}
		return noError, true
	case "ReadFile", "Open", "OpenFile":
		path, ok := pathText(toScalar(c.arg(0)))
		if !ok {
			return unknown{}, true
		}
		return tuple{file{path: path}, unknown{}}, true
	case "ExpandEnv":
		return asText(c.arg(0)), known && !strings.Contains(key, "$")
	}
	return nil, false
}

// autoload loads .env at once where a package of the program is linked in that does so when it is imported.
func (p *program) autoload(pk *pack, seen map[*pack]bool) {
	if seen[pk] {
		return
	}
	seen[pk] = true
	for _, s := range pk.files {
		for _, i := range s.file.Imports {
			if i.Path == "github.com/joho/godotenv/autoload" || i.Path == "github.com/subosito/gotenv/autoload" {
				p.loadEnv([]value{}, false)
			}
		}
	}
	for _, i := range pk.imports {
		p.autoload(i, seen)
	}
}

// loadEnv is godotenv.Load: variables that are set already stay, unless over is true.
func (p *program) loadEnv(names []value, over bool) {
	if len(names) == 0 {
		names = []value{literal(textKind, ".env", Place{})}
	}
	for _, n := range names {
		if f, ok := n.(file); ok {
			p.addEnv(f, over)
		} else if text, ok := pathText(toScalar(n)); ok {
			p.addEnv(file{path: text}, over)
		}
	}
}

func (p *program) addEnv(f file, over bool) {
	if p.mute > 0 {
		return
	}
	for key, s := range p.envFile(f) {
		if _, set := p.env[key]; over {
			p.env["!"+key] = s
		} else if !set {
			p.env[key] = s
		}
	}
}

// envFile reads an env file as godotenv does, with the place of each value.
func (p *program) envFile(f file) map[string]scalar {
	name, data, ok := p.read(f)
	if !ok {
		return nil
	}
	values, err := godotenv.UnmarshalBytes(data)
	if err != nil {
		return nil
	}
	out := map[string]scalar{}
	for key, v := range values {
		at := Place{File: name, Position: envPosition(data, key)}
		out[key] = scalar{textKind, []part{{text: v, known: true, cert: FromEnv, name: key, at: at}}}
	}
	return out
}

// envPosition is where an env file gives a variable its value: the last line that does.
func envPosition(data []byte, key string) project.Position {
	pos, n := project.Position{Line: 1, Column: 1}, 0
	for line := range bytes.Lines(data) {
		n++
		if column, ok := assigns(line, key); ok {
			pos = project.Position{Line: n, Column: column}
		}
	}
	return pos
}

// assigns tells whether a line of an env file gives a variable its value, and the column of the value. The name is compared
// byte for byte: it may be no text that a pattern could hold.
func assigns(line []byte, key string) (column int, ok bool) {
	const blanks = " \t\r\n\v\f"
	rest := bytes.TrimLeft(line, blanks)
	if name, exported := bytes.CutPrefix(rest, []byte("export")); exported && len(name) > 0 && bytes.IndexByte([]byte(blanks), name[0]) >= 0 {
		rest = bytes.TrimLeft(name, blanks)
	}
	rest, ok = bytes.CutPrefix(rest, []byte(key))
	rest = bytes.TrimLeft(rest, blanks)
	if !ok || len(rest) == 0 || rest[0] != '=' && rest[0] != ':' {
		return 0, false
	}
	return len(line) - len(bytes.TrimLeft(rest[1:], blanks)) + 1, true
}

// flagFunc matches the functions of package flag and pflag that define a flag.
var flagFunc = lazyregexp.New(`^(String|Int|Int32|Int64|Uint|Uint16|Uint32|Uint64|Bool)(Var)?(P)?$`)

// flagCall is a call of package flag or pflag, or a method of a flag set.
func (p *program) flagCall(fn string, c *call) (value, bool) {
	m := flagFunc.FindStringSubmatch(fn)
	if m == nil {
		return nil, false
	}
	i := 0
	var at *cell
	if m[2] != "" {
		at, _ = c.arg(0).(*cell)
		i = 1
	}
	name, known := c.text(i)
	def := i + 1
	if m[3] != "" {
		def++
	}
	if !known || def >= len(c.args) {
		return nil, false
	}
	dash := "-"
	if c.frame.file.imports["flag"] != "flag" {
		dash = "--"
	}
	v := fallback(toScalar(c.arg(def)), dash+name)
	if at == nil {
		at = &cell{v: v}
	}
	p.set(at, v)
	p.flags[name] = at
	return at, true
}

// registerFlag keeps a flag that is written as a struct, as those of urfave/cli are.
func (p *program) registerFlag(o *object) {
	if o.typ == nil || o.typ.spec != nil || !strings.HasSuffix(o.typ.name, "Flag") {
		return
	}
	name, known := toScalar(o.get("Name")).text()
	if !known || o.get("Value") == nil {
		return
	}
	v := fallback(toScalar(o.get("Value")), "--"+name)
	for _, field := range []string{"EnvVars", "EnvVar", "Sources"} {
		names, ok := o.get(field).(list)
		if !ok {
			names = list{o.get(field)}
		}
		for _, n := range names {
			if key, known := toScalar(n).text(); known && key != "" {
				if s := p.getenv(key); !s.parts[0].unset {
					v = s
				}
			}
		}
	}
	c := &cell{v: v}
	if dest, ok := o.get("Destination").(*cell); ok {
		p.set(dest, v)
	}
	p.flags[name] = c
}

var flagReaders = []string{"String", "Int", "Uint", "Bool", "GetString", "GetInt", "GetUint", "GetUint16", "GetBool", "Int64"}

// readFlag is ctx.String("port") of a command line library.
func (p *program) readFlag(fn *foreign, c *call) (value, bool) {
	if !slices.Contains(flagReaders, fn.name) || len(c.args) != 1 {
		return nil, false
	}
	name, known := c.text(0)
	if f := p.flags[name]; known && f != nil {
		if strings.HasPrefix(fn.name, "Get") {
			return tuple{f.get(), noError}, true
		}
		return f.get(), true
	}
	return nil, false
}
