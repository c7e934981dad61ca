package deploy

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
	"github.com/gindoctor/gindoctor/target/runtimeneeds"
)

// CACerts finds programs that talk TLS to others from images without root certificates.
var CACerts = checks.Check{
	ID:       "deploy/ca-certs",
	Title:    "the program asks others over TLS, and its image has no root certificates",
	Stage:    checks.Package,
	Severity: checks.Error,
	Profiles: checks.CI,
	Needs:    checks.Modules,
	Run:      caCerts,
}

func caCerts(ctx context.Context, t *target.Target, report checks.Reporter) error {
	images, err := needfuls(ctx, t)
	if err != nil {
		return err
	}
	if len(images) == 0 {
		return noImages()
	}
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	for _, n := range images {
		if n.needs.Roots != "" || !n.lacksRoots() || n.mounted(d, "/etc/ssl", "/etc/pki", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates") || ownRoots(t, n) {
			continue
		}
		for _, use := range n.needs.TLS { // surest first
			if use.Certainty != runtimeneeds.Unresolved {
				report(rootsFinding(t, n, use))
			}
			break
		}
	}
	return nil
}

// lacksRoots tells whether nothing brings certificates into the image.
func (n needful) lacksRoots() bool {
	base := image.ParseRef(n.base().Value)
	if !n.base().Known() || !base.Lacks("roots") || n.Opaque() || n.Loose() || n.Installed("ca-certificates", "ca-certificates-bundle", "ca-certificates-java") {
		return false
	}
	for _, dir := range []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs"} {
		if n.Covers(dir) {
			return false
		}
	}
	for _, name := range []string{"SSL_CERT_FILE", "SSL_CERT_DIR"} {
		if len(artefact.Named(n.Stage.Environment(), name)) > 0 {
			return false
		}
	}
	return true
}

var rootsInCode = lazyregexp.New(`InsecureSkipVerify|RootCAs|AppendCertsFromPEM|SetFallbackRoots`)

// ownRoots tells whether the program itself says which certificates it takes.
func ownRoots(t *target.Target, n needful) bool { return t.CodeHas(n.Deployed.Program, rootsInCode) }

func rootsFinding(t *target.Target, n needful, use runtimeneeds.TLS) checks.Finding {
	base := n.base().Value
	f := checks.Finding{
		Message:  checks.Msg("the image has no root certificates, and the program talks TLS to %s", use.To),
		Why:      checks.Msg("Every such request fails with “x509: certificate signed by unknown authority”: %s brings no certificates, and nothing copies or installs any.", base),
		Evidence: []checks.Message{checks.Msg("%s:%d  %s", use.At.File, use.At.Line, use.To)},
		Key:      "roots " + n.Stage.Title(),
	}
	n.atBase(&f)
	rootsRemedy(n, &f)
	switch use.Certainty {
	case runtimeneeds.Literal:
	case runtimeneeds.Default: // certain, unless a setting names another
		f.Severity, f.Confidence = checks.Warning, checks.Certain
	default:
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	n.surely(&f)
	return f
}

// rootsRemedy brings certificates: by the package manager, or from a stage that has them.
func rootsRemedy(n needful, f *checks.Finding) {
	base := image.ParseRef(n.base().Value)
	if base.Repo != "scratch" {
		line := "RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*"
		if base.Name() == "busybox" {
			f.Help = checks.Msg("copy /etc/ssl/certs/ca-certificates.crt from the stage that builds")
			return
		}
		f.Help = checks.Msg("write %s", line)
		f.Fix = n.afterBase(line, "install ca-certificates")
		return
	}
	from := "BUILDER"
	if s := n.builder(); s != nil {
		from = s.Title()
		ref := image.ParseRef(s.Image().Value)
		if ref.Golang() && ref.Official { // both variants of it have the file: curl and git need it there
			line := fmt.Sprintf("COPY --from=%s /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/", from)
			f.Help = checks.Msg("write %s", line)
			f.Fix = n.afterBase(line, "copy the certificates of the builder")
			return
		}
	}
	f.Help = checks.Msg("write COPY --from=%s /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/, from a stage that has ca-certificates", from)
}

// builder is the stage that builds the program.
func (n needful) builder() *artefact.Stage {
	if n.Build != nil && n.Build.Stage.File == n.Stage.File {
		return n.Build.Stage
	}
	return nil
}

// afterBase puts an instruction below the last stage's FROM. It is unsafe: the image grows.
func (n needful) afterBase(line, title string) *plan.Plan {
	if user := n.User(); strings.HasPrefix(line, "RUN") && user.Line > 0 && user.Line < n.Stage.Line {
		return nil // of a stage that it is built from: who installs has to be root
	}
	return &plan.Plan{Title: title, Safety: plan.Unsafe, Steps: []plan.Step{insertLine(path.Clean(n.Dockerfile.Path), n.Dockerfile.Text, n.Stage.EndLine, line)}}
}
