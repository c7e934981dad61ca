package watcher

import (
	"path"
	"slices"

	"github.com/gindoctor/gindoctor/target/project"
)

// Debugger is a call of dlv (github.com/go-delve/delve) that a line makes.
type Debugger struct {
	Program     string // how dlv is called: by its name, or by a path
	Command     string // debug, exec, test
	Target      string // the package or the program that it debugs; "" for the package in its folder, and where only the shell knows it
	Headless    bool
	Continues   bool // it lets the program run at once; without it the program waits for a client, and serves nothing
	Multiclient bool // a client that leaves does not end it
	Listen      string
	Args        []Word // what the program is given
}

var dlvFlags = &flagSet{dialect: pflag, among: true, flags: []*flagSpec{
	{names: []string{"headless"}, takes: takesNothing}, {names: []string{"continue"}, takes: takesNothing},
	{names: []string{"accept-multiclient"}, takes: takesNothing}, {names: []string{"listen", "l"}}, {names: []string{"api-version"}},
	{names: []string{"backend"}}, {names: []string{"build-flags"}}, {names: []string{"check-go-version"}, takes: takesNothing},
	{names: []string{"init"}}, {names: []string{"log"}, takes: takesNothing}, {names: []string{"log-dest"}}, {names: []string{"log-output"}},
	{names: []string{"only-same-user"}, takes: takesNothing}, {names: []string{"redirect", "r"}}, {names: []string{"wd"}},
	{names: []string{"allow-non-terminal-interactive"}, takes: takesNothing}, {names: []string{"disable-aslr"}, takes: takesNothing},
	{names: []string{"output"}}, {names: []string{"tty"}},
}}

// Debugger is the call of dlv that a line makes; nil where it makes none that is known to start a program.
func (l Line) Debugger() *Debugger {
	for _, c := range project.ParseShell(l.Text, project.Position{Line: 1, Column: 1}) {
		if d := DebuggerOf(c.Words); d != nil {
			return d
		}
	}
	return nil
}

// DebuggerOf is the call of dlv that the words of one command make; nil where they make none that is known to start a program.
func DebuggerOf(command []string) *Debugger {
	if len(command) == 0 || path.Base(command[0]) != "dlv" {
		return nil
	}
	var words []Word
	for _, w := range command[1:] {
		words = append(words, Word{Text: w, Known: w != ""})
	}
	d := readDlv(words)
	if d != nil {
		d.Program = command[0]
	}
	return d
}

func readDlv(words []Word) *Debugger {
	var program []Word
	if i := slices.IndexFunc(words, func(w Word) bool { return w.Text == "--" }); i >= 0 {
		words, program = words[:i], words[i+1:]
	}
	args := dlvFlags.parse("dlv", words)
	if len(args.rest) == 0 || !slices.Contains([]string{"debug", "exec", "test"}, args.rest[0].Text) {
		return nil
	}
	d := &Debugger{Command: args.rest[0].Text, Headless: args.on("headless"), Continues: args.on("continue"),
		Multiclient: args.on("accept-multiclient"), Listen: args.text("listen", ""), Args: program}
	if len(args.rest) > 1 {
		d.Target = args.rest[1].Text
	}
	return d
}

// Debugger is the call of dlv that a reaction makes; nil where it makes none.
func (r *Reaction) Debugger() *Debugger {
	for _, line := range r.Lines() {
		if d := line.Debugger(); d != nil {
			return d
		}
	}
	return nil
}
