package deploy

import (
	"path"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// location judges what a location serves from files.
func (n *nginxFile) location(d *artefact.Directive) {
	at := placeOf(d)
	if !at.prefix() || at.path.Value == "" || strings.Contains(at.path.Value, "$") {
		return
	}
	if alias := child(d, "alias"); alias != nil && !strings.Contains(alias.Arg(0).Value, "$") {
		n.alias(at, alias.Arg(0))
		n.outranked(d, at)
	}
	if root := child(d, "root"); root != nil && !strings.Contains(root.Arg(0).Value, "$") {
		n.rooted(at, root)
	}
}

// alias compares the slashes of a location and its alias: what stands behind the location is hung on to the alias as it is.
func (n *nginxFile) alias(at place, to artefact.Text) {
	prefix := at.path.Value
	switch {
	case strings.HasSuffix(prefix, "/") && !strings.HasSuffix(to.Value, "/") && path.Ext(to.Value) == "" && to.Value != "":
		n.at(to.Span, checks.Finding{
			Message: checks.Msg("the location %s ends in a slash, and its alias %s does not", prefix, to.Value),
			Why:     checks.Msg("nginx looks for %sapp.css when %sapp.css is asked for: every file is 404.", to.Value, prefix),
			Help:    checks.Msg("write alias %s/;", to.Value),
			Key:     "alias " + prefix,
			Fix:     n.write(to, to.Value+"/", plan.Safe),
		})
	case !strings.HasSuffix(prefix, "/") && strings.HasSuffix(to.Value, "/"):
		n.at(at.path.Span, checks.Finding{
			Severity: checks.Warning,
			Message:  checks.Msg("the location %s has no slash at its end, and its alias %s has one", prefix, to.Value),
			Why:      checks.Msg("%s../ leads out of the folder: whoever asks for %s../config.yaml gets the file beside it.", prefix, prefix),
			Help:     checks.Msg("write location %s/", prefix),
			Key:      "traversal " + prefix,
			Fix:      n.write(at.path, prefix+"/", plan.Safe),
		})
	}
}

// rooted tells of a root that names the folder which the location names once more.
func (n *nginxFile) rooted(at place, root *artefact.Directive) {
	prefix := strings.Trim(at.path.Value, "/")
	folder := strings.TrimSuffix(root.Arg(0).Value, "/")
	if prefix == "" || path.Base(folder) != path.Base(prefix) || !strings.HasSuffix(folder, "/"+prefix) {
		return
	}
	n.at(root.Span, checks.Finding{
		Severity: checks.Warning, Confidence: checks.Likely,
		Message: checks.Msg("root %s in the location %s makes %s/%s", root.Arg(0).Value, at.path.Value, folder, prefix),
		Why:     checks.Msg("root keeps the location's path, and hangs it on to the folder: the files are looked for one folder too deep, and are 404."),
		Help:    checks.Msg("write root %s;, or alias %s/; with a slash at the end of both", strings.TrimSuffix(folder, "/"+prefix), folder),
		Key:     "root " + at.path.Value,
	})
}

var extensions = lazyregexp.New(`\\\.(\(|\[|[a-z0-9]+\$)`)

// outranked tells of a location by regular expression that takes the files of another one, and has no place to find them.
func (n *nginxFile) outranked(d *artefact.Directive, at place) {
	server := d.Parent
	if at.modifier == "^~" || server == nil || server.Name.Value != "server" || child(server, "root") != nil {
		return
	}
	for _, other := range server.Block {
		if other.Name.Value != "location" {
			continue
		}
		o := placeOf(other)
		if o.modifier != "~" && o.modifier != "~*" || !extensions.MatchString(o.path.Value) || !assets.MatchString(o.path.Value) || strings.HasPrefix(o.path.Value, "^") {
			continue
		}
		if child(other, "alias") != nil || child(other, "root") != nil || child(other, "proxy_pass") != nil || child(other, "return") != nil || child(other, "include") != nil {
			continue
		}
		n.at(d.Span, checks.Finding{
			Severity: checks.Warning, Confidence: checks.Likely,
			Message:  checks.Msg("the location %s loses its files to the regular expression %s", at.path.Value, o.path.Value),
			Why:      checks.Msg("A regular expression goes before a prefix, and there is no root or alias in its location: those files are 404."),
			Help:     checks.Msg("write location ^~ %s", at.path.Value),
			Evidence: []checks.Message{checks.Msg("%s:%d  location %s %s", n.file.Path, other.Line, o.modifier, o.path.Value)},
			Key:      "outranked " + at.path.Value,
		})
		return
	}
}

var assets = lazyregexp.New(`\b(css|js|png|svg|jpe?g|gif|woff2?|ico)\b`)
