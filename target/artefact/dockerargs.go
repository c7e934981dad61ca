package artefact

import (
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// platformArg matches the arguments that FROM knows without an ARG.
var platformArg = lazyregexp.New(`^(BUILD|TARGET)(PLATFORM|OS|OSVERSION|ARCH|VARIANT)$`)

// varUse matches $NAME and ${NAME}; not what has a default of its own, such as ${NAME:-x}.
var varUse = lazyregexp.New(`\\.|'|\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))`)

// use is a place in a text where a variable is used.
type use struct {
	name     string
	from, to int
}

// uses are the variables of a text, as the builder and a shell take them: none behind a backslash, and none within single quotes that
// stand in no double ones.
func uses(text string) []use {
	var out []use
	quoted := false
	for _, m := range varUse.FindAllStringSubmatchIndex(text, -1) {
		switch {
		case text[m[0]] == '\'':
			if quoted || strings.Count(text[:m[0]], `"`)%2 == 0 {
				quoted = !quoted
			}
		case text[m[0]] == '\\' || quoted:
		default:
			name := max(m[2], m[4])
			out = append(out, use{text[name:max(m[3], m[5])], m[0], m[1]})
		}
	}
	return out
}

// unseen notes the uses of arguments that stand before the first FROM and are not declared again.
func (r *dockerReader) unseen(line dockerLine, cmd any) {
	shell := false
	switch cmd.(type) {
	case *instructions.RunCommand:
		shell = true
	case *instructions.EnvCommand, *instructions.CopyCommand, *instructions.AddCommand, *instructions.WorkdirCommand, *instructions.UserCommand,
		*instructions.ExposeCommand, *instructions.LabelCommand:
	default:
		return // what runs later has no arguments at all
	}
	if shell && line.json || len(r.global) == 0 {
		return
	}
	whole := string(line.text[line.from:])
	for _, u := range uses(whole) {
		_, global := r.global[u.name]
		if _, seen := r.vars[u.name]; !global || seen || platformArg.MatchString(u.name) || r.inherited(u.name) || shell && setsVariable(whole, u.name) {
			continue
		}
		r.stage.Unseen = append(r.stage.Unseen, line.cut(r.d.src, line.from+u.from, line.from+u.to, u.name))
	}
}

// inherited tells whether a stage that this one is built from declares an argument: that is handed down.
func (r *dockerReader) inherited(name string) bool {
	return slices.ContainsFunc(r.stage.Chain(), func(s *Stage) bool {
		return slices.ContainsFunc(s.Args, func(a Arg) bool { return a.Name.Value == name })
	})
}

// setsVariable tells whether a shell's text gives a variable a value of its own, in any way.
func setsVariable(text, name string) bool {
	return regexp.MustCompile(`(^|[^\w$])` + name + `\+?=|\b(for|read|mapfile|readarray|getopts)\b[^;&|\n]*\b` + name + `\b|(^|[;&\s])(\.|source|eval)\s`).MatchString(text)
}

// ImageSets tells whether the image that a stage begins with may well set a variable itself: those that are common to all, and those
// that official images name after what they hold, such as GOLANG_VERSION.
func (s *Stage) ImageSets(name string) bool {
	image := strings.ToUpper(strings.ReplaceAll(ImageName(s.Image().Value), "-", "_"))
	switch name {
	case "PATH", "HOME", "HOSTNAME", "LANG", "GOPATH", "GOTOOLCHAIN":
		return true
	}
	return strings.HasSuffix(name, "_VERSION") && image != "" && strings.HasPrefix(name, image+"_")
}

// officialGo matches the names of the golang image as Docker makes it, and of its mirrors.
var officialGo = lazyregexp.New(`^((docker\.io|index\.docker\.io|mirror\.gcr\.io)/)?golang([:@]|$)|(^|/)library/golang([:@]|$)`)

// ImageVariables are what the image that a stage begins with sets itself, where paths in Dockerfiles are built from it
// (https://github.com/docker-library/golang/blob/master/Dockerfile-linux.template).
func (s *Stage) ImageVariables() map[string]Text {
	if base := s.Image(); base.Known() && officialGo.MatchString(base.Value) {
		return map[string]Text{"GOPATH": {Value: "/go", Raw: "/go"}}
	}
	return nil
}
