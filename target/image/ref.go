// Package image tells what a Dockerfile makes: which base image a stage begins with and what lies in it, which files of the project
// a stage holds at each moment, which program is built where and ends up in the image. Nothing is built or fetched, and there is no
// opinion here.
package image

import (
	"go/version"
	"path"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// Ref is the name of an image, taken apart.
type Ref struct {
	Whole  string
	Repo   string // without registry and without library/: "golang", "acme/shop"; with the registry for one that is not Docker's
	Tag    string
	Digest string
	// Official says that it is one of Docker's own, or a mirror of it.
	Official bool
}

var mirrors = lazyregexp.New(`^(docker\.io|index\.docker\.io|registry-1\.docker\.io|mirror\.gcr\.io|public\.ecr\.aws/docker)/`)

// ParseRef takes the name of an image apart.
func ParseRef(s string) Ref {
	r := Ref{Whole: s}
	rest, digest, _ := strings.Cut(s, "@")
	r.Digest = digest
	if i := strings.LastIndexByte(rest, ':'); i > strings.LastIndexByte(rest, '/') {
		r.Tag, rest = rest[i+1:], rest[:i]
	}
	rest = mirrors.ReplaceAllString(rest, "")
	switch i := strings.LastIndex("/"+rest, "/library/"); {
	case i >= 0:
		rest, r.Official = rest[i+len("library/"):], true
	default:
		r.Official = !strings.Contains(rest, "/")
	}
	r.Repo = rest
	return r
}

// Name is the last part of the repository's name.
func (r Ref) Name() string { return path.Base(r.Repo) }

var goTag = lazyregexp.New(`^v?(1\.\d+(?:\.\d+)?(?:(?:rc|beta)\d+)?)(-.*)?$`)

// Go is the Go version of a golang image as its tag says it, "1.24" or "1.24.3", and the variant behind it, "-alpine3.21". ok is
// false for another image, and for a tag that means the newest.
func (r Ref) Go() (goVersion, variant string, ok bool) {
	if !r.Golang() {
		return "", "", false
	}
	m := goTag.FindStringSubmatch(r.Tag)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

// Golang tells whether it is the golang image.
func (r Ref) Golang() bool {
	return r.Name() == "golang" && (r.Official || !strings.Contains(strings.TrimSuffix(r.Repo, "/golang"), "/circleci"))
}

// Older tells whether an image of a Go version, as its tag says it, is older than what a go line asks: a tag without a patch stands
// for the newest of its line.
func Older(tag, goLine string) bool {
	have, want := "go"+tag, "go"+goLine
	if !version.IsValid(have) || !version.IsValid(want) {
		return false
	}
	if version.Lang(have) == have {
		return version.Compare(have, version.Lang(want)) < 0
	}
	return version.Compare(have, want) < 0
}

// Libc is the C library of an image.
type Libc int

// The C libraries.
const (
	UnknownLibc Libc = iota
	NoLibc
	Musl
	Glibc
)

func (l Libc) String() string { return [...]string{"unknown", "none", "musl", "glibc"}[l] }

// chainguardStatic has certificates and zones, no C library, and a user that is not root.
const chainguardStatic = "cgr.dev/chainguard/static"

// Libc is the C library that the image has.
func (r Ref) Libc() Libc {
	name := r.Name()
	switch {
	case r.Repo == "scratch":
		return NoLibc
	case strings.HasPrefix(r.Repo, "gcr.io/distroless/static"), r.Repo == chainguardStatic:
		return NoLibc
	case strings.HasPrefix(r.Repo, "gcr.io/distroless/"), r.Repo == "cgr.dev/chainguard/glibc-dynamic", r.Repo == "cgr.dev/chainguard/wolfi-base":
		return Glibc
	case r.Official && name == "alpine", r.Official && strings.Contains(r.Tag, "alpine"):
		return Musl
	case strings.Contains(r.Repo, "ubi") && strings.HasPrefix(r.Repo, "registry.access.redhat.com/"):
		return Glibc
	}
	if r.Official {
		switch name {
		case "busybox": // one program without a library, but for the variant that brings its own
			if strings.Contains(r.Tag, "musl") || strings.Contains(r.Tag, "uclibc") {
				return NoLibc
			}
		case "debian", "ubuntu", "golang", "buildpack-deps", "rockylinux", "almalinux", "centos", "fedora", "amazonlinux", "oraclelinux", "node", "python":
			return Glibc
		}
	}
	return UnknownLibc
}

// suites are the releases of Debian and Ubuntu with the version of their glibc.
var suites = []struct {
	name  string
	minor int // of glibc 2
}{
	{"buster", 28}, {"bullseye", 31}, {"bookworm", 36}, {"trixie", 41},
	{"debian10", 28}, {"debian11", 31}, {"debian12", 36}, {"debian13", 41},
	{"focal", 31}, {"jammy", 35}, {"noble", 39}, {"20.04", 31}, {"22.04", 35}, {"24.04", 39},
}

// Glibc is the minor version of the image's glibc, 36 for 2.36; 0 where it is not known.
func (r Ref) GlibcMinor() int {
	if r.Libc() != Glibc {
		return 0
	}
	for _, s := range suites {
		if strings.Contains(r.Tag, s.name) || strings.HasPrefix(r.Repo, "gcr.io/distroless/") && strings.HasSuffix(r.Repo, s.name) {
			return s.minor
		}
	}
	if r.Official && r.Name() == "debian" {
		switch before, _, _ := strings.Cut(r.Tag, "-"); strings.SplitN(before, ".", 2)[0] {
		case "10":
			return 28
		case "11":
			return 31
		case "12":
			return 36
		case "13":
			return 41
		}
	}
	return 0
}

// Known tells whether it is known what lies in the image: nothing of a project's.
func (r Ref) Known() bool {
	if r.Repo == "scratch" || strings.HasPrefix(r.Repo, "gcr.io/distroless/") || r.Repo == chainguardStatic {
		return true
	}
	if !r.Official {
		return false
	}
	switch r.Name() {
	case "alpine", "debian", "ubuntu", "busybox", "golang":
		return true
	}
	return false
}

// Lacks tells whether an image has none of these for certain: "roots" (root certificates), "zones" (zone files), "shell".
func (r Ref) Lacks(what string) bool {
	if r.Repo == "scratch" {
		return true
	}
	distroless := strings.HasPrefix(r.Repo, "gcr.io/distroless/")
	name := ""
	if r.Official {
		name = r.Name()
	}
	switch what {
	case "roots": // alpine has the bundle since 3.9, distroless all the same
		return name == "debian" || name == "ubuntu" || name == "busybox"
	case "zones": // Debian's base system has tzdata, the golang image the zip file of Go
		return name == "alpine" || name == "ubuntu" || name == "busybox"
	case "shell":
		return distroless && !strings.Contains(r.Tag, "debug")
	}
	return false
}

// Dir is the working folder that the image sets.
func (r Ref) Dir() (string, bool) {
	switch {
	case r.Golang() && r.Official:
		return "/go", true
	case strings.HasPrefix(r.Repo, "gcr.io/distroless/") && strings.Contains(r.Tag, "nonroot"):
		return "/home/nonroot", true
	case r.Known():
		return "/", true
	}
	return "", false
}
