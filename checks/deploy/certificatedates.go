package deploy

import (
	"context"
	"crypto/x509"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// serving is a place that names the file of a certificate.
type serving struct {
	file     string // of the certificate: on this machine, or of the project
	location *checks.Location
	who      string
	names    []artefact.Text // that it is served for
	beside   []string        // other certificates for the same names
}

// served judges the certificates that nginx and the programs serve; it tells whether there are any.
func served(ctx context.Context, t *target.Target, set *artefact.Set, report checks.Reporter) (bool, error) {
	all := nginxCertificates(set)
	own, err := programCertificates(ctx, t)
	if err != nil {
		return false, err
	}
	var unread []error
	seen := map[string]bool{}
	asked := false
	for _, s := range append(all, own...) {
		c, err := t.Certificate(ctx, s.file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // this is another machine, or whoever installs the file makes it
		}
		if err != nil {
			unread = append(unread, err)
			continue
		}
		asked = true
		if f, bad := dates(c, time.Now()); bad && !seen[s.file] {
			seen[s.file] = true
			f.Location, f.Key = s.location, "dates "+s.file
			f.Evidence = append(f.Evidence, checks.Msg("%s  served by %s", s.file, s.who))
			f.Subject = &checks.Subject{Kind: checks.FileSubject, Name: s.file}
			report(f)
		}
		otherNames(ctx, t, s, c, report)
	}
	return asked, errors.Join(unread...)
}

// nginxCertificates are those of the server blocks of nginx.
func nginxCertificates(set *artefact.Set) []serving {
	var out []serving
	for _, n := range artefact.Of[*artefact.Nginx](set) {
		n.Walk(func(d *artefact.Directive) {
			file := d.Arg(0)
			if d.Name.Value != "ssl_certificate" || file.Value == "" || strings.ContainsAny(file.Value, "$:") {
				return
			}
			s := serving{file: file.Value, who: "nginx", location: &checks.Location{File: n.Path, Line: file.Line, Column: file.Column, EndLine: file.EndLine, EndColumn: file.EndColumn}}
			if !path.IsAbs(s.file) {
				s.file = path.Join("/etc/nginx", s.file)
			}
			if d.Parent != nil && d.Parent.Name.Value == "server" {
				for _, other := range d.Parent.Block {
					switch {
					case other.Name.Value == "server_name":
						s.names = append(s.names, other.Args...)
					case other.Name.Value == "ssl_certificate" && other != d:
						s.beside = append(s.beside, other.Arg(0).Value)
					}
				}
			}
			out = append(out, s)
		})
	}
	return out
}

// programCertificates are those that the code names by a literal.
func programCertificates(ctx context.Context, t *target.Target) ([]serving, error) {
	programs, err := t.Programs(ctx)
	if err != nil {
		return nil, err
	}
	var out []serving
	for _, p := range programs {
		opens, err := t.Opens(ctx, p.Package)
		if err != nil {
			return nil, err
		}
		for _, o := range opens {
			if !slices.Contains([]string{"RunTLS", "ListenAndServeTLS", "http.ListenAndServeTLS", "tls.LoadX509KeyPair"}, o.Call) || len(o.Names) == 0 || !o.Names[0].Literal {
				continue
			}
			name := o.Names[0]
			s := serving{file: name.Text, who: p.Package.Dir, location: checks.At(o.File, name.At.Line, name.At.Column)}
			if p.Package.Dir == "." {
				s.who = "the program"
			}
			out = append(out, s)
		}
	}
	return out, nil
}

// warned is how long before its end a certificate is told of: whoever renews by ACME has done so in time, 30 days before.
const warned = 14 * day

// dates judges when a certificate is valid.
func dates(c *x509.Certificate, now time.Time) (checks.Finding, bool) {
	f := checks.Finding{
		Why:  checks.Msg("Browsers and other clients refuse the connection."),
		Help: checks.Msg("renew it, and have the server load it: certbot renew --deploy-hook \"systemctl reload nginx\""),
	}
	left := c.NotAfter.Sub(now)
	switch {
	case left < 0:
		f.Severity = checks.Error
		f.Message = checks.Msg("the certificate of %s has expired, on %s", whose(c), c.NotAfter.UTC().Format(time.DateOnly))
	case now.Before(c.NotBefore):
		f.Severity = checks.Error
		f.Message = checks.Msg("the certificate of %s is not valid before %s", whose(c), c.NotBefore.UTC().Format(time.DateOnly))
		f.Help = checks.Msg("look at the clock of this machine: date")
	case left < min(warned, c.NotAfter.Sub(c.NotBefore)/4):
		f.Message = checks.Msg("the certificate of %s expires on %s, in %d days", whose(c), c.NotAfter.UTC().Format(time.DateOnly), int(left/day))
		f.Why = checks.Msg("From then on clients refuse the connection. certbot renews 30 days before: that has not happened.")
		f.Help = checks.Msg("certbot renew --dry-run")
	default:
		return f, false
	}
	return f, true
}

func whose(c *x509.Certificate) string {
	if len(c.DNSNames) > 0 {
		return c.DNSNames[0]
	}
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	return "no name"
}

// otherNames tells of server names that a certificate, and those beside it, are not for.
func otherNames(ctx context.Context, t *target.Target, s serving, c *x509.Certificate, report checks.Reporter) {
	all := []*x509.Certificate{c}
	for _, file := range s.beside {
		other, err := t.Certificate(ctx, file)
		if err != nil {
			return
		}
		all = append(all, other)
	}
	for _, name := range s.names {
		asked := strings.TrimPrefix(name.Value, "*")
		switch {
		case strings.ContainsAny(name.Value, "~$_*") && asked == name.Value, !strings.Contains(strings.Trim(asked, "."), "."):
			continue // a pattern, the catch-all, a name of the local network
		case strings.HasPrefix(asked, "."):
			asked = "www" + asked
		}
		if slices.ContainsFunc(all, func(c *x509.Certificate) bool { return c.VerifyHostname(asked) == nil }) {
			continue
		}
		report(checks.Finding{
			Message:  checks.Msg("the certificate that is served for %s is not for that name", name.Value),
			Why:      checks.Msg("Browsers refuse it: it is for %s.", strings.Join(namesOf(c), ", ")),
			Help:     checks.Msg("certbot certonly --expand -d %s, with all names that it is to have", asked),
			Location: &checks.Location{File: s.location.File, Line: name.Line, Column: name.Column, EndLine: name.EndLine, EndColumn: name.EndColumn},
			Evidence: []checks.Message{checks.Msg("%s:%d  ssl_certificate %s", s.location.File, s.location.Line, s.file)},
			Key:      "name " + name.Value + " " + s.file,
		})
	}
}

func namesOf(c *x509.Certificate) []string {
	names := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		names = []string{"no name"}
	}
	return names
}
