package config

import (
	_ "embed"
	"slices"
)

//go:embed config.schema.json
var schema []byte

// Schema is the JSON Schema (2020-12) of .gindoctor.yaml, for editors.
func Schema() []byte { return slices.Clone(schema) }
