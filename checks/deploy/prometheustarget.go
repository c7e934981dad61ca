package deploy

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/engine"
	"github.com/gindoctor/gindoctor/target/listen"
)

// meant is the one service of a program of the project, beside the container, that has the port: its name and its own port.
func (s *scraping) meant(port string) string {
	number, _ := strconv.Atoi(port)
	var found []string
	for _, service := range s.container.File.Services {
		if s.d.Service(service).Deployed == nil {
			continue
		}
		own := ""
		for _, p := range service.Ports {
			if p.Host == number && p.Container != 0 {
				own = strconv.Itoa(p.Container)
			}
		}
		if own == "" && slices.ContainsFunc(s.listens(service), func(a listen.Address) bool { return a.Port == number }) {
			own = port
		}
		if own != "" {
			found = append(found, service.Name.Value+":"+own)
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

// service is the compose service that a host names, where all of that name run the same program of the project.
func (s *scraping) service(host string) (*artefact.Service, target.Match) {
	var found *artefact.Service
	var match target.Match
	for _, c := range artefact.Of[*artefact.Compose](s.d.Artefacts) {
		if s.container != nil && c != s.container.File {
			continue
		}
		for _, one := range c.Services {
			if one.Name.Value != host {
				continue
			}
			m := s.d.Service(one)
			if m.Deployed == nil || !m.Certain || found != nil && m.Deployed != match.Deployed {
				return nil, target.Match{}
			}
			found, match = one, m
		}
	}
	return found, match
}

// listens are the addresses of the program that a service runs, with the environment that it is given; none where one is not known.
func (s *scraping) listens(service *artefact.Service) []listen.Address {
	for _, i := range s.instances {
		if i.Service != nil && i.Known && i.Service.Name.Value == service.Name.Value && i.Service.File == service.File {
			return i.Listens
		}
	}
	return nil
}

// program judges an address that is that of a service of the project.
func (s *scraping) program(j *artefact.ScrapeJob, address artefact.Text, host, port string) error {
	service, m := s.service(host)
	if service == nil {
		return nil
	}
	asked, said := port, "port "+port
	if port == "" {
		asked = "80"
		if j.Scheme.Value == "https" {
			asked = "443"
		}
		said = "no port, which means " + asked
	}
	listens := s.listens(service)
	number, _ := strconv.Atoi(asked)
	at := slices.IndexFunc(listens, func(a listen.Address) bool { return a.Port == number })
	switch {
	case len(listens) == 0 || service.Command != nil && commandNames(service, asked):
		return nil
	case at < 0:
		s.wrongPort(address, service, listens, said, number)
		return nil
	}
	if !listens[at].Gin || j.Scheme.Value == "https" {
		return nil
	}
	return s.route(j, address, m, listens[at])
}

// commandNames tells whether the command that a service is started with names a port.
func commandNames(service *artefact.Service, port string) bool {
	return slices.ContainsFunc(append(service.Command.Words, service.Command.Line), func(w artefact.Text) bool { return strings.Contains(w.Value, port) || !w.Known() })
}

func (s *scraping) wrongPort(address artefact.Text, service *artefact.Service, listens []listen.Address, said string, number int) {
	main := listens[0]
	for _, a := range listens {
		if a.Gin {
			main = a
		}
	}
	f := checks.Finding{
		Message:  checks.Msg("the target %s has %s, and the service %s listens on %d", address.Value, said, service.Name.Value, main.Port),
		Why:      checks.Msg("The connection is refused: the target is down."),
		Help:     checks.Msg("write %s:%d, or the port that its metrics are on", service.Name.Value, main.Port),
		Evidence: []checks.Message{checks.Msg("%s:%d  listens on %s", main.Call.File, main.Call.Line, main.Expr)},
	}
	if slices.ContainsFunc(service.Ports, func(p artefact.Port) bool { return p.Host == number && number != 0 }) {
		f.Evidence = append(f.Evidence, checks.Msg("%d is its port on the host; containers reach each other by their own", number))
	}
	s.at(address, f)
}

// route tells of a path that the gin engine behind an address has no route for.
func (s *scraping) route(j *artefact.ScrapeJob, address artefact.Text, m target.Match, at listen.Address) error {
	asked, place := "/metrics", address
	if j.Path.Value != "" {
		asked, place = j.Path.Value, j.Path
	}
	if !j.Path.Known() || s.t.CodeHas(m.Program, lazyregexp.New(regexp.QuoteMeta(strings.Trim(asked, "/")))) {
		return nil // what the code says of it may come to a route in a way that we do not see
	}
	r, err := s.t.Routing(s.ctx, m.Deployed)
	if err != nil || r.Takes("GET", asked) != target.Missing {
		return err
	}
	if slices.ContainsFunc(r.Engines, func(e target.ProgramEngine) bool {
		return e.Untyped != nil || slices.ContainsFunc(e.Ops, func(op engine.Op) bool { return mayScrape(op, m.Module.Path()) })
	}) {
		return nil
	}
	f := checks.Finding{
		Message:  checks.Msg("Prometheus asks the program for %s, and it has no such route", asked),
		Why:      checks.Msg("Each scrape gets 404, and the target counts as down."),
		Help:     checks.Msg(`serve it: r.GET("%s", gin.WrapH(promhttp.Handler())), with promhttp of prometheus/client_golang`, asked),
		Evidence: []checks.Message{checks.Msg("%s:%d  gin is served here", at.Call.File, at.Call.Line)},
		Service:  m.Module.Dir,
	}
	s.at(place, f)
	return nil
}

// mayScrape tells whether an operation sets up a middleware that may serve metrics by itself, as some of those that measure do.
func mayScrape(op engine.Op, module string) bool {
	return op.Kind == engine.Use && (op.Spread || slices.ContainsFunc(op.Handlers, func(h engine.Handler) bool { return !harmless(h.Name, module) }))
}

// harmless tells whether a middleware is one that answers no path of its own: gin's, or one of the module, whose text was looked at.
func harmless(name, module string) bool {
	return strings.HasPrefix(name, engine.GinPath+".") || strings.HasPrefix(name, "github.com/gin-contrib/") || module != "" && strings.HasPrefix(name, module)
}

var promUnit = map[string]int64{"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "y": 31_536_000_000}

var promPart = lazyregexp.New(`^([0-9]+)(ms|[smhdwy])`)

// promTime is a duration as Prometheus writes it, in milliseconds; -1 where it is none.
func promTime(text string) int64 {
	if text == "" {
		return -1
	}
	total := int64(0)
	for text != "" {
		m := promPart.FindStringSubmatch(text)
		if m == nil || len(m[1]) > 9 {
			return -1
		}
		n, _ := strconv.ParseInt(m[1], 10, 64)
		total += n * promUnit[m[2]]
		text = text[len(m[0]):]
	}
	return total
}

func seconds(ms int64) string { return fmt.Sprintf("%gs", float64(ms)/1000) }
