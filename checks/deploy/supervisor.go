package deploy

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/shutdown"
)

// Supervisor finds keys and values in supervisor's configuration that it refuses, passes over, or takes for something else.
var Supervisor = checks.Check{
	ID:       "deploy/supervisor",
	Title:    "supervisor's configuration has keys or values that do not do what they say",
	Stage:    checks.Stop,
	Severity: checks.Warning,
	Profiles: checks.CI | checks.Prod,
	Run:      supervisor,
}

// supervised is a section of supervisor's that runs a program of the project.
type supervised struct {
	*artefact.SupervisorSection
	file      *artefact.Supervisor
	ctx       context.Context
	t         *target.Target
	d         *target.Deployment
	program   *target.Deployed
	certain   bool
	onHost    bool // nothing here starts supervisord: the file is one for a host's
	installed bool // on this machine
	report    checks.Reporter
}

func supervisor(ctx context.Context, t *target.Target, report checks.Reporter) error {
	all, err := supervisedPrograms(ctx, t, report)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return checks.Skip("no configuration of supervisor here runs a program of this project")
	}
	var files []*artefact.Supervisor
	for _, s := range all {
		if !slices.Contains(files, s.file) {
			files = append(files, s.file)
			s.refused()
		}
		for _, ask := range []func(*supervised) error{(*supervised).unknownKeys, (*supervised).command, (*supervised).group, (*supervised).restarts, (*supervised).asInstalled} {
			if err := ask(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// supervisedPrograms are the sections that run programs of the project.
func supervisedPrograms(ctx context.Context, t *target.Target, report checks.Reporter) ([]*supervised, error) {
	d, err := t.Deployment(ctx)
	if err != nil {
		return nil, err
	}
	started := slices.ContainsFunc(d.Artefacts.Files, func(f *artefact.File) bool {
		return f.Kind != "supervisor configuration" && startsSupervisor.Match(f.Text)
	})
	var out []*supervised
	files := artefact.Of[*artefact.Supervisor](d.Artefacts)
	here := len(files)
	if t.Profile() == "prod" {
		files = append(files, artefact.Of[*artefact.Supervisor](t.HostArtefacts(ctx))...)
	}
	for i, f := range files {
		own := slices.ContainsFunc(f.Sections, func(s *artefact.SupervisorSection) bool { return s.Kind == "supervisord" })
		for _, s := range f.Sections {
			if m := t.InstalledProgram(ctx, d, f, s, i >= here); s.Kind == "program" && m.Deployed != nil {
				out = append(out, &supervised{SupervisorSection: s, file: f, ctx: ctx, t: t, d: d, program: m.Deployed, certain: m.Certain, onHost: i >= here || !own && !started, installed: i >= here, report: report})
			}
		}
	}
	return out, nil
}

var startsSupervisor = lazyregexp.New(`supervisord?\b`)

// at reports a finding at a place of the file.
func (s *supervised) at(span artefact.Span, f checks.Finding) {
	f.Location = spanAt(s.file.Path, span)
	f.Service = s.program.Module.Dir
	f.Key = s.Name + " " + f.Key
	s.report(f)
}

// header is the line that begins the section.
func (s *supervised) header() artefact.Span { return s.file.Line(s.Header.Line) }

// supervisorWords are names that people give to keys of supervisor's, from other tools and from habit.
var supervisorWords = map[string]string{
	"killsignal": "stopsignal", "signal": "stopsignal", "stopsig": "stopsignal",
	"cwd": "directory", "chdir": "directory", "workdir": "directory", "workingdir": "directory", "workingdirectory": "directory",
	"env": "environment", "environ": "environment", "envs": "environment", "environments": "environment",
	"killtimeout": "stopwaitsecs", "stoptimeout": "stopwaitsecs", "killwaitsecs": "stopwaitsecs", "timeoutstopsec": "stopwaitsecs", "stopgraceperiod": "stopwaitsecs", "stopwait": "stopwaitsecs",
	"restart": "autorestart", "exec": "command", "execstart": "command", "cmd": "command", "retries": "startretries", "processes": "numprocs", "instances": "numprocs",
	"logfile": "stdout_logfile", "stdoutlog": "stdout_logfile", "logstdout": "stdout_logfile", "stderrlog": "stderr_logfile", "logstderr": "stderr_logfile",
	"nofile": "minfds", "limitnofile": "minfds", "ulimit": "minfds",
}

// unknownKeys tells of keys that supervisor passes over.
func (s *supervised) unknownKeys() error {
	for _, o := range s.Options {
		if slices.Contains(artefact.SupervisorKeys("program"), o.Key.Value) {
			continue
		}
		f := checks.Finding{
			Message: checks.Msg("supervisor knows no key %s in [program:%s]", o.Key.Value, s.Name),
			Why:     checks.Msg("It passes over the line without a word, and the setting has no effect."),
			Help:    checks.Msg("take the line away"),
			Key:     "key " + o.Key.Value,
		}
		near := nearSupervisorKey(o.Key.Value)
		switch lives := artefact.SupervisorKeyLivesIn(o.Key.Value); {
		case lives != "":
			f.Help = checks.Msg("move it to [%s], which has that key", lives)
		case near == "minfds":
			f.Help = checks.Msg("write minfds=65536 under [supervisord]: the limit of open files is set for all programs there")
		case near != "":
			f.Help = checks.Msg("write %s", near)
			f.Why = checks.Msg("It passes over the line without a word. The key is %s, which %s.", near, s.instead(near))
			if s.Get(near).IsZero() && s.fits(near, o.Value) {
				f.Fix = &plan.Plan{
					Title:  fmt.Sprintf("write %s in the place of %s", near, o.Key.Raw),
					Safety: plan.Safe,
					Steps:  []plan.Step{plan.ReplaceAt(s.file.Path, o.Key.Line, o.Key.Column, o.Key.Raw, near)},
				}
			}
		default:
			f.Severity = checks.Info
		}
		s.at(o.Key.Span, f)
	}
	return nil
}

func nearSupervisorKey(key string) string {
	bare := strings.NewReplacer("_", "", "-", "").Replace(key)
	if known, ok := supervisorWords[bare]; ok {
		return known
	}
	best, distance := "", 3
	for _, known := range artefact.SupervisorKeys("program") {
		d := levenshtein.ComputeDistance(strings.ReplaceAll(known, "_", ""), bare)
		if len(bare) > 4 && d < distance {
			best, distance = known, d
		}
	}
	return best
}

var supervisorDefaults = map[string]string{"stopsignal": "TERM", "stopwaitsecs": "10", "autorestart": "unexpected", "startretries": "3", "startsecs": "1", "autostart": "true",
	"stopasgroup": "false", "killasgroup": "false", "numprocs": "1", "priority": "999"}

// instead is what holds while a key is misspelt.
func (s *supervised) instead(key string) string {
	if v := s.Get(key); !v.IsZero() {
		return "is " + v.Value + " here"
	}
	if v, ok := supervisorDefaults[key]; ok {
		return "is " + v + " unless set"
	}
	return "is not set"
}

// fits tells whether a value may stand for a key without harm to the program.
func (s *supervised) fits(key string, v artefact.Text) bool {
	if refusedValue(key, v) != "" {
		return false
	}
	if key != "stopsignal" {
		return true
	}
	files := s.program.Files()
	name := strings.TrimPrefix(strings.ToUpper(v.Value), "SIG")
	return name == "TERM" || shutdown.SignalsOf(files).Handles(name)
}

var shellNames = []string{"sh", "bash", "dash", "ash", "zsh"}

// command judges command=, which supervisor splits into words and starts without a shell, from its own working folder.
func (s *supervised) command() error {
	v := s.Get("command")
	words := artefact.ShellLine(v).Commands
	if v.Value == "" || !s.certain && len(words) == 0 {
		return nil
	}
	first, _, _ := strings.Cut(v.Value, " ")
	switch {
	case first == "cd":
		f := checks.Finding{
			Severity: checks.Error,
			Message:  checks.Msg("supervisor starts no shell: it looks for a program called cd"),
			Why:      checks.Msg("can't find command 'cd': the program is never started."),
			Help:     checks.Msg("write directory=, and the program itself as command="),
			Key:      "cd",
		}
		if m := changeAndRun.FindStringSubmatch(v.Value); m != nil {
			f.Help = checks.Msg("write directory=%s and command=%s", m[1], absoluteIn(m[1], m[2]))
		}
		s.at(v.Span, f)
		return nil
	case s.certain && strings.Contains(first, "/") && !path.IsAbs(first) && !strings.HasPrefix(first, "%") && !strings.ContainsAny(first, `"'$~\`):
		s.relative(v, first)
	}
	if !slices.Contains(shellNames, path.Base(first)) {
		s.shellSigns(v)
	}
	return nil
}

var changeAndRun = lazyregexp.New(`^cd\s+(/\S*)\s*&&\s*(.+)$`)

func absoluteIn(dir, command string) string {
	first, rest, _ := strings.Cut(command, " ")
	if strings.Contains(first, "/") && !path.IsAbs(first) {
		first = path.Join(dir, first)
	}
	return strings.TrimSpace(first + " " + rest)
}

// relative tells of a program that supervisor looks for in its own working folder and not in directory=.
func (s *supervised) relative(v artefact.Text, first string) {
	dir := s.Get("directory")
	f := checks.Finding{
		Severity: checks.Error,
		Message:  checks.Msg("supervisor looks for %s in its own working folder, whatever directory= says", first),
		Why:      checks.Msg("The command is looked up before the folder is changed: can't find command '%s'.", first),
		Help:     checks.Msg("write the whole path"),
		Key:      "relative",
	}
	if !s.onHost { // it may be started in the very folder
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	if path.IsAbs(dir.Value) && dir.Origin == artefact.Literal {
		whole := path.Join(dir.Value, first)
		f.Help = checks.Msg("write command=%s", whole)
		if strings.HasPrefix(v.Raw, first) {
			f.Fix = &plan.Plan{Title: "write the whole path of the program", Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt(s.file.Path, v.Line, v.Column, first, whole)}}
		}
	}
	s.at(v.Span, f)
}

var dollarWord = lazyregexp.New(`(^|\s)[^\s'"]*\$\{?[A-Za-z_]`)

// shellSigns tells of what only a shell would understand.
func (s *supervised) shellSigns(v artefact.Text) {
	f := checks.Finding{Why: checks.Msg("Nothing is chained, redirected or filled in: the program gets these words as they are."), Key: "shell"}
	for _, w := range strings.Fields(v.Value) {
		if slices.Contains(shellSigns, w) {
			f.Message = checks.Msg("supervisor starts no shell: %s is handed to the program as an argument", w)
			f.Help = checks.Msg("write the log with stdout_logfile= and redirect_stderr=true, and what is to be done first into a script that ends in exec")
			s.at(v.Span, f)
			return
		}
	}
	if dollarWord.MatchString(v.Value) {
		f.Message = checks.Msg("supervisor starts no shell: a variable in command= is handed to the program as it is written")
		f.Help = checks.Msg("write %%(ENV_NAME)s where $NAME is meant")
		s.at(v.Span, f)
	}
}
