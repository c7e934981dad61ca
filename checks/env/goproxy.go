package env

import (
	"context"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/mod/module"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
)

// GOPROXY finds modules that are not in the module cache while GOPROXY leaves no way to fetch them.
var GOPROXY = checks.Check{
	ID:       "env/goproxy",
	Title:    "modules are missing from the cache and GOPROXY cannot fetch them",
	Stage:    checks.Build,
	Severity: checks.Error,
	Profiles: checks.Dev,
	Needs:    checks.Modules | checks.GoCommand,
	Explains: []string{"mod/missing-require", "mod/package-missing", "mod/compile-error", "run/stale-binary"},
	Run:      goproxy,
}

func goproxy(ctx context.Context, t *target.Target, report checks.Reporter) error {
	env, err := t.GoEnv(ctx)
	if err != nil {
		return err
	}
	reason := noWay(t, env.Vars["GOPROXY"])
	if reason.IsZero() {
		reason = nobodyThere(ctx, t, env.Vars["GOPROXY"])
	}
	if reason.IsZero() {
		return nil
	}
	setting, err := t.GoSetting(ctx, "GOPROXY")
	if err != nil {
		return err
	}
	all, err := t.Imports(ctx)
	if err != nil {
		return err
	}
	for _, im := range all {
		lacking := missingModules(im, env.Vars["GONOPROXY"])
		if len(lacking) == 0 {
			continue
		}
		f := checks.Finding{
			Message: reason,
			Why:     checks.Msg("%d modules that the program needs are not in the module cache and cannot be fetched: nothing is built.", len(lacking)),
			Service: im.Module.Dir,
			Fix:     forget(setting),
		}
		if len(lacking) == 1 {
			f.Why = checks.Msg("A module that the program needs is not in the module cache and cannot be fetched: nothing is built.")
		}
		if lacking[0].Needed == nil {
			f.Severity = checks.Warning
			f.Why = checks.Msg("Modules for tests or other platforms are not in the module cache: what is built here does not need them, `go test` and `go mod tidy` may.")
		}
		for _, i := range lacking[:min(len(lacking), 3)] {
			site := i.First()
			v := i.Candidates[0]
			f.Evidence = append(f.Evidence, checks.Msg("%s@%s, for %s:%d", v.Path, v.Version, site.File.Path, site.Import.Pos.Line))
		}
		if !setting.IsSet() {
			f.Help = checks.Msg("GOPROXY=direct go mod download")
		}
		report(blame(t, setting, f))
	}
	return nil
}

// missingModules lists an import for each module that is not in the cache, those that the program needs alone where there
// are any. What GONOPROXY names is fetched past the proxy.
func missingModules(im *project.Imports, noProxy string) []*project.Imported {
	if im.Resolver.VendorMode() {
		return nil
	}
	seen := map[string]bool{}
	var needed, others []*project.Imported
	for _, i := range im.Paths {
		if i.Kind != project.Unsure || len(i.Candidates) == 0 || seen[i.Candidates[0].Path] {
			continue
		}
		if module.MatchPrefixPatterns(noProxy, i.Candidates[0].Path) {
			continue
		}
		seen[i.Candidates[0].Path] = true
		if i.Needed != nil {
			needed = append(needed, i)
		} else {
			others = append(others, i)
		}
	}
	if len(needed) > 0 {
		return needed
	}
	return others
}

// noWay says why a GOPROXY leads nowhere for certain, by the rules of cmd/go/internal/modfetch, proxyList and TryProxies.
func noWay(t *target.Target, list string) checks.Message {
	entries := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == '|' })
	for _, entry := range entries {
		entry = strings.TrimSpace(entry)
		if entry == "" || entry == "off" || entry == "direct" || entry == "noproxy" {
			if entry != "" {
				break // what stands behind these is not looked at
			}
			continue
		}
		u, err := url.Parse(entry)
		if err != nil || u.Scheme == "" && !strings.HasPrefix(entry, "/") {
			return checks.Msg("GOPROXY=%s is no list of URLs", withoutPassword(list))
		}
	}
	switch {
	case len(entries) == 0:
		return checks.Message{}
	case strings.TrimSpace(entries[0]) == "off":
		return checks.Msg("GOPROXY=off forbids to fetch modules")
	}
	folder, ok := strings.CutPrefix(entries[0], "file://")
	if ok && !t.Exists(folder) && (len(entries) == 1 || strings.TrimSpace(entries[1]) == "off") {
		return checks.Msg("GOPROXY names a folder that does not exist: %s", folder)
	}
	return checks.Message{}
}

// nobodyThere tells of a proxy on this machine's own loopback address where nothing listens. It is the first of the list, and no other
// follows it by `|`: behind a comma the next one is asked only where a proxy answers that it has no such module.
func nobodyThere(ctx context.Context, t *target.Target, list string) checks.Message {
	first := list
	if i := strings.IndexAny(list, ",|"); i >= 0 {
		if first = list[:i]; list[i] == '|' {
			return checks.Message{}
		}
	}
	u, err := url.Parse(strings.TrimSpace(first))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return checks.Message{}
	}
	if addr, err := netip.ParseAddr(u.Hostname()); u.Hostname() != "localhost" && (err != nil || !addr.IsLoopback()) {
		return checks.Message{}
	}
	number := u.Port()
	if number == "" {
		number = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	port, err := strconv.Atoi(number)
	if err != nil {
		return checks.Message{}
	}
	sockets, err := t.Sockets(ctx)
	if err != nil || len(sockets.On(port)) > 0 {
		return checks.Message{}
	}
	return checks.Msg("GOPROXY names %s on this machine, where nothing listens", u.Host)
}
