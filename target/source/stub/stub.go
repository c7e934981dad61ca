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
	"strings"
	"sync"

	"github.com/gindoctor/gindoctor/target/project"
)

//go:embed all:_packages
var files embed.FS

// Package gives the declarations of a package; an error where there are none.
func Package(importPath string) (*types.Package, error) { return set.Import(importPath) }

var set = &stubs{packages: map[string]*types.Package{"unsafe": types.Unsafe}, errors: map[string]error{}}

// Errors is the first fault in the declarations of a package, nil for none.
func Errors(importPath string) error {
	if _, err := set.Import(importPath); err != nil {
		return err
	}
	set.mu.Lock()
	defer set.mu.Unlock()
	return set.errors[importPath]
}

// stubs are the packages read so far. All of them come from one set, so that they know each other's types.
type stubs struct {
	mu       sync.Mutex
	packages map[string]*types.Package
	errors   map[string]error // of declarations that do not fit
}

// Import implements types.Importer for those who come from outside.
func (s *stubs) Import(importPath string) (*types.Package, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.load(importPath)
}

func (s *stubs) load(importPath string) (*types.Package, error) {
	if p := s.packages[importPath]; p != nil {
		return p, nil
	}
	src, err := files.ReadFile(path.Join("_packages", importPath+".go"))
	if err != nil {
		return nil, fmt.Errorf("the types of %s are not known", importPath)
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, importPath+".go", src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	config := &types.Config{Importer: loader{s}, IgnoreFuncBodies: true, Error: func(err error) {
		s.errors[importPath] = cmp.Or(s.errors[importPath], err)
	}}
	p, _ := config.Check(importPath, fset, []*ast.File{file}, nil)
	s.packages[importPath] = p
	return p, nil
}

// loader is the importer of stubs among each other: the lock is held.
type loader struct{ *stubs }

func (l loader) Import(importPath string) (*types.Package, error) { return l.load(importPath) }

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
