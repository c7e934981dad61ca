package needs

import "testing"

func FuzzEmbedPatterns(f *testing.F) {
	for _, seed := range []string{"a b", `"a b" c`, "`x` y", `"`, "all:dist static/*.css", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if n := len(embedPatterns(text)); n > len(text) {
			t.Errorf("%d patterns in %q", n, text)
		}
		database(text)
		swag(".", []string{"-o", text, "--outputTypes=" + text})
	})
}
