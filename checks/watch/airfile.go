package watch

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"runtime"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/tomldoc"
	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// goos is the system that air runs on: this one.
const goos = runtime.GOOS

// airFile is one air with what findings about its configuration need: places, the service, the rules in force.
type airFile struct {
	*target.AirSetup
	cwd     string // Cwd with its links resolved, as air resolves those of root
	root    string // the watched root, absolute, likewise
	service string
	report  checks.Reporter
}

// eachAirFile asks about every configuration of air that could be read, whether or not air loads it.
func eachAirFile(ctx context.Context, t *target.Target, report checks.Reporter, ask func(*airFile) error) error {
	return eachAir(ctx, t, report, func(a *airFile) error {
		if a.Doc == nil {
			return nil
		}
		return ask(a)
	})
}

// eachLoadedAir asks about every air whose settings are known: its file loads, or it has none. A bad pattern leaves the other
// settings known.
func eachLoadedAir(ctx context.Context, t *target.Target, report checks.Reporter, ask func(*airFile) error) error {
	return eachAir(ctx, t, report, func(a *airFile) error {
		if a.Err != nil && !isBadRegex(a.Err) {
			return nil
		}
		return ask(a)
	})
}

func isBadRegex(err error) bool { _, ok := err.(*air.BadRegex); return ok }

// missing tells whether a configuration is not there at all.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

func eachAir(ctx context.Context, t *target.Target, report checks.Reporter, ask func(*airFile) error) error {
	airs, err := t.Airs(ctx)
	if err != nil {
		return err
	}
	if len(airs) == 0 {
		return checks.Skip("air is not used here")
	}
	modules, err := t.Modules(ctx)
	if err != nil {
		return err
	}
	told := map[string]bool{} // one file may be that of several starts
	for _, setup := range airs {
		if err := ask(newAirFile(t, setup, modules, report, told)); err != nil {
			return err
		}
	}
	return nil
}

func newAirFile(t *target.Target, setup *target.AirSetup, modules []*project.Module, report checks.Reporter, told map[string]bool) *airFile {
	a := &airFile{AirSetup: setup, cwd: t.Real(setup.Cwd), root: t.Real(setup.Matcher(setup.Cwd, nil).Root()), service: describe.ServiceAt(modules, setup.Dir)}
	tell := once(a.service, told, report)
	a.report = func(f checks.Finding) {
		f.Evidence = append(f.Evidence, checks.Msg("judged by the rules of air %s (%s)", a.Version, a.Origin))
		tell(f)
	}
	return a
}

// at is the place of a range of the file.
func (a *airFile) at(s tomldoc.Span) *checks.Location {
	line, column := a.Doc.Position(s.Start)
	endLine, endColumn := a.Doc.Position(s.End)
	return &checks.Location{File: a.File, Line: line, Column: column, EndLine: endLine, EndColumn: endColumn}
}

// entry is the entry that decides a key here: the table for this system comes first.
func (a *airFile) entry(key string) (tomldoc.Entry, bool) {
	if a.Doc == nil || slices.Contains(a.Overridden, "build."+key) {
		return tomldoc.Entry{}, false
	}
	if a.Version.AtLeast("v1.65.0") {
		if e, ok := a.Doc.Find("build", goos, key); ok {
			return e, true
		}
	}
	return a.Doc.Find("build", key)
}

// near is the place of a key of [build]; without it that of the section, of the file, or of the command that starts air.
func (a *airFile) near(key string) *checks.Location {
	if e, ok := a.entry(key); ok {
		return a.at(e.Whole)
	}
	if a.Doc != nil && !slices.Contains(a.Overridden, "build."+key) {
		for _, e := range a.Doc.Entries { // misspelt: there it is to be mended
			if len(e.Path) == 2 && e.Path[0] == "build" && !isKnown(e.Path) && renamed(a, e) == key {
				return a.at(e.Whole)
			}
		}
		for _, t := range a.Doc.Tables {
			if slices.Equal(t.Path, []string{"build"}) {
				return a.at(t.Name)
			}
		}
		return checks.At(a.File, 1, 1)
	}
	if a.Named != nil {
		return checks.At(a.Named.File, a.Named.Command.Pos.Line, a.Named.Command.Pos.Column)
	}
	if a.File != "" {
		return checks.At(a.File, 1, 1)
	}
	return nil
}

// word finds a word that stands once in a range of the file, and there as itself: without escapes.
func (a *airFile) word(in tomldoc.Span, word string) (tomldoc.Span, bool) {
	text, found := string(a.Doc.Data[in.Start:in.End]), -1
	for from := 0; word != ""; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			break
		}
		i += from
		end := i + len(word)
		if (i == 0 || strings.ContainsRune(" \t\"'=;&|", rune(text[i-1]))) && (end == len(text) || strings.ContainsRune(" \t\"';&|", rune(text[end]))) {
			if found >= 0 {
				return tomldoc.Span{}, false
			}
			found = i
		}
		from = i + 1
	}
	if found < 0 {
		return tomldoc.Span{}, false
	}
	return tomldoc.Span{Start: in.Start + found, End: in.Start + found + len(word)}, true
}

// replace writes text over a range of the file.
func (a *airFile) replace(s tomldoc.Span, text string) plan.Edit {
	return plan.Replace(a.File, a.Doc.Data, s.Start, s.End, text)
}

// remove takes the lines of an entry out; ok is false where something else stands on them.
func (a *airFile) remove(s tomldoc.Span) (plan.Edit, bool) {
	first, _ := a.Doc.Position(s.Start)
	last, _ := a.Doc.Position(s.End)
	line, offset := plan.Line(a.Doc.Data, first)
	before := strings.TrimSpace(strings.TrimPrefix(line[:s.Start-offset], "\xef\xbb\xbf"))
	lastLine, lastOffset := plan.Line(a.Doc.Data, last)
	after := strings.TrimSpace(lastLine[min(len(lastLine), s.End-lastOffset):])
	if before != "" || after != "" && after[0] != '#' {
		return plan.Edit{}, false
	}
	return plan.RemoveLines(a.File, a.Doc.Data, first, last), true
}

// put writes a key of a section (with `=` and value): over the value that stands there, else as a new line below the
// section's last key; a section that is missing is made.
func (a *airFile) put(section, key, value string) plan.Edit {
	path := []string{key}
	if section != "" {
		path = append(strings.Split(section, "."), key)
	}
	if e, ok := a.Doc.Find(path...); ok {
		return a.replace(e.Value.Span, value)
	}
	return a.insert(section, key+" = "+value)
}

// insert writes a line below a section's last key.
func (a *airFile) insert(section, text string) plan.Edit {
	below, indent, found := 0, "", section == ""
	for _, t := range a.Doc.Tables {
		if strings.Join(t.Path, ".") == section && !t.Array {
			below, _ = a.Doc.Position(t.Name.Start)
			found = true
		}
	}
	for _, e := range a.Doc.Entries {
		if strings.Join(e.Path[:len(e.Path)-1], ".") != section {
			continue
		}
		line, column := a.Doc.Position(e.Whole.Start)
		start, _ := plan.Line(a.Doc.Data, line)
		if lead := strings.TrimPrefix(start, "\xef\xbb\xbf"); len(lead)-len(strings.TrimLeft(lead, " \t")) == column-1 {
			indent = lead[:column-1]
		}
		end, _ := a.Doc.Position(e.Whole.End)
		below, found = max(below, end), true
	}
	if !found {
		below, text = bytes.Count(bytes.TrimRight(a.Doc.Data, "\r\n"), []byte("\n"))+1, "\n["+section+"]\n"+text
	}
	e := plan.InsertAfterLine(a.File, a.Doc.Data, below, indent+text)
	e.Beside = true
	return e
}

// mend is a plan for air's configuration, which ends by saying that air has to be started anew.
func mend(title string, safety plan.Safety, steps ...plan.Step) *plan.Plan {
	return &plan.Plan{Title: title, Safety: safety, Steps: steps, After: []string{plan.RestartWatcher("air")}}
}

// quoted is a TOML string.
func quoted(s string) string {
	r := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`)
	return `"` + r.Replace(s) + `"`
}

// list is a TOML array of strings.
func list(items []string) string {
	var out []string
	for _, s := range items {
		out = append(out, quoted(s))
	}
	return "[" + strings.Join(out, ", ") + "]"
}
