package air

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/pelletier/go-toml"

	"github.com/gindoctor/gindoctor/target/tomldoc"
)

// Config is what one release of air makes of one configuration.
type Config struct {
	Version Version
	File    string            // relative to the examined root; empty when air runs with its defaults
	Dir     string            // the folder air is started in, relative to the examined root
	Doc     *tomldoc.Document // nil without a file
	// Err is why air cannot load the file. Ignored then tells that this release goes on with its defaults, as the values below
	// are; else it ends.
	Err     error
	Ignored bool
	// Overridden are the keys that the command line decides, in place of the file: "build.cmd".
	Overridden []string
	Values
	inside string // the folder that air is started in as its container calls it; empty where it runs here
}

// Values are the settings in force: those of the file over the defaults.
type Values struct {
	Root     string   `toml:"root"`
	TmpDir   string   `toml:"tmp_dir"`
	TestData string   `toml:"testdata_dir"`
	EnvFiles []string `toml:"env_files"`
	Build    Build    `toml:"build"`
	Log      Log      `toml:"log"`
	Color    Color    `toml:"color"`
	Misc     Misc     `toml:"misc"`
	Screen   Screen   `toml:"screen"`
	Proxy    Proxy    `toml:"proxy"`
}

// Commands are the keys that the tables for one system may override.
type Commands struct {
	PreCmd     []string   `toml:"pre_cmd"`
	Cmd        string     `toml:"cmd"`
	PostCmd    []string   `toml:"post_cmd"`
	Bin        string     `toml:"bin"`
	Entrypoint Entrypoint `toml:"entrypoint"`
	FullBin    string     `toml:"full_bin"`
	ArgsBin    []string   `toml:"args_bin"`
}

// Build is the section that decides what is watched, built and run.
type Build struct {
	PreCmd           []string   `toml:"pre_cmd"`
	Cmd              string     `toml:"cmd"`
	PostCmd          []string   `toml:"post_cmd"`
	Bin              string     `toml:"bin"`
	Entrypoint       Entrypoint `toml:"entrypoint"`
	FullBin          string     `toml:"full_bin"`
	ArgsBin          []string   `toml:"args_bin"`
	Log              string     `toml:"log"`
	IncludeExt       []string   `toml:"include_ext"`
	ExcludeDir       []string   `toml:"exclude_dir"`
	IncludeDir       []string   `toml:"include_dir"`
	ExcludeFile      []string   `toml:"exclude_file"`
	IncludeFile      []string   `toml:"include_file"`
	ExcludeRegex     []string   `toml:"exclude_regex"`
	ExcludeUnchanged bool       `toml:"exclude_unchanged"`
	DangerousRoot    bool       `toml:"ignore_dangerous_root_dir"`
	FollowSymlink    bool       `toml:"follow_symlink"`
	Poll             bool       `toml:"poll"`
	PollInterval     int        `toml:"poll_interval"` // ms
	Delay            int        `toml:"delay"`         // ms
	StopOnError      bool       `toml:"stop_on_error"`
	SendInterrupt    bool       `toml:"send_interrupt"`
	KillDelay        Delay      `toml:"kill_delay"`
	Rerun            bool       `toml:"rerun"`
	RerunDelay       int        `toml:"rerun_delay"` // ms
	Rules            []Rule     `toml:"rules"`
	Windows          *Commands  `toml:"windows"`
	Darwin           *Commands  `toml:"darwin"`
	Linux            *Commands  `toml:"linux"`
}

// Rule runs a command instead of a build when a matching file changes.
type Rule struct {
	Name         string   `toml:"name"`
	Cmd          string   `toml:"cmd"`
	IncludeDir   []string `toml:"include_dir"`
	IncludeExt   []string `toml:"include_ext"`
	IncludeFile  []string `toml:"include_file"`
	ExcludeRegex []string `toml:"exclude_regex"`
	Delay        int      `toml:"delay"` // ms
}

// Log, Color, Misc and Screen are about what air prints.
type Log struct {
	Time     bool `toml:"time"`
	MainOnly bool `toml:"main_only"`
	Silent   bool `toml:"silent"`
}

// Color names the colours of air's own lines.
type Color struct {
	Main    string `toml:"main"`
	Watcher string `toml:"watcher"`
	Build   string `toml:"build"`
	Runner  string `toml:"runner"`
	Mode    string `toml:"mode"`
	App     string `toml:"app"`
}

// Misc holds what fits nowhere else.
type Misc struct {
	CleanOnExit   bool    `toml:"clean_on_exit"`
	StartupBanner *string `toml:"startup_banner"`
}

// Screen is about the terminal.
type Screen struct {
	ClearOnRebuild bool `toml:"clear_on_rebuild"`
	KeepScroll     bool `toml:"keep_scroll"`
}

// Proxy reloads the browser.
type Proxy struct {
	Enabled         bool `toml:"enabled"`
	ProxyPort       int  `toml:"proxy_port"`
	AppPort         int  `toml:"app_port"`
	AppStartTimeout int  `toml:"app_start_timeout"` // ms
}

// Entrypoint is a program and its arguments, given as a string or a list.
type Entrypoint []string

// UnmarshalTOML takes what air takes.
func (e *Entrypoint) UnmarshalTOML(v any) error {
	switch value := v.(type) {
	case string:
		*e = Entrypoint{value}
	case []any:
		*e = make(Entrypoint, len(value))
		for i, item := range value {
			s, ok := item.(string)
			if !ok {
				return fmt.Errorf("entrypoint values must be strings, got %T", item)
			}
			(*e)[i] = s
		}
	default:
		return fmt.Errorf("entrypoint must be a string or array of strings, got %T", v)
	}
	return nil
}

// Defaults are the settings of a release without any configuration.
func Defaults(v Version) Values {
	d := Values{Root: ".", TmpDir: "tmp", TestData: "testdata", Screen: Screen{KeepScroll: true}}
	d.Build = Build{
		Cmd: "go build -o ./tmp/main .", Bin: "./tmp/main", Log: "build-errors.log",
		IncludeExt: []string{"go", "tpl", "tmpl", "html"},
		ExcludeDir: []string{"assets", "tmp", "vendor"},
		Delay:      1000, RerunDelay: 500,
		StopOnError: !v.AtLeast("v1.41.0"),
	}
	if v.AtLeast("v1.41.0") && !v.AtLeast("v1.47.0") {
		d.Build.Delay = 0 // until issue 473
	}
	if v.AtLeast("v1.27.4") {
		d.Build.ExcludeDir = append(d.Build.ExcludeDir, "testdata")
		d.Build.ExcludeRegex = []string{"_test.go"}
	}
	return d
}

// Load reads a configuration as the release would. data is nil when there is no file: then the defaults are in force.
func Load(v Version, dir, file string, data []byte) *Config {
	c := &Config{Version: v, Dir: dir, File: file, Values: Defaults(v)}
	if data == nil {
		return c
	}
	c.Doc = tomldoc.Parse(data)
	values, err := decode(v, data)
	if err != nil {
		c.Err, c.Ignored = err, !v.RefusesBadFile()
		return c
	}
	if !v.AtLeast("v1.40.0") {
		values.dropEmptyLists()
	}
	c.Values = merge(c.Values, values)
	c.platform(runtime.GOOS)
	c.followTmpDir()
	if err := c.compiles(); err != nil {
		c.Err = err
	}
	return c
}

// decode uses the parser that air itself uses, so that it accepts and refuses the same files.
func decode(v Version, data []byte) (values Values, err error) {
	defer func() {
		if p := recover(); p != nil { // that parser is known to crash on some inputs; air crashes with it
			err = fmt.Errorf("the file crashes air's parser: %v", p)
		}
	}()
	tree, err := toml.LoadBytes(data)
	if err != nil {
		return Values{}, err
	}
	for _, k := range Keys {
		if !v.AtLeast(k.Since) && tree.HasPath(k.Path) {
			_ = tree.DeletePath(k.Path) // to this release an unknown key like any other
		}
	}
	err = tree.Unmarshal(&values)
	if !v.AtLeast("v1.66.0") {
		values.Build.Rules = nil // keys within a list of tables are out of DeletePath's reach
	}
	return values, err
}

// merge lays the values of a file over the defaults. As in air (dario.cat/mergo with overwriting), a value that is empty,
// zero or false counts as not given; a list that is given replaces the default, an empty one too.
func merge(d, f Values) Values {
	text := func(to *string, from string) {
		if from != "" {
			*to = from
		}
	}
	number := func(to *int, from int) {
		if from != 0 {
			*to = from
		}
	}
	list := func(to *[]string, from []string) {
		if from != nil {
			*to = from
		}
	}
	text(&d.Root, f.Root)
	text(&d.TmpDir, f.TmpDir)
	text(&d.TestData, f.TestData)
	list(&d.EnvFiles, f.EnvFiles)
	b, g := &d.Build, f.Build
	list(&b.PreCmd, g.PreCmd)
	text(&b.Cmd, g.Cmd)
	list(&b.PostCmd, g.PostCmd)
	text(&b.Bin, g.Bin)
	b.Entrypoint = g.Entrypoint
	text(&b.FullBin, g.FullBin)
	list(&b.ArgsBin, g.ArgsBin)
	text(&b.Log, g.Log)
	list(&b.IncludeExt, g.IncludeExt)
	list(&b.ExcludeDir, g.ExcludeDir)
	list(&b.IncludeDir, g.IncludeDir)
	list(&b.ExcludeFile, g.ExcludeFile)
	list(&b.IncludeFile, g.IncludeFile)
	list(&b.ExcludeRegex, g.ExcludeRegex)
	b.ExcludeUnchanged, b.DangerousRoot, b.FollowSymlink = g.ExcludeUnchanged, g.DangerousRoot, g.FollowSymlink
	b.Poll, b.SendInterrupt, b.KillDelay, b.Rerun = g.Poll, g.SendInterrupt, g.KillDelay, g.Rerun
	b.StopOnError = b.StopOnError || g.StopOnError
	number(&b.PollInterval, g.PollInterval)
	number(&b.Delay, g.Delay)
	number(&b.RerunDelay, g.RerunDelay)
	b.Rules, b.Windows, b.Darwin, b.Linux = g.Rules, g.Windows, g.Darwin, g.Linux
	d.Log, d.Color, d.Misc, d.Proxy = f.Log, f.Color, f.Misc, f.Proxy
	d.Screen.ClearOnRebuild = f.Screen.ClearOnRebuild
	return d
}

// dropEmptyLists leaves lists without elements out: up to 1.30 the default stayed in force for these too.
func (f *Values) dropEmptyLists() {
	b := &f.Build
	for _, list := range []*[]string{&b.ArgsBin, &b.IncludeExt, &b.ExcludeDir, &b.IncludeDir, &b.ExcludeFile, &b.ExcludeRegex} {
		if len(*list) == 0 {
			*list = nil
		}
	}
}

// platform lays the table of one system over the build section.
func (c *Config) platform(goos string) {
	b := &c.Build
	o := map[string]*Commands{"windows": b.Windows, "darwin": b.Darwin, "linux": b.Linux}[goos]
	if o == nil {
		return
	}
	if o.PreCmd != nil {
		b.PreCmd = o.PreCmd
	}
	if o.Cmd != "" {
		b.Cmd = o.Cmd
	}
	if o.PostCmd != nil {
		b.PostCmd = o.PostCmd
	}
	if o.Bin != "" {
		b.Bin = o.Bin
	}
	if o.Entrypoint != nil {
		b.Entrypoint = o.Entrypoint
	}
	if o.FullBin != "" {
		b.FullBin = o.FullBin
	}
	if o.ArgsBin != nil {
		b.ArgsBin = o.ArgsBin
	}
}

// followTmpDir moves defaults that name the temporary folder along with tmp_dir.
func (c *Config) followTmpDir() {
	if c.TmpDir == "tmp" || !c.Version.AtLeast("v1.65.0") {
		return
	}
	d := Defaults(c.Version).Build
	binary := "./" + strings.TrimPrefix(c.TmpDir+"/main", "./")
	if strings.HasPrefix(c.TmpDir, "/") {
		binary = c.TmpDir + "/main"
	}
	if c.Build.Cmd == d.Cmd {
		c.Build.Cmd = "go build -o " + binary + " ."
	}
	if c.Build.Bin == d.Bin {
		c.Build.Bin = binary
	}
	if slices.Equal(c.Build.ExcludeDir, d.ExcludeDir) {
		c.Build.ExcludeDir = slices.Clone(c.Build.ExcludeDir)
		c.Build.ExcludeDir[slices.Index(c.Build.ExcludeDir, "tmp")] = c.TmpDir
	}
}

// BadRegex is a pattern of exclude_regex that does not compile.
type BadRegex struct {
	Pattern string
	Err     error
}

func (e *BadRegex) Error() string {
	return fmt.Sprintf("failed to compile regex %q: %v", e.Pattern, e.Err)
}

// compiles finds the first bad pattern. Up to 1.61.1 a bad one was no error: it and those after it had no effect.
func (c *Config) compiles() error {
	if !c.Version.AtLeast("v1.61.3") {
		return nil
	}
	for _, expr := range c.Build.ExcludeRegex {
		if _, err := regexp.Compile(expr); err != nil {
			return &BadRegex{Pattern: expr, Err: errors.Unwrap(fmt.Errorf("%w", err))}
		}
	}
	return nil
}

// Sections lists the names of the tables that a release knows.
func Sections() []string {
	seen := map[string]bool{}
	for _, k := range Keys {
		if len(k.Path) > 1 {
			seen[strings.Join(k.Path[:len(k.Path)-1], ".")] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}
