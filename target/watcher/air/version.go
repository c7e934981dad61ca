package air

import (
	"runtime/debug"
	"strings"

	"golang.org/x/mod/semver"
)

// Version is a release of air, "v1.67.4". The zero Version stands for the newest one known.
type Version string

// Newest is the newest release whose rules are known.
const Newest Version = "v1.67.4"

// strange is a tag that was set years after the code it holds: its number says nothing about what it can do.
const strange = "v1.61.2"

// ParseVersion reads a version as air, the go command or a go.mod writes it; "" when it is none.
func ParseVersion(s string) Version {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, "v") {
		s = "v" + s
	}
	if !semver.IsValid(s) {
		return ""
	}
	return Version(semver.Canonical(s))
}

// AtLeast tells whether the release has what came with another one.
func (v Version) AtLeast(release string) bool {
	switch v {
	case "":
		v = Newest
	case strange:
		v = "v1.49.0"
	}
	return semver.Compare(string(v), release) >= 0
}

func (v Version) String() string {
	if v == "" {
		return strings.TrimPrefix(string(Newest), "v")
	}
	return strings.TrimPrefix(string(v), "v")
}

// RefusesBadFile tells whether a configuration that does not load ends air; before, it was ignored without a word and air
// ran with its defaults.
func (v Version) RefusesBadFile() bool { return v.AtLeast("v1.63.8") }

// OutsideDirs tells whether include_dir may name folders outside the root.
func (v Version) OutsideDirs() bool { return v.AtLeast("v1.63.2") }

// Files are the names under which the release looks for its configuration, in its order.
func (v Version) Files() []string {
	files := []string{".air.toml"}
	if v.AtLeast("v1.65.3") {
		files = append(files, ".config/air.toml")
	}
	if !v.AtLeast("v1.63.2") {
		files = append(files, ".air.conf")
	}
	return files
}

// OfBuild reads the release from what the linker wrote into an executable: that of the main module, or, for `go tool air`,
// of the dependency that air is. "" when it is no air or was built from a checkout.
func OfBuild(info *debug.BuildInfo) Version {
	isAir := func(path string) bool { return path == "github.com/air-verse/air" || path == "github.com/cosmtrek/air" }
	if isAir(info.Main.Path) {
		return ParseVersion(info.Main.Version)
	}
	for _, dep := range info.Deps {
		if isAir(dep.Path) {
			return ParseVersion(dep.Version)
		}
	}
	return ""
}
