// Package plan holds fix plans as data: what a check proposes and package fixes carries out. It reads and writes nothing.
package plan

import "io/fs"

// Safety says whether a plan may be carried out without being asked for by name.
type Safety string

// Safe plans are applied by `gindoctor fix`; unsafe ones only with --unsafe or on a yes at the terminal.
const (
	Safe   Safety = "safe"
	Unsafe Safety = "unsafe"
)

// Plan is one way to mend a finding.
type Plan struct {
	ID     string // stable, family/verb
	Title  string // a verb phrase: "free port 8080"
	Safety Safety
	Remedy string // the command that carries it out
	Port   int    // the TCP port to free, where that is the plan; such a plan has no steps
	Steps  []Step // what happens to files, in order
	After  []string
	Diff   string // the steps as a unified diff, secrets masked; filled in by package fixes, for reports
}

// Of is the plan as that of a check, under whose name it is carried out unless it says otherwise.
func (p *Plan) Of(check string) *Plan {
	if p == nil {
		return nil
	}
	of := *p
	if of.ID == "" {
		of.ID = check
	}
	if of.Remedy == "" && of.Safety == Unsafe {
		of.Remedy = "gindoctor fix --unsafe --only " + check
	} else if of.Remedy == "" {
		of.Remedy = "gindoctor fix --only " + check
	}
	return &of
}

// Step is one thing that a plan does to files: Edit, CreateFile, RenameFile, RemoveFile or Command.
//
// File names are slash-separated and relative to the examined root ("../x" for what lies outside it), or absolute.
type Step interface{ isStep() }

// CreateFile makes a file that is not there; the plan is refused where it is. Missing folders are made too.
type CreateFile struct {
	File    string
	Content string
	Mode    fs.FileMode // 0 means 0644
}

// RenameFile gives a file another name, which must be free. A symbolic link is renamed itself.
type RenameFile struct{ From, To string }

// RemoveFile removes a file; of a symbolic link the link.
type RemoveFile struct{ File string }

// Command is a go command whose effect on a module's files is wanted: `go get M@V`, `go mod tidy`, `go mod vendor`, or
// `go list -mod=mod ...`. It is run on a copy, offline, and what it would change there is what is shown and then written:
// go.mod and go.sum, or vendor for `go mod vendor`. It starts from the state after all other steps.
type Command struct {
	Args []string // without "go"
	Dir  string   // the module's folder, slash-separated and relative to the root
	// Instead is what to type where this cannot be done offline; empty for the command itself.
	Instead string
	// Welcome says that the plan stands without this command, where it fails.
	Welcome bool
}

func (Edit) isStep()       {}
func (CreateFile) isStep() {}
func (RenameFile) isStep() {}
func (RemoveFile) isStep() {}
func (Command) isStep()    {}

// RestartWatcher is what is left to do after the configuration of a watcher was edited: none of them reads it again.
func RestartWatcher(tool string) string {
	return "restart " + tool + ": a running one still works by the configuration it was started with"
}
