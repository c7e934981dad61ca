package target

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gindoctor/gindoctor/target/artefact"
)

func TestContainerCommands(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		file, text string
		want       []string // each word, and what stands in the file at its place where it differs; LINE:COLUMN reason
	}{
		"words":      {"Dockerfile", "FROM golang AS dev\nCMD [\"reflex\", \"-r\", \"\\\\.go$\", \\\n  \"a\\\"b\"]\n", []string{`2:7 reflex -r \.go$=\\.go$ a"b=a\"b`}},
		"shell":      {"Dockerfile", "FROM golang\nRUN cd /src && \\\n    # note\n    air -c \\\n  x\nENTRYPOINT [\"/bin/sh\", \"-c\", \"exec air -d $X\"]\n", []string{"2:5 cd /src", "4:5 air -c x", "6:14 /bin/sh -c exec air -d $X", "6:36 air -d _"}},
		"documents":  {"Dockerfile", "FROM golang\nRUN <<EOF\nair -c x\ngow run .\nEOF\n", []string{"3:1 air -c x", "4:1 gow run ."}},
		"powershell": {"Dockerfile", "FROM golang\nSHELL [\"powershell\", \"-Command\"]\nCMD air\n", []string{"3:5 another language than the shell's"}},
		"broken":     {"Dockerfile", "FROM golang\nCMD [\"air\n", []string{"2:6 this does not parse as shell commands"}},
		"compose": {"compose.yaml", "services:\n  a:\n    image: x\n    command: air -c '$$x' ${Y:-z} $Z\n  b:\n    image: x\n    entrypoint: [\"sh\", \"-c\"]\n    command: [\"cd /src && fresh\"]\n  c:\n    image: x\n    command: >-\n      sh -c \"go mod download &&\n      gow run .\"\n",
			[]string{`4:14 air -c $x='$$x' z? _`, "7:19 sh -c cd /src && fresh", "8:16 cd /src", "8:27 fresh", "12:7 sh -c go mod download && gow run .=" + `"go mod download &&` + "\n      " + `gow run ."`, "12:14 go mod download", "13:7 gow run ."}},
	} {
		t.Run(name, func(t *testing.T) {
			f := artefact.Parse(tt.file, []byte(tt.text))
			if f == nil {
				t.Fatal("no artefact")
			}
			var got []string
			for _, s := range containerCommands(&artefact.Set{Files: []*artefact.File{f}}) {
				for i, c := range s.Commands {
					line := fmt.Sprintf("%d:%d", c.Pos.Line, c.Pos.Column)
					for i, w := range c.Words {
						switch raw := tt.text[c.Spans[i].Start:c.Spans[i].End]; {
						case raw == "" && w == "":
							w = "_"
						case raw == "":
							w += "?"
						case raw != w:
							w += "=" + raw
						}
						line += " " + w
					}
					got = append(got, line)
					if _, ok := s.Dir(i); ok {
						t.Errorf("%s: a folder of the project", line)
					}
				}
				for _, u := range s.Unknown {
					if u.Reason != "the command is computed" {
						got = append(got, fmt.Sprintf("%d:%d %s", u.Span.Pos.Line, u.Span.Pos.Column, u.Reason))
					}
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzContainerCommands(f *testing.F) {
	f.Add(true, "FROM x\nRUN a \\\n # c\n  b <<E\nE\nCMD [\"a\\u0061\", \"sh\"]\nENTRYPOINT [\"sh\",\"-c\"]\n")
	f.Add(false, "services:\n  a: {image: x, command: \"a '$$b' ${X:-y}\", entrypoint: [sh, -c]}\n  b:\n    command: |\n      a\n")
	f.Fuzz(func(t *testing.T, dockerfile bool, text string) {
		name := "compose.yaml"
		if dockerfile {
			name = "Dockerfile"
		}
		file := artefact.Parse(name, []byte(text))
		if file == nil {
			return
		}
		for _, s := range containerCommands(&artefact.Set{Files: []*artefact.File{file}}) {
			for _, c := range s.Commands {
				for i, span := range c.Spans {
					if span.Start < 0 || span.End > len(text) || span.Start > span.End || c.Words[i] == "" && span.End-span.Start == 1 {
						t.Fatalf("%+v", c)
					}
					if !span.IsZero() && len(c.Words[i]) > 4*(span.End-span.Start) {
						t.Fatalf("%q does not stand in %q", c.Words[i], text[span.Start:span.End])
					}
				}
			}
		}
	})
}
