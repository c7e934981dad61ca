package watcher

import (
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// folders decides which folders a tool looks into that walks down from its roots and follows no links. Answers are kept: a tree
// asks for the folder of each of its files.
type folders struct {
	roots []string // absolute
	files Files
	// enter tells whether the walk goes on into a folder below a root; nil where it always does.
	enter func(dir string) Decision
	// linkedRoots tells that a root may be a link, entered is one that may be a link though the others may not.
	linkedRoots bool
	entered     string
	known       sync.Map
}

// Folder tells whether a walk from one of the roots comes to a folder.
func (f *folders) Folder(dir string) Decision {
	if d, ok := f.known.Load(dir); ok {
		return d.(Decision)
	}
	d := f.decide(dir)
	f.known.Store(dir, d)
	return d
}

func (f *folders) decide(dir string) Decision {
	if slices.Contains(f.roots, dir) {
		if !f.linkedRoots && dir != f.entered && f.files.IsLink(dir) {
			return Decision{Reason: BehindLink, Path: dir, Rule: "a link is not followed"}
		}
		return Decision{Path: dir}
	}
	if !slices.ContainsFunc(f.roots, func(root string) bool { return within(dir, root) }) {
		return Decision{Reason: Outside, Path: dir, Rule: "no watched folder holds it"}
	}
	if above := f.Folder(filepath.Dir(dir)); !above.Reacts() {
		return above
	}
	if f.files.IsLink(dir) {
		return Decision{Reason: BehindLink, Path: dir, Rule: "a link is not followed"}
	}
	if f.enter != nil {
		return f.enter(dir)
	}
	return Decision{Path: dir}
}

// file decides about a file in a folder that is watched: a link to a file elsewhere tells nothing of changes there.
func (f *folders) file(name string) Decision {
	if f.files.IsLink(name) {
		return Decision{Reason: BehindLink, Path: name, Rule: "a change of what a link leads to is not seen through the link"}
	}
	return Decision{Path: name}
}

// within tells whether a path lies inside a folder; both absolute.
func within(name, dir string) bool {
	return strings.HasPrefix(name, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}

// relative is a path as a tool sees it below a folder, with slashes; ok is false where it does not lie inside.
func relative(name, dir string) (rel string, ok bool) {
	if !within(name, dir) {
		return filepath.ToSlash(name), false
	}
	return filepath.ToSlash(name[len(strings.TrimSuffix(dir, string(filepath.Separator)))+1:]), true
}

// topFolder is the folder of dir's own ones that a file lies in, as a tool started in dir names it; "." for a file of dir itself.
func topFolder(file, dir string) (name string, ok bool) {
	rel, ok := relative(file, dir)
	if !ok {
		return "", false
	}
	first, _, below := strings.Cut(rel, "/")
	if !below {
		return ".", true
	}
	return first, true
}

// linkMemo remembers of folders whether they are links: a walk asks for those above each file again and again.
type linkMemo struct {
	Files
	links sync.Map
}

// IsLink tells whether a name is a link.
func (m *linkMemo) IsLink(name string) bool {
	if known, ok := m.links.Load(name); ok {
		return known.(bool)
	}
	is := m.Files.IsLink(name)
	m.links.Store(name, is)
	return is
}
