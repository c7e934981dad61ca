package env

import (
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target/envvars"
)

// givenBefore tells whether something that starts the program may give it the file's variables first. A compose file alone reads the
// file for itself.
func (l dotenvLook) givenBefore() bool {
	by, err := l.mentioned()
	return err != nil || slices.ContainsFunc(by, func(m mention) bool { return m.Line > 0 || !strings.Contains(strings.ToLower(m.File), "compose") })
}

// tooLate reports variables of packages that are filled from the environment before main loads the file that sets them.
func (l dotenvLook) tooLate(load envvars.Load, file string) {
	f := envFileAt(l.d.Artefacts, file)
	sooner := func(o envvars.Load) bool { return !o.Late }
	if f == nil || !load.Exports || slices.ContainsFunc(l.reads.Loads, sooner) {
		return
	}
	var early []envvars.Read
	for _, e := range f.Entries {
		if _, set := l.t.LookupEnv(e.Name.Value); set && l.t.Profile() != "ci" || e.Value.Value == "" {
			continue
		}
		for _, r := range l.reads.Of(e.Name.Value) {
			if r.Func == "" && r.Always && !strings.Contains(r.Via, "/") { // libraries fill structs when they are called
				early = append(early, r)
			}
		}
	}
	if len(early) == 0 || l.givenBefore() {
		return
	}
	first := early[0]
	found := checks.Finding{
		Message:    checks.Msg("%s is read before %s is loaded: what the file sets never gets there", first.Name, file),
		Why:        checks.Msg("Variables of packages get their values before main begins, and main loads the file (%s:%d).", load.At.File, load.At.Line),
		Help:       checks.Msg("import _ \"github.com/joho/godotenv/autoload\" in %s, or read it in a function that is called after %s", first.At.File, load.Via),
		Location:   checks.At(first.At.File, first.At.Line, first.At.Column),
		Confidence: checks.Likely,
		Service:    l.p.Module.Dir,
		Key:        "early " + file,
	}
	for _, r := range early[1:] {
		found.Evidence = append(found.Evidence, checks.Msg("%s:%d reads %s as early", r.At.File, r.At.Line, r.Name))
	}
	l.report(found)
}
