package server

import (
	"os"
	"path/filepath"
	"testing"
)

func TestEndsOthers(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"start.sh":   "#!/bin/sh\nexec ./tmp/main\n",
		"restart.sh": "#!/bin/sh\npkill main\n./tmp/main &\n",
		"again.sh":   "#!/bin/sh\n./again.sh\n",
		"sub/run":    "#!/usr/bin/env bash\n./restart.sh\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for text, want := range map[string]bool{
		"./tmp/main &":                           false,
		"go build -o tmp/main . && ./tmp/main &": false,
		"nohup ./tmp/main &":                     false,
		"setsid ./tmp/main":                      false,
		"cd tmp; ./main & sleep 1":               false,
		"PORT=8080 exec ./tmp/main":              false,
		"sh -c './tmp/main &'":                   false,
		"./start.sh":                             false,
		"sh start.sh":                            false,
		"kill $(cat pid); ./tmp/main &":          true,
		"sh -c 'pkill main; ./tmp/main &'":       true,
		"fuser -k 8080/tcp; ./tmp/main":          true,
		"make restart":                           true,
		"./restart.sh":                           true,
		"bash restart.sh":                        true,
		"cd sub && ./run":                        false, // and there is no restart.sh there
		"./again.sh":                             true,
		"cd $there; ./start.sh":                  true,
		"/usr/bin/fuser -k 8080/tcp":             true,
		"$APP &":                                 true,
		". ./env; ./tmp/main":                    true,
		"eval $stop":                             true,
		"sh missing.sh":                          true,
		"while":                                  true, // does not parse
		"":                                       true,
	} {
		if got := endsOthers(text, dir, 0); got != want {
			t.Errorf("endsOthers(%q) = %v", text, got)
		}
	}
}

func FuzzEndsOthers(f *testing.F) {
	f.Add("kill $(cat pid); ./tmp/main &")
	f.Add("setsid")
	f.Add("sh -")
	f.Fuzz(func(t *testing.T, text string) { endsOthers(text, t.TempDir(), 0) })
}
