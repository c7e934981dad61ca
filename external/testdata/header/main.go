// Header is an external check in Go: Go files without a licence header.
package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strings"
)

type question struct {
	Root string `json:"root"`
}

type location struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

type finding struct {
	Message  string   `json:"message"`
	Help     string   `json:"help"`
	Location location `json:"location"`
}

func main() {
	var q question
	if err := json.NewDecoder(os.Stdin).Decode(&q); err != nil {
		log.Fatal(err)
	}
	findings := []finding{}
	err := filepath.WalkDir(q.Root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") {
			return err
		}
		src, err := os.ReadFile(name)
		if err == nil && !bytes.HasPrefix(src, []byte("// Copyright")) {
			rel, _ := filepath.Rel(q.Root, name)
			rel = filepath.ToSlash(rel)
			findings = append(findings, finding{rel + " has no licence header", "copy it from another file", location{rel, 1}})
		}
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]any{"findings": findings}); err != nil {
		log.Fatal(err)
	}
}
