package shellword

import (
	"os/exec"
	"strings"
	"testing"
)

func TestQuote(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"": "''", "./cmd/api": "./cmd/api", "A=b,c:d@e%f+g^h": "A=b,c:d@e%f+g^h", "my file": "'my file'", "$HOME": "'$HOME'", "a'b": `"a'b"`, "~": "'~'",
		"if": "if", // a word of a command's, never its first
	} {
		if got := Quote(word); got != want {
			t.Errorf("%q: %s, want %s", word, got, want)
		}
	}
	if got := Path("-rf"); got != "./-rf" {
		t.Error(got)
	}
}

// TestAShellTakesIt asks the shell of this machine what it makes of the words.
func TestAShellTakesIt(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell to ask:", err)
	}
	words := []string{"plain", "", "two words", "$HOME `id` $(id)", `a"b`, "it's", `back\slash`, "*", "?[a]", "a;b|c&d", "#no", "~", "!x", "a=b", "line\nbreak", "tab\there", "{a,b}", "<>", "日本"}
	out, err := exec.Command(sh, "-c", `printf '%s\0' `+Join(words)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); strings.Join(got, "\x00") != strings.Join(words, "\x00") {
		t.Errorf("%q, want %q", got, words)
	}
}
