package image

import (
	_ "embed"
	"strings"
	"sync"
)

// zoneNames are the names of the time zones that come with Go (lib/time/zoneinfo.zip of Go 1.26).
//
//go:embed zones.txt
var zoneNames string

var zones = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, name := range strings.Fields(zoneNames) {
		out[strings.ToLower(name)] = name
	}
	return out
})

// ZoneName is how a time zone is written that is known by a name in any case; "" where none is.
func ZoneName(name string) string { return zones()[strings.ToLower(name)] }
