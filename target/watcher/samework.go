package watcher

import (
	"path/filepath"
	"slices"
)

// SameWork tells whether two watchers are one tool that works on one folder by the same rules: two services of one module each
// have a watcher with a configuration, or with arguments, of its own.
func (r Running) SameWork(s Running) bool {
	return r.Tool == s.Tool && r.Dir == s.Dir && r.config() == s.config() && slices.Equal(r.arguments(), s.arguments())
}

// config is the configuration file in use: the one that is named, or the tool's first own name for it.
func (r Running) config() string {
	if r.Config != "" || len(r.Tool.Configs) == 0 {
		return r.Config
	}
	return filepath.Join(r.Dir, filepath.FromSlash(r.Tool.Configs[0]))
}

// arguments are what a watcher was started with, without the name of its configuration file, which is compared as a file.
func (r Running) arguments() []string {
	args := r.Process.Args[min(1, len(r.Process.Args)):]
	if r.Config == "" {
		return args
	}
	base := filepath.Base(r.Config)
	var out []string
	for i := 0; i < len(args); i++ {
		switch {
		case slices.Contains([]string{"-c", "--c", "-f", "--config", "--file"}, args[i]):
			i++
		case args[i] == "-c="+base || args[i] == "--c="+base:
		default:
			out = append(out, args[i])
		}
	}
	return out
}
