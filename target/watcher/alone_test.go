package watcher

import (
	"strings"
	"testing"
)

// TestOneList wants one list where the tool takes the last of several, whatever is asked for one after the other.
func TestOneList(t *testing.T) {
	const file = "Makefile"
	tests := []struct {
		tool       *Tool
		line, want string
		called     int
		files      []string
	}{
		{nodemon, "nodemon --exec ./run", "nodemon --ext go,gohtml,css --exec ./run", 1, []string{"a.gohtml", "b.css"}},
		{nodemon, "nodemon -e go --exec ./run", "nodemon -e go,gohtml --exec ./run", 1, []string{"a.gohtml"}},
	}
	for _, tt := range tests {
		p := typedIn(t, tt.tool, map[string]string{file: tt.line + "\n"}, file, tt.called)
		s := p.read()
		if s == nil || len(s.Reactions) == 0 {
			t.Fatalf("%s: %+v", tt.line, s)
		}
		var files []string
		for _, name := range tt.files {
			files = append(files, p.dir+"/"+name)
		}
		m := s.Reactions[0].Matcher.(interface{ IncludeAll([]string) []Change })
		changes := m.IncludeAll(files)
		if got := strings.TrimSpace(p.changed(t, changes, file)); got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
		for _, c := range changes {
			if c.Place.Start == c.Place.End {
				t.Errorf("a second list could stand beside %q", c.Text)
			}
		}
	}
}

func TestModdWithoutPatterns(t *testing.T) {
	tests := []struct {
		conf     string
		restarts bool
	}{
		{"**/*.go {\n  daemon: ./shop\n}\n", true},
		{"{\n  daemon: ./shop\n}\n", false},
		{"!**/*_test.go {\n  daemon: ./shop\n}\n", false},
	}
	for _, tt := range tests {
		r := plant(t, modd, map[string]string{"modd.conf": tt.conf}).read().Reactions[0]
		if r.Restarts != tt.restarts || (len(r.RestartBy) > 0) == tt.restarts || (r.StaysBecause != "") == tt.restarts {
			t.Errorf("%s: %+v", tt.conf, r)
		}
	}
}
