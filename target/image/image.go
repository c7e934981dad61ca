package image

import (
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/artefact"
)

// Image is what is built from a Dockerfile: one stage that somebody asks for, with all that it is made of.
type Image struct {
	*State
	Stage   *artefact.Stage
	Context *Context
	// Final says that it is the last stage of its Dockerfile.
	Final bool
	b     *builder
}

// Plan plays the stages of a Dockerfile with a context.
func Plan(d *artefact.Dockerfile, c *Context, stages []*artefact.Stage) []*Image {
	b := &builder{ctx: c, states: map[*artefact.Stage]*State{}, builds: map[*artefact.Stage][]*Build{}, runs: map[*artefact.Run]*State{}, placed: map[*artefact.Stage][]Placed{}}
	var out []*Image
	for _, s := range stages {
		out = append(out, &Image{State: b.state(s), Stage: s, Context: c, Final: s == d.Final(), b: b})
	}
	return out
}

// Path are the stages that the image is made of, in the order of the file.
func (i *Image) Path() []*artefact.Stage {
	var out []*artefact.Stage
	var add func(s *artefact.Stage)
	add = func(s *artefact.Stage) {
		if s == nil || slices.Contains(out, s) {
			return
		}
		out = append(out, s)
		add(s.Parent)
		for _, c := range s.Copies {
			add(c.Stage)
		}
		for _, r := range s.Runs {
			for _, f := range r.Flags {
				if _, from, ok := strings.Cut(f.Value, "from="); ok {
					from, _, _ = strings.Cut(from, ",")
					add(s.File.Stage(from))
				}
			}
		}
	}
	add(i.Stage)
	slices.SortFunc(out, func(a, b *artefact.Stage) int { return a.Index - b.Index })
	return out
}

// Base is the image that the stage begins with; known is false where only its arguments say.
func (i *Image) Base() (r Ref, known bool) {
	t := i.Stage.Image()
	return ParseRef(t.Value), t.Known()
}

// StageState is another stage of the Dockerfile when all is done, and Before is a stage as a RUN finds it.
func (i *Image) StageState(s *artefact.Stage) *State { return i.b.state(s) }

// Before is a stage as one of its RUN instructions finds it.
func (i *Image) Before(r *artefact.Run) *State { return i.b.runs[r] }

// Builds are the builds of a stage, in order.
func (i *Image) Builds(s *artefact.Stage) []*Build {
	i.b.state(s)
	return i.b.builds[s]
}

// Holds is the file of the project (relative to the root) that lies at a path of a state; "" where none does for certain.
func (i *Image) Holds(st *State, name string) string {
	if f := st.file(i.Context, path.Clean(name)); f != "" {
		return i.Context.Abs(f)
	}
	return ""
}

// MayHold tells whether a state may have at a path what nobody knows of.
func (i *Image) MayHold(st *State, name string) bool { return st.mayHold(path.Clean(name)) }

// HoldsMatch tells whether a state has a file of the project whose path matches a pattern of package path, or a folder of that name.
func (i *Image) HoldsMatch(st *State, pattern string) bool {
	found := false
	st.each(i.Context, "/", func(name string) {
		for ; !found && name != "/" && name != "."; name = path.Dir(name) {
			found, _ = path.Match(pattern, name)
		}
	})
	return found
}

// each calls visit for the path of each file of the project in a state.
func (st *State) each(c *Context, _ string, visit func(name string)) {
	for _, l := range st.layers {
		switch {
		case l.dark:
		case l.of != nil:
			l.of.each(c, "/", func(name string) {
				if within(name, l.source) {
					visit(path.Join(l.dest, strings.TrimPrefix(name, l.source)))
				}
			})
		case l.isDir:
			c.files(l.context, func(name string) {
				if l.context != "" {
					name = strings.TrimPrefix(name, l.context+"/")
				}
				visit(path.Join(l.dest, name))
			})
		case c.has(l.context):
			visit(l.dest)
		}
	}
}

// Start is the build whose program a container of the image starts, and the path that it starts it by; nil where it is not known.
func (i *Image) Start() (*Build, string) {
	entrypoint, cmd := i.Stage.Starts()
	for _, w := range artefact.Started(entrypoint, cmd) {
		for _, name := range i.Paths(w) {
			if b := i.Output(name); b != nil {
				return b, name
			}
		}
	}
	return nil, ""
}

// Paths are the places in the image that a word may name a program by.
func (i *Image) Paths(word string) []string {
	if strings.Contains(word, "/") {
		if path.IsAbs(word) || i.Dir != "" {
			return []string{abs(i.Dir, word)}
		}
		return nil
	}
	var out []string
	for _, dir := range []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/go/bin", "/usr/local/go/bin"} {
		out = append(out, path.Join(dir, word))
	}
	return out
}

// Commands are what the RUN instructions of a stage run, in order.
func (i *Image) Commands(s *artefact.Stage) []Placed {
	i.b.state(s)
	return i.b.placed[s]
}

// Upward is the file of the project of that name (relative to the root) that lies in a folder of a state, or nearest above it.
func (i *Image) Upward(st *State, dir, name string) string {
	for dir != "" {
		if f := i.Holds(st, path.Join(dir, name)); f != "" {
			return f
		}
		if dir == "/" || dir == "." {
			break
		}
		dir = path.Dir(dir)
	}
	return ""
}

// Named are the paths of files of the project in a state that have one of some names.
func (i *Image) Named(st *State, names ...string) []string {
	var out []string
	st.each(i.Context, "/", func(name string) {
		if slices.Contains(names, path.Base(name)) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	})
	slices.Sort(out)
	return out
}
