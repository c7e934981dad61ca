package watcher

import (
	"fmt"
	"path"
	"strings"

	"github.com/gindoctor/gindoctor/target/host"
)

// entr reads the list of files to watch from its standard input.
var entr = &Tool{
	Name:      "entr",
	Command:   "find . -name '*.go' | entr -r go run .",
	Recognise: func(p host.Process, _ *host.Processes) bool { return program(p) == "entr" },
	Read:      readEntr,
}

// The flags of entr, by its manual up to 5.7.
var entrFlags = &flagSet{dialect: getopt, flags: []*flagSpec{
	{names: []string{"a"}, takes: takesNothing}, {names: []string{"c"}, takes: takesNothing}, {names: []string{"d"}, takes: takesNothing},
	{names: []string{"n"}, takes: takesNothing}, {names: []string{"p"}, takes: takesNothing}, {names: []string{"r"}, takes: takesNothing},
	{names: []string{"s"}, takes: takesNothing}, {names: []string{"x"}, takes: takesNothing}, {names: []string{"z"}, takes: takesNothing},
}}

// entrWatch is what one entr does with its list.
type entrWatch struct {
	*Setup
	args *arguments
	list *fileList
}

func readEntr(s *Start) *Setup {
	setup := &Setup{Start: s, Events: Events{PerFile: true}}
	w := &entrWatch{Setup: setup, args: setup.flags(entrFlags, s.Words)}
	if w.args.help {
		return nil
	}
	setup.Events.NewFiles = w.args.on("d") // it ends then, and the loop around it begins again
	if w.args.unsure != "" {
		setup.Unsure = w.args.unsure
		return setup
	}
	w.refusals()
	if setup.refused() {
		return setup
	}
	list, err := listOf(s)
	if err != nil {
		setup.Unsure = err.Error()
		list = &fileList{names: func(string) []string { return nil }, folder: func(dir string) Decision { return Decision{Reason: NotListed, Path: dir} }}
	}
	w.list = list
	setup.Reactions = []*Reaction{w.reaction()}
	return setup
}

func (w *entrWatch) refusals() {
	switch {
	case len(w.args.faults) > 0:
	case len(w.args.rest) == 0:
		w.refuse(Fault{Kind: Syntax, Place: w.Place, Name: "entr", Does: "entr ends: it is given no command"})
	case w.args.on("s") && len(w.args.rest) > 1:
		w.refuse(Fault{Kind: Misplaced, Place: w.args.rest[1].Place, Name: w.args.rest[1].Text, Does: "entr ends: -s requires commands to be formatted as a single argument"})
	}
}

func (w *entrWatch) reaction() *Reaction {
	line := commandLine(w.args.rest, w.Cwd)
	if w.args.on("s") {
		first := w.args.rest[0]
		line = Line{Text: joined(w.args.rest[:1]), Dir: w.Cwd, Shell: true, Place: first.Place}
		if first.Known {
			line.Text = first.Text
		}
	}
	r := &Reaction{Matcher: w, Place: w.Place, Restarts: w.args.on("r"), StopsFirst: true, Stop: Stop{Signal: "SIGTERM", Group: true, Kill: -1}}
	r.Build, r.Run = chain([]Line{line})
	if !r.Restarts && r.Run != nil {
		r.RestartBy = w.putIn(w.args.end, "-r")
	}
	return r
}

// Folder tells whether a file in a folder may be on the list.
func (w *entrWatch) Folder(dir string) Decision { return w.list.folder(dir) }

// Reacts tells whether a file is on the list. entr watches what a link on it leads to.
func (w *entrWatch) Reacts(file string) Decision {
	if len(w.list.names(file)) > 0 {
		return Decision{Path: file}
	}
	d := Decision{Reason: NotListed, Path: file, Rule: "it is not on the list of files"}
	if by := w.list.without(file); by != nil {
		d.Rule, d.Place = "`"+shown(by.words)+"` takes it off the list", by.words[len(by.words)-1].Place
		return d
	}
	if len(w.From) > 0 {
		d.Rule, d.Place = "`"+shown(w.From[0])+"` does not list it", w.From[0][0].Place
	}
	if len(w.list.decisive) == 2 && w.list.decisive[0].Text == "-name" {
		d.Place = w.list.decisive[1].Place
	}
	return d
}

// Include adds a folder to those that find is given, a pattern behind the only one that it has, or an extension to those of fd.
func (w *entrWatch) Include(file string) []Change {
	ext := path.Ext(file)
	if ext == "" || len(w.From) == 0 || len(w.From[0]) == 0 {
		return nil
	}
	switch path.Base(w.From[0][0].Text) {
	case "find":
		if changes := w.findAlso(file); changes != nil {
			return changes
		}
		if len(w.list.decisive) != 2 {
			return nil
		}
		for i, word := range w.From[0] {
			if word == w.list.decisive[1] {
				return w.pipedWith(file, true, i+1, "-o", "-name", "*"+ext)
			}
		}
	case "fd", "fdfind":
		return w.pipedWith(file, true, len(w.From[0]), "-e", strings.TrimPrefix(ext, "."))
	}
	return nil
}

// findAlso adds the folder of a file to those that find is given, if then the file is listed.
func (w *entrWatch) findAlso(file string) []Change {
	dir, ok := topFolder(file, w.Cwd)
	if !ok {
		return nil
	}
	to := 1
	for to < len(w.From[0]) && w.From[0][to].Text != "" && strings.IndexAny(w.From[0][to].Text, "-(!") != 0 {
		to++
	}
	if to == 1 {
		return nil // find is given none, and takes the one that it is started in
	}
	return w.pipedWith(file, true, to, dir)
}

// Exclude adds a filter to find or fd.
func (w *entrWatch) Exclude(file string) []Change {
	names := w.list.names(file)
	if len(names) != 1 || len(w.From) == 0 {
		return nil
	}
	switch path.Base(w.From[0][0].Text) {
	case "find":
		return w.pipedWith(file, false, len(w.From[0]), "-not", "-path", names[0])
	case "fd", "fdfind":
		return w.pipedWith(file, false, len(w.From[0]), "-E", "/"+names[0])
	}
	return nil
}

// pipedWith puts words into the command that lists the files, if then the file is on the list or not, as is wanted.
func (w *entrWatch) pipedWith(file string, wanted bool, at int, words ...string) []Change {
	piped := *w.Start
	piped.Called, piped.Words = nil, w.From[0]
	piped.Tool = &Tool{Name: "entr", Read: func(changed *Start) *Setup {
		s := *w.Start
		s.From = append([][]Word{changed.Words}, w.From[1:]...)
		return readEntr(&s)
	}}
	changes := piped.tryWith(0, file, wanted, at, words...)
	for i := range changes {
		changes[i].Says = fmt.Sprintf("add `%s` to `%s`", strings.Join(quotedAll(words), " "), w.From[0][0].Text)
	}
	return changes
}
