package env

import (
	"math"
	"net/netip"
	"net/url"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/mask"
)

// shapes are credentials that name their kind by how they begin.
var shapes = []struct {
	kind    string
	pattern *lazyregexp.Regexp
}{
	{"a GitHub token", lazyregexp.New(`^(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})$`)},
	{"a GitLab token", lazyregexp.New(`^glpat-[A-Za-z0-9_\-]{20,}$`)},
	{"a Slack token", lazyregexp.New(`^xox[abeoprs]-[A-Za-z0-9\-]{20,}$`)},
	{"a live Stripe key", lazyregexp.New(`^[sr]k_live_[A-Za-z0-9]{16,}$`)},
	{"an AWS access key", lazyregexp.New(`^(AKIA|ASIA)[A-Z0-9]{16}$`)},
	{"an Alibaba Cloud access key", lazyregexp.New(`^LTAI[A-Za-z0-9]{12,}$`)},
	{"a Tencent Cloud key", lazyregexp.New(`^AKID[A-Za-z0-9]{28,}$`)},
	{"a Google API key", lazyregexp.New(`^AIza[A-Za-z0-9_\-]{35}$`)},
	{"a SendGrid key", lazyregexp.New(`^SG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,}$`)},
	{"an OpenAI key", lazyregexp.New(`^sk-(proj-)?[A-Za-z0-9_\-]{32,}$`)},
	{"a private key", lazyregexp.New(`^-----BEGIN ([A-Z]+ )?PRIVATE KEY-----`)},
}

// placeholder are words of values that stand for others, or that only open a developer's own machine.
var placeholder = lazyregexp.New(`(?i)example|change|replace|your|placeholder|dummy|sample|secret|passw|test|dev|local|demo|fake|default|foo|bar|xxx|todo|none|null|here|insert|qwert|admin|root|123456|abcdef|\.\.\.|\*\*`)

// standIn are words of a comment that says that the value below it is nobody's.
var standIn = lazyregexp.New(`(?i)plac?e?holder|dummy|fake|not a real|占位`)

// looksLive tells what kind of credential a value looks like, "" for none. remote says that the file names a host that is not this
// machine: a password in it then opens something.
func looksLive(name, value string, remote bool) string {
	switch {
	case value == "" || strings.ContainsAny(value, " \t<>") && !strings.HasPrefix(value, "-----BEGIN"):
		return ""
	case strings.Contains(value, "${") || strings.Contains(value, "$(") || strings.Contains(value, "{{") || strings.HasPrefix(value, "$") || strings.HasPrefix(value, "!"):
		return "" // filled in from elsewhere
	}
	for _, s := range shapes {
		if s.pattern.MatchString(value) && !strings.Contains(strings.ToUpper(value), "EXAMPLE") && entropy(value) > 3 {
			return s.kind
		}
	}
	if strings.Contains(value, "://") {
		return liveAddress(value)
	}
	if !mask.SecretName(name) || placeholder.MatchString(value) {
		return ""
	}
	flat := strings.ToLower(name)
	if strings.Contains(flat, "pass") || strings.Contains(flat, "pwd") {
		if remote && len(value) >= 8 && mixed(value) {
			return "the password of a server elsewhere"
		}
		return ""
	}
	if strings.HasSuffix(flat, "_id") || strings.Contains(flat, "public") || strings.Contains(flat, "path") || strings.Contains(flat, "file") || strings.Contains(flat, "url") {
		return ""
	}
	if len(value) >= 20 && entropy(value) >= 3.5 && mixed(value) && !strings.ContainsAny(value, "/\\:,\"'`") {
		return "a key that was made at random"
	}
	return ""
}

// liveAddress tells whether an address with a password in it leads to another machine.
func liveAddress(value string) string {
	u, err := url.Parse(value)
	if err != nil || u.User == nil {
		return ""
	}
	password, ok := u.User.Password()
	if !ok || len(password) < 6 || placeholder.MatchString(password) || !elsewhere(u.Hostname()) {
		return ""
	}
	return "an address with the password of a server elsewhere"
}

// elsewhere tells whether a host is another machine in a public network: a name with a dot, or a public address.
func elsewhere(name string) bool {
	if ip, err := netip.ParseAddr(name); err == nil {
		return !ip.IsLoopback() && !ip.IsPrivate() && !ip.IsUnspecified() && !ip.IsLinkLocalUnicast()
	}
	name = strings.ToLower(name)
	if !strings.Contains(name, ".") || strings.Contains(name, "example") {
		return false
	}
	for _, end := range []string{".local", ".localhost", ".internal", ".test", ".svc", ".lan", ".invalid", ".localdomain"} {
		if strings.HasSuffix(name, end) {
			return false
		}
	}
	return true
}

var hostLine = lazyregexp.New(`(?im)^\s*(?:export\s+)?["']?[\w.\-]*(?:host|hostname|addr|address|server)["']?\s*[:=]\s*["']?([\w.\-]+)`)

// remoteHost tells whether a file names a host that is another machine.
func remoteHost(text string) bool {
	for _, m := range hostLine.FindAllStringSubmatch(text, -1) {
		if elsewhere(m[1]) {
			return true
		}
	}
	return false
}

// mixed tells whether a text has letters and digits.
func mixed(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= '0' && r <= '9' }) &&
		strings.ContainsFunc(s, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
}

// entropy is how many bits each character of a text tells, by Shannon.
func entropy(s string) float64 {
	count := map[rune]float64{}
	n := 0.0
	for _, r := range s {
		count[r]++
		n++
	}
	sum := 0.0
	for _, c := range count {
		sum -= c / n * math.Log2(c/n)
	}
	return sum
}
