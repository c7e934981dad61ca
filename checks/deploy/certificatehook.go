package deploy

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
)

var (
	// thenReload is certbot's renewal, and a reload of the web server behind it.
	thenReload = lazyregexp.New(`\b(certbot(?:-auto)?\b[^;&|]*?\srenew\b[^;&|<>]*?)\s*(&&|;)\s*((?:sudo\s+)?(?:/[\w/]*/)?(?:systemctl\s+(?:reload|restart|try-reload-or-restart)\s+[\w@.-]+|service\s+[\w.-]+\s+(?:reload|restart)|nginx\s+-s\s+reload|apachectl\s+graceful))[ \t]*(.*)$`)
	hasHook    = lazyregexp.New(`--(?:deploy|renew|post)-hook`)
	isReload   = lazyregexp.New(`^(?:sudo )?(?:systemctl (?:reload|restart) (?:nginx|apache2|httpd|haproxy|caddy)|service (?:nginx|apache2|httpd|haproxy) (?:reload|restart)|nginx -s reload)`)
)

const (
	hookMessage = "the web server is reloaded after the renewal has ended well, and not when a certificate was renewed"
	hookWhy     = "With several certificates one that fails keeps the others that were renewed from being loaded, and the old ones run out in the running server; on all other days it is reloaded for nothing."
)

// reload tells of a renewal with a reload behind it in the place of a deploy hook.
func (r renewal) reload(report checks.Reporter) {
	m := thenReload.FindStringSubmatchIndex(r.Command.Value)
	if m == nil || hasHook.MatchString(r.Command.Value) {
		return
	}
	renew, sign, reload, rest := r.Command.Value[m[2]:m[3]], r.Command.Value[m[4]:m[5]], r.Command.Value[m[6]:m[7]], strings.TrimSpace(r.Command.Value[m[8]:m[9]])
	f := checks.Finding{Message: checks.Msg(hookMessage), Why: checks.Msg(hookWhy), Help: checks.Msg(`write %s --deploy-hook "%s"`, renew, reload)}
	if sign == ";" {
		f.Severity = checks.Info
		f.Message = checks.Msg("the web server is reloaded at each run of the renewal, whether a certificate was renewed or not")
		f.Why = checks.Msg("A reload ends open connections with its old workers; a deploy hook runs when there is something new to load.")
	}
	if rest == "" && r.Command.Plain() {
		f.Fix = &plan.Plan{Title: "reload by a deploy hook", Safety: plan.Unsafe, Steps: []plan.Step{
			plan.ReplaceAt(r.File.Path, r.Command.Line, r.Command.Column+m[2], r.Command.Value[m[2]:m[7]], renew+` --deploy-hook "`+reload+`"`)}}
	}
	r.at(report, r.Command.Span, f)
}

// scriptReload tells the same of a script: one line with both.
func scriptReload(s project.Script, report checks.Reporter) {
	for i := 0; i+1 < len(s.Commands); i++ {
		c, next := s.Commands[i], s.Commands[i+1]
		words := strings.Join(c.Words, " ")
		if !strings.HasPrefix(strings.TrimPrefix(words, "sudo "), "certbot ") || !renewer.MatchString(" "+words) || hasHook.MatchString(words) || next.Pos.Line != c.Pos.Line || !isReload.MatchString(strings.Join(next.Words, " ")) {
			continue
		}
		report(checks.Finding{
			Message:  checks.Msg(hookMessage),
			Why:      checks.Msg(hookWhy),
			Help:     checks.Msg(`write %s --deploy-hook "%s"`, words, strings.Join(next.Words, " ")),
			Severity: checks.Info,
			Location: checks.At(s.File, c.Pos.Line, c.Pos.Column),
			Key:      words,
		})
	}
}

// packaged are the schedules that distributions install with certbot.
var packaged = []string{"/etc/cron.d/certbot", "/lib/systemd/system/certbot.timer", "/usr/lib/systemd/system/certbot.timer", "/usr/lib/systemd/system/certbot-renew.timer",
	"/etc/systemd/system/snap.certbot.renew.timer"}

// twice tells of a second schedule for one renewal: a line of the project beside another one, or beside that of the package.
func twice(ctx context.Context, t *target.Target, set *artefact.Set, renewals []renewal, report checks.Reporter) error {
	var others []string
	for _, u := range artefact.Of[*artefact.Unit](set) {
		if strings.HasSuffix(u.Path, ".timer") && strings.Contains(u.Path, "certbot") {
			others = append(others, u.Path)
		}
	}
	if t.Profile() == "prod" && len(renewals) > 0 {
		for _, name := range packaged {
			switch _, err := t.Host().ReadFile(ctx, name); {
			case err == nil:
				others = append(others, name)
			case !errors.Is(err, fs.ErrNotExist):
				return err
			}
		}
	}
	for i, r := range renewals {
		if !strings.Contains(r.Command.Value, "certbot") {
			continue
		}
		second := ""
		for _, before := range renewals[:i] {
			if before.Command.Value == r.Command.Value && (before.File != r.File || before.Schedule.Value == r.Schedule.Value) {
				second = before.File.Path
			}
		}
		if len(others) > 0 {
			second = others[0]
		}
		if second == "" {
			continue
		}
		r.at(report, r.Line, checks.Finding{
			Message:  checks.Msg("certificates are renewed by %s already", second),
			Why:      checks.Msg("The packages of certbot come with a schedule, twice a day. A second one does no harm, and where the first one has the hooks and this one has not, it renews without them."),
			Help:     checks.Msg("leave this line out, and put what is to happen after a renewal into /etc/letsencrypt/renewal-hooks/deploy"),
			Severity: checks.Info,
		})
	}
	return nil
}
