package watcher

import (
	"time"
)

// Place is where something is written in a file of the project: what a finding names and a fix edits.
type Place struct {
	File         string // relative to the examined root
	Line, Column int    // from 1
	Start, End   int    // bytes of the file; both 0 where the text does not stand there as it is used (it came from a variable)
}

// Editable tells whether the text stands in the file as it is used, so that it can be edited there.
func (p Place) Editable() bool { return p.End > p.Start }

// Word is one word of a command line.
type Word struct {
	Text  string
	Known bool // false where only the shell knows the word: a variable, a substitution
	Glob  bool // the shell puts the names of the files that match it in its place
	Place Place
}

// Start is one way in which a tool is, or would be, started on this project.
type Start struct {
	Tool    *Tool
	Version string // of the tool with its leading v; empty where nothing tells
	Cwd     string // absolute: the folder it is started in
	Words   []Word // its arguments: what follows `wgo`, `go tool air`, `npx nodemon`
	Called  []Word // the words before them: `npx`, `nodemon`; none where nobody typed them
	// From are the commands whose output is piped into it, the first one first; none where nothing is, or nobody knows.
	From  [][]Word
	Place Place // of the command; the zero Place where no file of the project names it
	// Config is the absolute path of a configuration file that lies where the tool looks for it; the tool's reader decides by
	// the arguments whether it is read.
	Config string
	// Files reads the project.
	Files Files
	// Env looks up a variable of the environment that the tool is started with.
	Env func(name string) (string, bool)
}

// Files is what a tool's reader may ask about files; every path is absolute. Reads are bounded and kept.
type Files interface {
	Read(path string) ([]byte, error)
	// Text reads a file of the project by the name that a Place has for it.
	Text(file string) ([]byte, error)
	// Rel names a path as findings do: relative to the examined root.
	Rel(path string) string
	IsDir(path string) bool
	IsLink(path string) bool
}

// Setup is what one started tool watches, builds, runs and ends.
type Setup struct {
	*Start
	// File is the configuration file that it reads, nil where it reads none.
	File *ConfigFile
	// Faults are what the tool refuses, or passes over in silence, of its configuration and arguments.
	Faults []Fault
	// Reactions are what it does at a change, each for paths of its own. None where a fault keeps the tool from starting.
	Reactions []*Reaction
	// Unsure says why nothing can be said about what it watches, "" where that is known: a flag of which only the shell knows
	// the value, braces of a template language. Faults and the command may be known all the same.
	Unsure string
	Events Events
	// ByLink tells that the tool watches nothing of its folder if its shell came there through the link that the folder is.
	ByLink bool
	// Proxy is what the tool puts between the browser and the server; nil where it puts nothing.
	Proxy *Proxy
}

// Proxy is a server of the tool's own that forwards to the server that is built.
type Proxy struct {
	Listen, Forward     int   // ports: its own, and the one that it forwards to; 0 where that is not known
	ListenAt, ForwardAt Place // where they are given; the zero Place for a default
	// Sets is the variable by which the tool tells the server to listen on Forward, "" where it does not.
	Sets string
	// SetListen and SetForward are the changes that give a port; nil where no small change does it.
	SetListen, SetForward func(port int) []Change
}

// ConfigFile is a configuration file as it was read.
type ConfigFile struct {
	Path string // relative to the examined root
	Data []byte
	Err  error // why it could not be read
}

// FaultKind says what is wrong with a piece of configuration.
type FaultKind int

// The kinds of fault.
const (
	Syntax        FaultKind = iota // it does not parse
	UnknownName                    // a key, section or flag that the tool does not know
	WrongType                      // a value of a type, unit or form that the tool rejects or misreads
	BadPattern                     // a pattern that does not compile
	MissingFolder                  // a folder that is not there
	OldName                        // a key or flag that the tool has renamed
	Misplaced                      // a flag at a place where the tool does not read it: it goes to the program
	Lacking                        // a flag that does nothing without another one, which Value names
)

// Fault is one piece of configuration that does not do what it seems to do.
type Fault struct {
	Kind  FaultKind
	Place Place
	Name  string   // the key or flag as it is written
	Value string   // its value, where that is the fault
	Known []string // names that the tool does know at this place, for a suggestion
	// Does says in a short sentence what the tool does about it: "reflex ends: flag provided but not defined: -x".
	Does  string
	Fatal bool // the tool does not start, or starts nothing
	// Mend is the change that sets it right where there is one certain way; nil else.
	Mend []Change
}

// Reaction is what a tool does when certain files change. Most tools have one.
type Reaction struct {
	Name  string // as the configuration calls it; often empty
	Place Place
	Matcher
	// Build are the command lines that run to their end at each change before Run.
	Build []Line
	// Run is what is started and kept running, the server; nil where the reaction only builds or generates.
	Run *Line
	// Restarts tells whether Run is ended and started anew at a change. Without it the first server runs for ever.
	Restarts bool
	// StaysBecause says why Run is never restarted, where that is not that the tool waits for its end before it reacts again.
	StaysBecause string
	// RestartBy is the change after which it restarts Run; nil where it does so, or no small change does it.
	RestartBy []Change
	// StopsFirst tells whether the old server is ended before Build runs, and not after it.
	StopsFirst bool
	// KeepsOnError tells whether the old server goes on, or is started again, when a build fails.
	KeepsOnError bool
	Stop         Stop
	// Debounce is how long the tool waits for further changes before it reacts; 0 where it does not wait.
	Debounce time.Duration
}

// Matcher decides about paths as the tool does. Both take absolute paths by the names that the tree has for them.
type Matcher interface {
	// Reacts decides about a change of the content of a file.
	Reacts(file string) Decision
	// Folder tells whether the tool looks into a folder and watches it.
	Folder(dir string) Decision
	// Include is how the configuration is changed so that a change of the file gets a reaction, and Exclude so that it gets
	// none; nil where no small change does it.
	Include(file string) []Change
	Exclude(file string) []Change
}

// Change is an edit of a configuration or of a command line.
type Change struct {
	Place Place  // the range that is replaced; Start == End inserts
	Text  string // what stands there afterwards
	// Says tells it in the imperative, as help: `take "-xdir pkg" out`.
	Says string
}

// Reason says which kind of rule decided about a path.
type Reason int

// The reasons.
const (
	Watched        Reason = iota // the tool reacts
	Outside                      // it lies outside every watched root
	BehindLink                   // a link on the way, which the tool does not follow
	Hidden                       // a name that begins with a dot
	BuiltIn                      // the tool leaves it out by itself: node_modules, vendor, its own output
	DirExcluded                  // a folder that the configuration leaves out
	DirNotIncluded               // the configuration names other folders
	FileExcluded                 // a pattern of the configuration leaves the file out
	NotMatched                   // no pattern of the configuration takes the file
	Extension                    // its extension is not among those watched
	NotListed                    // it was not on the list of files that the tool was started with
)

// Word is the reason as the report names it: dir-excluded, dir-not-included, ext, regex, hidden, symlink or outside-root.
func (r Reason) Word() string {
	switch r {
	case Outside:
		return "outside-root"
	case BehindLink:
		return "symlink"
	case Hidden:
		return "hidden"
	case BuiltIn, DirExcluded:
		return "dir-excluded"
	case DirNotIncluded, NotListed:
		return "dir-not-included"
	case FileExcluded, NotMatched:
		return "regex"
	case Extension:
		return "ext"
	}
	return "watched"
}

// Decision is what a tool does with a change, and why.
type Decision struct {
	Reason Reason
	Path   string // absolute: the folder or file that the rule is about
	Rule   string // the rule as its user knows it, `-xdir pkg`; for one that is built in, what it says: "node_modules is never watched"
	Place  Place  // where the rule stands; the zero Place for one that is built in
}

// Reacts tells whether the tool does something.
func (d Decision) Reacts() bool { return d.Reason == Watched }

// Line is a command line that a tool runs.
type Line struct {
	Text  string
	Dir   string // absolute: where it runs
	Shell bool   // by way of a shell, else the words are the program and its arguments
	Words []Word // where it is no shell line
	Place Place
}

// Stop is how a tool ends what it runs.
type Stop struct {
	Signal string        // the first one it sends: "SIGTERM", "SIGKILL"
	Group  bool          // to the process group, else to the direct child alone
	Rest   bool          // once the child has ended, what is left of its group is killed
	Kill   time.Duration // after how long SIGKILL follows; negative where it never does
	// Gently is the change after which it sends SIGTERM or SIGINT first and waits that long; nil where no small change does it.
	Gently func(wait time.Duration) []Change
	// Wish is where the configuration shows that the server is to end in order, though it does not; the zero Place where nothing does.
	Wish Place
}

// EventKind is the way in which a tool learns of changes.
type EventKind int

// The ways.
const (
	Notify  EventKind = iota // by inotify, or what the system has in its place
	Polling                  // by looking at every file again and again
)

// Events is how a tool learns of changes.
type Events struct {
	Kind     EventKind
	Interval time.Duration // between two looks, for one that polls
	// InstancePerFolder tells of a tool that opens an inotify instance for each folder, and not one for all.
	InstancePerFolder bool
	// PerFile tells of a tool that takes a watch for each file, and not only for each folder.
	PerFile bool
	// SinceBuild tells of a tool that compares times with the end of its last build: what that build writes starts no further one.
	SinceBuild bool
	// NewFolders tells whether folders made later are watched as well, NewFiles whether files made later are seen.
	NewFolders, NewFiles bool
	// PollFlag is what its user types or writes to make it poll; "" where it cannot.
	PollFlag string
}

// Lines are the command lines of a reaction, in the order in which they run.
func (r *Reaction) Lines() []Line {
	if r.Run == nil {
		return r.Build
	}
	return append(r.Build[:len(r.Build):len(r.Build)], *r.Run)
}
