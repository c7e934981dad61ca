package target

import (
	"context"
	"strings"

	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// airModules are the paths under which air was and is published.
var airModules = []string{"github.com/air-verse/air", "github.com/cosmtrek/air"}

// AirVersion finds the air whose rules hold where none is running: the one that the repository pins (a tool of go.mod, or a
// `go install` or `go run` of a script or an image), else the installed one (not in profile ci), else the newest known.
func (t *Target) AirVersion(ctx context.Context) (air.Version, VersionOrigin, error) {
	modules, err := t.Modules(ctx)
	if err != nil {
		return "", NewestKnown, err
	}
	for _, m := range modules {
		if m.Mod == nil {
			continue
		}
		for _, r := range m.Mod.Require {
			if isAir(r.Mod.Path) {
				return air.ParseVersion(r.Mod.Version), Pinned, nil
			}
		}
	}
	scripts, err := t.CommandPlaces(ctx)
	if err != nil {
		return "", NewestKnown, err
	}
	for _, s := range scripts {
		for _, c := range s.Commands {
			for _, word := range c.Words {
				module, version, ok := strings.Cut(word, "@")
				if v := air.ParseVersion(version); ok && isAir(module) && v != "" {
					return v, Pinned, nil
				}
			}
		}
	}
	if v := t.installedAir(ctx); v != "" {
		return v, InstalledHere, nil
	}
	return "", NewestKnown, nil
}

func isAir(module string) bool { return module == airModules[0] || module == airModules[1] }

// installedAir is the version of the air on PATH, "" where there is none or it does not say.
func (t *Target) installedAir(ctx context.Context) air.Version {
	if t.opts.Profile == "ci" {
		return ""
	}
	file := t.LookPath("air")
	if file == "" {
		return ""
	}
	info, err := t.opts.Host.FileBuildInfo(ctx, file)
	if err != nil {
		return ""
	}
	return air.OfBuild(&info.BuildInfo)
}
