package artefact_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/target/artefact"
)

func TestCrontab(t *testing.T) {
	t.Parallel()
	c := read[*artefact.Crontab](t, "deploy/cron.d/shop", "MAILTO=a@example.org\n# every two months\n# or so\n0 0 1 */2 *\troot  certbot renew && nginx -s reload\n\n@daily www-data /srv/x \\%a %in\n")
	if !c.System || len(c.Jobs) != 2 {
		t.Fatalf("%+v", c)
	}
	j := c.Jobs[0]
	same(t, []any{"0 0 1 */2 *", "root", "certbot renew && nginx -s reload", "every two months or so", 4, 19}, []any{j.Schedule.Value, j.User.Value, j.Command.Value, j.Comment, j.Command.Line, j.Command.Column})
	if commands := j.Commands(); len(commands) != 2 || commands[1].Name() != "nginx" {
		t.Errorf("%v", commands)
	}
	same(t, []any{"@daily", 11, ""}, []any{c.Jobs[1].Schedule.Value, c.Jobs[1].Percent(), c.Jobs[1].Comment})
	for _, name := range []string{"crontab", "etc/crontabs/root", "jobs.cron", "etc/crontab"} {
		if artefact.Parse(name, []byte("0 0 * * 7 root x\n")) == nil {
			t.Errorf("%s is no crontab", name)
		}
	}
}

func TestCrontabErrors(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"60 0 * * * x":         "60 is no minute",
		"0 24 * * * x":         "24 is no hour",
		"0 0 0 * * x":          "0 is no day of the month",
		"0 0 1 foo * x":        "foo is no month",
		"0 0 * * certbot new":  "the field certbot is no day of the week",
		"@dayly x":             "@dayly is no time that cron knows",
		"* * * *":              "a line that has not five fields of time and a command",
		"*/70 1-5,7 31 2 7 x":  "",
		"0 0 L * * x":          "",
		"0 0 ? * MON-FRI x":    "",
		"0 9 * jan,Feb Mon x":  "",
		"@every 5m x":          "",
		"A='b c'":              "",
		"0\t0 * * * x # 60 60": "",
	} {
		f := artefact.Parse("crontab", []byte("0 0 * * * x\n"+line+"\n"))
		got := ""
		var at *artefact.ParseError
		if errors.As(f.Err, &at) {
			got = at.Reason
		}
		if got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

func TestPrometheus(t *testing.T) {
	t.Parallel()
	p := read[*artefact.Prometheus](t, "prom.yml", "global: {scrape_interval: 15s}\nrule_files: [a.yml]\nscrape_configs:\n- job_name: 'shop'\n  scrape_timeout: 20s\n  metrics_path: /m\n  static_configs:\n  - targets: ['shop:8080', \"${HOST}:1\"]\n- &x\n  job_name: b\n")
	j := p.Jobs[0]
	same(t, []any{"shop", "20s", "/m", "shop:8080", 8, true, "15s", "a.yml"}, []any{j.Name.Value, j.Timeout.Value, j.Path.Value, j.Targets[0].Value, j.Targets[0].Line, j.Targets[1].Origin == artefact.Open, p.Global.Interval.Value, p.RuleFiles[0].Value})
	r := read[*artefact.RuleFile](t, "rules/a.yml", "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up{job=\"shop\"} == 0\n")
	same(t, []any{"g", "A", `up{job="shop"} == 0`, 5}, []any{r.Rules[0].Group.Value, r.Rules[0].Alert.Value, r.Rules[0].Expr.Value, r.Rules[0].Expr.Line})
}

func TestRenewal(t *testing.T) {
	t.Parallel()
	r := read[*artefact.Renewal](t, "renewal/shop.conf", "version = 2.1.0\n# x\ncert = /etc/letsencrypt/live/shop/cert.pem\n[renewalparams]\nrenew_hook = systemctl reload nginx\n")
	same(t, "systemctl reload nginx", r.Options["renew_hook"].Value)
}

func TestNoText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"\x00GITCRYPT\x00x": "encrypted", "services: {{ x }}:\n  y: ]": "template"} {
		if f := artefact.Parse("compose.yml", []byte(text)); !strings.Contains(f.Skipped, want) || f.Err != nil {
			t.Errorf("%q: %q, %v", text, f.Skipped, f.Err)
		}
	}
}

// TestBinary tells what bears the name of an artefact and is none; what says so by its name is none at all.
func TestBinary(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"Dockerfile":        {"\x89PNG\r\n\x1a\n\x00\x00", "it is a PNG picture"},
		"compose.yaml":      {"\x1f\x8b\x08x", "it is compressed by gzip"},
		".env":              {"\xff\xfeA\x00=\x001\x00", "this is UTF-16"},
		"deploy/Dockerfile": {"FROM x\x00", "this is no text"},
	} {
		f := artefact.Parse(name, []byte(c.text))
		if f == nil || f.Err == nil || !strings.Contains(f.Err.Error(), c.want) {
			t.Errorf("%s: %+v", name, f)
		}
	}
	for _, name := range []string{"docs/Dockerfile.png", ".env.gpg", "prod.env.gz"} {
		if f := artefact.Parse(name, []byte("\x89PNG\r\n\x1a\n\x00")); f != nil {
			t.Errorf("%s counts as a %s", name, f.Kind)
		}
	}
}

// TestBrokenLine names the line that breaks a document, not the one where what is broken begins.
func TestBrokenLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"services:\n  a:\n    image: x\n   ports: []\n":   4,
		"a: 1\n---\nservices:\n  a: [b\n  c: d\n":         4,
		"services:\n  a:\n    image: x\n\tports:\n":       4,
		"services:\n  a:\n    image: \"x\n    ports: 1\n": 3,
		"services:\n  a: b\n  nonsense\n  c: d\n":         3,
	} {
		var at *artefact.ParseError
		if f := artefact.Parse("compose.yml", []byte(text)); !errors.As(f.Err, &at) || at.Line != want {
			t.Errorf("%q: %v, want line %d", text, f.Err, want)
		}
	}
}

// FuzzScheduled holds the places that the readers of crontabs, Prometheus and certbot give.
func FuzzScheduled(f *testing.F) {
	for _, s := range []string{"0 0 1 * * root a % b\n# c\n@daily x y\n", "scrape_configs:\n- {job_name: a, static_configs: [{targets: [b, 'c']}]}\n", "groups:\n- rules:\n  - alert: a\n    expr: b\n", "[renewalparams]\na = b\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, name := range []string{"cron.d/a", "crontab", "p.yml", "renewal/a.conf"} {
			file := artefact.Parse(name, text)
			if file == nil || bytes.IndexByte(text, 0) >= 0 {
				continue
			}
			set := &artefact.Set{Files: []*artefact.File{file}}
			for _, c := range artefact.Of[*artefact.Crontab](set) {
				for _, j := range c.Jobs {
					truePlace(t, text, j.Schedule)
					truePlace(t, text, j.Command)
					j.Commands()
					j.Times()
				}
			}
			for _, p := range artefact.Of[*artefact.Prometheus](set) {
				for _, j := range p.Jobs {
					truePlace(t, text, j.Name)
					for _, target := range j.Targets {
						truePlace(t, text, target)
					}
				}
			}
			for _, r := range artefact.Of[*artefact.Renewal](set) {
				for _, o := range r.Options {
					truePlace(t, text, o)
				}
			}
		}
	})
}
