package project

import "testing"

func TestScriptDir(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file, text, dir string
		ok              bool
	}{
		{"Makefile", "dev:\n\tcd api && air\n", "api", true},
		{"Makefile", "dev:\n\tcd api\n\tair\n", ".", true},
		{"svc/Makefile", "dev:\n\tair\n", "svc", true},
		{"dev.sh", "cd api\nair\n", "api", true},
		{"dev.sh", "cd \"$DIR\"\nair\n", "", false},
		{"dev.sh", "cd ~/x && air\n", "", false},
	} {
		s := ParseScript(tt.file, scriptKind(tt.file), tt.text)
		dir, ok := s.Dir(len(s.Commands) - 1)
		if dir != tt.dir || ok != tt.ok {
			t.Errorf("%s %q: %q, %v", tt.file, tt.text, dir, ok)
		}
	}
}

func FuzzFindDetached(f *testing.F) {
	f.Add("setsid -f ./tmp/main &\nwait")
	f.Add("./a &")
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range FindDetached(text) {
			if d.Start < 0 || d.End > len(text) || d.Start > d.End {
				t.Fatalf("%+v lies outside", d)
			}
		}
	})
}
