package mod

import (
	"bytes"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target/project"
)

// goMod makes edits of a go.mod or go.work that leave every other byte as it is: the modfile package would write the whole
// file anew.
type goMod struct {
	file string
	src  []byte
	tree *modfile.FileSyntax
}

func goModOf(m *project.Module) goMod {
	return goMod{file: m.File("go.mod"), src: m.ModSource, tree: m.Mod.Syntax}
}

func goWorkOf(w *project.Work) goMod { return goMod{file: w.Name, src: w.Source, tree: w.File.Syntax} }

// drop takes a line out; the only line of a block with its block. Comments above it stay: they may be about more than it.
func (g goMod) drop(line *modfile.Line) plan.Edit {
	for _, stmt := range g.tree.Stmt {
		block, ok := stmt.(*modfile.LineBlock)
		if ok && len(block.Line) == 1 && block.Line[0] == line && len(line.Before)+len(block.RParen.Before) == 0 {
			return g.dropLines(block.Start.Line, block.RParen.Pos.Line)
		}
	}
	return g.dropLines(line.Start.Line, line.End.Line)
}

// dropLines takes the empty line above along where another one, or the end of the file, follows; not in go.work, where a new
// line may come to stand in the place of the old.
func (g goMod) dropLines(first, last int) plan.Edit {
	above, _ := plan.Line(g.src, first-1)
	below, _ := plan.Line(g.src, last+1)
	if first > 1 && path.Base(g.file) == "go.mod" && strings.TrimSpace(above) == "" && strings.TrimSpace(below) == "" {
		first--
	}
	return plan.RemoveLines(g.file, g.src, first, last)
}

// last replaces the last word of a line.
func (g goMod) last(line *modfile.Line, text string) (plan.Edit, bool) {
	old := line.Token[len(line.Token)-1]
	end := line.End.Byte
	start := end - len(old)
	if start < 0 || string(g.src[start:end]) != old {
		return plan.Edit{}, false
	}
	return plan.Replace(g.file, g.src, start, end, modfile.AutoQuote(text)), true
}

// markIndirect writes an "// indirect" comment behind a requirement, before what is said there already.
func (g goMod) markIndirect(line *modfile.Line) plan.Edit {
	if c := suffix(line); c != nil {
		said := strings.TrimSpace(strings.TrimPrefix(c.Token, "//"))
		return plan.Replace(g.file, g.src, c.Start.Byte, c.Start.Byte+len(c.Token), "// indirect; "+said)
	}
	return plan.Insert(g.file, g.src, line.End.Byte, " // indirect")
}

// unmarkIndirect takes the "// indirect" comment away, and leaves what else is said there.
func (g goMod) unmarkIndirect(line *modfile.Line) (plan.Edit, bool) {
	c := suffix(line)
	if c == nil {
		return plan.Edit{}, false
	}
	said := strings.TrimSpace(strings.TrimPrefix(c.Token, "//"))
	rest := strings.TrimLeft(strings.TrimPrefix(said, "indirect"), "; ")
	start, end := c.Start.Byte, c.Start.Byte+len(c.Token)
	if rest != "" {
		return plan.Replace(g.file, g.src, start, end, "// "+rest), true
	}
	for start > 0 && (g.src[start-1] == ' ' || g.src[start-1] == '\t') {
		start--
	}
	return plan.Replace(g.file, g.src, start, end, ""), true
}

func suffix(line *modfile.Line) *modfile.Comment {
	if len(line.Suffix) == 0 {
		return nil
	}
	return &line.Suffix[0]
}

// require adds a direct requirement where the others stand, in the order of their paths.
func (g goMod) require(m module.Version) plan.Edit {
	e := g.list("require", m.Path, m.Path+" "+m.Version, func(l *modfile.Line) bool {
		c := suffix(l)
		return c == nil || !strings.HasPrefix(strings.TrimSpace(strings.TrimPrefix(c.Token, "//")), "indirect")
	})
	return e
}

// use adds a use line to a go.work.
func (g goMod) use(dir string) plan.Edit {
	return g.list("use", dir, modfile.AutoQuote(dir), func(*modfile.Line) bool { return true })
}

// list adds a line to the directives of a kind: to the block that holds wanted ones, beside a single one, or at the end.
func (g goMod) list(verb, key, text string, wanted func(*modfile.Line) bool) plan.Edit {
	var alone *modfile.Line
	for _, stmt := range g.tree.Stmt {
		switch s := stmt.(type) {
		case *modfile.LineBlock:
			if s.Token[0] == verb && (len(s.Line) == 0 || slices.ContainsFunc(s.Line, wanted)) {
				return g.intoBlock(s, key, text, wanted)
			}
		case *modfile.Line:
			if s.Token[0] == verb && wanted(s) {
				alone = s
			}
		}
	}
	if alone != nil {
		return g.below(alone.End.Line, verb+" "+text)
	}
	last := bytes.Count(bytes.TrimRight(g.src, "\r\n"), []byte("\n")) + 1
	for _, stmt := range g.tree.Stmt { // above the indirect ones and the rest, as the go command writes it
		if l, ok := stmt.(*modfile.Line); ok && slices.Contains([]string{"module", "go", "toolchain"}, l.Token[0]) {
			last = l.End.Line
		}
	}
	return g.below(last, "\n"+verb+" "+text)
}

func (g goMod) intoBlock(b *modfile.LineBlock, key, text string, wanted func(*modfile.Line) bool) plan.Edit {
	at := b.LParen.Pos.Line
	for _, l := range b.Line {
		if wanted(l) && l.Token[0] < key {
			at = l.End.Line
		}
	}
	return g.below(at, "\t"+text)
}

func (g goMod) below(line int, text string) plan.Edit {
	e := plan.InsertAfterLine(g.file, g.src, line, text)
	e.Beside = true
	return e
}

// gets are the packages whose modules' hashes and requirements are to be completed; with none, all of the module's.
func gets(packages ...string) plan.Command {
	args := []string{"list", "-mod=mod", "-deps"}
	if len(packages) == 0 {
		return plan.Command{Args: append(args, "-e", "-test", "./...")}
	}
	return plan.Command{Args: append(args, packages...)}
}

// completed writes down what all packages of the module need besides, such as the indirect requirements of a new one.
func completed() plan.Command {
	c := gets()
	c.Welcome = true
	return c
}

// inModule are steps that run in a module, and those that bring its vendor folder after them, where it has one in use.
func inModule(im *project.Imports, steps ...plan.Step) []plan.Step {
	for i, s := range steps {
		if c, ok := s.(plan.Command); ok {
			c.Dir = im.Module.Dir
			steps[i] = c
		}
	}
	if im.Resolver.VendorMode() && im.Resolver.Workspace() == nil {
		steps = append(steps, plan.Command{Args: []string{"mod", "vendor"}, Dir: im.Module.Dir})
	}
	return steps
}

// planned is a plan of steps, under the name of the check that proposes it.
func planned(title string, safety plan.Safety, steps ...plan.Step) *plan.Plan {
	return &plan.Plan{Title: title, Safety: safety, Steps: steps}
}

// slashed is a path as go.mod writes it.
func slashed(p string) string {
	p = filepath.ToSlash(p)
	if !strings.HasPrefix(p, ".") && !strings.HasPrefix(p, "/") {
		return "./" + p
	}
	return p
}
