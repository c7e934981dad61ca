package toolchain

import (
	"fmt"
	"go/token"
	"go/types"
	"os"
	"sync"

	"golang.org/x/tools/go/gcexportdata"
)

// imports holds the packages of one type check by path. Compiled packages name each other's types, so that all of them
// have to be read into one map.
type imports struct {
	mu       sync.Mutex
	packages map[string]*types.Package
	failed   map[string]error
	fset     *token.FileSet
}

// add makes a package that was checked from source known to compiled ones that import it.
func (i *imports) add(p *types.Package) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.packages[p.Path()] = p
}

// read reads a compiled package from the build cache, once.
func (i *imports) read(p *Package) (*types.Package, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if read := i.packages[p.ImportPath]; read != nil && read.Complete() {
		return read, nil
	}
	if err := i.failed[p.ImportPath]; err != nil {
		return nil, err
	}
	read, err := i.readFile(p)
	if err != nil {
		if i.failed == nil {
			i.failed = map[string]error{}
		}
		err = fmt.Errorf("%w: %s: %w", errUnreadable, p.ImportPath, err)
		i.failed[p.ImportPath] = err
	}
	return read, err
}

func (i *imports) readFile(p *Package) (*types.Package, error) {
	f, err := os.Open(p.Export)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	//lint:ignore SA1019 what the supported releases of Go keep in the build cache are archives, which Read alone does not read
	data, err := gcexportdata.NewReader(f)
	if err != nil {
		return nil, err
	}
	if i.fset == nil {
		// Positions within dependencies are of no use here: they go to a set of their own.
		i.fset = token.NewFileSet()
	}
	return gcexportdata.Read(data, i.fset, i.packages, p.ImportPath)
}

// importer answers the type checker for one package.
type importer struct {
	checker *checker
	of      *Package
}

// Import implements types.Importer.
func (i importer) Import(written string) (*types.Package, error) {
	path := i.of.resolve(written)
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if local := i.checker.byPath[path]; local != nil {
		if local.Types == nil {
			return nil, fmt.Errorf("%w: %s", errUnreadable, path)
		}
		return local.Types, nil
	}
	dep := i.checker.list.ByPath[path]
	if dep == nil || dep.Export == "" {
		return nil, fmt.Errorf("%w: %s", errUnreadable, path)
	}
	return i.checker.imports.read(dep)
}
