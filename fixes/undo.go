package fixes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/gindoctor/gindoctor/fixes/journal"
)

// UndoOptions is all that undoing needs to know.
type UndoOptions struct {
	Root    string
	Journal *journal.Store
	Yes     bool
	JSON    bool // print one UndoReport instead of the screen; nothing is asked then

	In       io.Reader
	Out      io.Writer
	Terminal bool // a person reads Out and can answer on In
	Style    Style
}

// UndoSchema names the form of an UndoReport.
const UndoSchema = "gindoctor/undo/v1"

// UndoReport is what `gindoctor undo --format json` prints.
type UndoReport struct {
	Schema   string     `json:"schema"`
	Root     string     `json:"root"`
	Started  *time.Time `json:"started,omitempty"` // of the run that is undone
	Fixes    []string   `json:"fixes"`
	Files    []string   `json:"files"`
	Lasting  []string   `json:"cannot_be_undone"`
	Result   Result     `json:"result"`
	Reason   string     `json:"reason,omitempty"`
	ExitCode int        `json:"exit_code"`
}

// Undo takes the last run back, byte for byte. A second one goes one run further back.
func Undo(ctx context.Context, o UndoOptions) (*UndoReport, error) {
	out := o.Out
	if o.JSON {
		out, o.Terminal = io.Discard, false
	}
	u := &undoing{UndoOptions: o, screen: portScreen{out: out, style: o.Style},
		report: &UndoReport{Schema: UndoSchema, Root: o.Root, Fixes: []string{}, Files: []string{}, Lasting: []string{}}}
	result, err := u.run(ctx)
	u.report.Result, u.report.ExitCode = result, result.ExitCode()
	if err != nil {
		u.report.Reason = err.Error()
		u.screen.result(false, printable(err.Error()))
	}
	if o.JSON {
		e := json.NewEncoder(o.Out)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return u.report, e.Encode(u.report)
	}
	return u.report, nil
}

type undoing struct {
	UndoOptions
	screen portScreen
	report *UndoReport
}

var errNobodyToAsk = errors.New("there is no terminal to ask on, and --yes was not given; nothing was changed")

func (u *undoing) run(ctx context.Context) (Result, error) {
	r, err := u.Journal.Unfinished()
	if err != nil {
		return Failed, err
	}
	if r != nil {
		u.tell(r)
		if !u.Yes && !u.Terminal {
			return Refused, errNobodyToAsk
		}
		if err := restoreCutOff(ctx, u.Journal, r, u.screen, u.In, u.Yes); err != nil {
			return Failed, err
		}
		return Undone, nil
	}
	if r, err = u.Journal.Last(); err != nil {
		return Failed, err
	}
	if r == nil {
		u.screen.printf("There is nothing to undo: gindoctor has changed no file here.\n")
		return Nothing, nil
	}
	return u.undo(ctx, r)
}

// tell fills the report with what a run did.
func (u *undoing) tell(r *journal.Record) {
	u.report.Started = &r.Started
	u.report.Fixes = append(u.report.Fixes, r.Titles...)
	u.report.Lasting = append(u.report.Lasting, r.Lasting...)
	for _, f := range r.Files {
		u.report.Files = append(u.report.Files, f.Name)
	}
}

func (u *undoing) undo(ctx context.Context, r *journal.Record) (Result, error) {
	u.tell(r)
	u.screen.printf("The last fix here was made on %s:\n\n", r.Started.Local().Format("2 Jan 2006 at 15:04"))
	for _, title := range r.Titles {
		u.screen.paragraph("  ", printable(title))
	}
	if len(r.Files) > 0 {
		u.screen.printf("\nUndoing it puts back\n")
		u.files(r)
	}
	for _, lasting := range r.Lasting {
		u.screen.printf("\n")
		u.screen.paragraph("", "This cannot be undone: "+printable(lasting))
	}
	u.screen.printf("\n")
	if !u.Yes && len(r.Files) > 0 {
		if !u.Terminal {
			return Refused, errNobodyToAsk
		}
		yes, err := Confirm(ctx, u.screen.out, u.In, "Go ahead? [y/N] ")
		if err != nil {
			return Failed, err
		}
		if !yes {
			u.screen.printf("Nothing was changed.\n")
			return Refused, nil
		}
		u.screen.printf("\n")
	}
	err := u.Journal.Undo(ctx, r)
	if changed, ok := errors.AsType[*journal.Changed](err); ok {
		return Refused, fmt.Errorf("%s changed since that fix, so nothing was put back; the originals are in %s", strings.Join(changed.Names, ", "), r.Dir())
	}
	if err != nil {
		return Failed, err
	}
	if len(r.Files) == 0 {
		u.screen.printf("There is nothing to put back. The next undo goes one fix further back.\n")
		return Nothing, nil
	}
	u.screen.result(true, fmt.Sprintf("%s as before that fix", count(len(r.Files), "file is", "files are")))
	return Undone, nil
}

// shown is how many files are named; of a vendor folder there may be thousands.
const shown = 12

func (u *undoing) files(r *journal.Record) {
	for i, f := range r.Files {
		if i == shown {
			u.screen.printf("  and %d more\n", len(r.Files)-shown)
			return
		}
		what := ""
		switch {
		case !f.Before.Exists:
			what = "   (goes: it was not there)"
		case !f.After.Exists:
			what = "   (comes back)"
		}
		u.screen.printf("  %s%s\n", printable(f.Name), what)
	}
}

func cutOff(r *journal.Record) string {
	return fmt.Sprintf("a fix was cut off in the middle on %s", r.Started.Local().Format("2 Jan 2006 at 15:04"))
}

// restoreCutOff puts back the files of a run that was cut off in the middle, after a yes.
func restoreCutOff(ctx context.Context, store *journal.Store, r *journal.Record, s portScreen, in io.Reader, yes bool) error {
	s.paragraph("", upperFirst(cutOff(r))+", so that some of its files may be changed and others not.")
	if !yes {
		answer, err := Confirm(ctx, s.out, in, "Put all of them back to what they were before? [y/N] ")
		if err != nil {
			return err
		}
		if !answer {
			return errors.New("the answer was no; nothing was changed")
		}
	}
	left, err := store.Restore(r)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return fmt.Errorf("this could not be put back: %s; the originals are in %s", strings.Join(left, ", "), r.Dir())
	}
	s.result(true, fmt.Sprintf("%s as before it", count(len(r.Files), "file is", "files are")))
	s.printf("\n")
	return nil
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func upperFirst(text string) string {
	for i, r := range text {
		return string(unicode.ToUpper(r)) + text[i+len(string(r)):]
	}
	return text
}
