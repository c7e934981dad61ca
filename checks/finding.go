package checks

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/gindoctor/gindoctor/checks/plan"
)

// Finding is one thing that is wrong: where, how sure, what it breaks, how to mend it.
type Finding struct {
	Check      string     // the id; filled in by the runner
	Stage      Stage      // the check's, unless set
	Severity   Severity   // the check's default, unless set
	Confidence Confidence // Certain, unless set

	Message  Message   // the thing, then what is wrong with it
	Why      Message   // what it does to the user
	Help     Message   // one command or one sentence that mends it
	Evidence []Message // what was seen, a line each

	Location *Location // the line to edit; nil where no file is at fault
	Subject  *Subject  // what it is about when that is not a place in a file

	// Service is the folder (relative to the root, "." for the root itself) of the module the finding is about, empty when
	// it is about the host as a whole. Findings of different services do not explain each other.
	Service string

	// Key names what the finding is about in words that survive moved lines (an import path, a variable); with the check's
	// id and the file it makes the fingerprint.
	Key string

	// Explains are globs of checks, like those of the check itself, but of findings at the same line only.
	Explains []string

	Fix *plan.Plan // nil where there is nothing to do but follow Help
}

// Location is a place in a file. Lines and columns count from 1, columns in bytes; the end is exclusive. EndLine and
// EndColumn are 0 where only the start is known.
type Location struct {
	File      string `json:"file"` // slash-separated, relative to the root
	Line      int    `json:"line,omitempty"`
	Column    int    `json:"column,omitempty"`
	EndLine   int    `json:"end_line,omitempty"`
	EndColumn int    `json:"end_column,omitempty"`
}

// At is a location whose end is not known.
func At(file string, line, column int) *Location {
	return &Location{File: file, Line: line, Column: column}
}

// Span is a location within one line: length bytes from column on.
func Span(file string, line, column, length int) *Location {
	return &Location{File: file, Line: line, Column: column, EndLine: line, EndColumn: column + length}
}

// SubjectKind is the kind of thing a Subject names.
type SubjectKind string

// The kinds of subject.
const (
	ProcessSubject SubjectKind = "process"
	PortSubject    SubjectKind = "port"
	LimitSubject   SubjectKind = "limit"
	MountSubject   SubjectKind = "mount"
	EnvSubject     SubjectKind = "env"
	FileSubject    SubjectKind = "file"
)

// Subject is what a finding is about when that is not a place in a file.
type Subject struct {
	Kind SubjectKind `json:"kind"`
	Name string      `json:"name,omitempty"`
	PID  int         `json:"pid,omitempty"`
	Port int         `json:"port,omitempty"`
}

// Fingerprint identifies the finding across moved lines and other pids.
func (f *Finding) Fingerprint() string {
	h := sha256.New()
	file := ""
	if f.Location != nil {
		file = f.Location.File
	}
	key := f.Key
	if key == "" {
		key = f.Message.Format
	}
	port := 0
	if f.Subject != nil {
		port = f.Subject.Port
	}
	fmt.Fprintf(h, "%s\x00%s\x00%s\x00%s\x00%d", f.Check, f.Service, file, key, port)
	return hex.EncodeToString(h.Sum(nil))[:16]
}
