package artefact

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// unit_keys.txt is what `systemd --dump-configuration-items` of systemd 252 lists.
//
//go:embed unit_keys.txt
var unitKeyList string

var unitKeys = sync.OnceValue(func() map[string][]string {
	out := map[string][]string{}
	section := ""
	for line := range strings.Lines(unitKeyList) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section = strings.Trim(line, "[]")
		} else if line != "" {
			out[section] = append(out[section], line)
		}
	}
	return out
})

// UnitKeys are the keys that systemd knows in a section, none for a section that is not listed.
func UnitKeys(section string) []string { return unitKeys()[section] }

// KnowsUnitKey tells whether systemd knows a key, or a section is one that we do not know. Those that begin with X- are for others.
func KnowsUnitKey(section, key string) bool {
	keys := UnitKeys(section)
	return len(keys) == 0 || strings.HasPrefix(key, "X-") || slices.Contains(keys, key)
}
