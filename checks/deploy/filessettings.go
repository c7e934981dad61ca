package deploy

import (
	"path"
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/configreader"
)

// settings tells of a configuration that viper looks for by its base name, and that the image has in none of the folders. It is a
// warning: settings are mounted more often than copied.
func (m *missingFiles) settings(n needful, start string) {
	if n.needs == nil || !n.needs.Settings {
		return
	}
	searches, _ := configreader.Read(n.Files())
	if len(searches) != 1 || searches[0].Name == "" || len(searches[0].Dirs) == 0 {
		return
	}
	s := searches[0]
	found, at := "", ""
	for _, dir := range s.Dirs {
		if !dir.Known {
			return
		}
		in := path.Join(start, dir.Path)
		if path.IsAbs(dir.Path) {
			in = path.Clean(dir.Path)
		}
		if n.mounted(m.d, in) {
			return
		}
		for _, ext := range configreader.Extensions {
			name := s.Name + "." + ext
			if n.Holds(n.State, path.Join(in, name)) != "" || n.MayHold(n.State, path.Join(in, name)) {
				return
			}
			if here := m.found(n.Image, path.Join(dir.Path, name), false); found == "" && !path.IsAbs(dir.Path) && len(here) > 0 {
				found, at = here[0], path.Join(in, name)
			}
		}
	}
	if found == "" || slices.ContainsFunc(n.containers(m.d), func(c *artefact.Container) bool { return !c.WorkingDir.IsZero() }) {
		return
	}
	f := checks.Finding{
		Severity: checks.Warning, Confidence: checks.Likely,
		Message:  checks.Msg("the image has no %s, and the program ends where viper finds no %q", at, s.Name),
		Why:      checks.Msg("The container ends at once: “Config File \"%s\" Not Found in …”.", s.Name),
		Evidence: []checks.Message{checks.Msg("%s:%d  SetConfigName(%q)", s.At.File, s.At.Line, s.Name), checks.Msg("in the repository: %s", found)},
		Key:      "settings " + s.Name,
	}
	m.place(n, &f, []string{found}, at, at)
	m.tell(n.Image, f)
}
