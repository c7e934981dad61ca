// Package envvars finds out, by reading the code, which variables of the environment a program reads, what it does without
// them, and which env files it loads. It works by syntax alone: what only types or a running program know is told as open.
package envvars

import (
	"context"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/needs"
	"github.com/gindoctor/gindoctor/target/project"
)

// Place is a place in a file of the project.
type Place = needs.Place

// Without says what a program does while a variable is not set.
type Without int

// What a program may do without a variable.
const (
	Unknown   Without = iota
	FallsBack         // it goes on with a default, or leaves something out
	Dies              // it ends
)

func (w Without) String() string { return [...]string{"unknown", "falls back", "dies"}[w] }

// Read is one place where a variable is read.
type Read struct {
	Name string
	Or   []string // other names of it, any of which will do
	At   Place    // the call, or the tag of the field
	Via  string   // what reads it: "os.Getenv", "config.getEnv", "github.com/caarlos0/env"
	// Default is what holds without it, where HasDefault is set; DefaultKnown says that it is a constant.
	Default                  string
	HasDefault, DefaultKnown bool
	Without                  Without
	DiesAt                   Place // where it ends, for Dies
	// NotEmpty says that a value that is empty is as good as none.
	NotEmpty bool
	// Sure says that what happens without it was followed all the way; else it was concluded from names and shapes.
	Sure bool
	// Always says that this is reached whenever the program starts: no branch, no handler, no command lies before it.
	Always bool
	// Func is the function that holds it, empty for a package variable or a tag.
	Func string
}

// Open is a place where the environment is read in a way that does not tell the names.
type Open struct {
	At   Place
	Expr string // as written
	Why  string
}

// Load is a place where the program loads an env file.
type Load struct {
	// Files are the files as they are named, all of which are loaded; Known says that they are all constants.
	Files []string
	// Instead are files any of which is taken in the place of the first.
	Instead []string
	Known   bool
	At      Place
	Via     string // "godotenv.Load", "godotenv/autoload", "viper"
	// Missing says what happens when one of them is not there (or does not parse, unless Tolerant), DiesAt where it ends.
	Missing Without
	DiesAt  Place
	Sure    bool
	// Malformed says what happens when one of them does not parse.
	Malformed Without
	Always    bool
	// Late says that main comes to it: what packages read while they are initialised has been read by then.
	Late bool
	// Exports says that what the file holds becomes part of the environment.
	Exports bool
}

// Program is what one main package reads of its environment.
type Program struct {
	Main  *project.Package
	Reads []Read
	Open  []Open
	Loads []Load
	Modes []Mode // what gin's mode is set to, in the order of the files
	Dials []Dial // where it first speaks to databases, caches and brokers
}

// Facts are those of a module's programs, by folder.
type Facts struct{ Programs []*Program }

// Program is the one of a folder (relative to the root); nil where there is none.
func (f *Facts) Program(dir string) *Program {
	for _, p := range f.Programs {
		if p.Main.Dir == dir {
			return p
		}
	}
	return nil
}

// Names are the variables that the program reads, each once, in order.
func (p *Program) Names() []string {
	var out []string
	for _, r := range p.Reads {
		out = append(append(out, r.Name), r.Or...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Of are the reads of one variable.
func (p *Program) Of(name string) []Read {
	return slices.DeleteFunc(slices.Clone(p.Reads), func(r Read) bool { return r.Name != name && !slices.Contains(r.Or, name) })
}

// Find reads the programs of a module.
func Find(ctx context.Context, root string, im *project.Imports) (*Facts, error) {
	facts := &Facts{}
	shared := newStore(root)
	for _, main := range im.Programs() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r := newReader(shared, needs.Packages(root, im, []*project.Package{main}), im)
		facts.Programs = append(facts.Programs, r.program(main))
	}
	return facts, ctx.Err()
}

func (r *reader) program(main *project.Package) *Program {
	r.main = r.packs[main.Dir]
	p := &Program{Main: main}
	r.out = p
	r.readCalls()
	r.readTags()
	r.readViper()
	r.readFlags()
	r.readLoads()
	r.readModes()
	r.readDials()
	slices.SortStableFunc(p.Reads, func(a, b Read) int {
		return firstOf(strings.Compare(a.Name, b.Name), comparePlaces(a.At, b.At))
	})
	p.Reads = slices.CompactFunc(p.Reads, func(a, b Read) bool { return a.Name == b.Name && a.At == b.At })
	slices.SortStableFunc(p.Open, func(a, b Open) int { return comparePlaces(a.At, b.At) })
	slices.SortStableFunc(p.Dials, func(a, b Dial) int { return comparePlaces(a.At, b.At) })
	slices.SortStableFunc(p.Loads, func(a, b Load) int { return comparePlaces(a.At, b.At) })
	return p
}

func comparePlaces(a, b Place) int {
	return firstOf(strings.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column)
}

func firstOf(all ...int) int {
	for _, c := range all {
		if c != 0 {
			return c
		}
	}
	return 0
}
