package project

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

var procfileLine = regexp.MustCompile(`^([A-Za-z0-9_-]+):\s*(.+)$`)

// parseProcfile finds the commands of a Procfile: "name: command" lines.
func parseProcfile(text string) Script {
	var s Script
	number := 0
	for line := range strings.Lines(text) {
		number++
		if m := procfileLine.FindStringSubmatchIndex(strings.TrimRight(line, "\r\n")); m != nil {
			s.Commands = append(s.Commands, ParseShell(line[m[4]:m[5]], Position{number, m[4] + 1})...)
		}
	}
	return s
}

// parseJustfile finds the commands of a justfile's recipes: indented lines. What just fills in ({{...}}) is unknown here.
func parseJustfile(text string) Script {
	s := Script{SetsPath: strings.Contains(text, "export PATH")}
	for _, line := range joined(text) {
		body := strings.TrimLeft(line.text, " \t")
		if body == line.text || body == "" || strings.HasPrefix(body, "#") {
			continue
		}
		indent := len(line.text) - len(body)
		shell := strings.TrimLeft(body, "@-")
		column := indent + len(body) - len(shell) + 1
		shell = justValue.ReplaceAllLiteralString(shell, "${JUST_VARIABLE}")
		s.Commands = append(s.Commands, ParseShell(shell, Position{line.number, column})...)
	}
	return s
}

var justValue = regexp.MustCompile(`\{\{[^}]*\}\}`)

// parseTaskfile finds the commands of a Taskfile (taskfile.dev): the values of cmd and cmds, however deep.
func parseTaskfile(text string) Script {
	s := Script{SetsPath: strings.Contains(text, "PATH:")}
	var root yaml.Node
	if yaml.Unmarshal([]byte(text), &root) != nil {
		return Script{}
	}
	pairs(&root, func(key string, value *yaml.Node) {
		if key != "cmd" && key != "cmds" && key != "tasks" {
			return
		}
		for _, n := range append([]*yaml.Node{value}, value.Content...) {
			if n.Kind == yaml.ScalarNode && (key != "tasks" || n != value && value.Kind == yaml.MappingNode && !isKey(value, n)) {
				s.scalar(n)
			}
		}
	})
	return s
}

func isKey(mapping, n *yaml.Node) bool { return slices.Index(mapping.Content, n)%2 == 0 }

var taskValue = regexp.MustCompile(`\{\{[^}]*\}\}`)

func (s *Script) scalar(n *yaml.Node) {
	at := Position{n.Line, n.Column}
	switch n.Style {
	case yaml.LiteralStyle, yaml.FoldedStyle:
		at = Position{n.Line + 1, 1}
	case yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle:
		at.Column++
	}
	s.Commands = append(s.Commands, ParseShell(taskValue.ReplaceAllLiteralString(n.Value, "${TASK_VARIABLE}"), at)...)
}

// parsePackageJSON finds the commands in the scripts of a package.json. JSON is YAML, and YAML's parser tells positions. npm puts
// node_modules/.bin on PATH, where Go tools are not.
func parsePackageJSON(text string) Script {
	var s Script
	var root yaml.Node
	if yaml.Unmarshal([]byte(text), &root) != nil {
		return s
	}
	pairs(&root, func(key string, value *yaml.Node) {
		if key == "scripts" && value.Kind == yaml.MappingNode {
			for i := 1; i < len(value.Content); i += 2 {
				s.scalar(value.Content[i])
			}
		}
	})
	return s
}

// pairs calls visit for every key of every mapping below a node. Aliases are not followed: they might lead in a ring.
func pairs(n *yaml.Node, visit func(key string, value *yaml.Node)) {
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			visit(n.Content[i].Value, n.Content[i+1])
		}
	}
	for _, child := range n.Content {
		pairs(child, visit)
	}
}
