// Bare does the bare pass over the Go files of a folder: the smallest process that gindoctor is measured against.
package main

import (
	"log"
	"os"

	"github.com/gindoctor/gindoctor/bench/imports"
)

func main() {
	files, err := imports.Below(os.Args[1])
	if err == nil {
		err = imports.Parse(files)
	}
	if err != nil {
		log.Fatal(err)
	}
}
