package project

// PackageIn reads the Go files of a folder (relative to an absolute root, also "../x") that belongs to none of the examined
// modules; nil where there is no such folder.
func PackageIn(root, dir string) *Package {
	return (&Module{Root: root, Dir: "."}).packageAt(dir)
}

// BuildsHere tells whether a file is part of its package in a build here, tests left out.
func (im *Imports) BuildsHere(f *GoFile) bool { return im.builds(f) }

// OwnPackage finds the package of the module with that import path; nil where it is none of it.
func (im *Imports) OwnPackage(importPath string) *Package {
	rel, ok := relativeImport(importPath, im.Module.Path())
	if !ok {
		return nil
	}
	return im.Packages[rel]
}
