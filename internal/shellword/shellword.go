// Package shellword writes words as a POSIX shell has to be given them, in commands that a person is to type.
package shellword

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// plain are the bytes that mean nothing to any shell, wherever they stand in a word.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=,@%+^-"

// Quote is the word itself where the shell takes it as it is, else the word in quotes. What no POSIX shell can be given on a line, such
// as a NUL byte, is left as it is between single quotes.
func Quote(word string) string {
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	if quoted, err := syntax.Quote(word, syntax.LangPOSIX); err == nil {
		return quoted
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Path is Quote for the name of a file: one that begins with a dash is no flag then.
func Path(name string) string {
	if strings.HasPrefix(name, "-") {
		name = "./" + name
	}
	return Quote(name)
}

// Join writes several words as one command.
func Join(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = Quote(word)
	}
	return strings.Join(quoted, " ")
}
