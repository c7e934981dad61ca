package toolchain

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// EnvFile is the file in which `go env -w` keeps settings that stay.
type EnvFile struct {
	Path    string // absolute
	Entries []EnvEntry
	Source  []byte // its text
}

// EnvEntry is one line of an EnvFile.
type EnvEntry struct {
	Name, Value string
	Line        int // from 1
}

// ParseEnvFile reads KEY=value lines exactly as the go command does (cmd/go/internal/cfg, readEnvFile): no quoting, no
// trimming, and whatever does not begin with a capital letter or has no "=" is passed over.
func ParseEnvFile(path string, data []byte) *EnvFile {
	f := &EnvFile{Path: path, Source: data}
	number := 0
	for line := range bytes.Lines(data) {
		number++
		name, value, ok := strings.Cut(strings.TrimSuffix(string(line), "\n"), "=")
		if !ok || name == "" || name[0] < 'A' || name[0] > 'Z' {
			continue
		}
		f.Entries = append(f.Entries, EnvEntry{Name: name, Value: value, Line: number})
	}
	return f
}

// Lookup finds a setting; of several lines for one name the last counts.
func (f *EnvFile) Lookup(name string) (EnvEntry, bool) {
	if f == nil {
		return EnvEntry{}, false
	}
	for i := len(f.Entries) - 1; i >= 0; i-- {
		if f.Entries[i].Name == name {
			return f.Entries[i], true
		}
	}
	return EnvEntry{}, false
}

var (
	errEnvFileOff = errors.New("GOENV is off")
	errNoHome     = errors.New("neither $XDG_CONFIG_HOME nor $HOME is set")
)

// envFilePath is where the go command looks for that file: $GOENV, else below the user's configuration folder as
// os.UserConfigDir gives it, which we ask of the user's environment instead of our own.
func envFilePath(environ []string) (string, error) {
	switch file := lookup(environ, "GOENV"); file {
	case "":
	case "off":
		return "", errEnvFileOff
	default:
		return file, nil
	}
	dir := ""
	home := lookup(environ, "HOME")
	switch runtime.GOOS {
	case "windows":
		dir = lookup(environ, "AppData")
	case "darwin", "ios":
		if home != "" {
			dir = filepath.Join(home, "Library", "Application Support")
		}
	default:
		dir = lookup(environ, "XDG_CONFIG_HOME")
		if dir == "" && home != "" {
			dir = filepath.Join(home, ".config")
		}
	}
	if !filepath.IsAbs(dir) {
		return "", errNoHome
	}
	return filepath.Join(dir, "go", "env"), nil
}

// maxEnvFile bounds what is read of that file, in bytes; `go env -w` writes a line per variable.
const maxEnvFile = 1 << 20

func readEnvFile(path string) *EnvFile {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxEnvFile {
		return nil // the go command passes over a file that it cannot read, too
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return ParseEnvFile(path, data)
}

// lookup gives a variable of an environment; of several the last counts, as for os/exec. Windows tells no case apart.
func lookup(environ []string, name string) string {
	value := ""
	for _, kv := range environ {
		key, v, _ := strings.Cut(kv, "=")
		if key == name || runtime.GOOS == "windows" && strings.EqualFold(key, name) {
			value = v
		}
	}
	return value
}
