package target

import (
	"fmt"
	"testing"

	"github.com/gindoctor/gindoctor/target/project"
)

// TestComposeCommands reads calls of compose as its command line does.
func TestComposeCommands(t *testing.T) {
	for line, want := range map[string]string{
		"docker compose up -d":                                           "up [] [] false",
		"docker compose -f a.yml -f b.yml up -d --build":                 "up [deploy/a.yml deploy/b.yml] [] false",
		"docker-compose --file=a.yml -p shop up web db":                  "up [deploy/a.yml] [web db] false",
		"COMPOSE_FILE=a.yml:b.yml docker compose up":                     "up [deploy/a.yml deploy/b.yml] [] false",
		"docker compose --env-file .env -f a.yml up --scale web=3 -t 30": "up [deploy/a.yml] [] false",
		"docker compose -f $FILE up":                                     "up [deploy] [] true",
		"docker compose --project-directory .. -f a.yml up":              "up [deploy/a.yml] [] true",
		"docker compose up $SERVICE":                                     "up [] [] true",
		"podman-compose -f /etc/a.yml up":                                "up [deploy/etc/a.yml] [] true",
		"docker ps":                                                      "",
		"docker compose --help":                                          "",
	} {
		got := ""
		for _, c := range project.ParseShell(line, project.Position{Line: 1, Column: 1}) {
			if of, ok := composeCommand(c, "deploy"); ok {
				got = fmt.Sprint(of.Verb, " ", of.Files, " ", of.Services, " ", of.Open)
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

// TestStacks takes lists of several files of one folder, each once.
func TestStacks(t *testing.T) {
	got := stacks([]ComposeCommand{
		{Verb: "up", Files: []string{"a.yml", "b.yml"}}, {Verb: "down", Files: []string{"a.yml", "b.yml"}}, {Verb: "up", Files: []string{"b.yml", "a.yml"}},
		{Verb: "up", Files: []string{"a.yml"}}, {Verb: "up", Files: []string{"a.yml", "c.yml"}, Open: true}, {Verb: "up", Files: []string{"a.yml", "deploy/b.yml"}},
	})
	if want := "[[a.yml b.yml] [b.yml a.yml]]"; fmt.Sprint(got) != want {
		t.Errorf("stacks %v, want %s", got, want)
	}
}
