package deploy

import (
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
)

// distributionUsers are the users that images of distributions have by themselves, of all their versions.
var distributionUsers = map[string]string{
	"scratch": "",
	"static":  "root nobody nonroot",
	"alpine": "root bin daemon adm lp sync shutdown halt mail news uucp operator man postmaster cron ftp sshd at squid xfs games cyrus vpopmail ntp smmsp guest " +
		"nobody klogd dhcp",
	"debian": "root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody _apt systemd-network systemd-resolve",
}

// usersOf are the users of an image; ok is false for one of which they are not known.
func usersOf(ref image.Ref) (users []string, ok bool) {
	kind := ref.Name()
	switch {
	case ref.Repo == "scratch":
		kind = "scratch"
	case strings.HasPrefix(ref.Repo, "gcr.io/distroless/static"), strings.HasPrefix(ref.Repo, "gcr.io/distroless/base"), strings.HasPrefix(ref.Repo, "gcr.io/distroless/cc"):
		kind = "static"
	case !ref.Official:
		return nil, false
	case kind == "golang" && ref.Libc() == image.Musl:
		kind = "alpine"
	}
	list, ok := distributionUsers[kind]
	return strings.Fields(list), ok
}

// makesUser matches what adds users, by a command or by hand.
var makesUser = lazyregexp.New(`\b(?:adduser|useradd|usermod|newusers|passwd|sysusers)\b`)

// user tells of a USER by a name that nobody has in the image.
func (m *missingFiles) user(i *target.Image) {
	user := i.User()
	name, _, _ := strings.Cut(user.Value, ":")
	base, known := i.Base()
	users, ok := usersOf(base)
	if name == "" || name == "root" || !user.Known() || !known || !ok || i.Opaque() || strings.Trim(name, "0123456789") == "" || slices.Contains(users, name) ||
		i.Covers("/etc/passwd") || i.Loose() || !i.InstalledOnly(plainPackages) {
		return
	}
	for _, s := range i.Stage.Chain() {
		if slices.ContainsFunc(s.Runs, func(r artefact.Run) bool { return makesUser.MatchString(runText(r)) }) {
			return
		}
	}
	f := checks.Finding{
		Message:  checks.Msg("USER names %s, and %s has no such user", name, base.Whole),
		Why:      checks.Msg("The container does not start: “unable to find user %s: no matching entries in passwd file”.", name),
		Help:     checks.Msg("write the number of a user, which needs no entry: USER 65532:65532"),
		Location: spanAt(i.Dockerfile.Path, user.Span),
		Key:      "user " + name,
	}
	if base.Name() == "alpine" {
		f.Help = checks.Msg("write RUN adduser -D -H %s above it, or the number of a user: USER 65532:65532", name)
	}
	if i.Stage.Image().Origin == artefact.Default || user.Origin == artefact.Default {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	m.tell(i, f)
}
