package deploy

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/listen"
)

// ciStart is a command of a job that starts a program of the project and lets the job go on.
type ciStart struct {
	command string // as it is to be called in a sentence
	line    int
	ports   []int // that answer on this machine
	// evidence is where those stand.
	evidence []checks.Message
}

// ciCommand is a command of a job, in the order of its steps.
type ciCommand struct {
	artefact.ShellRun
	step       int
	dir        string // "" where it is not known
	background bool   // it is put into the background by the shell
}

var (
	// ampersand puts a command into the background.
	ampersand = lazyregexp.New(`(?m)(^|[^&>|])&(\s*$|\s+[^&\s]|;|\))`)
	// waits are the words of a step that gives a server time, or asks it again.
	waits = lazyregexp.New(`\b(while|until|for|seq|sleep|wait\S*|retry|timeout|dockerize|nc|ncat|tries)\b|--retry|wait-for|wait_for`)
	// hasServices is a job with containers of its own, whose ports are theirs.
	hasServices = lazyregexp.New(`(?m)^\s*services\s*:`)
	// quick are commands after which a server that was just started is no further.
	quick = []string{"cd", "echo", "export", "set", "printf", "mkdir", "cat", "curl", "wget", "ls", "pwd", "true", ":"}
	// starters are commands that may start servers of their own, and leave them running.
	starters = append([]string{"service", "systemctl", "kubectl", "helm", "kind", "minikube", "sudo", "podman", "nginx", "npm", "npx", "yarn", "pnpm", "python", "python3", "node", "ssh", "air", "supervisord", "pm2", "act", "eval", "source", "."}, delegates...)
)

// requests holds the requests that a job makes to this machine against the program that it has started there.
func (c *pipelines) requests(p *artefact.Pipeline, j *artefact.PipelineJob) error {
	if hasServices.Match(p.Text) && len(j.Services) == 0 || slices.ContainsFunc(j.Steps, mayServe) {
		return nil
	}
	all, ok := jobCommands(j)
	if !ok {
		return nil
	}
	var start *ciStart
	from := 0
	for i, cmd := range all {
		one, ours, err := c.starts(all, cmd)
		switch {
		case err != nil:
			return err
		case ours && (one == nil || start != nil):
			return nil // where it answers is not known, or there are two
		case ours:
			start, from = one, i
		case cmd.background || cmd.Words[0] == "" || mayStart(cmd.Words):
			return nil
		}
	}
	if start == nil {
		return nil
	}
	for i, cmd := range all[from+1:] {
		if r, ok := localRequest(cmd); ok {
			if serves(j, r.port) {
				return nil
			}
			if !slices.Contains(start.ports, r.port) {
				c.otherPort(p, j, cmd, r, *start)
			} else if !waited(j, all, from, from+1+i) {
				c.tooSoon(p, j, cmd, r, *start)
			}
			return nil
		}
	}
	return nil
}

// serves tells whether a container beside the job may have a port of this machine.
func serves(j *artefact.PipelineJob, port int) bool {
	return slices.ContainsFunc(j.Services, func(s artefact.JobService) bool {
		return slices.ContainsFunc(s.Ports, func(t artefact.Text) bool {
			host, _, two := strings.Cut(t.Value, ":")
			return !two || !t.Known() || host == strconv.Itoa(port) || strings.Contains(host, "-")
		})
	})
}

// mayServe tells whether a step is an action that may start a server.
func mayServe(s artefact.Step) bool {
	return !s.Uses.IsZero() && !strings.HasPrefix(s.Uses.Value, "actions/") && !strings.HasPrefix(s.Uses.Value, "docker/")
}

// jobCommands are the commands of a job; false where one of its steps cannot be read.
func jobCommands(j *artefact.PipelineJob) ([]ciCommand, bool) {
	var out []ciCommand
	for i, s := range j.Steps {
		runs := s.Runs()
		if !s.Run.IsZero() && len(runs) == 0 && len(s.Commands) > 0 {
			return nil, false
		}
		dir := path.Clean(s.Dir.Value)
		if slices.ContainsFunc(runs, func(r artefact.ShellRun) bool { return r.Words[0] == "cd" }) || !s.Dir.IsZero() && !s.Dir.Known() {
			dir = ""
		}
		for _, r := range runs {
			out = append(out, ciCommand{ShellRun: r, step: i, dir: dir, background: r.Apart && r.Into == "" && ampersand.MatchString(s.Run.Value)})
		}
	}
	return out, true
}

// mayStart tells whether a command may leave something running that listens.
func mayStart(words []string) bool {
	name := path.Base(words[0])
	if name == "docker" && len(words) > 1 {
		return !slices.Contains([]string{"build", "buildx", "logs", "stop", "rm", "kill", "ps", "login", "pull", "push", "tag", "images", "inspect"}, words[1]) && !composeEnds(words)
	}
	return slices.Contains(starters, name) || strings.HasSuffix(name, ".sh")
}

// composeEnds tells whether docker compose is asked for something else than to start services.
func composeEnds(words []string) bool {
	return words[1] == "compose" && len(words) > 2 && slices.Contains([]string{"down", "logs", "ps", "build", "pull", "config", "stop", "kill"}, words[2])
}

// starts tells whether a command starts a program of the project; nil where it does and nobody can tell where that answers.
func (c *pipelines) starts(all []ciCommand, cmd ciCommand) (start *ciStart, ours bool, err error) {
	w := cmd.Words
	switch {
	case cmd.background:
		p := c.started(cmd)
		if p == nil {
			return nil, false, nil
		}
		start, err = c.literal(p, strings.Join(w, " "), cmd.At.Line)
		return start, true, err
	case w[0] == "docker" && len(w) > 1 && w[1] == "run" && c.builtHere(all, w):
		start = publishes(w)
	case w[0] == "docker" && slices.Equal(w[1:min(len(w), 3)], []string{"compose", "up"}) || w[0] == "docker-compose" && len(w) > 1 && w[1] == "up":
		start = c.composed(w)
	default:
		return nil, false, nil
	}
	if start != nil {
		start.line = cmd.At.Line
	}
	return start, true, nil
}

// started is the program that a command runs in the background, nil where it is none of the project's.
func (c *pipelines) started(cmd ciCommand) *target.Deployed {
	words := cmd.Words
	if words[0] == "nohup" {
		words = words[1:]
	}
	var found *target.Deployed
	for _, p := range c.d.Programs {
		run := len(words) > 2 && words[0] == "go" && words[1] == "run" && cmd.dir != "" && inFolder(p, path.Join(cmd.dir, words[2]), words[2])
		built := len(words) > 0 && strings.Contains(words[0], "/") && slices.Contains(p.Names, path.Base(words[0]))
		if run || built {
			if found != nil {
				return nil
			}
			found = p
		}
	}
	return found
}

// inFolder tells whether a word of `go run` is the folder of a program, or a file in it.
func inFolder(p *target.Deployed, at, word string) bool {
	if strings.HasSuffix(word, ".go") {
		at = path.Dir(at)
	} else if word != "." && !strings.HasPrefix(word, "./") && !strings.HasPrefix(word, "../") {
		return false
	}
	return path.Clean(at) == p.Package.Dir
}

// literal is the start of a program whose addresses are all constants of its code.
func (c *pipelines) literal(p *target.Deployed, command string, line int) (*ciStart, error) {
	all, err := c.t.ListensWith(c.ctx)
	if err != nil {
		return nil, err
	}
	s := &ciStart{command: command, line: line}
	for _, a := range all {
		if a.Main != p.Package.Dir {
			continue
		}
		if a.Certainty != listen.Literal {
			return nil, nil
		}
		s.ports = append(s.ports, a.Port)
		s.evidence = append(s.evidence, checks.Msg("%s:%d  listens on %s", a.Call.File, a.Call.Line, a.String()))
	}
	if len(s.ports) == 0 {
		return nil, nil
	}
	return s, nil
}

// builtHere tells whether `docker run` runs an image that the job has built before, in the background.
func (c *pipelines) builtHere(all []ciCommand, run []string) bool {
	if !slices.ContainsFunc(run, func(w string) bool { return w == "-d" || w == "--detach" }) {
		return false
	}
	for _, cmd := range all {
		w := cmd.Words
		if len(w) < 3 || w[0] != "docker" || w[1] != "build" {
			continue
		}
		for i, word := range w[:len(w)-1] {
			if (word == "-t" || word == "--tag") && w[i+1] != "" && slices.Contains(run, w[i+1]) && len(c.d.Programs) > 0 {
				return true
			}
		}
	}
	return false
}

// publishes is what `docker run` publishes on this machine, nil where that is not known.
func publishes(words []string) *ciStart {
	s := &ciStart{command: "docker run"}
	for i, w := range words {
		value, joined := strings.CutPrefix(w, "--publish=")
		switch {
		case w == "", w == "-P", w == "--publish-all", strings.HasPrefix(w, "--net"):
			return nil
		case (w == "-p" || w == "--publish") && i+1 < len(words):
			value, joined = words[i+1], true
		case strings.HasPrefix(w, "-p") && len(w) > 2:
			value, joined = w[2:], true
		}
		if !joined {
			continue
		}
		parts := strings.Split(value, ":")
		if len(parts) < 2 {
			return nil
		}
		n, err := strconv.Atoi(parts[len(parts)-2])
		if err != nil {
			return nil
		}
		s.ports = append(s.ports, n)
		s.evidence = append(s.evidence, checks.Msg("docker run publishes %s", value))
	}
	if len(s.ports) == 0 {
		return nil
	}
	return s
}

// composed is what `compose up` in the background publishes on this machine, nil where that is not known.
func (c *pipelines) composed(words []string) *ciStart {
	detached := false
	for _, w := range words[1:] {
		switch w {
		case "compose", "up", "--build", "--quiet-pull":
		case "-d", "--detach":
			detached = true
		default:
			return nil // one of several files, or of services; or it waits
		}
	}
	s := &ciStart{command: strings.Join(words, " ")}
	ours := false
	for _, f := range c.d.Artefacts.Composed() {
		if f.Stack != nil { // these have to be named
			continue
		}
		for _, service := range f.Services {
			ours = ours || c.d.Service(service).Deployed != nil
			if service.NetworkMode.Value != "" {
				return nil
			}
			for _, port := range service.Ports {
				if port.HostOpen || port.Host == 0 {
					return nil
				}
				s.ports = append(s.ports, port.Host)
				s.evidence = append(s.evidence, checks.Msg("%s:%d  %s publishes %d", f.Path, port.Line, service.Name.Value, port.Host))
			}
		}
	}
	if !ours || !detached || len(s.ports) == 0 {
		return nil
	}
	return s
}

// localRequest is the request that a command makes to a port of this machine that stands there.
func localRequest(cmd ciCommand) (request, bool) {
	var r request
	var ok bool
	switch path.Base(cmd.Words[0]) {
	case "curl":
		r, ok = curl(cmd.Words[1:])
	case "wget":
		r, ok = wget(cmd.Words[1:])
	}
	return r, ok && !cmd.Excused && (artefact.IsLoopback(r.host) || r.host == "0.0.0.0") && strings.Contains(r.url, ":"+strconv.Itoa(r.port))
}

// waited tells whether something between a start and a request gives the program time, or the request is made again.
func waited(j *artefact.PipelineJob, all []ciCommand, start, request int) bool {
	for i := all[start].step; i <= all[request].step; i++ {
		if s := j.Steps[i]; s.Run.IsZero() || waits.MatchString(s.Run.Value) {
			return true
		}
	}
	return slices.ContainsFunc(all[start+1:request], func(cmd ciCommand) bool { return !slices.Contains(quick, cmd.Words[0]) })
}

func (c *pipelines) otherPort(p *artefact.Pipeline, j *artefact.PipelineJob, cmd ciCommand, r request, start ciStart) {
	help := checks.Msg("ask port %d", start.ports[0])
	if len(start.ports) > 1 {
		help = checks.Msg("ask one of the ports on which it answers")
	}
	c.at(p, p.Line(cmd.At.Line), checks.Finding{
		Message:    checks.Msg("%s asks port %d, and nothing that the job %s starts listens there", r.tool, r.port, j.Name.Value),
		Why:        checks.Msg("The request fails with connection refused, whatever the program does."),
		Help:       help,
		Evidence:   append([]checks.Message{startedAt(p, start)}, start.evidence...),
		Key:        j.Name.Value + " request " + r.url,
		Confidence: checks.Likely,
	})
}

func (c *pipelines) tooSoon(p *artefact.Pipeline, j *artefact.PipelineJob, cmd ciCommand, r request, start ciStart) {
	help := checks.Msg("write curl --retry 10 --retry-delay 1 --retry-connrefused")
	if r.tool == "wget" {
		help = checks.Msg("write wget --retry-connrefused --waitretry=1 --tries=10")
	}
	c.at(p, p.Line(cmd.At.Line), checks.Finding{
		Severity: checks.Info,
		Message:  checks.Msg("%s asks the program as soon as it is started, and only once", r.tool),
		Why:      checks.Msg("A program that listens a moment later refuses the connection: the job fails now and then, and passes when it is run again."),
		Help:     help,
		Evidence: []checks.Message{startedAt(p, start)},
		Key:      j.Name.Value + " once " + r.url,
	})
}

func startedAt(p *artefact.Pipeline, s ciStart) checks.Message {
	return checks.Msg("%s:%d  %s", p.Path, s.line, s.command)
}
