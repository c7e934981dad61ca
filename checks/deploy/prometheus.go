package deploy

import (
	"context"
	"path"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// Prometheus finds what Prometheus is told to scrape and the program does not serve, and what Prometheus refuses.
var Prometheus = checks.Check{
	ID:       "deploy/prometheus",
	Title:    "Prometheus is told to scrape what the program does not serve",
	Stage:    checks.Route,
	Severity: checks.Warning,
	Profiles: checks.CI,
	Run:      prometheus,
}

// scraping is one configuration of Prometheus under examination.
type scraping struct {
	ctx    context.Context
	t      *target.Target
	d      *target.Deployment
	file   *artefact.Prometheus
	report checks.Reporter
	// instances are the ways in which the programs of the project are run here.
	instances []*target.Instance
	// container is the compose service that runs Prometheus with this file; nil where it is not known to run in one.
	container *artefact.Service
}

func prometheus(ctx context.Context, t *target.Target, report checks.Reporter) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	all := artefact.Of[*artefact.Prometheus](d.Artefacts)
	if len(all) == 0 {
		return checks.Skip("no configuration of Prometheus lies here")
	}
	instances, err := t.Instances(ctx)
	if err != nil {
		return err
	}
	for _, file := range all {
		s := &scraping{ctx, t, d, file, report, instances, scraperOf(d.Artefacts, file)}
		s.names()
		s.times()
		s.fields()
		s.alerts()
		for _, j := range file.Jobs {
			for _, address := range j.Targets {
				if address.Known() && !j.Relabels {
					if err := s.target(j, address); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// at reports a finding at a text of the configuration.
func (s *scraping) at(text artefact.Text, f checks.Finding) {
	f.Location = &checks.Location{File: s.file.Path, Line: text.Line, Column: text.Column, EndLine: text.EndLine, EndColumn: text.EndColumn}
	f.Key = f.Message.Format + " " + text.Value
	s.report(f)
}

// scraperOf is the compose service that runs Prometheus with a configuration: it has the file, or a folder above it, for a volume.
func scraperOf(set *artefact.Set, file *artefact.Prometheus) *artefact.Service {
	for _, c := range artefact.Of[*artefact.Compose](set) {
		for _, s := range c.Services {
			if !strings.Contains(artefact.ImageName(s.Image.Value), "prometheus") {
				continue
			}
			for _, v := range s.Volumes {
				source := path.Join(path.Dir(c.Path), v.Source)
				if v.Source != "" && !path.IsAbs(v.Source) && (source == file.Path || strings.HasPrefix(file.Path, source+"/")) {
					return s
				}
			}
		}
	}
	return nil
}

// target judges one address that is scraped.
func (s *scraping) target(j *artefact.ScrapeJob, address artefact.Text) error {
	if bare := bareAddress(address.Value); bare != address.Value {
		f := checks.Finding{
			Message: checks.Msg("Prometheus refuses the target %s: it is no host and port", address.Value),
			Why:     checks.Msg("Prometheus does not start: %q is not a valid hostname. The scheme and the path have settings of their own.", address.Value),
			Help:    checks.Msg("write %s, and what differs from http and /metrics as scheme: and metrics_path:", bare),
		}
		if scheme, _, ok := strings.Cut(address.Value, "://"); address.Plain() && (!ok || scheme == "http") && hasOnlyPath(address.Value, "/metrics") && j.Path.Value == "" {
			f.Fix = &plan.Plan{Title: "write " + bare, Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt(s.file.Path, address.Line, address.Column, address.Raw, bare)}}
		}
		s.at(address, f)
		return nil
	}
	host, port := splitTarget(address.Value)
	if loopbackName(host) {
		if s.container != nil {
			s.itself(address, port)
		}
		return nil
	}
	return s.program(j, address, host, port)
}

// bareAddress is an address without scheme and path.
func bareAddress(address string) string {
	if _, rest, ok := strings.Cut(address, "://"); ok {
		address = rest
	}
	host, _, _ := strings.Cut(address, "/")
	return host
}

// hasOnlyPath tells whether nothing but a path, or none, follows the host.
func hasOnlyPath(address, want string) bool {
	rest := strings.TrimPrefix(strings.TrimPrefix(address, "http://"), bareAddress(address))
	return rest == "" || rest == "/" || rest == want
}

func splitTarget(address string) (host, port string) {
	i := strings.LastIndexByte(address, ':')
	if i < 0 || strings.HasSuffix(address, "]") {
		return address, ""
	}
	return strings.Trim(address[:i], "[]"), address[i+1:]
}

func loopbackName(host string) bool {
	return host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1"
}

// itself tells of a container that scrapes itself where another one is meant. Port 9090 is Prometheus' own.
func (s *scraping) itself(address artefact.Text, port string) {
	c := s.container
	if port == "9090" || port == "" || strings.HasPrefix(c.NetworkMode.Value, "host") || strings.Contains(c.NetworkMode.Value, ":") || !c.NetworkMode.Known() || ownAddress(c, port) {
		return
	}
	f := checks.Finding{
		Message:  checks.Msg("Prometheus runs in a container: %s is that container itself", address.Value),
		Why:      checks.Msg("Nothing listens there, and the target is down."),
		Help:     checks.Msg("write the name of the service, or host.docker.internal:%s for a program on the host itself", port),
		Evidence: []checks.Message{checks.Msg("%s:%d  the service %s", c.File.Path, c.Name.Line, c.Name.Value)},
	}
	if name := s.meant(port); name != "" {
		f.Help = checks.Msg("write %s", name)
		if address.Plain() {
			f.Fix = &plan.Plan{Title: "scrape " + name, Safety: plan.Unsafe, Steps: []plan.Step{plan.ReplaceAt(s.file.Path, address.Line, address.Column, address.Raw, name)}}
		}
	}
	s.at(address, f)
}

// ownAddress tells whether the container's command names the port: then Prometheus itself may listen there.
func ownAddress(c *artefact.Service, port string) bool {
	for _, e := range []*artefact.Exec{c.Command, c.Entrypoint} {
		if e == nil {
			continue
		}
		for _, w := range append(e.Words, e.Line) {
			if strings.Contains(w.Value, ":"+port) || !w.Known() {
				return true
			}
		}
	}
	return false
}
