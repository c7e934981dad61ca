package deploy

import (
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// stores holds the addresses of databases and caches that a job gives its tests against the containers beside it. In Actions these
// are on localhost, by the ports that they publish, unless the job runs in a container itself; in GitLab they have names of their own.
func (c *pipelines) stores(p *artefact.Pipeline, j *artefact.PipelineJob) {
	if len(c.d.Programs) == 0 || !j.Image.Known() || slices.ContainsFunc(j.Services, func(s artefact.JobService) bool { return !s.Image.Known() }) {
		return
	}
	settings := slices.Concat(p.Env, j.Env)
	for _, s := range j.Steps {
		settings = append(settings, s.Env...)
	}
	told := map[artefact.Span]bool{}
	for _, e := range settings {
		if e.For != "" && e.For != j.Name.Value || !e.Value.Known() || told[e.Value.Span] {
			continue
		}
		told[e.Value.Span] = true
		if local, ok := localIn(e.Name.Value, e.Value.Value); ok && local.kind != nil {
			c.localStore(p, j, e, local)
		} else if there, ok := hostIn(e.Name.Value, e.Value.Value); ok {
			c.namedStore(p, j, e, there)
		}
	}
}

// localStore judges an address on localhost.
func (c *pipelines) localStore(p *artefact.Pipeline, j *artefact.PipelineJob, e artefact.Setting, at local) {
	service := serviceOf(j, at.kind)
	f := checks.Finding{Confidence: checks.Likely, Key: j.Name.Value + " store " + e.Name.Value, Why: checks.Msg("connect: connection refused: the tests that need %s fail, or are passed over.", at.kind.name)}
	switch {
	case service == nil:
		if p.GitLab || e.For == "" || !c.startsNothing(j) || len(j.Services) > 0 || !j.Image.IsZero() || !testsHere(j) {
			return
		}
		f.Message = checks.Msg("%s points at %s on %s, and the job %s starts none", e.Name.Value, at.kind.name, at.host, j.Name.Value)
		f.Help = checks.Msg("give the job services: with an image of %s, and ports:", at.kind.name)
	case p.GitLab || !j.Image.IsZero():
		f.Message = checks.Msg("%s points at %s, and %s runs beside the job in a container of its own, under the name %s", e.Name.Value, at.host, at.kind.name, serviceName(*service))
		f.Help = checks.Msg("write %s in the place of %s", serviceName(*service), at.host)
	case len(service.Ports) == 0:
		f.Message = checks.Msg("%s points at %s, and the service %s publishes no port there", e.Name.Value, at.host, service.Name.Value)
		f.Help = checks.Msg("write ports: [\"%s:%s\"] for %s", at.kind.port, at.kind.port, service.Name.Value)
	default:
		return
	}
	c.at(p, e.Value.Span, f)
}

// namedStore judges an address by a name.
func (c *pipelines) namedStore(p *artefact.Pipeline, j *artefact.PipelineJob, e artefact.Setting, at local) {
	if p.GitLab || !j.Image.IsZero() {
		return
	}
	i := slices.IndexFunc(j.Services, func(s artefact.JobService) bool { return s.Name.Value == at.host })
	if i < 0 {
		return
	}
	c.at(p, e.Value.Span, checks.Finding{
		Message:    checks.Msg("%s names the service %s, and the job %s runs on the machine itself, where nobody knows that name", e.Name.Value, at.host, j.Name.Value),
		Why:        checks.Msg("Names of services hold only for jobs in a container: lookup %s: no such host.", at.host),
		Help:       checks.Msg("write localhost in the place of %s, and publish its port; or run the job in a container", at.host),
		Confidence: checks.Likely,
		Key:        j.Name.Value + " store " + e.Name.Value,
	})
}

// serviceOf is the container beside a job that holds a store; nil where there is none.
func serviceOf(j *artefact.PipelineJob, kind *store) *artefact.JobService {
	for i, s := range j.Services {
		if k := isStore(s.Image); k != nil && k.name == kind.name {
			return &j.Services[i]
		}
	}
	return nil
}

// serviceName is the name by which a container beside a job is reached: GitLab makes one of the image's.
func serviceName(s artefact.JobService) string {
	if s.Name.Value != "" {
		return s.Name.Value
	}
	name, _, _ := strings.Cut(s.Image.Value, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name = name[:i]
	}
	return strings.ReplaceAll(name, "/", "-")
}

// startsNothing tells whether no step of a job can have brought a server up: no action but the usual ones, and no such command.
func (c *pipelines) startsNothing(j *artefact.PipelineJob) bool {
	if slices.ContainsFunc(j.Steps, mayServe) {
		return false
	}
	all, ok := jobCommands(j)
	return ok && !slices.ContainsFunc(all, func(cmd ciCommand) bool {
		return cmd.background || cmd.Words[0] == "" || mayStart(cmd.Words) || path.Base(cmd.Words[0]) == "make" || path.Base(cmd.Words[0]) == "task"
	})
}

// testsHere tells whether a job runs the tests of the project with the go command itself.
func testsHere(j *artefact.PipelineJob) bool {
	return slices.ContainsFunc(j.Steps, func(s artefact.Step) bool {
		return slices.ContainsFunc(s.Runs(), func(r artefact.ShellRun) bool { return gateOf(r.Words) == "go test" })
	})
}
