package watcher

import (
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

var freshSplit = lazyregexp.New(`(\s*(:|=)\s*)|\s+`)

// maxFreshLine is the length of a line at which fresh stops reading.
const maxFreshLine = 64 << 10

// readRunnerConf reads a runner.conf as github.com/pilu/config does: "key: value", "key = value" or "key value" a line, what follows a
// # or a ; is a comment, and only what stands before the first [section], or below [Settings], counts.
func (s *Setup) readRunnerConf(doc *document, settings map[string]freshSetting) {
	section := "Settings"
	for i, at := range doc.starts {
		end := doc.lineEnd(at)
		if end-at >= maxFreshLine {
			s.fault(Fault{Kind: Syntax, Place: doc.place(at, at), Does: "fresh reads no further: the line is too long"})
			return
		}
		raw := string(doc.data[at:end])
		if i == 0 {
			raw = strings.TrimPrefix(raw, "\xef\xbb\xbf")
			at = end - len(raw)
		}
		raw, _, _ = strings.Cut(raw, "#")
		raw, _, _ = strings.Cut(raw, ";")
		line := strings.TrimSpace(raw)
		at += strings.Index(raw, line)
		switch {
		case line == "":
		case line[0] == '[' && line[len(line)-1] == ']':
			section = line[1 : len(line)-1]
			if section != "Settings" {
				s.fault(Fault{Kind: UnknownName, Place: doc.place(at, at+len(line)), Name: line, Known: []string{"[Settings]"}, Does: "fresh passes over all that stands below it"})
			}
		case section == "Settings":
			s.freshLine(doc, at, line, settings)
		}
	}
}

func (s *Setup) freshLine(doc *document, at int, line string, settings map[string]freshSetting) {
	key, value, from := line, "", len(line)
	if m := freshSplit.FindStringIndex(line); m != nil {
		key, value, from = line[:m[0]], line[m[1]:], m[1]
	}
	if _, ok := freshDefaults[key]; !ok {
		s.fault(Fault{Kind: UnknownName, Place: doc.place(at, at+len(key)), Name: key, Known: freshNames(), Does: "fresh passes it over"})
		return
	}
	settings[key] = freshSetting{name: key, value: value, key: doc.place(at, at+len(key)), place: doc.place(at+from, at+len(line))}
}

func freshNames() []string {
	var out []string
	for name := range freshDefaults {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// check notes what does not do what it seems to.
func (m *freshMatcher) check() {
	s := m.setup
	place := func(f freshSetting) Place {
		if f.place.Editable() {
			return f.place
		}
		return f.key
	}
	root := m.settings["root"]
	switch base := pathBase(root.value); {
	case len(root.value) > 1 && strings.HasPrefix(base, "."):
		s.fault(Fault{Kind: WrongType, Place: place(root), Name: "root", Value: root.value, Does: "fresh watches nothing: it passes over folders whose name begins with a dot, and takes this for one"})
	case !s.Files.IsDir(inFolder(s.Cwd, root.value)):
		s.refuse(Fault{Kind: MissingFolder, Place: place(root), Name: "root", Value: root.value, Does: "fresh ends: there is no such folder"})
	case root.value != "." && !strings.HasPrefix(root.value, "./") && !strings.HasPrefix(root.value, "../") && !strings.HasPrefix(root.value, "/") && !s.inModule(root.value):
		s.refuse(Fault{Kind: WrongType, Place: place(root), Name: "root", Value: root.value, Does: "fresh runs `go build " + root.value + "`, which looks for it in the standard library: the first build fails, with which fresh ends",
			Mend: mendRoot(root)})
	}
	if no := m.settings["no_rebuild_ext"]; slices.ContainsFunc(no.items(), func(i freshItem) bool { return i.text == "" }) {
		s.refuse(Fault{Kind: WrongType, Place: place(no), Name: "no_rebuild_ext", Value: no.value, Does: "fresh takes an empty element for every file: nothing is ever built"})
	}
	for _, item := range m.settings["valid_ext"].items() {
		if item.text != "" && !strings.HasPrefix(item.text, ".") {
			f := Fault{Kind: WrongType, Place: item.place, Name: "valid_ext", Value: item.text, Does: "fresh wants the dot: without it no file has this extension"}
			if item.place.Editable() && !strings.ContainsAny(item.text, "*?") {
				at := item.place
				at.End = at.Start
				f.Mend = []Change{{Place: at, Text: ".", Says: "write ." + item.text}}
			}
			s.fault(f)
		}
	}
	for _, item := range m.settings["ignored"].items() {
		if strings.Contains(item.text, "/") || strings.ContainsAny(item.text, "*?") {
			s.fault(Fault{Kind: BadPattern, Place: item.place, Name: "ignored", Value: item.text, Does: "fresh compares it with the name of the first folder of a path alone: nothing has this name"})
		}
	}
	if delay := m.settings["build_delay"]; strings.Trim(delay.value, "0123456789") != "" || delay.value == "" {
		s.fault(Fault{Kind: WrongType, Place: place(delay), Name: "build_delay", Value: delay.value, Does: "fresh wants a number of milliseconds here, and does not wait at all"})
	}
}

// mendRoot writes ./ before a root.
func mendRoot(root freshSetting) []Change {
	if !root.place.Editable() {
		return nil
	}
	at := root.place
	at.End = at.Start
	return []Change{{Place: at, Text: "./", Says: "write ./" + root.value}}
}

// pathBase is the last element of a path as the walk of fresh sees it.
func pathBase(name string) string {
	name = strings.TrimRight(name, "/")
	return name[strings.LastIndexByte(name, '/')+1:]
}

// inModule tells whether a path without ./ may be that of a package of the module.
func (s *Setup) inModule(name string) bool {
	data, err := s.Files.Read(inFolder(s.Cwd, "go.mod"))
	module, _, _ := strings.Cut(name, "/")
	return err == nil && strings.Contains(string(data), "module "+module)
}
