package deploy

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// Parse finds artefacts that the tools they are for refuse to read.
var Parse = checks.Check{
	ID:       "deploy/parse",
	Title:    "a file that the program is deployed by does not parse",
	Stage:    checks.Package,
	Severity: checks.Error,
	Profiles: checks.CI,
	Run:      parse,
}

func parse(ctx context.Context, t *target.Target, report checks.Reporter) error {
	set, err := t.Artefacts(ctx)
	if err != nil {
		return err
	}
	var unread []error
	asked, skipped := false, ""
	for _, f := range set.Files {
		if f.Skipped != "" {
			skipped = f.Path + ": " + f.Skipped
			if f.TooLarge {
				report(passedOver(f))
			}
			continue
		}
		asked = true
		var at *artefact.ParseError
		switch {
		case f.Err == nil:
		case errors.As(f.Err, &at):
			if use := refusal(ctx, t, set, f, at); use.why != "" {
				report(parseFinding(f, at, use))
			}
		default:
			unread = append(unread, fmt.Errorf("%s: %w", f.Path, f.Err))
		}
	}
	for _, d := range artefact.Of[*artefact.Dockerfile](set) {
		if err := unbuildable(ctx, t, d, report); err != nil {
			return err
		}
		noSuchStage(set, d, report)
	}
	for _, c := range artefact.Of[*artefact.Crontab](set) {
		crontabLines(set, c, report)
	}
	switch {
	case len(unread) > 0:
		return errors.Join(unread...)
	case !asked && skipped != "":
		return checks.Skip("%s", skipped)
	case !asked:
		return checks.Skip("there are no artefacts here")
	}
	return nil
}

// refused is what the tool that a file is for does with one that does not parse; no why where nobody minds.
type refused struct {
	why      string
	help     string
	severity checks.Severity
}

var refusals = map[artefact.Kind]refused{
	"Dockerfile":               {"The image is not built.", "docker build --check .", checks.Error},
	"compose file":             {"docker compose refuses the file: no service of it starts.", "docker compose -f FILE config --quiet", checks.Error},
	"Kubernetes manifest":      {"kubectl refuses the file: what stands in it is not applied.", "kubectl apply --dry-run=client -f FILE", checks.Error},
	"GitHub Actions workflow":  {"GitHub refuses the workflow: no job of it runs.", "mend the line", checks.Error},
	"GitLab pipeline":          {"GitLab refuses the pipeline: no job of it runs.", "mend the line", checks.Error},
	"systemd unit":             {"systemd does not load the unit.", "systemd-analyze verify FILE", checks.Error},
	"supervisor configuration": {"supervisord does not start with it.", "mend the line", checks.Error},
	"nginx configuration":      {"nginx does not start with it, and keeps its old configuration on a reload.", "nginx -t", checks.Error},
	"Prometheus configuration": {"Prometheus does not start with it.", "promtool check config FILE", checks.Error},
	"Prometheus rules":         {"Prometheus does not load a configuration that names it.", "promtool check rules FILE", checks.Error},
	"crontab":                  {"cron refuses the whole file: none of its lines is run.", "write minute, hour, day of the month, month and day of the week, then the command", checks.Error},
	"certbot renewal":          {"certbot passes over this certificate when it renews.", "mend the line", checks.Error},
	"Procfile":                 {"foreman and the platforms pass over the line without a word.", "write NAME: COMMAND", checks.Warning},
	"env file":                 {"docker compose, which is told to read it, refuses to start.", "write NAME=value", checks.Error},
}

// refusal tells what a file that does not parse costs.
func refusal(ctx context.Context, t *target.Target, set *artefact.Set, f *artefact.File, at *artefact.ParseError) refused {
	use := refusals[f.Kind]
	use.help = strings.ReplaceAll(use.help, "FILE", f.Path)
	switch f.Kind {
	case "Dockerfile":
		if frontend := syntaxLine.FindSubmatch(f.Text); frontend != nil && !strings.Contains(string(frontend[1]), "docker/dockerfile") {
			return refused{} // another frontend has instructions of its own
		}
		if dir := path.Dir(f.Path); dir != "." {
			use.help = fmt.Sprintf("docker build --check -f %s .", f.Path)
		}
	case "nginx configuration":
		if !surelyNginx.Match(f.Text) || othersCode.Match(f.Text) {
			return refused{}
		}
	case "Procfile":
		if path.Ext(f.Path) == ".md" {
			return refused{}
		}
	case "env file":
		if !composeReads(set, f.Path) || programLoads(ctx, t, f.Path) { // what the program loads is env/dotenv's
			return refused{}
		}
	case "Kubernetes manifest", "GitLab pipeline":
		if at.Repeated {
			return refused{"What the first one says is lost without a word.", "leave one of the two out", checks.Warning}
		}
	}
	if at.Repeated {
		use.help = "leave one of the two out"
	}
	return use
}

var (
	syntaxLine  = lazyregexp.New(`(?i)^(?:\xef\xbb\xbf)?#[ \t]*syntax[ \t]*=[ \t]*(\S+)`)
	surelyNginx = lazyregexp.New(`(?m)^[ \t]*(listen|server_name|proxy_pass|proxy_set_header|root|worker_connections|try_files|fastcgi_pass)[ \t]+[^;={}\n]+;`)
	othersCode  = lazyregexp.New(`_by_lua_block|(?m)^[ \t]*[\w.-]+[ \t]*=[ \t]*\S`)
)

// composeReads tells whether a service of a compose file is given the env file.
func composeReads(set *artefact.Set, name string) bool {
	for _, c := range artefact.Of[*artefact.Compose](set) {
		for _, s := range c.Services {
			if slices.Contains(s.EnvFilePaths(), name) {
				return true
			}
		}
	}
	return false
}

// programLoads tells whether the code of a program loads an env file of that name.
func programLoads(ctx context.Context, t *target.Target, name string) bool {
	all, err := t.Imports(ctx)
	if err != nil {
		return false
	}
	for _, im := range all {
		facts, err := t.EnvReads(ctx, im)
		if err != nil {
			continue
		}
		for _, p := range facts.Programs {
			for _, l := range p.Loads {
				if slices.ContainsFunc(l.Files, func(file string) bool { return path.Base(file) == path.Base(name) }) {
					return true
				}
			}
		}
	}
	return false
}

// passedOver tells of a file that no other check judges.
func passedOver(f *artefact.File) checks.Finding {
	return checks.Finding{
		Severity: checks.Info,
		Message:  checks.Msg("%s is passed over: %s", f.Path, f.Skipped),
		Why:      checks.Msg("What goes wrong in it is not found here."),
		Help:     checks.Msg("examine what it is made from, or a smaller one of its kind"),
		Location: checks.At(f.Path, 1, 1),
		Key:      "too large",
	}
}

func parseFinding(f *artefact.File, at *artefact.ParseError, use refused) checks.Finding {
	message := checks.Msg("%s does not parse: %s", f.Path, at.Reason)
	switch {
	case use.severity == checks.Warning && at.Repeated:
		message = checks.Msg("in %s %s, and only the last one counts", f.Path, at.Reason)
	case use.severity == checks.Warning:
		message = checks.Msg("%s has %s", f.Path, at.Reason)
	}
	return checks.Finding{
		Message:  message,
		Why:      checks.Msg("%s", use.why),
		Help:     checks.Msg("%s", use.help),
		Severity: use.severity,
		Location: &checks.Location{File: f.Path, Line: at.Line, Column: at.Column, EndLine: at.EndLine, EndColumn: at.EndColumn},
		Key:      at.Reason,
	}
}
