package deploy

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/listen"
	"github.com/gindoctor/gindoctor/target/project"
)

// PortAgreement finds artefacts that send requests to a port on which the program does not listen.
var PortAgreement = checks.Check{
	ID:       "deploy/port-agreement",
	Title:    "an artefact names another port than the program listens on",
	Stage:    checks.Route,
	Severity: checks.Error,
	Profiles: checks.CI | checks.Prod,
	Explains: []string{"deploy/health-agreement"},
	Run:      portAgreement,
}

// ports asks whether artefacts and programs agree on ports.
type ports struct {
	ctx       context.Context
	t         *target.Target
	d         *target.Deployment
	instances []*target.Instance
	report    checks.Reporter
	// ignored are the instances whose program ignores the PORT that it is given, with that port: what else names it follows from that.
	ignored map[*target.Instance]int
	paired  *cluster
	judged  bool
	onHost  inUse  // whether anything here runs on the host's own network
	open    string // an instance whose ports are not known
}

func portAgreement(ctx context.Context, t *target.Target, report checks.Reporter) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	instances, err := t.Instances(ctx)
	if err != nil {
		return err
	}
	if len(instances) == 0 {
		return checks.Skip("no artefact here runs a program of this project")
	}
	p := &ports{ctx: ctx, t: t, d: d, instances: instances, report: distinct(report), ignored: map[*target.Instance]int{}}
	for _, i := range instances {
		if !i.Known {
			p.open = i.Who
			continue
		}
		p.judged = true
		p.platformPort(i)
	}
	for _, i := range instances {
		if !i.Known {
			continue
		}
		p.exposed(i)
		p.published(i)
		p.process(i)
	}
	p.services()
	p.ingresses()
	p.proxies()
	if !p.judged {
		return checks.Skip("where %s listens is decided when it starts", p.open)
	}
	return nil
}

// listeners is what the program listens on, as evidence.
func listeners(i *target.Instance) []checks.Message {
	var out []checks.Message
	for _, a := range i.Listens {
		what := "listens on " + a.String()
		switch {
		case a.Name != "" && (a.Certainty == listen.Default || a.Certainty == listen.FromEnv):
			what += " (" + a.Name + ")"
		case a.Certainty == listen.Default: // a default that a tag gives, of a key that goes by several names
			what += " unless its settings say otherwise"
		}
		out = append(out, checks.Msg("%s:%d  %s", a.Call.File, a.Call.Line, what))
	}
	return out
}

// mainPort is the port that a program is there for, where there is only one and it is certain.
func mainPort(i *target.Instance) (port int, sure bool) {
	all := i.Main()
	if len(all) == 0 {
		return 0, false
	}
	for _, a := range all {
		if a.Port != all[0].Port {
			return 0, false
		}
	}
	return all[0].Port, i.Sure(all[0])
}

// sure tells whether it is certain that the program listens on those ports and no others.
func sure(i *target.Instance) bool {
	return !slices.ContainsFunc(i.Listens, func(a listen.Address) bool { return !i.Sure(a) })
}

// mismatch reports a port that nobody listens on.
func (p *ports) mismatch(i *target.Instance, f *artefact.File, at artefact.Text, certain bool, port int, finding checks.Finding) {
	if p.ignored[i] == port && port != 0 {
		return
	}
	if !certain || !sure(i) || at.Origin != artefact.Literal {
		finding.Severity, finding.Confidence = checks.Warning, checks.Likely
	}
	p.note(i, f, at, port, finding)
}

func (p *ports) note(i *target.Instance, f *artefact.File, at artefact.Text, port int, finding checks.Finding) {
	finding.Location = textAt(at, f)
	finding.Service = i.Module.Dir
	finding.Subject = &checks.Subject{Kind: checks.PortSubject, Port: port}
	if finding.Evidence == nil {
		finding.Evidence = listeners(i)
	}
	p.report(finding)
}

// located is a place in an artefact.
func located(f *artefact.File, s artefact.Span) *checks.Location {
	return &checks.Location{File: f.Path, Line: s.Line, Column: s.Column, EndLine: s.EndLine, EndColumn: s.EndColumn}
}

// renumber is a plan that writes the program's port in the place of another one, where that stands in the text once at its end or
// alone.
func renumber(i *target.Instance, f *artefact.File, at artefact.Text, from int, safety plan.Safety) *plan.Plan {
	port, _ := mainPort(i)
	old := strconv.Itoa(from)
	if port == 0 || at.Raw == "" || at.Line != at.EndLine {
		return nil
	}
	at.Raw = strings.TrimRight(at.Raw, `"'`)
	bare := strings.TrimSuffix(at.Raw, "/tcp")
	if !strings.HasSuffix(bare, old) || len(bare) > len(old) && isDigit(bare[len(bare)-len(old)-1]) {
		return nil
	}
	column := at.Column + len(bare) - len(old)
	return &plan.Plan{
		Title:  fmt.Sprintf("write %d, which the program listens on, in the place of %s", port, old),
		Safety: safety,
		Steps:  []plan.Step{plan.ReplaceAt(textAt(at, f).File, at.Line, column, old, strconv.Itoa(port))},
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// exposed compares EXPOSE, which declares and does nothing by itself.
func (p *ports) exposed(i *target.Instance) {
	if !i.Image {
		return
	}
	var tcp []artefact.Text
	for _, s := range i.Stage.Chain() {
		for _, e := range s.Ports {
			number, protocol, _ := strings.Cut(e.Value, "/")
			n, err := strconv.Atoi(number)
			if err != nil || !e.Known() || len(i.On(n)) > 0 {
				return // a range, a variable, or one that agrees
			}
			if protocol != "udp" {
				tcp = append(tcp, e)
			}
		}
	}
	if len(tcp) == 0 {
		return
	}
	port, certain := mainPort(i)
	if port == 0 {
		return
	}
	number, _, _ := strings.Cut(tcp[0].Value, "/")
	n, _ := strconv.Atoi(number)
	if p.ignored[i] == n {
		return
	}
	f := checks.Finding{
		Severity: checks.Info,
		Message:  checks.Msg("EXPOSE %s, but the program listens on %d", tcp[0].Value, port),
		Why:      checks.Msg("EXPOSE opens nothing. `docker run -P` and platforms that read it send requests to %s, where nobody answers.", number),
		Help:     checks.Msg("write EXPOSE %d", port),
		Key:      "EXPOSE",
	}
	if !certain {
		f.Confidence = checks.Likely
	} else if len(tcp) == 1 && tcp[0].Plain() {
		f.Fix = renumber(i, i.File, tcp[0], n, plan.Safe)
	}
	p.note(i, i.Stage.File.File, tcp[0], n, f)
}

// published compares the container's side of what compose publishes. It is enough that one of the ports is the program's: others may
// be those of a debugger, or of something that the same container runs.
func (p *ports) published(i *target.Instance) {
	s := i.Service
	if s == nil || s.NetworkMode.Value == "host" || strings.Contains(s.NetworkMode.Value, ":") {
		return
	}
	var wrong []artefact.Port
	for _, port := range s.Ports {
		switch {
		case port.Protocol == "udp":
		case port.Container == 0 || len(i.On(port.Container)) > 0:
			return
		default:
			wrong = append(wrong, port)
		}
	}
	if len(wrong) == 0 || i.Process != nil {
		return
	}
	w := wrong[0]
	main, _ := mainPort(i)
	f := checks.Finding{
		Message: checks.Msg("the service %s publishes its port %d, but the program listens on %s", s.Name.Value, w.Container, portList(i)),
		Why:     checks.Msg("A port of the host leads to a port of the container where nobody listens: connection reset by peer, though the program runs."),
		Help:    checks.Msg("let the right-hand side be the port that the program listens on"),
		Key:     "publish " + s.Name.Value,
		Fix:     renumber(i, s.File.File, w.Text, w.Container, plan.Unsafe),
	}
	if main != 0 && w.Host != 0 {
		f.Help = checks.Msg(`write "%d:%d"`, w.Host, main)
	} else if main != 0 {
		f.Help = checks.Msg("let the right-hand side be %d", main)
	}
	p.mismatch(i, s.File.File, w.Text, i.Certain, w.Container, f)
}

// portList are the ports of a program, in words.
func portList(i *target.Instance) string {
	var out []string
	all := i.Main()
	if len(all) == 0 {
		all = i.Listens
	}
	for _, a := range all {
		if n := strconv.Itoa(a.Port); !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return strings.Join(out, ", ")
}

// readsPORT is code that may look at the variable PORT, by that name or by way of a library that spells keys in capitals.
var readsPORT = lazyregexp.New("[\"`]PORT[\"`]|AutomaticEnv|envconfig|`env:|ReadEnv|cleanenv|caarlos0/env")

// platformPort tells of a PORT that the program is given and does not look at.
func (p *ports) platformPort(i *target.Instance) {
	s, ok := i.Setting("PORT")
	if !ok || s.Value.Origin != artefact.Literal || !sure(i) || i.Image && p.givenLater(i) {
		return
	}
	n, err := strconv.Atoi(s.Value.Value)
	main, certain := mainPort(i)
	if err != nil || main == 0 || !certain || len(i.On(n)) > 0 || p.t.CodeHas(i.Program, readsPORT) || i.Listens[0].Certainty != listen.Literal {
		return
	}
	if !i.Image && i.Stage != nil && s.File == i.Stage.File.File && slices.ContainsFunc(p.instances, func(o *target.Instance) bool { return o.Image && o.Stage == i.Stage }) {
		p.ignored[i] = n // told of the image
		return
	}
	p.ignored[i] = n
	f := checks.Finding{
		Message:  checks.Msg("PORT=%d is ignored: the program always listens on %d", n, main),
		Why:      checks.Msg("The address is a constant in the code, and what expects the program on port %d finds nobody there.", n),
		Help:     checks.Msg("let the program read PORT, or set PORT=%d", main),
		Evidence: append(listeners(i), checks.Msg("%s gets PORT=%d", i.Who, n)),
		Key:      "PORT",
		Fix:      readPort(i.Main()[0]),
	}
	if where := p.expects(i, n); where != "" {
		f.Evidence = append(f.Evidence, checks.Msg("%s", where))
	} else {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	at := s.Value
	if at.IsZero() {
		at = s.Name
	}
	p.note(i, s.File, at, n, f)
}

// givenLater tells whether what runs an image gives it a PORT of its own, so that the image's counts for little.
func (p *ports) givenLater(image *target.Instance) bool {
	return slices.ContainsFunc(p.instances, func(o *target.Instance) bool {
		s, ok := o.Setting("PORT")
		return o != image && !o.Image && o.Stage == image.Stage && ok && s.File != image.File
	})
}

// readPort is a plan that takes the constant away, where gin then reads PORT and falls back to the same address.
func readPort(a listen.Address) *plan.Plan {
	if a.Expr != `":8080"` || a.At.File != a.Call.File || a.At.Line != a.Call.Line || !a.Gin {
		return nil
	}
	return &plan.Plan{
		Title:  "let Run read PORT, with 8080 where it is not set",
		Safety: plan.Unsafe,
		Steps:  []plan.Step{plan.ReplaceAt(a.At.File, a.At.Line, a.At.Column, `":8080"`, "")},
	}
}

// expects is a place where requests are sent to a port of an instance.
func (p *ports) expects(i *target.Instance, port int) string {
	if i.Stage != nil {
		for _, s := range i.Stage.Chain() {
			for _, e := range s.Ports {
				if number, _, _ := strings.Cut(e.Value, "/"); number == strconv.Itoa(port) {
					return fmt.Sprintf("%s:%d  EXPOSE %d", s.File.Path, e.Line, port)
				}
			}
		}
	}
	for _, o := range p.instances {
		if o.Service == nil || o != i && !(i.Image && o.Stage == i.Stage) {
			continue
		}
		for _, published := range o.Service.Ports {
			if published.Container == port {
				return fmt.Sprintf("%s:%d  publishes port %d", textAt(published.Text, o.File).File, published.Line, port)
			}
		}
	}
	if i.Container != nil {
		for _, c := range i.Container.Ports {
			if c.Number == port {
				return fmt.Sprintf("%s:%d  containerPort %d", textAt(c.Port, i.File).File, c.Port.Line, port)
			}
		}
	}
	return ""
}

// heroku are files that say that the project is for a platform that gives each web process a PORT.
var heroku = lazyregexp.New(`^(app\.json|heroku\.yml|\.buildpacks|system\.properties)$`)

// process tells of a web process of a Procfile whose program listens on a port of its own.
func (p *ports) process(i *target.Instance) {
	if i.Process == nil || i.Process.Name.Value != "web" || strings.Contains(i.Process.Line.Value, "PORT") {
		return
	}
	main, certain := mainPort(i)
	if main == 0 || !certain || i.Listens[0].Certainty != listen.Literal || p.t.CodeHas(i.Program, readsPORT) {
		return
	}
	f := checks.Finding{
		Message: checks.Msg("the web process listens on %d, whatever PORT says", main),
		Why:     checks.Msg("Platforms that run a Procfile choose the port and wait for the process there: it times out at boot (R10 on Heroku)."),
		Help:    checks.Msg("let the program read PORT"),
		Key:     "Procfile",
		Fix:     readPort(i.Main()[0]),
	}
	tree, err := p.t.Tree(p.ctx)
	platform := err == nil && slices.ContainsFunc(tree.Files, func(f project.File) bool { return heroku.MatchString(f.Path) })
	if !platform || i.File.Path != "Procfile" {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	p.note(i, i.File, i.Process.Line, main, f)
}
