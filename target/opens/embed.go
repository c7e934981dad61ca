package opens

import (
	"errors"
	"fmt"
	"go/ast"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"

	"github.com/gindoctor/gindoctor/target/project"
)

// Embed is one pattern of a //go:embed line.
type Embed struct {
	Pattern string
	File    string // relative to the root
	At, End project.Position
}

// Embeds lists the patterns of a file, as go/build reads them: in files that import embed, from any comment of that form.
func Embeds(f *project.GoFile) []Embed {
	if !imports(f, "embed") {
		return nil
	}
	s, _ := f.Syntax()
	if s == nil || s.File == nil {
		return nil
	}
	var out []Embed
	for _, group := range s.File.Comments {
		for _, c := range group.List {
			d, ok := ast.ParseDirective(c.Slash, c.Text)
			if !ok || d.Tool != "go" || d.Name != "embed" {
				continue
			}
			args, err := d.ParseArgs()
			if err != nil {
				continue // the compiler says so
			}
			for i, a := range args {
				end := d.End()
				if i+1 < len(args) {
					end = args[i+1].Pos - 1
				}
				out = append(out, Embed{Pattern: a.Arg, File: f.Path, At: s.Position(a.Pos), End: s.Position(end)})
			}
		}
	}
	return out
}

// The reasons why a pattern embeds nothing, in the words of the go command.
var (
	ErrEmbedSyntax = errors.New("invalid pattern syntax")
	ErrEmbedNone   = errors.New("no matching files found")
)

// EmbedRefused says that the go command refuses to embed what a pattern matches.
type EmbedRefused struct {
	Path string // relative to the package's folder
	Why  string // "contains no embeddable files"
	What string // "directory", "file", "irregular file"
}

func (e *EmbedRefused) Error() string {
	return fmt.Sprintf("cannot embed %s %s: %s", e.What, e.Path, e.Why)
}

// maxEmbedded bounds the files of one pattern that are listed: embedded front ends have thousands.
const maxEmbedded = 5000

// Embedded lists the files, relative to the folder of the package (absolute), that a pattern embeds; the error is why the go
// command refuses it. The rules are those of cmd/go/internal/load, resolveEmbed. With follow a file may be a link, as
// GODEBUG=embedfollowsymlinks=1 allows.
func Embedded(dir, pattern string, follow bool) ([]string, error) {
	glob, all := strings.CutPrefix(pattern, "all:")
	if _, err := path.Match(glob, ""); err != nil || glob == "." || !fs.ValidPath(glob) {
		return nil, ErrEmbedSyntax
	}
	matches, err := filepath.Glob(filepath.Join(quoteGlob(dir), filepath.FromSlash(glob)))
	if err != nil {
		return nil, ErrEmbedSyntax
	}
	var out []string
	for _, match := range matches {
		files, err := embeddedAt(dir, match, all, follow)
		if err != nil {
			return nil, err
		}
		out = append(out, files...)
	}
	if len(out) == 0 {
		return nil, ErrEmbedNone
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func embeddedAt(dir, match string, all, follow bool) ([]string, error) {
	rel := inside(dir, match)
	info, err := os.Lstat(match)
	if err != nil {
		return nil, err
	}
	what := "file"
	if info.IsDir() {
		what = "directory"
	}
	for at := match; len(at) > len(dir)+1; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return nil, &EmbedRefused{rel, "in different module", what}
		}
		if at != match {
			if up, err := os.Lstat(at); err == nil && !up.IsDir() {
				return nil, &EmbedRefused{rel, "in non-directory " + inside(dir, at), what}
			}
		}
		if elem := filepath.Base(at); badName(elem) {
			if at == match {
				return nil, &EmbedRefused{rel, "invalid name " + elem, what}
			}
			return nil, &EmbedRefused{rel, "in invalid directory " + elem, what}
		}
	}
	if follow && info.Mode()&fs.ModeSymlink != 0 {
		if to, err := os.Stat(match); err == nil && to.Mode().IsRegular() {
			return []string{rel}, nil
		}
	}
	switch {
	case info.Mode().IsRegular():
		return []string{rel}, nil
	case info.IsDir():
		return embeddedBelow(dir, match, all)
	}
	return nil, &EmbedRefused{rel, "it is no regular file", "irregular file"}
}

// embeddedBelow lists what a folder that is named embeds: not what begins with a dot or an underscore, unless asked for, no
// other module, no link.
func embeddedBelow(dir, folder string, all bool) ([]string, error) {
	var out []string
	err := filepath.WalkDir(folder, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		hidden := name[0] == '.' || name[0] == '_'
		if p != folder && (badName(name) || hidden && !all) {
			switch {
			case d.IsDir():
				return fs.SkipDir
			case hidden:
				return nil
			}
			return &EmbedRefused{inside(dir, p), "invalid name " + name, "file"}
		}
		if d.IsDir() {
			if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil {
				return fs.SkipDir
			}
			return nil
		}
		if d.Type().IsRegular() {
			out = append(out, inside(dir, p))
		}
		if len(out) >= maxEmbedded {
			return fs.SkipAll
		}
		return nil
	})
	if err == nil && len(out) == 0 {
		err = &EmbedRefused{inside(dir, folder), "contains no embeddable files", "directory"}
	}
	return out, err
}

// badName tells whether a file of that name does not go into modules.
func badName(name string) bool {
	switch name {
	case "", ".bzr", ".hg", ".git", ".svn":
		return true
	}
	return module.CheckFilePath(name) != nil
}

// inside names a path relative to the folder that it lies in.
func inside(dir, abs string) string {
	rel, err := filepath.Rel(dir, abs)
	if err != nil {
		return filepath.ToSlash(abs)
	}
	return filepath.ToSlash(rel)
}

// quoteGlob is a path as a pattern of filepath.Glob that matches nothing else. Where the separator is a backslash nothing can
// be quoted with one (path/filepath, Match).
func quoteGlob(p string) string {
	if os.PathSeparator == '\\' {
		return strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]").Replace(p)
	}
	return quoteMeta(p)
}
