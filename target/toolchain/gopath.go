package toolchain

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// GOPATHs are the folders of GOPATH, by environment, `go env -w` or default.
func (s *Settings) GOPATHs() []string {
	if v := s.Lookup("GOPATH").Value; v != "" {
		return filepath.SplitList(v)
	}
	if home := homeOf(s.environ); home != "" {
		return []string{filepath.Join(home, "go")}
	}
	return nil
}

// GOBIN is the folder that `go install` writes programs to, "" where it is not known.
func (s *Settings) GOBIN() string {
	if v := s.Lookup("GOBIN").Value; v != "" {
		return v
	}
	if paths := s.GOPATHs(); len(paths) > 0 && paths[0] != "" {
		return filepath.Join(paths[0], "bin")
	}
	return ""
}

// modCache is the folder that modules are downloaded to, "" where it is not known.
func (s *Settings) modCache() string {
	if v := s.Lookup("GOMODCACHE").Value; v != "" {
		return v
	}
	if paths := s.GOPATHs(); len(paths) > 0 && paths[0] != "" {
		return filepath.Join(paths[0], "pkg", "mod")
	}
	return ""
}

func homeOf(environ []string) string {
	if runtime.GOOS == "windows" {
		return lookup(environ, "USERPROFILE")
	}
	return lookup(environ, "HOME")
}

// TempDir is the folder for temporary files of an environment, as os.TempDir gives it.
func TempDir(environ []string) string {
	if runtime.GOOS == "windows" {
		for _, name := range []string{"TMP", "TEMP"} {
			if v := lookup(environ, name); v != "" {
				return v
			}
		}
		return os.TempDir()
	}
	if v := lookup(environ, "TMPDIR"); v != "" {
		return v
	}
	return "/tmp"
}

// CatchallKind names the kind of a folder that holds much that is no part of one project, "" for any other: the home folder, the
// root of the filesystem, a GOPATH, the folder for temporary files.
func CatchallKind(environ []string, dir string) string {
	if filepath.Dir(dir) == dir {
		return "the root of the filesystem"
	}
	if home := homeOf(environ); home != "" && SameDir(dir, home) {
		return "the home folder"
	}
	if SameDir(dir, TempDir(environ)) {
		return "the folder for temporary files"
	}
	for _, path := range ReadSettings(environ).GOPATHs() {
		if path != "" && SameDir(dir, path) {
			return "$GOPATH"
		}
	}
	return ""
}

// Catchall tells whether a folder holds much that is no part of one project.
func Catchall(environ []string, dir string) bool { return CatchallKind(environ, dir) != "" }

// Above returns the GOPATH folder whose src holds dir, links followed, or "".
func Above(gopaths []string, dir string) string {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		real = dir
	}
	for _, path := range gopaths {
		src := filepath.Join(path, "src")
		if path == "" {
			continue
		}
		if resolved, err := filepath.EvalSymlinks(src); err == nil && (within(real, resolved) && real != resolved) {
			return path
		}
	}
	return ""
}

// InGOPATHMode tells whether an import is found without modules: in GOROOT, below a GOPATH's src, or in a vendor folder
// between the importing folder and that src (cmd/go/internal/load, dirAndRoot and VendoredImportPath).
func InGOPATHMode(gopaths []string, goroot, from, importPath string) bool {
	rel := filepath.FromSlash(importPath)
	if isDir(filepath.Join(goroot, "src", rel)) {
		return true
	}
	for _, path := range gopaths {
		if path != "" && isDir(filepath.Join(path, "src", rel)) {
			return true
		}
	}
	if Above(gopaths, from) == "" {
		return false // vendor folders count below src only
	}
	for dir := from; ; {
		if isDir(filepath.Join(dir, "vendor", rel)) {
			return true
		}
		parent := filepath.Dir(dir)
		if parent == dir || strings.HasSuffix(dir, string(filepath.Separator)+"src") {
			return false
		}
		dir = parent
	}
}
