package lazyregexp

import (
	"regexp"
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	tests := []struct{ pattern, words string }{
		{`\.AutomaticEnv\(|\bos\.Environ\(\)`, ".AutomaticEnv( os.Environ()"},
		{`\.(FormFile|MultipartForm)\(`, "FormFile MultipartForm"},
		{`URL\.Path\s*=`, "URL.Path"},
		{`a+bc`, "bc"},
		{`(?:ab)+`, "ab"},
		{`x*|abc`, ""},
		{`(?i)ping`, ""},
		{`[ab]c?`, ""},
		{`websocket\.(Upgrader|Accept)\b`, "websocket."},
	}
	for _, test := range tests {
		var got []string
		for _, w := range wordsOf(test.pattern) {
			got = append(got, string(w))
		}
		if strings.Join(got, " ") != test.words {
			t.Errorf("%s needs one of %q, want %q", test.pattern, got, test.words)
		}
	}
}

// FuzzWords looks for a pattern with and without them.
func FuzzWords(f *testing.F) {
	f.Add(`\.AutomaticEnv\(|\bos\.Environ\(\)`, "viper.AutomaticEnv()")
	f.Add(`(?i)heart_?beat|a(b|c)+d`, "HeartBeat")
	f.Add(`[ab]\.Sub(x|)\(`, "a.Sub(")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		re, err := regexp.Compile(pattern)
		if err != nil {
			return
		}
		if re.MatchString(text) && !wordsOf(pattern).in([]byte(text)) {
			t.Errorf("%q matches %q, which holds none of %q", pattern, text, wordsOf(pattern))
		}
	})
}
