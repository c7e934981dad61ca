package tree

import (
	"strings"

	"golang.org/x/mod/semver"
)

// The releases of gin in which its route tree changed what it accepts, or says. Each was found by comparing tree.go of that
// release with that of the one before; the route oracle (make oracle) registers the same routes in releases on both sides. Those
// before 1.4.0 accept what 1.4.0 does.
const (
	namesSegment = "v1.6.0"  // "only one wildcard" quotes the segment, not all that follows; a missing name is noticed before a clash
	staticBeside = "v1.7.0"  // literal segments may stand beside a parameter; nothing may follow a catch-all that exists
	namesClash   = "v1.8.0"  // a catch-all that clashes names the segment it clashes with, and crashes where there is none
	clashOfNone  = "v1.10.0" // no longer
	escapes      = "v1.11.0" // a colon may be escaped; a catch-all at a place without a slash no longer crashes
)

// tooMany is the length of a handler chain that gin refuses: abortIndex, math.MaxInt8/2 in every release (context.go).
const tooMany = 63

// rules are those of one release.
type rules struct {
	version string
}

// rulesOf are those of a version as go.mod has it; those of the newest release we know where it is none.
func rulesOf(version string) rules {
	if version != "" && !strings.HasPrefix(version, "v") {
		version = "v" + version
	}
	if !semver.IsValid(version) {
		version = escapes
	}
	return rules{version}
}

func (r rules) since(version string) bool { return semver.Compare(r.version, version) >= 0 }
