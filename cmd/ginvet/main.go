// Ginvet runs the checks of gindoctor's family src as a vet tool:
//
//	go install github.com/gindoctor/gindoctor/cmd/ginvet@latest
//	go vet -vettool=$(which ginvet) ./...
//
// Run by itself (ginvet ./...) it loads the packages with go/packages. Flags choose checks: -notify runs that one, -notify=false
// all others; ginvet help lists them. With -info it also says what is merely worth knowing.
package main

import (
	"flag"

	"golang.org/x/tools/go/analysis/multichecker"

	"github.com/gindoctor/gindoctor/checks/src"
)

func main() {
	infos := flag.Bool("info", false, "also say what is merely worth knowing")
	multichecker.Main(src.Analyzers(infos)...)
}
