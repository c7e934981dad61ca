// Package artefact reads what a project is deployed by: Dockerfiles, compose files, Kubernetes manifests, units, env files and
// their kin, each value with the place where it stands.
//
// There is one file per kind, with a reader in it, and readers lists them. A reader never refuses: from a file that does not parse it
// takes what it can and says where the rest goes wrong. Nothing here has an opinion.
package artefact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gindoctor/gindoctor/target/project"
)

// Kind is a kind of artefact, as people call it.
type Kind string

// reader is how one kind of artefact is recognised and read.
type reader struct {
	kind Kind
	// named tells by the path (slash-separated, relative to the root) whether a file may be one.
	named func(name string) bool
	// holds tells by its content whether a file is one; nil where the path says it all.
	holds func(text []byte) bool
	// read takes the file's content: it returns what Of finds, and sets Err and Skipped of the file.
	read func(f *File) any
}

// readers are all kinds; the first that takes a file reads it.
var readers = []reader{
	dockerfiles,
	composeFiles,
	workflows,
	gitlabFiles,
	unitFiles,
	supervisorFiles,
	procfiles,
	envFiles,
	renewalFiles,
	nginxFiles,
	kustomizeFiles,
	helmFiles,
	manifestFiles,
	prometheusFiles,
	prometheusRules,
	crontabs,
}

// File is one artefact.
type File struct {
	Path string // slash-separated, relative to the root
	Kind Kind
	Text []byte
	// Err is why a part of it, or all, could not be read: a *ParseError where its own text is at fault.
	Err error
	// Skipped is why nobody can read it as it stands, such as a template; empty for all others.
	Skipped string
	// TooLarge says that it is skipped for its size alone.
	TooLarge bool

	src     *source
	content any
}

// ParseError is a place where an artefact goes against its format.
type ParseError struct {
	Span
	Reason string
	// Repeated tells that it is a key that stands twice, of which some tools take the last.
	Repeated bool
}

func (e *ParseError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// Line is one line of the file.
func (f *File) Line(number int) Span { return f.src.line(number) }

// Set is the artefacts of a project, by path.
type Set struct {
	Files []*File
	// Stacks are lists of compose files that somebody gives to compose together (docker compose -f A -f B), for Composed.
	Stacks [][]string

	once struct {
		composed, applied, named, held sync.Once

		compose  []*Compose
		clusters []*Cluster
		files    map[string]*File
		objects  map[[2]string][]*Object // by kind and name
	}
}

// Of are the artefacts of one type, such as *Dockerfile, by path.
func Of[T any](s *Set) []T {
	var out []T
	for _, f := range s.Files {
		if c, ok := f.content.(T); ok {
			out = append(out, c)
		}
	}
	return out
}

// At is the artefact of that path; nil where there is none.
func (s *Set) At(name string) *File {
	s.once.named.Do(func() {
		s.once.files = make(map[string]*File, len(s.Files))
		for _, f := range s.Files {
			s.once.files[f.Path] = f
		}
	})
	return s.once.files[name]
}

// Settings are the variables that an artefact sets.
func (f *File) Settings() []Setting {
	if s, ok := f.content.(interface{ settings() []Setting }); ok {
		return s.settings()
	}
	return nil
}

// MaxSize is the size beyond which a file is no artefact that anybody wrote.
const MaxSize = 16 << 20

// Find reads the artefacts of a tree. Those below testdata belong to tests and are passed over.
func Find(ctx context.Context, t *project.Tree) (*Set, error) {
	var names []string
	for _, f := range t.Files {
		if f.Type&^fs.ModeSymlink == 0 && candidate(f.Path) {
			names = append(names, f.Path)
		}
	}
	found := make([]*File, len(names))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(names)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(names) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				found[i] = load(t.Root, names[i])
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := &Set{}
	for _, f := range found {
		if f != nil {
			s.Files = append(s.Files, f)
		}
	}
	s.follow(t)
	s.fillTemplates()
	return s, nil
}

func candidate(name string) bool {
	return !inTestdata(name) && slices.ContainsFunc(readers, func(r reader) bool { return r.named(name) })
}

func inTestdata(name string) bool {
	for dir := path.Dir(name); dir != "." && dir != "/"; dir = path.Dir(dir) {
		if path.Base(dir) == "testdata" {
			return true
		}
	}
	return false
}

// load reads a file as the artefact it is; nil where it is none.
func load(root, name string) *File {
	text, err := readFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		if errors.Is(err, errNoFile) {
			return nil
		}
		for _, r := range readers {
			if r.named(name) && r.holds == nil {
				return &File{Path: name, Kind: r.kind, Err: err, src: newSource(nil)}
			}
		}
		return nil
	}
	return Parse(name, text)
}

// Parse reads the text of a file as the artefact that its name and content show it to be; nil where it is none.
func Parse(name string, text []byte) *File {
	for _, r := range readers {
		if !r.named(name) || r.holds != nil && !r.holds(text) {
			continue
		}
		f := &File{Path: name, Kind: r.kind, Text: text, src: newSource(text)}
		if what := binary(text); what != "" {
			if binaryName(name) {
				return nil
			}
			f.noText(what)
			return f
		}
		f.content = r.read(f)
		f.template()
		return f
	}
	return nil
}

var (
	errNoFile   = errors.New("not a regular file")
	errTooLarge = errors.New("too large to be read")
)

func readFile(abs string) ([]byte, error) {
	info, err := os.Stat(abs) // before it is opened: a named pipe would wait for a writer
	if err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(errNoFile, err)
	}
	if info.Size() > MaxSize {
		return nil, errTooLarge
	}
	f, err := os.Open(abs)
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", errors.Unwrap(err))
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err == nil && len(text) > MaxSize {
		err = errTooLarge
	}
	return text, err
}

// extension tells whether a name ends in one of some extensions.
func extension(name string, of ...string) bool {
	ext := strings.ToLower(path.Ext(name))
	for _, e := range of {
		if ext == e {
			return true
		}
	}
	return false
}
