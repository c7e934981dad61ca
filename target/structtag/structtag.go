// Package structtag is what libraries that fill structs from the environment and from files go by: tags, and the names of fields.
package structtag

import (
	"go/ast"
	"reflect"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// Of is the tag of a field, empty where it has none that Go understands.
func Of(f *ast.Field) reflect.StructTag {
	if f.Tag == nil {
		return ""
	}
	s, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return ""
	}
	return reflect.StructTag(s)
}

// Words of a name, and an acronym with the word behind it (envconfig v1.4.0, gatherInfo).
var (
	wordInName = lazyregexp.New("([^A-Z]+|[A-Z]+[^A-Z]+|[A-Z]+)")
	acronym    = lazyregexp.New("([A-Z]+)([A-Z][^A-Z]+)")
)

// SplitWords makes MAX_CONNS of MaxConns and JWT_KEY of JWTKey, but for the case of the letters, as envconfig does.
func SplitWords(name string) string {
	var out []string
	for _, word := range wordInName.FindAllString(name, -1) {
		if m := acronym.FindStringSubmatch(word); m != nil {
			out = append(out, m[1], m[2])
		} else {
			out = append(out, word)
		}
	}
	return strings.Join(out, "_")
}
