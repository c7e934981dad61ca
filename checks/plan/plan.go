// Package plan holds fix plans as data: what a check proposes and package fixes carries out. It reads and writes nothing.
package plan

import (
	"io/fs"

	"github.com/gindoctor/gindoctor/internal/shellword"
)

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
	Remedy string    // the command that carries it out
	Port   int       // the TCP port to free, where that is the plan; such a plan has no steps
	Stop   []Process // the processes to stop, where that is the plan; such a plan has no steps and no port
	Steps  []Step    // what happens to files, in order
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

// Process is a process as a check has seen it. One that got its pid later is another.
type Process struct {
	PID        int
	StartTicks uint64 // since boot
	Exe        string // path of the executable, empty where it may not be read
	Name       string // as its user calls it: "air"
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

// Tool is a program that a Command runs.
type Tool string

// The tools. The zero value means Go.
const (
	Go  Tool = "go"
	Git Tool = "git"
)

// Command is a command whose effect on files is wanted. It is run on a copy, offline, and what it would change there is what is
// shown and then written. It starts from the state after all other steps.
//
//   - `go get M@V`, `go mod tidy`, `go list -mod=mod ...` change go.mod and go.sum, and `go mod vendor` changes vendor.
//   - `go install P@V` makes the file that Produces names.
//   - a git command, such as `git rm --cached`, changes git's index. One that would touch more than that has no place in a plan.
type Command struct {
	Tool Tool
	Args []string // without the tool
	Dir  string   // the folder to run it in, slash-separated and relative to the root; a module's for what changes its files
	// Offline are the Args where nothing may be downloaded; none for the same.
	Offline []string
	// Produces is the file that `go install` makes, absolute: it has to be one that is not there.
	Produces string
	// Instead is what to type where this cannot be done offline; empty for the command itself.
	Instead string
	// Welcome says that the plan stands without this command, where it fails.
	Welcome bool
}

// Line is the command as one would type it.
func (c Command) Line() string {
	tool := c.Tool
	if tool == "" {
		tool = Go
	}
	line := string(tool)
	for _, arg := range c.Args {
		line += " " + shellword.Quote(arg)
	}
	return line
}

// Same tells whether two commands do the same.
func (c Command) Same(other Command) bool {
	return c.Dir == other.Dir && c.Produces == other.Produces && c.Line() == other.Line()
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
