package artefact_test

import (
	"slices"
	"testing"

	"github.com/gindoctor/gindoctor/target/artefact"
)

func TestArgumentsOfStages(t *testing.T) {
	for name, c := range map[string]struct {
		text       string
		undeclared []string
		unseen     []string
	}{
		"not declared":          {"FROM golang:${V}\n", []string{"V"}, nil},
		"declared":              {"ARG V\nFROM golang:${V}\n", nil, nil},
		"a default of its own":  {"FROM golang:${V:-1}\n", nil, nil},
		"the platform":          {"FROM --platform=$BUILDPLATFORM a-$TARGETARCH\n", nil, nil},
		"unseen in RUN":         {"ARG V=1\nFROM a\nRUN echo $V\n", nil, []string{"V"}},
		"unseen in ENV":         {"ARG V=1\nFROM a\nENV X=${V}\n", nil, []string{"V"}},
		"declared again":        {"ARG V=1\nFROM a\nARG V\nRUN echo $V\n", nil, nil},
		"declared too late":     {"ARG V=1\nFROM a\nRUN echo $V\nARG V\n", nil, []string{"V"}},
		"handed down":           {"ARG V=1\nFROM a AS b\nARG V\nFROM b\nRUN echo $V\n", nil, nil},
		"not handed across":     {"ARG V=1\nFROM a AS b\nARG V\nFROM c\nRUN echo $V\n", nil, []string{"V"}},
		"ENV of the same name":  {"ARG V=1\nFROM a\nENV V=2\nRUN echo $V\n", nil, nil},
		"within single quotes":  {"ARG V=1\nFROM a\nRUN awk '{print $V}'\n", nil, nil},
		"quotes in quotes":      {"ARG V=1\nFROM a\nRUN echo \"it's $V\"\n", nil, []string{"V"}},
		"behind a backslash":    {"ARG V=1\nFROM a\nRUN echo \\$V\n", nil, nil},
		"the shell sets it":     {"ARG V=1\nFROM a\nRUN V=2 && echo $V\n", nil, nil},
		"a loop sets it":        {"ARG V=1\nFROM a\nRUN for V in a b; do echo $V; done\n", nil, nil},
		"a file sets it":        {"ARG V=1\nFROM a\nRUN . ./env && echo $V\n", nil, nil},
		"what the program sees": {"ARG V=1\nFROM a\nCMD echo $V\n", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := &artefact.Set{Files: []*artefact.File{artefact.Parse("Dockerfile", []byte(c.text))}}
			var undeclared, unseen []string
			for _, stage := range artefact.Of[*artefact.Dockerfile](s)[0].Stages {
				undeclared = append(undeclared, stage.Undeclared...)
				for _, u := range stage.Unseen {
					unseen = append(unseen, u.Value)
				}
			}
			if !slices.Equal(undeclared, c.undeclared) || !slices.Equal(unseen, c.unseen) {
				t.Errorf("undeclared %q and unseen %q, and should be %q and %q", undeclared, unseen, c.undeclared, c.unseen)
			}
		})
	}
}
