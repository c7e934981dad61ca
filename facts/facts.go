// Package facts gathers what gindoctor reads in the code of each program, for people who ask why it says what it says: addresses,
// routes, variables, files, signals. It has no opinion, and says what it could not resolve.
package facts

import (
	"cmp"
	"context"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/envvars"
	"github.com/gindoctor/gindoctor/target/mask"
	"github.com/gindoctor/gindoctor/target/opens"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/runtimeneeds"
	"github.com/gindoctor/gindoctor/target/shutdown"
)

// Schema names the shape of the JSON object.
const Schema = "gindoctor/facts/v1"

// Facts are what `gindoctor facts` prints. Lists are sorted or in the order of the program, and never null; paths are
// slash-separated and relative to the root.
type Facts struct {
	Schema   string    `json:"schema"`
	Root     string    `json:"root"`
	Programs []Program `json:"programs"`
	Servers  []Server  `json:"servers"` // that run; none are looked for in profile ci
}

// Program is what the code of one main package says.
type Program struct {
	Dir    string `json:"dir"`    // of the main package
	Module string `json:"module"` // path
	Output string `json:"output"` // name of the binary that `go build` makes
	Go     string `json:"go"`     // of the go line, "" without

	Listens    []Listen   `json:"listens"`
	Engines    []Engine   `json:"engines"`
	Routes     []Route    `json:"routes"`
	Health     []string   `json:"health"`  // paths of routes that look like health checks
	Metrics    []string   `json:"metrics"` // paths of routes that look like metrics
	Env        []Variable `json:"env"`
	EnvFiles   []EnvFile  `json:"env_files"`
	Files      []File     `json:"files"`
	Shutdown   Shutdown   `json:"shutdown"`
	Libc       Libc       `json:"libc"`
	TLS        []Need     `json:"tls"`   // outgoing
	Roots      string     `json:"roots"` // package that brings root certificates, "" without
	Zones      []Need     `json:"zones"`
	ZoneData   bool       `json:"zone_data"` // zone files are built in
	Unresolved []Open     `json:"unresolved"`
}

// Place is a place in a file; no file where there is none.
type Place struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

func (p Place) String() string {
	if p.File == "" {
		return ""
	}
	return p.File + ":" + strconv.Itoa(p.Line)
}

// Listen is an address that the program listens on.
type Listen struct {
	Address   string `json:"address"` // "" where it is unresolved
	Port      int    `json:"port"`
	Certainty string `json:"certainty"`      // literal, env, config, default, unresolved
	Name      string `json:"name,omitempty"` // the variable, flag or key that decides
	At        Place  `json:"at"`             // where the deciding value stands
	Call      Place  `json:"call"`
	Gin       bool   `json:"gin"`
	Secondary bool   `json:"secondary"`
}

// Engine is a gin engine.
type Engine struct {
	Made       Place        `json:"made"`
	Middleware []Middleware `json:"middleware"` // of the engine itself and of its groups
	Complete   bool         `json:"complete"`   // all that is registered on it is known
}

// Middleware is one middleware and where it is used.
type Middleware struct {
	Name  string `json:"name"`
	Group string `json:"group"` // the path of the group, "/" for the engine itself
	At    Place  `json:"at"`
}

// Route is one registration.
type Route struct {
	Methods []string `json:"methods"`
	Path    string   `json:"path"`
	Known   bool     `json:"known"` // the path is all constants
	Handler string   `json:"handler,omitempty"`
	Sure    bool     `json:"sure"` // it is registered whenever the engine is made
	At      Place    `json:"at"`
}

// Variable is one variable of the environment, as it is read in one place.
type Variable struct {
	Name    string  `json:"name"`
	Via     string  `json:"via"`
	At      Place   `json:"at"`
	Default *string `json:"default"` // null without; "***" for a secret
	Known   bool    `json:"default_known"`
	Without string  `json:"without"` // "dies", "falls back" or "unknown"
	DiesAt  *Place  `json:"dies_at,omitempty"`
	Always  bool    `json:"always"` // read whenever the program starts
}

// EnvFile is a load of env files.
type EnvFile struct {
	Files   []string `json:"files"`
	Via     string   `json:"via"`
	At      Place    `json:"at"`
	Missing string   `json:"missing"` // what happens where it is missing: "dies", "falls back" or "unknown"
	Always  bool     `json:"always"`
}

// File is a call that opens files.
type File struct {
	Kind  string   `json:"kind"` // templates, folder, served, setting, read
	Call  string   `json:"call"`
	Names []string `json:"names"`
	When  string   `json:"when"` // start, perhaps, request, unknown
	At    Place    `json:"at"`
}

// Shutdown is how the program ends.
type Shutdown struct {
	Signals  []string `json:"signals"`
	Caught   Place    `json:"caught"`
	Shutdown Place    `json:"shutdown"`    // the call that drains the server
	Deadline int64    `json:"deadline_ms"` // 0 where the code does not say it
}

// Libc is what links the program against the C library.
type Libc struct {
	Net  bool  `json:"net"`  // package net: with cgo on it asks the C library, unless built with -tags netgo
	User bool  `json:"user"` // likewise os/user, osusergo
	Cgo  []Cgo `json:"cgo"`
	// Complete is false where modules could not be read.
	Complete bool `json:"complete"`
}

// Cgo is a package with C code.
type Cgo struct {
	Package string `json:"package"`
	Module  string `json:"module,omitempty"`
	By      string `json:"by,omitempty"`
	Without string `json:"without_cgo"` // "stub", "broken" or "pure"
	At      Place  `json:"at"`
}

// Need is a name that the program needs something for, with its certainty.
type Need struct {
	Name      string `json:"name"`
	Certainty string `json:"certainty"` // literal, default, likely, unresolved
	At        Place  `json:"at"`
}

// Open is something that could not be resolved.
type Open struct {
	What string `json:"what"` // address, route, engine, env, file, types
	Why  string `json:"why"`
	Expr string `json:"expr,omitempty"`
	At   Place  `json:"at"`
}

// Collect reads the facts of all programs, and of the running servers.
func Collect(ctx context.Context, t *target.Target) (*Facts, error) {
	out := &Facts{Schema: Schema, Root: filepath.ToSlash(t.Root()), Programs: []Program{}}
	var err error
	if out.Servers, err = servers(ctx, t); err != nil {
		return nil, err
	}
	imports, err := t.Imports(ctx)
	if err != nil {
		return nil, err
	}
	for _, im := range imports {
		c := collector{ctx: ctx, t: t, im: im}
		programs, err := c.programs()
		if err != nil {
			return nil, err
		}
		out.Programs = append(out.Programs, programs...)
	}
	slices.SortFunc(out.Programs, func(a, b Program) int { return cmp.Compare(a.Dir, b.Dir) })
	return out, nil
}

// collector reads the facts of one module's programs.
type collector struct {
	ctx     context.Context
	t       *target.Target
	im      *project.Imports
	engines []target.ProgramEngine
	noTypes error // why the engines are not known
}

func (c *collector) programs() ([]Program, error) {
	graph, err := c.t.PackageGraph(c.ctx, c.im)
	if err != nil {
		return nil, err
	}
	c.engines, c.noTypes = c.t.Engines(c.ctx, c.im)
	if c.ctx.Err() != nil {
		return nil, c.ctx.Err()
	}
	env, err := c.t.EnvReads(c.ctx, c.im)
	if err != nil {
		return nil, err
	}
	runtime, err := c.t.RuntimeNeeds(c.ctx, c.im)
	if err != nil {
		return nil, err
	}
	var out []Program
	for _, bp := range graph.Programs() {
		p, err := c.program(graph, bp)
		if err != nil {
			return nil, err
		}
		if e := env.Program(bp.Dir); e != nil {
			p.environment(e)
		}
		for _, r := range runtime {
			if r.Main.Dir == bp.Dir {
				p.around(r)
			}
		}
		out = append(out, *p)
	}
	return out, nil
}

func (c *collector) program(graph *project.PackageGraph, bp *project.BuildPackage) (*Program, error) {
	p := &Program{Dir: bp.Dir, Module: c.im.Module.Path(), Go: c.im.Module.GoVersion(),
		Listens: []Listen{}, Engines: []Engine{}, Routes: []Route{}, Health: []string{}, Metrics: []string{}, Env: []Variable{}, EnvFiles: []EnvFile{},
		Files: []File{}, TLS: []Need{}, Zones: []Need{}, Unresolved: []Open{}, Libc: Libc{Cgo: []Cgo{}}}
	p.Output = c.t.ProgramName(c.ctx, filepath.Join(c.t.Root(), filepath.FromSlash(bp.Dir)))
	if p.Output == "" {
		p.Output = path.Base(bp.ImportPath)
	}
	if err := c.listens(p); err != nil {
		return nil, err
	}
	c.served(p, bp)
	for _, o := range c.t.AllOpens(bp) {
		p.file(o)
	}
	files := (&target.Program{Module: c.im.Module, Graph: graph, Package: bp}).Files()
	p.ends(shutdown.Read(files))
	return p, nil
}

func (c *collector) listens(p *Program) error {
	all, err := c.t.Listens(c.ctx)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Main != p.Dir {
			continue
		}
		l := Listen{Port: a.Port, Certainty: a.Certainty.String(), Name: a.Name, Gin: a.Gin, Secondary: a.Secondary,
			At: at(a.At.File, a.At.Position), Call: at(a.Call.File, a.Call.Position)}
		if a.Port != 0 {
			l.Address = a.String()
		} else {
			p.open("address", "the code computes it", a.Expr, l.Call)
		}
		p.Listens = append(p.Listens, l)
	}
	return nil
}

func at(file string, p project.Position) Place {
	if file == "" {
		return Place{}
	}
	return Place{file, p.Line, p.Column}
}

func (p *Program) open(what, why, expr string, where Place) {
	p.Unresolved = append(p.Unresolved, Open{What: what, Why: why, Expr: mask.Text(expr), At: where})
}

func (p *Program) environment(e *envvars.Program) {
	for _, r := range e.Reads {
		v := Variable{Name: r.Name, Via: r.Via, At: at(r.At.File, r.At.Position), Without: r.Without.String(), Known: r.DefaultKnown, Always: r.Always}
		if r.HasDefault {
			text := Shown(r.Name, r.Default)
			v.Default = &text
		}
		if r.Without == envvars.Dies {
			dies := at(r.DiesAt.File, r.DiesAt.Position)
			v.DiesAt = &dies
		}
		p.Env = append(p.Env, v)
	}
	for _, o := range e.Open {
		p.open("env", o.Why, o.Expr, at(o.At.File, o.At.Position))
	}
	for _, l := range e.Loads {
		f := EnvFile{Files: l.Files, Via: l.Via, At: at(l.At.File, l.At.Position), Missing: l.Missing.String(), Always: l.Always}
		if f.Files == nil {
			f.Files = []string{}
		}
		if !l.Known {
			p.open("file", "the name of an env file is computed", "", f.At)
		}
		p.EnvFiles = append(p.EnvFiles, f)
	}
}

// Shown is the value of a variable as it may be shown.
func Shown(name, value string) string {
	if mask.SecretName(name) && value != "" {
		return mask.Masked
	}
	return mask.Text(value)
}

func (p *Program) around(r *runtimeneeds.Program) {
	p.Libc.Net, p.Libc.User, p.Libc.Complete = r.Net, r.User, r.Complete
	for _, c := range r.Cgo {
		p.Libc.Cgo = append(p.Libc.Cgo, Cgo{Package: c.Package, Module: c.Module, By: c.By, Without: c.Without, At: at(c.At.File, c.At.Position)})
	}
	for _, n := range r.TLS {
		p.TLS = append(p.TLS, Need{Name: mask.Text(n.To), Certainty: n.Certainty.String(), At: at(n.At.File, n.At.Position)})
	}
	for _, z := range r.Zones {
		p.Zones = append(p.Zones, Need{Name: z.Name, Certainty: z.Certainty.String(), At: at(z.At.File, z.At.Position)})
	}
	p.Roots, p.ZoneData = r.Roots, r.ZoneData
	if !r.Complete {
		p.open("modules", "not all modules are in the module cache: packages with C code may be missing here", "", Place{})
	}
}

var (
	kinds = map[opens.Kind]string{opens.Templates: "templates", opens.Folder: "folder", opens.Served: "served", opens.Setting: "setting", opens.Read: "read"}
	times = map[opens.When]string{opens.Unknown: "unknown", opens.Perhaps: "perhaps", opens.AtStart: "start", opens.PerRequest: "request"}
)

func (p *Program) file(o opens.Open) {
	f := File{Kind: kinds[o.Kind], Call: o.Call, When: times[o.When], At: at(o.File, o.At), Names: []string{}}
	for _, n := range o.Names {
		f.Names = append(f.Names, n.Text)
	}
	if o.Lacking {
		p.open("file", "some of the names are computed", o.Call, f.At)
	}
	p.Files = append(p.Files, f)
}

func (p *Program) ends(f shutdown.Fact) {
	p.Shutdown = Shutdown{Signals: []string{}, Caught: at(f.Caught.File, f.Caught.Position), Shutdown: at(f.Calls.File, f.Calls.Position),
		Deadline: int64(f.Deadline / time.Millisecond)}
	if f.Interrupt {
		p.Shutdown.Signals = append(p.Shutdown.Signals, "SIGINT")
	}
	if f.Terminate {
		p.Shutdown.Signals = append(p.Shutdown.Signals, "SIGTERM")
	}
}
