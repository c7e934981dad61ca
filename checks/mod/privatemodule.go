package mod

import (
	"context"
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/mod/module"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/git"
	"github.com/gindoctor/gindoctor/target/project"
)

// PrivateModule finds requirements that no public proxy or checksum database can know, while the go command asks them.
var PrivateModule = checks.Check{
	ID:       "mod/private-module",
	Title:    "a private module is looked up in public",
	Stage:    checks.Build,
	Severity: checks.Warning,
	Profiles: checks.Dev | checks.CI,
	Needs:    checks.Modules,
	Run:      privateModule,
}

func privateModule(ctx context.Context, t *target.Target, report checks.Reporter) error {
	lookup, err := newLookup(ctx, t)
	if err != nil {
		return err
	}
	return eachModule(ctx, t, func(im *project.Imports) {
		if im.Resolver.VendorMode() {
			return // packages come from the vendor folder, nobody is asked
		}
		for _, r := range im.Module.Mod.Require {
			why, private := lookup.private(r.Mod.Path)
			if _, local, replaced := im.Resolver.Replacement(r.Mod); !private || replaced && local || im.Resolver.IsMember(r.Mod.Path) {
				continue
			}
			known := im.Module.Sum.HasModule(r.Mod) && im.Module.Sum.HasGoMod(r.Mod)
			if !lookup.asks(r.Mod.Path, known) {
				continue
			}
			f := checks.Finding{
				Message:  checks.Msg("%s %s, and GOPRIVATE does not name it", r.Mod.Path, why),
				Why:      checks.Msg("The go command asks the public proxy and checksum database for it: they do not know it, and learn its name. Adding it or a new version fails."),
				Help:     checks.Msg("go env -w GOPRIVATE=%s", lookup.patterns(r.Mod.Path)),
				Location: inFile(im.Module.File("go.mod"), project.LineOf(r.Syntax)),
				Service:  im.Module.Dir,
				Key:      r.Mod.Path,
				Fix:      namePrivate(ctx, t, lookup.patterns(r.Mod.Path)),
			}
			if !known {
				f.Evidence = append(f.Evidence, checks.Msg("go.sum has no hash of it yet, so the checksum database has to be asked"))
			}
			report(f)
		}
	})
}

// lookup is where the go command looks modules up.
type lookup struct {
	goPrivate, noSumDB, noProxy, sumDB, proxy string
	rewrites                                  []string // module path prefixes that git fetches from elsewhere
}

func newLookup(ctx context.Context, t *target.Target) (*lookup, error) {
	l := &lookup{}
	for name, to := range map[string]*string{
		"GOPRIVATE": &l.goPrivate, "GONOSUMDB": &l.noSumDB, "GONOPROXY": &l.noProxy, "GOSUMDB": &l.sumDB, "GOPROXY": &l.proxy,
	} {
		value, err := t.GoVar(ctx, name)
		if err != nil {
			return nil, err
		}
		*to = value
	}
	rewrites, err := t.Git().Rewrites(ctx)
	if err != nil && !errors.Is(err, git.ErrNoGit) {
		return nil, err
	}
	for _, from := range rewrites {
		if p, ok := rewritten(from); ok {
			l.rewrites = append(l.rewrites, p)
		}
	}
	return l, nil
}

// forges are hosts that hold public code besides private: that git logs in there for all of it tells nothing of one module.
var forges = map[string]bool{"github.com": true, "gitlab.com": true, "bitbucket.org": true, "gitee.com": true, "codeberg.org": true, "golang.org": true}

// rewritten turns the address that git rewrites into the prefix of module paths that it stands for.
func rewritten(from string) (string, bool) {
	u, err := url.Parse(from)
	if err != nil || u.Host == "" {
		return "", false
	}
	p := strings.TrimSuffix(u.Hostname()+u.Path, "/")
	return strings.TrimSuffix(p, ".git"), !forges[p]
}

// private tells whether a module can only be had in private, and why.
func (l *lookup) private(modulePath string) (string, bool) {
	host, _, _ := strings.Cut(modulePath, "/")
	host, _, _ = strings.Cut(host, ":")
	for _, prefix := range l.rewrites {
		if within(modulePath, prefix) {
			return "is fetched from elsewhere by git (url.….insteadOf)", true
		}
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return "lies on an IP address", true
	}
	if !strings.Contains(host, ".") {
		return "lies on a host without a domain", true
	}
	switch top := host[strings.LastIndexByte(host, '.')+1:]; top {
	case "local", "internal", "lan", "corp", "intranet", "home", "localdomain", "private":
		return "lies on a host of ." + top + ", which exists in one network only", true
	}
	if strings.HasSuffix(host, ".home.arpa") {
		return "lies on a host of .home.arpa, which exists in one network only", true
	}
	return "", false
}

// asks tells whether the go command asks anybody in public for the module. One whose hashes go.sum has is not looked up in
// the checksum database any more.
func (l *lookup) asks(modulePath string, known bool) bool {
	if module.MatchPrefixPatterns(l.goPrivate, modulePath) {
		return false
	}
	proxied := l.publicProxy() && !module.MatchPrefixPatterns(l.noProxy, modulePath)
	summed := l.sumDB != "off" && !module.MatchPrefixPatterns(l.noSumDB, modulePath) && l.proxy != "off"
	return proxied || summed && !known
}

// publicProxy tells whether the first proxy in the list is one outside the own network.
func (l *lookup) publicProxy() bool {
	first := strings.TrimSpace(strings.FieldsFunc(l.proxy+",", func(r rune) bool { return r == ',' || r == '|' })[0])
	u, err := url.Parse(first)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false // direct, off or a folder
	}
	_, private := (&lookup{}).private(u.Hostname())
	return !private
}

// patterns is GOPRIVATE with the module's host, or what git rewrites of it, added.
func (l *lookup) patterns(modulePath string) string {
	add, _, _ := strings.Cut(modulePath, "/")
	for _, prefix := range l.rewrites {
		if within(modulePath, prefix) {
			add = prefix
		}
	}
	if l.goPrivate == "" {
		return add
	}
	return l.goPrivate + "," + add
}
