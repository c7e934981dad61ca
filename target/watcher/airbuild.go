package watcher

import (
	"os"
	"path/filepath"

	"github.com/pelletier/go-toml/v2"
)

// AirBuild is how air builds the program, as the .air.toml of a folder says or air's own defaults do.
type AirBuild struct {
	File   string // absolute path of the configuration
	Dir    string // absolute folder that air works in
	TmpDir string // absolute folder of the built program
	Cmd    string // the shell line that builds
}

// maxAirConfig bounds the configuration that is read, in bytes.
const maxAirConfig = 1 << 20

// ReadAirBuild reads the .air.toml of a folder; nil where there is none, or none that parses.
func ReadAirBuild(dir string) *AirBuild {
	file := filepath.Join(dir, ".air.toml")
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxAirConfig {
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	return ParseAirBuild(dir, data)
}

// ParseAirBuild reads what the text of a .air.toml says about the build. Air's defaults are those of runner/config.go.
func ParseAirBuild(dir string, data []byte) *AirBuild {
	var config struct {
		Root   string `toml:"root"`
		TmpDir string `toml:"tmp_dir"`
		Build  struct {
			Cmd string `toml:"cmd"`
		} `toml:"build"`
	}
	if toml.Unmarshal(data, &config) != nil {
		return nil
	}
	b := &AirBuild{File: filepath.Join(dir, ".air.toml"), Dir: inside(dir, config.Root), Cmd: config.Build.Cmd}
	if config.TmpDir == "" {
		config.TmpDir = "tmp"
	}
	if b.Cmd == "" {
		b.Cmd = "go build -o ./tmp/main ."
	}
	b.TmpDir = inside(b.Dir, config.TmpDir)
	return b
}

func inside(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, filepath.FromSlash(path))
}
