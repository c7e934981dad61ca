package plan

import (
	"errors"
	"testing"
)

func TestApply(t *testing.T) {
	t.Parallel()
	unix := "one\ntwo = \"x\"  # why\nthree\n"
	tests := []struct {
		name, src string
		edits     []Edit
		want      string
	}{
		{"a word", unix, []Edit{ReplaceAt("f", 2, 8, "x", "y")}, "one\ntwo = \"y\"  # why\nthree\n"},
		{"the same twice", unix, []Edit{ReplaceAt("f", 2, 8, "x", "y"), ReplaceAt("f", 2, 8, "x", "y")}, "one\ntwo = \"y\"  # why\nthree\n"},
		{"in any order", unix, []Edit{ReplaceAt("f", 3, 1, "three", "3"), ReplaceAt("f", 1, 1, "one", "1")}, "1\ntwo = \"x\"  # why\n3\n"},
		{"a line goes", unix, []Edit{RemoveLine("f", []byte(unix), 2)}, "one\nthree\n"},
		{"lines go", unix, []Edit{RemoveLines("f", []byte(unix), 1, 2)}, "three\n"},
		{"a line known by its text", unix, []Edit{{File: "f", At: Place{Line: 1, Column: 1}, Old: "one", WholeLine: true}}, "two = \"x\"  # why\nthree\n"},
		{"the last line goes, no line end", "a\nb", []Edit{RemoveLine("f", []byte("a\nb"), 2)}, "a"},
		{"the last line goes, CRLF", "a\r\nb", []Edit{RemoveLine("f", []byte("a\r\nb"), 2)}, "a"},
		{"the only line goes", "a\n", []Edit{RemoveLine("f", []byte("a\n"), 1)}, ""},
		{"a line more", unix, []Edit{InsertAfterLine("f", []byte(unix), 1, "and")}, "one\nand\ntwo = \"x\"  # why\nthree\n"},
		{"a line more, CRLF", "a\r\nb\r\n", []Edit{InsertAfterLine("f", []byte("a\r\nb\r\n"), 1, "and")}, "a\r\nand\r\nb\r\n"},
		{"a line more at the end", "a\nb", []Edit{InsertAfterLine("f", []byte("a\nb"), 2, "c")}, "a\nb\nc"},
		{"a line on top, BOM kept", "\xef\xbb\xbfa\n", []Edit{InsertAfterLine("f", []byte("\xef\xbb\xbfa\n"), 0, "x")}, "\xef\xbb\xbfx\na\n"},
		{"columns count the BOM", "\xef\xbb\xbfa = 1\n", []Edit{ReplaceAt("f", 1, 8, "1", "2")}, "\xef\xbb\xbfa = 2\n"},
		{"side by side", "ab", []Edit{ReplaceAt("f", 1, 1, "a", "x"), ReplaceAt("f", 1, 2, "b", "y")}, "xy"},
		{"a line goes and one comes", unix, []Edit{RemoveLine("f", []byte(unix), 2), InsertAfterLine("f", []byte(unix), 2, "zwei")}, "one\nzwei\nthree\n"},
		{"into an empty file", "", []Edit{InsertAfterLine("f", nil, 1, "x")}, "x\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Apply([]byte(tt.src), tt.edits)
			if err != nil || string(got) != tt.want {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestApplyRefuses(t *testing.T) {
	t.Parallel()
	src := []byte("one\ntwo\n")
	tests := map[string][]Edit{
		"other text":        {ReplaceAt("f", 1, 1, "eins", "1")},
		"no such line":      {ReplaceAt("f", 9, 1, "one", "1")},
		"beyond the line":   {ReplaceAt("f", 1, 9, "", "x")},
		"part of a line":    {{File: "f", At: Place{Line: 1, Column: 1}, Old: "on", WholeLine: true}},
		"moved anchor":      {Insert("f", []byte("eins\ntwo\n"), 4, "x")},
		"two answers":       {ReplaceAt("f", 1, 1, "one", "1"), ReplaceAt("f", 1, 1, "one", "uno")},
		"overlap":           {ReplaceAt("f", 1, 1, "one", "1"), ReplaceAt("f", 1, 2, "ne", "x")},
		"insertions at one": {ReplaceAt("f", 1, 1, "", "a"), ReplaceAt("f", 1, 1, "", "b")},
	}
	for name, edits := range tests {
		_, err := Apply(src, edits)
		_, mismatch := errors.AsType[*Mismatch](err)
		_, conflict := errors.AsType[*Conflict](err)
		if len(edits) == 1 && !mismatch || len(edits) == 2 && !conflict {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzApply(f *testing.F) {
	f.Add([]byte("a\r\nb\n\xef\xbb\xbf"), 2, 1, "b", "x\ny", true)
	f.Add([]byte(""), 1, 1, "", "", false)
	f.Fuzz(func(t *testing.T, src []byte, line, column int, old, text string, whole bool) {
		e := Edit{File: "f", At: Place{Line: min(max(line, 1), 1<<16), Column: column % (1 << 20)}, Old: old, New: text, WholeLine: whole}
		out, err := Apply(src, []Edit{e})
		if err != nil {
			return
		}
		s, err := Locate(src, e)
		if err != nil || len(out) != len(src)-(s.End-s.Start)+len(s.Text) {
			t.Fatalf("%q becomes %q", src, out)
		}
		for n := range min(line, 5) { // none of the helpers may fall over what a check hands it
			_ = RemoveLine("f", src, n)
			_ = InsertAfterLine("f", src, n, text)
		}
	})
}

func TestSetGoEnv(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, src, variable, value, want string }{
		{"unset", "GOARCH=arm64\nGOFLAGS=-mod=vendor\n", "GOARCH", "", "GOFLAGS=-mod=vendor\n"},
		{"unset, set twice", "GOARCH=arm64\nGOOS=x\nGOARCH=amd64\n", "GOARCH", "", "GOOS=x\n"},
		{"unset, not a prefix", "GOARCHX=1\n", "GOARCH", "", "GOARCHX=1\n"},
		{"another value", "# mine\r\nGOFLAGS=-mod=vendor -v\r\n", "GOFLAGS", "-v", "# mine\r\nGOFLAGS=-v\r\n"},
		{"a new line", "GOOS=linux", "GOFLAGS", "-v", "GOOS=linux\nGOFLAGS=-v"},
		{"the first line", "", "GOFLAGS", "-v", "GOFLAGS=-v\n"},
		{"so already", "GOFLAGS=-v\n", "GOFLAGS", "-v", "GOFLAGS=-v\n"},
	}
	for _, tt := range tests {
		var edits []Edit
		for _, s := range SetGoEnv("env", []byte(tt.src), true, tt.variable, tt.value) {
			edits = append(edits, s.(Edit))
		}
		got, err := Apply([]byte(tt.src), edits)
		if err != nil || string(got) != tt.want {
			t.Errorf("%s: %q, %v", tt.name, got, err)
		}
	}
	if s := SetGoEnv("env", nil, false, "GOFLAGS", "-v"); len(s) != 1 || s[0].(CreateFile).Content != "GOFLAGS=-v\n" {
		t.Errorf("no file yet: %+v", s)
	}
}

func TestInsertionsBesideEachOther(t *testing.T) {
	t.Parallel()
	line := func(text string) Edit {
		e := Insert("f", []byte("(\n)\n"), 2, text)
		e.Beside = true
		return e
	}
	got, err := Apply([]byte("(\n)\n"), []Edit{line("b\n"), line("a\n"), line("b\n")})
	if err != nil || string(got) != "(\na\nb\n)\n" {
		t.Errorf("%q, %v", got, err)
	}
}
