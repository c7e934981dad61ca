package toolchain

import (
	"context"
	"debug/buildinfo"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Root is one GOROOT folder as it is on disk.
type Root struct {
	Dir      string
	Exists   bool   // it is a folder
	Standard bool   // it holds the standard library
	Compiler string // release of its compiler, "go1.26.8"; empty where there is none that can be read
}

// LookAtRoot reads which release a GOROOT folder holds. The compiler in it says so itself; the VERSION file beside it is only
// a note.
func LookAtRoot(dir, hostOS, hostArch string) Root {
	r := Root{Dir: filepath.Clean(dir)}
	r.Exists = isDir(r.Dir)
	r.Standard = isDir(filepath.Join(r.Dir, "src", "fmt"))
	name := "compile"
	if hostOS == "windows" {
		name += ".exe"
	}
	if info, err := buildinfo.ReadFile(filepath.Join(r.Dir, "pkg", "tool", hostOS+"_"+hostArch, name)); err == nil {
		r.Compiler, _, _ = strings.Cut(info.GoVersion, " ")
	}
	return r
}

// SameDir tells whether two paths name one folder, links followed.
func SameDir(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// Path is the go command on the user's PATH; ErrNoGo where there is none.
func (g *Go) Path() (string, error) { return g.look() }

// Release is the release of the go command itself, from what the linker wrote into it: "go1.26.8". A script that stands in
// for the go command (of a version manager) has none.
func (g *Go) Release() string {
	path, err := g.look()
	if err != nil {
		return ""
	}
	info, err := buildinfo.ReadFile(path)
	if err != nil || info.Path != "cmd/go" {
		return ""
	}
	release, _, _ := strings.Cut(info.GoVersion, " ")
	return release
}

// Answers asks the go command on PATH for nothing but its version, with no setting of the user's that could spoil the
// answer: nil when it runs at all.
func (g *Go) Answers(ctx context.Context) error {
	_, err := g.run(ctx, []string{"GOROOT=", "GOENV=off", "GOFLAGS=", "GO111MODULE=", "GOTOOLCHAIN=local", "GOPATH="}, "version")
	return err
}

// LookPath finds a program on the PATH of an environment, "" where there is none.
func LookPath(environ []string, name string) string {
	for dir := range strings.SplitSeq(lookup(environ, "PATH"), string(filepath.ListSeparator)) {
		if dir == "" {
			continue
		}
		if path := executable(filepath.Join(dir, name)); path != "" {
			return path
		}
	}
	return ""
}

// Installed finds a program in a folder, "" where it is not.
func Installed(dir, name string) string { return executable(filepath.Join(dir, name)) }

func executable(path string) string {
	candidates := []string{path}
	if runtime.GOOS == "windows" {
		candidates = []string{path + ".exe", path + ".cmd", path + ".bat"}
	}
	for _, c := range candidates {
		info, err := os.Stat(c)
		if err == nil && info.Mode().IsRegular() && (runtime.GOOS == "windows" || info.Mode()&0o111 != 0) {
			return c
		}
	}
	return ""
}
