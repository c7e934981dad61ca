package fixes

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"path/filepath"

	"github.com/pelletier/go-toml/v2"
	"go.yaml.in/yaml/v3"
	"golang.org/x/mod/modfile"

	"github.com/gindoctor/gindoctor/fixes/journal"
)

// stillParses refuses a change after which a file no longer parses that did before.
func stillParses(c *journal.Change) error {
	parse := parserOf(c.Path)
	if parse == nil || !c.After.Exists || c.After.Link != "" {
		return nil
	}
	err := parse(c.After.Data)
	if err == nil || c.Before.Exists && parse(c.Before.Data) != nil {
		return nil
	}
	return fmt.Errorf("%s would not parse any more: %w", c.Name, err)
}

// parserOf gives the parser for a kind of file; nil for a kind without one.
func parserOf(path string) func([]byte) error {
	switch base := filepath.Base(path); base {
	case "go.mod":
		return func(data []byte) error { _, err := modfile.Parse(base, data, nil); return err }
	case "go.work":
		return func(data []byte) error { _, err := modfile.ParseWork(base, data, nil); return err }
	case ".air.conf":
		return parseTOML
	}
	switch filepath.Ext(path) {
	case ".go":
		return func(data []byte) error {
			_, err := parser.ParseFile(token.NewFileSet(), "", data, parser.ParseComments|parser.SkipObjectResolution)
			return err
		}
	case ".toml":
		return parseTOML
	case ".yaml", ".yml":
		return parseYAML
	case ".json":
		return func(data []byte) error { var v any; return json.Unmarshal(data, &v) }
	}
	return nil
}

func parseTOML(data []byte) error {
	var v map[string]any
	return toml.Unmarshal(data, &v)
}

func parseYAML(data []byte) error {
	d := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var n yaml.Node
		if err := d.Decode(&n); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
