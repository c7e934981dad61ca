package needs

import "testing"

func FuzzArguments(f *testing.F) {
	for _, seed := range []string{"a b", `"a b" c`, "`x` y", `"`, "all:dist static/*.css", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		database(text)
		swag(".", []string{"-o", text, "--outputTypes=" + text})
	})
}
