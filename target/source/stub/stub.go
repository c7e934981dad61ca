// Package stub declares, for the type checker, what matters of the packages that Gin services are made of, for the moments when
// their compiled form is not at hand: nothing was downloaded, there is no go command, or nobody has the time (--fast).
//
// The declarations are Go source with the bodies left out, one file per package: _packages/IMPORTPATH.go, with "/" as folders.
package stub

import (
	"cmp"
	"embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gindoctor/gindoctor/target/project"
)

//go:embed all:_packages
var files embed.FS

// Package gives the declarations of a package; an error where there are none.
func Package(importPath string) (*types.Package, error) { return set.Import(importPath) }

var set = &stubs{}

// Errors is the first fault in the declarations of a package, nil for none.
func Errors(importPath string) error {
	d := set.load(importPath)
	return cmp.Or(d.err, d.fault)
}

// stubs are the packages read so far. All of them come from one set, so that they know each other's types.
type stubs struct {
	mu       sync.Mutex
	packages map[string]*declared
}

// declared is a package of stubs.
type declared struct {
	once  sync.Once
	pkg   *types.Package
	err   error // why there is none
	fault error // the first declaration that does not fit
}

// Import implements types.Importer.
func (s *stubs) Import(importPath string) (*types.Package, error) {
	if importPath == "unsafe" {
		return types.Unsafe, nil
	}
	d := s.load(importPath)
	return d.pkg, d.err
}

// load reads a package, once.
func (s *stubs) load(importPath string) *declared {
	s.mu.Lock()
	d := s.packages[importPath]
	if d == nil {
		if s.packages == nil {
			s.packages = map[string]*declared{}
		}
		d = &declared{}
		s.packages[importPath] = d
	}
	s.mu.Unlock()
	d.once.Do(func() { d.read(importPath, s) })
	return d
}

func (d *declared) read(importPath string, among *stubs) {
	src, err := files.ReadFile(path.Join("_packages", importPath+".go"))
	if err != nil {
		d.err = fmt.Errorf("the types of %s are not known", importPath)
		return
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, importPath+".go", src, parser.SkipObjectResolution)
	if err != nil {
		d.err = err
		return
	}
	among.imports(file)
	config := &types.Config{Importer: among, IgnoreFuncBodies: true, Error: func(err error) { d.fault = cmp.Or(d.fault, err) }}
	d.pkg, _ = config.Check(importPath, fset, []*ast.File{file}, nil)
}

// imports reads what a file imports, all at once: the type checker would ask for one after the other.
func (s *stubs) imports(file *ast.File) {
	var wg sync.WaitGroup
	for _, spec := range file.Imports {
		if written, err := strconv.Unquote(spec.Path.Value); err == nil {
			wg.Go(func() { _, _ = s.Import(written) })
		}
	}
	wg.Wait()
}

// interesting are the packages that a file has to import to be worth a full parse without types.
var interesting = []string{
	"net/http", "net/http/pprof", "os/signal", "os/exec", "database/sql", "html/template", "text/template", "embed",
}

// prefixes are module paths all of whose packages are interesting.
var prefixes = []string{
	"github.com/gin-gonic/", "github.com/gin-contrib/", "gorm.io/", "github.com/jinzhu/gorm", "github.com/redis/go-redis/", "github.com/go-redis/redis",
	"go.mongodb.org/mongo-driver/", "github.com/jmoiron/sqlx", "github.com/jackc/pgx/", "github.com/joho/godotenv", "github.com/spf13/viper",
	"github.com/fvbock/endless", "github.com/facebookgo/grace", "github.com/tylerb/graceful", "gopkg.in/tylerb/graceful", "github.com/jpillora/overseer",
	"github.com/rs/cors",
}

// Interesting tells whether a file with these imports is worth a full parse where speed counts.
func Interesting(imports []project.Import) bool {
	return slices.ContainsFunc(imports, func(i project.Import) bool {
		return slices.Contains(interesting, i.Path) || slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(i.Path, p) })
	})
}
