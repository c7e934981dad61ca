package deploy

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/engine"
	"github.com/gindoctor/gindoctor/target/listen"
)

// HealthAgreement finds probes that the program cannot answer, so that a healthy container counts as ill.
var HealthAgreement = checks.Check{
	ID:       "deploy/health-agreement",
	Title:    "a probe asks for what the program does not answer",
	Stage:    checks.Route,
	Severity: checks.Error,
	Profiles: checks.CI,
	Explains: []string{"src/no-health"},
	Run:      healthAgreement,
}

// health asks whether probes and programs agree.
type health struct {
	ports
	routing *target.Routing
	i       *target.Instance
}

// probe is one probe of an instance.
type probe struct {
	request
	file *artefact.File
	what string // "HEALTHCHECK", "the liveness probe"
	key  string
	// port and path are where those stand, where they stand by themselves.
	portAt, pathAt artefact.Text
	kubelet        bool
}

func healthAgreement(ctx context.Context, t *target.Target, report checks.Reporter) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	instances, err := t.Instances(ctx)
	if err != nil {
		return err
	}
	asked := false
	all := ports{ctx: ctx, t: t, d: d, instances: instances, report: distinct(report)}
	all.cluster()
	told := map[string]bool{} // one stage may be the image of several
	for _, i := range instances {
		h := &health{ports: all, i: i}
		if h.routing, err = t.Routing(ctx, i.Deployed); err != nil {
			return err
		}
		for _, c := range h.commands() {
			asked = true
			if key := c.file.Path + strconv.Itoa(c.exec.Span.Line) + ":" + strconv.Itoa(c.exec.Column); !told[key] {
				told[key] = h.command(c)
			}
		}
		for _, p := range h.kubelet() {
			asked = true
			h.judge(p)
		}
	}
	if !asked {
		return checks.Skip("no probe here asks a program of this project")
	}
	return nil
}

// commandProbe is a probe that runs a command in the container.
type commandProbe struct {
	file *artefact.File
	exec *artefact.Exec
	span artefact.Span
	what string
}

// commands are the commands that probe an instance from within.
func (h *health) commands() []commandProbe {
	var out []commandProbe
	switch i := h.i; {
	case i.Image:
		for _, s := range slices.Backward(i.Stage.Chain()) {
			if c := s.Healthcheck; c != nil {
				if !c.None && c.Test != nil {
					out = append(out, commandProbe{s.File.File, c.Test, c.Span, "HEALTHCHECK"})
				}
				break
			}
		}
	case i.Service != nil:
		if c := i.Service.Healthcheck; c != nil && !c.None && c.Test != nil {
			out = append(out, commandProbe{fileOf(c.Test, i.File), c.Test, c.Span, "the healthcheck of " + i.Service.Name.Value})
		}
	case i.Container != nil:
		for _, p := range probesOf(i.Container) {
			if p.probe.Kind == "exec" && p.probe.Exec != nil {
				out = append(out, commandProbe{fileOf(p.probe.Exec, i.File), p.probe.Exec, p.probe.Span, p.what})
			}
		}
	}
	return out
}

// inFile is the file that a text stands in: what belongs together may come from several.
func inFile(t artefact.Text, otherwise *artefact.File) *artefact.File {
	if t.File != nil {
		return t.File
	}
	return otherwise
}

// fileOf is the file that a command line stands in.
func fileOf(e *artefact.Exec, otherwise *artefact.File) *artefact.File {
	if !e.Line.IsZero() || len(e.Words) == 0 {
		return inFile(e.Line, otherwise)
	}
	return inFile(e.Words[0], otherwise)
}

type namedProbe struct {
	what  string
	probe *artefact.Probe
}

func probesOf(c *artefact.Container) []namedProbe {
	var out []namedProbe
	for _, p := range []namedProbe{{"the startup probe", c.Startup}, {"the liveness probe", c.Liveness}, {"the readiness probe", c.Readiness}} {
		if p.probe != nil {
			out = append(out, p)
		}
	}
	return out
}

// command judges a command, and tells whether it said something.
func (h *health) command(c commandProbe) bool {
	r, shell, ok := probeRequest(c.exec)
	if h.lacking(c, shell) {
		return true
	}
	if !ok || !h.local(r.host) {
		return false
	}
	p := probe{request: r, file: c.file, what: c.what, key: c.what}
	if p.spider && h.i.Stage != nil && gnuWget(h.i.Stage) {
		p.method = "HEAD"
	}
	return h.judge(p)
}

// local tells whether a probe's host is the container itself.
func (h *health) local(host string) bool {
	return artefact.IsLoopback(host) || host == "0.0.0.0" || host == "::" || h.i.Service != nil && host == h.i.Service.Name.Value
}

// lacking tells of a program that the image does not have.
func (h *health) lacking(c commandProbe, shell bool) bool {
	if h.i.Stage == nil || h.i.Container != nil && !h.i.Certain {
		return false
	}
	name := ""
	switch {
	case shell && tool(h.i.Stage, "sh") == absent:
		name = "sh"
	default:
		commands := c.exec.Commands
		if !c.exec.Shell && len(c.exec.Words) > 0 {
			name = toolName(c.exec.Words[0].Value)
			if r, _, ok := probeRequest(c.exec); ok && r.tool != "" {
				name = r.tool
			}
		}
		for _, cmd := range commands {
			if n := toolName(cmd.Name()); n != "" {
				if name != "" && name != n {
					return false // one or the other
				}
				name = n
			}
		}
	}
	if name == "" || tool(h.i.Stage, name) != absent {
		return false
	}
	base := h.i.Stage.Image()
	f := checks.Finding{
		Message:  checks.Msg("%s runs %s, which %s does not have", c.what, name, base.Value),
		Why:      checks.Msg("The probe fails every time, however well the server is: the container is unhealthy, and is restarted or never gets a request."),
		Help:     checks.Msg("install %s in the image, or ask with what it has", name),
		Evidence: []checks.Message{checks.Msg("%s:%d  FROM %s", h.i.Stage.File.Path, h.i.Stage.Chain()[0].Line, base.Value)},
		Key:      c.what + " " + name,
	}
	switch {
	case name == "sh":
		f.Message = checks.Msg("%s is a line for a shell, and %s has none", c.what, base.Value)
		f.Help = checks.Msg("let the program probe itself: a list of words, such as [\"/app\", \"-health\"]")
	case name == "curl" && tool(h.i.Stage, "wget") == present:
		f.Help = checks.Msg("write wget -q -O /dev/null in the place of curl -f, or install curl")
	case tool(h.i.Stage, "sh") == absent:
		f.Help = checks.Msg("let the program probe itself: a list of words, such as [\"/app\", \"-health\"]")
	}
	if base.Origin != artefact.Literal {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	at := c.exec.Span
	if !c.exec.Line.IsZero() {
		at = c.exec.Line.Span
	}
	h.tell(c.file, at, f)
	return true
}

func toolName(word string) string {
	switch word[strings.LastIndexByte(word, '/')+1:] {
	case "curl":
		return "curl"
	case "wget":
		return "wget"
	}
	return ""
}

// kubelet are the probes by HTTP that the kubelet makes.
func (h *health) kubelet() []probe {
	c := h.i.Container
	if c == nil {
		return nil
	}
	var out []probe
	for _, n := range probesOf(c) {
		pr := n.probe
		if pr.Kind != "httpGet" && pr.Kind != "tcpSocket" || pr.Host.Value != "" {
			continue
		}
		p := probe{file: h.i.File, what: n.what, key: n.what, portAt: pr.Port, pathAt: pr.Path, kubelet: true}
		p.method, p.fails, p.path = "GET", true, pr.Path.Value
		p.at = pr.Port
		if p.path == "" {
			p.path = "/"
		}
		p.path, _, _ = strings.Cut(p.path, "?")
		if pr.Kind == "tcpSocket" {
			p.path = ""
		}
		if number, err := strconv.Atoi(pr.Port.Value); err == nil {
			p.port = number
		} else if holder, number := named(c.Object.Pod, pr.Port.Value); holder == c {
			p.port = number
		} else if pr.Port.Known() && holder == nil && pr.Port.Value != "" {
			h.tell(inFile(pr.Port, h.i.File), pr.Port.Span, checks.Finding{
				Message:  checks.Msg("%s asks a port called %q, and the container has none", n.what, pr.Port.Value),
				Why:      checks.Msg("The kubelet cannot make the request: the probe fails every time."),
				Help:     checks.Msg("give the container's port that name, or write the number"),
				Evidence: portNames(h.i),
				Key:      n.what + " port name",
			})
			continue
		}
		if pr.Path.Known() && p.port != 0 {
			out = append(out, p)
		}
	}
	return out
}

// judge compares a probe with what the program listens on and answers.
func (h *health) judge(p probe) bool {
	if !h.i.Known {
		return false
	}
	on := h.i.On(p.port)
	if len(on) == 0 {
		return h.otherPort(p)
	}
	if p.path == "" || h.i.Argued && slices.ContainsFunc(on, func(a listen.Address) bool { return a.Certainty != listen.Literal }) {
		return false
	}
	if slices.ContainsFunc(on, func(a listen.Address) bool { return !a.Gin }) {
		return false // something else answers there
	}
	switch h.routing.Takes(p.method, p.path) {
	case target.Redirected:
		h.redirected(p)
	case target.Missing:
		return h.missing(p, h.i.Certain) // told to listen elsewhere, it would not answer here at all
	default:
		return false
	}
	return true
}

// otherPort tells of a port that is none of the program's.
func (h *health) otherPort(p probe) bool {
	if !p.portAt.IsZero() && p.portAt.Value != strconv.Itoa(p.port) && h.serviceTakes(p.portAt.Value) {
		return false // the port behind the name is wrong, and deploy/port-agreement says so
	}
	if p.kubelet && len(servers(h.i.Container.Object.Pod)) > 1 && !declares(h.i.Container, p.port) {
		return false // a sidecar may answer
	}
	port, _ := mainPort(h.i)
	f := checks.Finding{
		Message: checks.Msg("%s asks port %d, but the program listens on %s", p.what, p.port, portList(h.i)),
		Why:     checks.Msg("Connection refused, every time: the container counts as unhealthy and is restarted, or never gets a request."),
		Help:    checks.Msg("ask the port that the program listens on"),
		Key:     p.key + " port",
	}
	f.Evidence = listeners(h.i)
	if port != 0 {
		f.Help = checks.Msg("ask port %d", port)
		if !p.portAt.IsZero() {
			f.Fix = renumber(h.i, p.file, p.portAt, p.port, plan.Unsafe)
		} else {
			f.Fix = replaceIn(p.file, p.at, ":"+strconv.Itoa(p.port), ":"+strconv.Itoa(port), "ask the port that the program listens on", plan.Unsafe)
		}
	}
	if !sure(h.i) || !p.literal() {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	h.tell(inFile(p.portAt, p.file), p.place(), f)
	return true
}

func (h *health) serviceTakes(name string) bool {
	return slices.ContainsFunc(h.cluster().services[h.i], func(s *artefact.Object) bool {
		return slices.ContainsFunc(s.Ports, func(sp artefact.ServicePort) bool { return sp.TargetPort.Value == name })
	})
}

// literal tells whether nothing but the file decides what is asked.
func (p probe) literal() bool {
	return (p.portAt.IsZero() || p.portAt.Origin == artefact.Literal) && p.at.Origin == artefact.Literal && p.pathAt.Origin == artefact.Literal
}

// place is the text to edit.
func (p probe) place() artefact.Span {
	if !p.portAt.IsZero() {
		return p.portAt.Span
	}
	return p.at.Span
}

func (p probe) pathFile() *artefact.File {
	if !p.pathAt.IsZero() {
		return inFile(p.pathAt, p.file)
	}
	return inFile(p.portAt, p.file)
}

func (p probe) pathPlace() artefact.Span {
	if !p.pathAt.IsZero() {
		return p.pathAt.Span
	}
	return p.place()
}

// redirected tells of a slash too many or too few, which costs a second request.
func (h *health) redirected(p probe) {
	exact := p.path + "/"
	if strings.HasSuffix(p.path, "/") {
		exact = strings.TrimSuffix(p.path, "/")
	}
	f := checks.Finding{
		Severity: checks.Info,
		Message:  checks.Msg("%s asks for %s, and the route is %s", p.what, p.path, exact),
		Why:      checks.Msg("gin answers 301. The kubelet and curl take that for success without the handler being asked; others go on to the right path."),
		Help:     checks.Msg("write %s", exact),
		Key:      p.key + " slash",
		Fix:      h.repath(p, exact, plan.Safe),
	}
	h.tell(p.pathFile(), p.pathPlace(), f)
}

// healthPath is a route that is there to be probed.
var healthPath = lazyregexp.New(`(?i)/(health|healthz|health[-_]?check|livez?|liveness|alive|readyz?|readiness|ping|status|heartbeat)/?$`)

// missing tells of a request that no route takes.
func (h *health) missing(p probe, certain bool) bool {
	if last := p.path[strings.LastIndexByte(strings.TrimSuffix(p.path, "/"), '/')+1:]; p.method != "HEAD" && last != "" && h.t.CodeHas(h.i.Program, lazyregexp.New("[\"`/]"+regexp.QuoteMeta(strings.TrimSuffix(last, "/"))+"/?[\"`]")) && len(h.routing.Methods(p.path)) == 0 && !h.spelt(p.path) {
		return false // the code knows the word otherwise than by these routes
	}
	f := checks.Finding{Key: p.key + " path"}
	others := h.routing.Methods(p.path)
	switch {
	case p.method == "HEAD" && slices.Contains(others, "GET"):
		if h.routing.Has(func(op engine.Op) bool { return op.Kind == engine.Option && op.Name == "HandleMethodNotAllowed" }) {
			return false
		}
		f.Message = checks.Msg("%s asks for %s by HEAD, and the route is for GET", p.what, p.path)
		f.Why = checks.Msg("gin gives no route for HEAD by itself: it answers 404, and the container counts as unhealthy while GET works.")
		f.Help = checks.Msg("ask by GET, or add r.HEAD(%q, ...)", p.path)
		if p.tool == "wget" {
			f.Help = checks.Msg("write wget -q -O /dev/null in the place of wget --spider, or add r.HEAD(%q, ...)", p.path)
			f.Evidence = append(f.Evidence, checks.Msg("GNU wget asks by HEAD for --spider; BusyBox's asks by GET"))
			f.Fix = replaceIn(p.file, p.at, "--spider", "-O /dev/null", "ask by GET", plan.Unsafe)
		}
		f.Key = p.key + " HEAD"
	case len(others) > 0:
		f.Message = checks.Msg("%s asks for %s by %s, and the route is for %s", p.what, p.path, p.method, strings.Join(others, ", "))
		f.Why = checks.Msg("gin answers 404: the probe fails every time.")
		f.Help = checks.Msg("add r.%s(%q, ...)", p.method, p.path)
	default:
		f.Message = checks.Msg("%s asks for %s, and the program has no such route", p.what, p.path)
		f.Why = checks.Msg("gin answers 404: the probe fails every time, and the container is restarted or never gets a request.")
		f.Help = checks.Msg("add the route: r.GET(%q, func(c *gin.Context) { c.Status(http.StatusOK) })", p.path)
		if near := h.candidates(); len(near) == 1 {
			f.Help = checks.Msg("ask for %s", near[0])
			f.Fix = h.repath(p, near[0], plan.Unsafe)
		}
	}
	f.Evidence = append(f.Evidence, h.routes()...)
	untyped := slices.ContainsFunc(h.routing.Engines, func(e target.ProgramEngine) bool { return e.Untyped != nil })
	if !certain || untyped || !p.literal() || !p.fails {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
		if !p.fails && p.tool == "curl" {
			f.Why = checks.Msg("gin answers 404, and curl without -f takes that for success: the probe never fails, whatever happens to the server.")
		}
	}
	h.tell(p.pathFile(), p.pathPlace(), f)
	return true
}

// spelt tells whether a route has the same last part below another prefix: then the code's word for it is that route's.
func (h *health) spelt(path string) bool {
	last := path[strings.LastIndexByte(strings.TrimSuffix(path, "/"), '/'):]
	return h.routing.Has(func(op engine.Op) bool { return op.Kind == engine.Route && strings.HasSuffix(op.Path, last) })
}

// candidates are the routes that are there to be probed.
func (h *health) candidates() []string {
	var out []string
	for _, e := range h.routing.Engines {
		for _, op := range e.Ops {
			if op.Kind == engine.Route && slices.Contains(op.Methods, "GET") && op.PathKnown && healthPath.MatchString(op.Path) && !slices.Contains(out, op.Path) {
				out = append(out, op.Path)
			}
		}
	}
	return out
}

// routes are some of the program's routes, as evidence.
func (h *health) routes() []checks.Message {
	var out []checks.Message
	for _, e := range h.routing.Engines {
		for _, op := range e.Ops {
			if op.Kind == engine.Route && healthPath.MatchString(op.Path) && len(out) < 3 {
				out = append(out, checks.Msg("%s:%d  %s %s", h.t.Rel(op.At.Filename), op.At.Line, strings.Join(op.Methods, ", "), op.Path))
			}
		}
	}
	if len(out) == 0 && len(h.routing.Engines) > 0 {
		e := h.routing.Engines[0]
		out = append(out, checks.Msg("%s:%d  the routes of this engine are all known", h.t.Rel(e.Made.Filename), e.Made.Line))
	}
	return out
}

// repath is a plan that puts another path in the place of a probe's.
func (h *health) repath(p probe, path string, safety plan.Safety) *plan.Plan {
	title := "ask for " + path
	if !p.pathAt.IsZero() {
		if p.pathAt.Raw == "" || !p.pathAt.Plain() {
			return nil
		}
		return replaceIn(p.pathFile(), p.pathAt, p.path, path, title, safety)
	}
	if p.kubelet || !strings.HasSuffix(p.url, p.path) {
		return nil
	}
	return replaceIn(p.file, p.at, p.url, strings.TrimSuffix(p.url, p.path)+path, title, safety)
}

// replaceIn is a plan that replaces what stands once in a text of an artefact; nil where it does not.
func replaceIn(f *artefact.File, in artefact.Text, old, text, title string, safety plan.Safety) *plan.Plan {
	raw := in.Raw
	if raw == "" && !in.IsZero() {
		raw = between(f, in.Span)
	}
	if strings.Count(raw, old) != 1 {
		return nil
	}
	before := raw[:strings.Index(raw, old)]
	line, column := in.Line, in.Column+len(before)
	if i := strings.LastIndexByte(before, '\n'); i >= 0 {
		line, column = line+strings.Count(before, "\n"), len(before)-i
	}
	return &plan.Plan{Title: title, Safety: safety, Steps: []plan.Step{plan.ReplaceAt(f.Path, line, column, old, text)}}
}

// between is what stands in a file within a range.
func between(f *artefact.File, s artefact.Span) string {
	_, from := plan.Line(f.Text, s.Line)
	_, to := plan.Line(f.Text, s.EndLine)
	from, to = from+s.Column-1, to+s.EndColumn-1
	if from < 0 || to > len(f.Text) || from > to {
		return ""
	}
	return string(f.Text[from:to])
}

func (h *health) tell(file *artefact.File, at artefact.Span, f checks.Finding) {
	f.Location = located(file, at)
	f.Service = h.i.Module.Dir
	h.report(f)
}
