package opens

import (
	"go/ast"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
)

// cone is the functions from which some opens can be reached, found backwards from these by name. Of the files of a program only
// those are parsed that hold such a name.
type cone struct {
	files  []*wordFile
	parsed map[*wordFile]bool
	wanted map[string][]callee // the functions, by the name that a call has for them
	due    []due               // of those whose users have not been looked for yet
	users  map[string][]user   // functions of parsed files, by the names that they use
}

// callee is a function as a call can name it: a method from anywhere, another one from its package and those that import it.
type callee struct{ pkg *project.BuildPackage } // nil for a method

func (c callee) from(f *wordFile) bool {
	return c.pkg == nil || c.pkg == f.pkg || imports(f.file, c.pkg.ImportPath)
}

type due struct {
	name string
	callee
}

// user is a function that uses a name.
type user struct {
	file *wordFile
	fn   *ast.FuncDecl
}

// coneOf finds the functions from which opens are reached that stand in the packages of some files.
func coneOf(files []*wordFile, opens []opening) *cone {
	c := &cone{files: files, parsed: map[*wordFile]bool{}, wanted: map[string][]callee{}, users: map[string][]user{}}
	holding := map[string]*wordFile{}
	for _, f := range files {
		holding[f.file.Path] = f
	}
	for _, o := range opens {
		f := holding[o.File]
		if !c.parsed[f] {
			c.parse([]*wordFile{f})
		}
		if o.Func != "" {
			c.want(o.function(), calleeOf(f, o.method()))
		}
	}
	for len(c.due) > 0 {
		next := c.due
		c.due = nil
		c.parse(c.mayUse(next))
		for _, d := range next {
			for _, u := range c.users[d.name] {
				if d.from(u.file) {
					c.want(u.fn.Name.Name, calleeOf(u.file, u.fn.Recv != nil))
				}
			}
		}
	}
	return c
}

func calleeOf(f *wordFile, method bool) callee {
	if method {
		return callee{}
	}
	return callee{f.pkg}
}

// method tells whether what holds an Open is one; function is its name without that of its type.
func (o opening) method() bool     { return strings.Contains(o.Func, ".") }
func (o opening) function() string { return o.Func[strings.LastIndexByte(o.Func, '.')+1:] }

func (c *cone) want(name string, f callee) {
	if f.pkg != nil && begins(name, f.pkg) {
		return
	}
	if slices.Contains(c.wanted[name], f) {
		return
	}
	c.wanted[name] = append(c.wanted[name], f)
	c.due = append(c.due, due{name, f})
}

// begins tells whether a function is where a program begins: nobody calls it.
func begins(name string, p *project.BuildPackage) bool {
	return name == "init" || name == "main" && p.Program()
}

// holds tells whether a function is of the cone, or where a program begins.
func (c *cone) holds(f *wordFile, fn *ast.FuncDecl) bool {
	method := fn.Recv != nil
	return !method && begins(fn.Name.Name, f.pkg) || slices.Contains(c.wanted[fn.Name.Name], calleeOf(f, method))
}

// mayUse are the files, not parsed yet, that hold one of some names.
func (c *cone) mayUse(names []due) []*wordFile {
	var out []*wordFile
	for _, d := range names {
		hash := hashOf(d.name)
		for _, f := range c.files {
			if !c.parsed[f] && f.has(hash) && d.from(f) {
				c.parsed[f] = true
				out = append(out, f)
			}
		}
	}
	return out
}

// parse takes the functions of files.
func (c *cone) parse(files []*wordFile) {
	inParallel(len(files), func(i int) { files[i].file.Syntax() })
	for _, f := range files {
		c.parsed[f] = true
		s, _ := f.file.Syntax()
		if s == nil || s.File == nil {
			continue
		}
		for _, d := range s.File.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
				c.uses(user{f, fn})
			}
		}
	}
}

// uses notes the names that a function uses.
func (c *cone) uses(u user) {
	seen := map[string]bool{}
	ast.Inspect(u.fn.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && !seen[id.Name] {
			seen[id.Name] = true
			c.users[id.Name] = append(c.users[id.Name], u)
		}
		return true
	})
}
