package deploy

import (
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// simple are directives that end in a semicolon, with the number of arguments that nginx takes at most; 0 where it takes any, or any
// that it knows.
var simple = map[string]int{
	"access_log": 0, "add_header": 3, "alias": 1, "client_max_body_size": 1, "error_log": 2, "error_page": 0, "expires": 2, "gzip": 1, "gzip_types": 0,
	"include": 1, "index": 0, "keepalive": 0, "keepalive_timeout": 2, "listen": 0, "proxy_buffering": 1, "proxy_connect_timeout": 1, "proxy_http_version": 1,
	"proxy_pass": 1, "proxy_read_timeout": 1, "proxy_redirect": 2, "proxy_send_timeout": 1, "proxy_set_header": 2, "return": 2, "rewrite": 3, "root": 1,
	"sendfile": 1, "server_name": 0, "set": 2, "ssl_certificate": 1, "ssl_certificate_key": 1, "ssl_protocols": 0, "ssl_ciphers": 1, "try_files": 0,
}

// blockNames are directives that begin a block, in which the name of such a one may stand for an argument of a directive before it.
var blockNames = []string{"location", "server", "upstream", "if", "map"}

// unfinished tells of a directive without its semicolon: the name of the next one, on a line of its own, is among its arguments. It
// returns whether nginx refuses the file for it: what else stands there is then not what was meant.
func (n *nginxFile) unfinished(d *artefact.Directive) bool {
	most, known := simple[d.Name.Value]
	if !known {
		return false
	}
	before := d.Name
	for i, arg := range d.Args {
		_, begins := simple[arg.Value]
		if arg.Line > before.EndLine && (begins || d.IsBlock && slices.Contains(blockNames, arg.Value)) && arg.Plain() {
			refused := d.IsBlock || most > 0 && len(d.Args) > most || d.Name.Value == "listen"
			n.semicolon(d, before, arg, refused, i)
			return refused
		}
		before = arg
	}
	return false
}

func (n *nginxFile) semicolon(d *artefact.Directive, last, next artefact.Text, certain bool, args int) {
	f := checks.Finding{
		Message: checks.Msg("%s has no semicolon at its end: %s, on the next line, is one of its arguments for nginx", d.Name.Value, next.Value),
		Why:     checks.Msg("nginx does not start: a directive is not terminated by \";\", or has arguments that it does not take. A reload keeps the old configuration in force."),
		Help:    checks.Msg("write a semicolon at the end of this line"),
		Key:     "semicolon " + d.Name.Value,
	}
	if !certain {
		f.Severity = checks.Warning
		f.Why = checks.Msg("nginx takes it without a word, and %s has no effect.", next.Value)
	}
	if args > 0 && last.Plain() {
		f.Fix = &plan.Plan{Title: "write the semicolon", Safety: plan.Safe,
			Steps: []plan.Step{plan.ReplaceAt(n.file.Path, last.Line, last.Column, last.Raw, last.Raw+";")}}
	}
	n.at(last.Span, f)
}
