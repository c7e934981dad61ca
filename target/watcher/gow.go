package watcher

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/host"
)

// gow: github.com/mitranim/gow, the go command under a watcher.
var gow = &Tool{
	Name:    "gow",
	Command: "gow run .",
	Serves:  func(args []string) bool { return slices.Contains(args, "run") },
	Modules: []string{"github.com/mitranim/gow"},
	Recognise: func(p host.Process, table *host.Processes) bool {
		return program(p) == "gow" && (slices.Contains(p.Args, "run") ||
			hasChild(p, table, func(c host.Process) bool { return program(c) == "go" }))
	},
	Read: readGow,
}

// The flags of gow, by its source of 2025.
var gowFlags = &flagSet{dialect: goFlag, flags: []*flagSpec{
	{names: []string{"g"}}, {names: []string{"e"}}, {names: []string{"w"}}, {names: []string{"i"}}, {names: []string{"P"}}, {names: []string{"S"}},
	{names: []string{"re"}}, {names: []string{"v"}, takes: takesNothing}, {names: []string{"c"}, takes: takesNothing},
	{names: []string{"s"}, takes: takesNothing}, {names: []string{"r"}, takes: takesNothing}, {names: []string{"t"}, takes: takesNothing},
	{names: []string{"l"}, takes: takesNothing}, {names: []string{"p"}, takes: takesNothing},
}}

var gowExtension = lazyregexp.New(`^\w+$`)

// gowWatch is what one gow does.
type gowWatch struct {
	*Setup
	args *arguments
	exts []string
	walk *folders
}

func readGow(s *Start) *Setup {
	setup := &Setup{Start: s, Events: Events{NewFolders: true, NewFiles: true}}
	w := &gowWatch{Setup: setup, args: setup.flags(gowFlags, s.Words)}
	if w.args.help || len(s.Words) == 0 || len(w.args.rest) > 0 && w.args.rest[0].Text == "help" {
		return nil
	}
	setup.Unsure = w.args.hides("e", "w", "i")
	if setup.refused() || w.args.unsure != "" {
		return setup
	}
	if len(w.args.rest) == 0 {
		w.refuse(Fault{Kind: Syntax, Place: w.Place, Name: "gow", Does: "gow ends: it is given no command of go"})
	}
	w.readExtensions()
	w.readFolders()
	if setup.refused() {
		return setup
	}
	w.Reactions = []*Reaction{w.reaction()}
	return setup
}

func (w *gowWatch) readExtensions() {
	given := w.args.all("e")
	if len(given) == 0 {
		w.exts = []string{"go", "mod"}
	}
	for _, g := range given {
		if g.value.Text == "" {
			continue
		}
		exts := strings.Split(g.value.Text, ",")
		w.exts = append(w.exts, exts...)
		if i := slices.IndexFunc(exts, func(ext string) bool { return !gowExtension.MatchString(ext) }); i >= 0 {
			for j := range exts {
				exts[j] = strings.TrimLeft(exts[j], "*.")
			}
			w.refuse(Fault{Kind: WrongType, Place: g.value.Place, Name: g.written, Value: g.value.Text,
				Does: fmt.Sprintf("gow ends: invalid extension %q", strings.Split(g.value.Text, ",")[i]), Mend: w.replaceWord(g.value, strings.Join(exts, ","))})
		}
	}
}

func (w *gowWatch) readFolders() {
	w.walk = &folders{files: w.Files, linkedRoots: true}
	for _, g := range w.args.all("w") {
		for dir := range strings.SplitSeq(g.value.Text, ",") {
			root := inFolder(w.Cwd, dir)
			w.walk.roots = append(w.walk.roots, root)
			if !w.Files.IsDir(root) && g.value.Known {
				w.refuse(Fault{Kind: MissingFolder, Place: g.value.Place, Name: g.written, Value: dir, Does: "gow ends: no such file or directory"})
			}
		}
	}
	if w.walk.roots == nil {
		w.walk.roots = []string{w.Cwd}
	}
}

func (w *gowWatch) reaction() *Reaction {
	tool := typedWord("go")
	if g := w.args.last("g"); g != nil {
		tool = g.value
	}
	r := &Reaction{Matcher: w, Place: w.Place, Restarts: !w.args.on("l"), StopsFirst: true, Stop: Stop{Signal: "SIGTERM", Group: true, Kill: -1}}
	r.Build, r.Run = chain([]Line{commandLine(append([]Word{tool}, w.args.rest...), w.Cwd)})
	if g := w.args.last("l"); g != nil && !r.Restarts {
		r.RestartBy = w.takeOut(g)
	}
	return r
}

// Folder tells whether gow watches a folder: what -i names is watched all the same.
func (w *gowWatch) Folder(dir string) Decision { return w.walk.Folder(dir) }

// Reacts decides about a change of a file.
func (w *gowWatch) Reacts(file string) Decision {
	if d := w.Folder(filepath.Dir(file)); !d.Reacts() {
		return d
	}
	for _, g := range w.args.all("i") {
		for dir := range strings.SplitSeq(g.value.Text, ",") {
			if ignored := inFolder(w.Cwd, dir); g.value.Text != "" && within(file, ignored) {
				return Decision{Reason: DirExcluded, Path: ignored, Rule: g.rule(), Place: g.value.Place}
			}
		}
	}
	if len(w.exts) > 0 && !slices.Contains(w.exts, strings.TrimPrefix(filepath.Ext(file), ".")) {
		d := Decision{Reason: Extension, Path: file, Rule: "gow watches .go and .mod files without -e"}
		if g := w.args.last("e"); g != nil {
			d.Rule, d.Place = g.rule(), g.value.Place
		}
		return d
	}
	return w.walk.file(file)
}

// Include takes the flag out that leaves the folder out, or adds the folder or the extension to those watched.
func (w *gowWatch) Include(file string) []Change {
	switch d := w.Reacts(file); d.Reason {
	case Outside:
		if dir, ok := topFolder(file, w.Cwd); ok {
			return w.tryWith(0, file, true, w.args.end, "-w="+dir)
		}
	case DirExcluded:
		return w.tryWithout(0, file, true, d.Place, w.args)
	case Extension:
		ext := strings.TrimPrefix(filepath.Ext(file), ".")
		if w.args.last("e") == nil {
			ext = "go,mod," + ext
		}
		return w.tryWith(0, file, true, w.args.end, "-e="+ext)
	}
	return nil
}

// Exclude adds a flag that leaves the folder of the file out, where that is not the one that is watched.
func (w *gowWatch) Exclude(file string) []Change {
	rel, ok := relative(filepath.Dir(file), w.Cwd)
	if !ok {
		return nil
	}
	return w.tryWith(0, file, false, w.args.end, "-i="+rel)
}
