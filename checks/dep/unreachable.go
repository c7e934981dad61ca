package dep

import (
	"context"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/dial"
	"github.com/gindoctor/gindoctor/target/mask"
)

// Unreachable finds databases, caches and brokers that do not accept a connection.
var Unreachable = checks.Check{
	ID:       "dep/unreachable",
	Title:    "a database, cache or broker that the program is told to use does not accept a connection",
	Stage:    checks.Start,
	Severity: checks.Error,
	Profiles: checks.Dev | checks.Prod,
	Run:      unreachable,
}

func unreachable(ctx context.Context, t *target.Target, report checks.Reporter) error {
	if !t.Connect() {
		return checks.Skip("nothing is dialled without --connect")
	}
	all, err := t.Dialled(ctx)
	if err != nil {
		return err
	}
	asked, passed := false, ""
	for _, d := range all {
		if f := d.Failure; f != nil && (f.Step == dial.Resolve && (d.Composed || f.Silent)) {
			passed = d.Host // known where the services run, or nobody here can say
			continue
		}
		asked = true
		told, err := passwordElsewhere(ctx, t, d)
		if err != nil {
			return err
		}
		if d.Failure != nil && !told {
			report(unreachableFinding(d))
		}
	}
	switch {
	case asked:
		return nil
	case passed != "":
		return checks.Skip("%s cannot be looked up here: look from where the program runs", passed)
	}
	return checks.Skip("nothing that the programs read names a database, cache or broker")
}

// passwordElsewhere tells whether a server only asked for a password that the program has from another variable, which was not tried.
func passwordElsewhere(ctx context.Context, t *target.Target, d target.Dialled) (bool, error) {
	if d.Failure == nil || d.Failure.Step != dial.Login || d.Password != "" || !d.Guessed {
		return false, nil
	}
	all, err := t.Imports(ctx)
	if err != nil {
		return false, err
	}
	word, _, _ := strings.Cut(d.Name, "_")
	for _, im := range all {
		facts, err := t.EnvReads(ctx, im)
		if err != nil {
			return false, err
		}
		for _, p := range facts.Programs {
			if slices.ContainsFunc(p.Names(), func(name string) bool { return strings.HasPrefix(name, word) && mask.SecretName(name) }) {
				return true, nil
			}
		}
	}
	return false, nil
}

func unreachableFinding(d target.Dialled) checks.Finding {
	f := checks.Finding{
		Message:  checks.Msg("%s at %s, which %s names, %s", d.Kind, d.Address(), d.Name, whatHappens(d.Failure)),
		Why:      checks.Msg("The program cannot use it: it ends at start, or fails with the first request that needs it."),
		Help:     mend(d),
		Evidence: []checks.Message{checks.Msg("%s: %s", d.Failure.Step, d.Failure.Reason)},
		Key:      d.Name + " " + d.Address() + " " + d.Failure.Step.String(),
	}
	switch {
	case d.Failure.Untrusted, d.Failure.Step == dial.Timeout:
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	case d.Guessed && d.Failure.Step >= dial.Secure:
		f.Severity, f.Confidence = checks.Warning, checks.Likely // what is there may be meant
	}
	if d.File != "" {
		f.Location = &checks.Location{File: d.File, Line: d.Span.Line, Column: d.Span.Column, EndLine: d.Span.EndLine, EndColumn: d.Span.EndColumn}
		return f
	}
	f.Subject = &checks.Subject{Kind: checks.EnvSubject, Name: d.Name, PID: d.PID}
	return f
}

func whatHappens(f *dial.Failure) string {
	switch f.Step {
	case dial.Resolve:
		return "has a name that nobody knows"
	case dial.Refused:
		return "refuses the connection: nothing listens there"
	case dial.Timeout:
		return "does not answer in time"
	case dial.Unreachable:
		return "cannot be reached"
	case dial.Secure:
		return "fails at TLS"
	case dial.Login:
		return "turns the login away"
	}
	return "answers otherwise than it should"
}

func mend(d target.Dialled) checks.Message {
	switch d.Failure.Step {
	case dial.Resolve:
		return checks.Msg("look at the host's name in %s; one that only compose or the cluster knows is not known here", d.Name)
	case dial.Refused:
		return checks.Msg("start it, or correct host and port in %s", d.Name)
	case dial.Timeout, dial.Unreachable:
		return checks.Msg("look at the firewall between this machine and %s", d.Address())
	case dial.Secure:
		return checks.Msg("let client and server agree on TLS: sslmode= of PostgreSQL, rediss:// or redis://, the certificate's name and authority")
	case dial.Login:
		return checks.Msg("correct user, password or database in %s", d.Name)
	}
	return checks.Msg("look whether host and port in %s are those of %s", d.Name, d.Kind)
}
