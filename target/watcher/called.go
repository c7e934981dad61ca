package watcher

import (
	"path"
	"slices"
	"strings"
)

// Called tells which tool the words of a command start to watch, and gives the tool's arguments; nil where they start none.
// `go tool`, `go run MODULE@VERSION`, `npx` and their like are looked through.
func Called(words []string) (tool *Tool, args []string) {
	if len(words) == 0 {
		return nil, nil
	}
	for _, t := range Tools {
		if args, ok := t.calledBy(words); ok && t.watchesWith(args) {
			return t, args
		}
	}
	return nil, nil
}

// AskedVersion is the version that a command asks for, as `go run example.com/tool@v1.2.3` does; "" where it names none.
func AskedVersion(words []string) string {
	if len(words) < 3 || path.Base(words[0]) != "go" || words[1] != "run" {
		return ""
	}
	for _, w := range words[2:] {
		if _, version, ok := strings.Cut(w, "@"); ok && !strings.HasPrefix(w, "-") && strings.HasPrefix(version, "v") {
			return version
		}
	}
	return ""
}

func (tool *Tool) calledBy(words []string) (args []string, ok bool) {
	name := strings.TrimSuffix(path.Base(words[0]), ".exe")
	switch {
	case tool.named(name):
		return words[1:], true
	case name == "go" && len(words) > 2 && (words[1] == "tool" || words[1] == "run"):
		return tool.calledByGo(words[2:])
	case name == "node" && len(words) > 1: // as the process of a script of node is called
		script := strings.TrimSuffix(path.Base(strings.ReplaceAll(words[1], `\`, "/")), ".js")
		return words[2:], tool.named(script) && len(tool.Modules) == 0
	case slices.Contains([]string{"npx", "bunx", "pnpx"}, name):
		return tool.calledByNode(words[1:])
	case slices.Contains([]string{"pnpm", "yarn", "npm", "bun"}, name) && len(words) > 2 && slices.Contains([]string{"exec", "dlx", "x"}, words[1]):
		return tool.calledByNode(words[2:])
	}
	return nil, false
}

// calledByGo reads what follows `go tool` and `go run`: flags of go, then the name or the path of the package.
func (tool *Tool) calledByGo(words []string) (args []string, ok bool) {
	for i, w := range words {
		if strings.HasPrefix(w, "-") {
			continue
		}
		pkg, _, _ := strings.Cut(w, "@")
		if tool.named(pkg) {
			return words[i+1:], true
		}
		return words[i+1:], slices.ContainsFunc(tool.Modules, func(m string) bool { return pkg == m || strings.HasPrefix(pkg, m+"/") })
	}
	return nil, false
}

func (tool *Tool) calledByNode(words []string) (args []string, ok bool) {
	for i, w := range words {
		if strings.HasPrefix(w, "-") {
			continue
		}
		name, _, _ := strings.Cut(w, "@")
		return words[i+1:], tool.named(name)
	}
	return nil, false
}

func (tool *Tool) named(name string) bool {
	if len(tool.Programs) > 0 {
		return slices.Contains(tool.Programs, name)
	}
	return name == tool.Name
}

func (tool *Tool) watchesWith(args []string) bool {
	if tool.Watches != nil {
		return tool.Watches(args)
	}
	return len(args) == 0 || !slices.Contains(unwatching, args[0])
}

// unwatching are the first arguments with which a tool watches nothing.
var unwatching = []string{"init", "env", "version", "help", "-v", "-h", "-version", "--version", "--help", "-help"}
