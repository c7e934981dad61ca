package target

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/toolchain"
)

// BuildVCS tells what -buildvcs is for the builds of a module: "true", "auto" or "false". GOFLAGS decides, and over it the
// build command of the watcher. A build of named files is never stamped, and of a command that only the shell understands we
// cannot tell: both count as "false".
func (t *Target) BuildVCS(ctx context.Context, m *project.Module) (string, error) {
	goflags, err := t.GoSetting(ctx, "GOFLAGS")
	if err != nil {
		return "", err
	}
	byFlags := "auto"
	if value, _, ok := toolchain.Flag(goflags.Value, "buildvcs"); ok {
		byFlags = buildvcs(value)
	}
	var builds []project.Command
	if air := t.Air(m.Dir); air != nil {
		builds = goBuilds(project.ParseShell(air.Cmd, project.Position{Line: 1, Column: 1}))
		if len(builds) == 0 {
			return "false", nil
		}
	} else {
		scripts, err := t.Scripts(ctx)
		if err != nil {
			return "", err
		}
		for _, s := range scripts {
			builds = append(builds, goBuilds(s.Commands)...)
		}
	}
	answer := byFlags
	for _, c := range builds {
		switch own := stampedBy(c, byFlags); own {
		case "false":
			answer = own // one command of the project's own goes round it, so it is known and lived with
		case "true":
			if answer == "auto" {
				answer = own
			}
		}
	}
	return answer, nil
}

// goBuilds are those of the commands that build or install programs.
func goBuilds(commands []project.Command) []project.Command {
	return slices.DeleteFunc(slices.Clone(commands), func(c project.Command) bool {
		return c.Name() != "go" || len(c.Words) < 2 || c.Words[1] != "build" && c.Words[1] != "install"
	})
}

// stampedBy tells what -buildvcs is for one `go build`; byFlags is what GOFLAGS say.
func stampedBy(c project.Command, byFlags string) string {
	if c.Assigned("GOFLAGS") {
		return "false"
	}
	for i, w := range c.Words[2:] {
		name, value, _ := strings.Cut(strings.TrimLeft(w, "-"), "=")
		switch {
		case strings.HasPrefix(w, "-") && name == "buildvcs":
			byFlags = buildvcs(value)
		case strings.HasSuffix(w, ".go"):
			return "false" // named files
		case w == "" && !strings.HasPrefix(c.Words[i+1], "-"):
			return "false" // what the shell puts there may be flags
		}
	}
	return byFlags
}

// buildvcs reads the value of the flag as the go command does; what it would reject counts as "false" here.
func buildvcs(value string) string {
	switch on, err := strconv.ParseBool(value); {
	case value == "", err == nil && on:
		return "true"
	case value == "auto":
		return "auto"
	}
	return "false"
}
