package deploy

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
)

var (
	supervisorTrue  = []string{"y", "yes", "true", "t", "1", "on"}
	supervisorFalse = []string{"n", "no", "false", "f", "0", "off"}
)

// refused tells of values for which supervisord does not start at all: it reads every section, ours or not.
func (s *supervised) refused() {
	for _, section := range s.file.Sections {
		if !slices.Contains([]string{"program", "eventlistener", "fcgi-program"}, section.Kind) {
			continue
		}
		for _, o := range section.Options {
			if !slices.Contains(artefact.SupervisorKeys(section.Kind), o.Key.Value) || section.Get(o.Key.Value) != o.Value {
				continue // it asks for known keys alone, and takes the last of two
			}
			if percent := s.percent(section, o); percent || o.Value.Origin != artefact.Literal {
				continue
			}
			if o.Key.Value == "environment" {
				s.pairs(section, o)
			} else if help := refusedValue(o.Key.Value, o.Value); help != "" {
				s.refuse(section, o, checks.Msg("supervisord refuses %s=%s", o.Key.Value, o.Value.Value), checks.Msg("%s", help), better(o.Key.Value, o.Value.Value))
			}
		}
		s.asGroup(section)
		s.numbered(section)
	}
}

// numbered tells of several processes that would all have one name.
func (s *supervised) numbered(section *artefact.SupervisorSection) {
	count, name := section.Get("numprocs"), section.Get("process_name")
	if n, err := strconv.Atoi(count.Value); err != nil || n < 2 || strings.Contains(name.Value, "process_num") || !name.Known() {
		return
	}
	o := artefact.SupervisorOption{Key: artefact.Text{Value: "numprocs"}, Value: count}
	s.refuse(section, o, checks.Msg("supervisord refuses numprocs=%s without %%(process_num) in process_name=", count.Value),
		checks.Msg("write process_name=%%(program_name)s_%%(process_num)02d beside it"), "")
}

// refuse reports a value that keeps supervisord from starting.
func (s *supervised) refuse(section *artefact.SupervisorSection, o artefact.SupervisorOption, message, help checks.Message, instead string) {
	f := checks.Finding{
		Severity: checks.Error,
		Message:  message,
		Why:      checks.Msg("It does not start with this file, and none of its programs runs; a running one refuses to reread it."),
		Help:     help,
		Key:      "refused " + section.Name + " " + o.Key.Value,
	}
	if instead != "" && o.Value.Raw != "" {
		f.Fix = writeInstead(s.file.Path, o.Value, instead)
	}
	s.at(o.Value.Span, f)
}

var wholeNumber = lazyregexp.New(`^[+-]?\d+$`)

// refusedValue is what to write where supervisor does not take a value; "" where it takes it.
func refusedValue(key string, v artefact.Text) string {
	value := strings.ToLower(v.Value)
	boolean := slices.Contains(supervisorTrue, value) || slices.Contains(supervisorFalse, value)
	switch key {
	case "autorestart":
		if !boolean && value != "unexpected" {
			return "write true, false or unexpected"
		}
	case "autostart", "stopasgroup", "killasgroup", "redirect_stderr", "stdout_events_enabled", "stderr_events_enabled", "stdout_syslog", "stderr_syslog":
		if !boolean {
			return "write true or false"
		}
	case "startsecs", "startretries", "stopwaitsecs", "priority", "numprocs", "numprocs_start", "stdout_logfile_backups", "stderr_logfile_backups":
		if !wholeNumber.MatchString(value) {
			return "write a whole number, without a unit"
		}
	case "stopsignal":
		if n, err := strconv.Atoi(value); err == nil && n > 0 && n < 65 {
			return ""
		}
		if !signalName.MatchString(strings.ToUpper(value)) {
			return "write a signal such as TERM, INT or QUIT"
		}
	case "umask":
		if _, err := strconv.ParseUint(value, 8, 32); err != nil {
			return "write an octal number such as 022"
		}
	}
	return ""
}

// better is the value that was meant, "" where it is not plain.
func better(key, value string) string {
	switch strings.ToLower(value) {
	case "always", "unless-stopped":
		return "true"
	case "on-failure", "onfailure":
		if key == "autorestart" {
			return "unexpected"
		}
	case "never":
		return "false"
	}
	if n, ok := strings.CutSuffix(strings.ToLower(value), "s"); ok && strings.HasSuffix(key, "secs") && wholeNumber.MatchString(n) {
		return n
	}
	return ""
}

// asGroup tells of stopasgroup=true with killasgroup=false.
func (s *supervised) asGroup(section *artefact.SupervisorSection) {
	stop, kill := section.Get("stopasgroup"), section.Get("killasgroup")
	if slices.Contains(supervisorTrue, strings.ToLower(stop.Value)) && slices.Contains(supervisorFalse, strings.ToLower(kill.Value)) {
		o := artefact.SupervisorOption{Key: artefact.Text{Value: "killasgroup"}, Value: kill}
		s.refuse(section, o, checks.Msg("supervisord refuses killasgroup=%s together with stopasgroup=%s", kill.Value, stop.Value), checks.Msg("write killasgroup=true, or leave it out"), "true")
	}
}

// conversion is what may follow a percent sign, as Python's formatting has it.
var conversion = lazyregexp.New(`^%(%|(\((\w*)\))?[#0\- +]*\d*(\.\d+)?[hlL]?([diouxXeEfFgGcrsa%]))`)

var expansionNames = []string{"here", "program_name", "host_node_name", "group_name", "process_num", "numprocs"}

// percent tells of percent signs that supervisor cannot fill in.
func (s *supervised) percent(section *artefact.SupervisorSection, o artefact.SupervisorOption) bool {
	value := o.Value.Raw
	for i := 0; i < len(value); i++ {
		if value[i] != '%' {
			continue
		}
		m := conversion.FindStringSubmatch(value[i:])
		switch {
		case m != nil && m[1] == "%":
		case m != nil && m[2] != "" && (slices.Contains(expansionNames, m[3]) || strings.HasPrefix(m[3], "ENV_")):
		case m != nil && m[2] != "":
			s.refuse(section, o, checks.Msg("supervisord refuses %s=: there is nothing called %s to fill in", o.Key.Value, m[3]),
				checks.Msg("write %%(ENV_NAME)s for a variable of its environment, or %%%% for a percent sign"), "")
			return true
		case m != nil && strings.ContainsAny(m[5], "rsa"):
			return true // it takes that, whatever it makes of it
		default:
			s.refuse(section, o, checks.Msg("supervisord refuses %s=: a percent sign begins something to fill in", o.Key.Value),
				checks.Msg("write %%%% for each percent sign that is meant as one"), doubled(value))
			return true
		}
		i += len(m[0]) - 1
	}
	return false
}

// doubled is a value with its bare percent signs doubled; "" for one that has others.
func doubled(value string) string {
	if strings.Contains(value, "%(") || strings.Contains(value, "%%") {
		return ""
	}
	return strings.ReplaceAll(value, "%", "%%")
}

// pairs tells of an environment= that supervisor refuses, or cuts.
func (s *supervised) pairs(section *artefact.SupervisorSection, o artefact.SupervisorOption) {
	_, passedOver, err := artefact.SupervisorPairs(o.Value.Value)
	help := checks.Msg(`put quotes around each value: environment=NAME="value",OTHER="value"`)
	switch {
	case err != nil:
		s.refuse(section, o, checks.Msg("supervisord refuses this environment=: %v", err), help, "")
	case len(passedOver) > 0:
		s.at(o.Value.Span, checks.Finding{
			Message: checks.Msg("supervisor cuts a value of this environment= at %q", passedOver[0]),
			Why:     checks.Msg("Without quotes a value ends at the first sign that is no letter, digit or one of _ / . + - ( ) :. What follows becomes something else, and nothing says so."),
			Help:    help,
			Key:     "cut " + section.Name,
		})
	}
}

// insertKey is a safe plan that sets keys right below a section's header.
func (s *supervised) insertKey(title string, lines ...string) *plan.Plan {
	p := &plan.Plan{Title: title, Safety: plan.Safe}
	p.Steps = append(p.Steps, insertLine(s.file.Path, s.file.Text, s.Header.Line, strings.Join(lines, "\n")))
	return p
}
