package toolchain

// Origin is where the go command takes a variable from.
type Origin int

// The origins, in the order in which they lose against each other.
const (
	Unset    Origin = iota // nobody set it: the default holds
	UserFile               // `go env -w` wrote it
	Process                // the environment that the go command starts in
)

// Setting is a variable of the go command and where the user set it.
type Setting struct {
	Name, Value string
	Origin      Origin
	File        string // for UserFile: the absolute path
	Line        int    // for UserFile
	// Beneath is the setting that would count if this one were taken back; its Origin is Unset where there is none.
	Beneath Origin
}

// IsSet tells whether the user set the variable at all.
func (s Setting) IsSet() bool { return s.Origin != Unset }

// Settings are what the user set for the go command. They are known also where there is no go command, or none that runs.
type Settings struct {
	environ []string
	path    string // of the file that `go env -w` would write; empty where there is none
	file    *EnvFile
}

// ReadSettings reads the file of `go env -w` that belongs to an environment.
func ReadSettings(environ []string) *Settings {
	s := &Settings{environ: environ}
	if path, err := envFilePath(environ); err == nil {
		s.path, s.file = path, readEnvFile(path)
	}
	return s
}

// File is the file of `go env -w`, nil when it is not there or cannot be read; path is where it would be, empty where GOENV is
// off or there is no home.
func (s *Settings) File() (file *EnvFile, path string) { return s.file, s.path }

// Lookup tells where a variable is set. An empty variable of the environment does not hide the file: that is the rule of
// cmd/go/internal/cfg, Getenv.
func (s *Settings) Lookup(name string) Setting {
	found := Setting{Name: name}
	if e, ok := s.file.Lookup(name); ok && e.Value != "" {
		found = Setting{Name: name, Value: e.Value, Origin: UserFile, File: s.file.Path, Line: e.Line}
	}
	if v := lookup(s.environ, name); v != "" {
		return Setting{Name: name, Value: v, Origin: Process, Beneath: found.Origin}
	}
	return found
}
