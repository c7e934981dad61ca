package project

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

var procfileLine = lazyregexp.New(`^([A-Za-z0-9_-]+):\s*(.+)$`)

// parseProcfile finds the commands of a Procfile: "name: command" lines.
func parseProcfile(src *Source) Script {
	var s Script
	for i := range src.starts {
		from, to := src.physical(i)
		if m := procfileLine.FindStringSubmatchIndex(src.Text[from:to]); m != nil {
			s.add(src.Whole(from+m[4], from+m[5]), ".")
		}
	}
	return s
}

// templated is a text with the values put in that a tool fills in: of a variable that the file sets to plain text its value, of all
// else a word that only the tool knows. The first group of the pattern is the variable's name, empty for what is computed.
func templated(t *Text, use *lazyregexp.Regexp, variables map[string]string) *Text {
	return t.Replace(use, func(groups []string) (string, Nature) {
		if value, known := variables[groups[1]]; known {
			return value, Filled
		}
		return "", Hidden
	})
}

// taskUse is what Task fills in (taskfile.dev): {{.NAME}}, or anything that it computes.
var taskUse = lazyregexp.New(`\{\{-?\s*(?:\.([A-Za-z_][A-Za-z0-9_]*)\s*-?\}\}|[^}]*\}\})`)

// parseTaskfile finds the commands of a Taskfile (taskfile.dev): the values of cmd and cmds, however deep, and tasks that are a
// command.
func parseTaskfile(src *Source) Script {
	s := Script{SetsPath: strings.Contains(src.Text, "PATH:")}
	root, ok := s.yaml(src)
	if !ok {
		return s
	}
	f := &taskfile{Script: &s, src: src, variables: map[string]string{}}
	f.settings(root)
	f.tasks(yamlValue(root, "tasks"))
	f.includes(yamlValue(root, "includes"))
	return s
}

// yaml parses a YAML file; false for what is no mapping.
func (s *Script) yaml(src *Source) (*yaml.Node, bool) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(src.Text), &document); err != nil {
		s.Unknown = append(s.Unknown, Unknown{Reason: BadFormat})
		return nil, false
	}
	if len(document.Content) == 0 || document.Content[0].Kind != yaml.MappingNode {
		return nil, false
	}
	return document.Content[0], true
}

// yamlValue is the value of a key; nil without one.
func yamlValue(mapping *yaml.Node, key string) *yaml.Node {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

type taskfile struct {
	*Script
	src       *Source
	variables map[string]string // what is set once, to plain text
}

// settings takes down the variables of the whole file. One that a task or an inclusion sets again is not known.
func (f *taskfile) settings(root *yaml.Node) {
	again := map[string]bool{}
	pairs(root, func(key string, value *yaml.Node) {
		if key != "vars" && key != "env" || value.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(value.Content); i += 2 {
			name, v := value.Content[i].Value, value.Content[i+1]
			if _, before := f.variables[name]; before || v.Kind != yaml.ScalarNode || strings.Contains(v.Value, "{{") {
				again[name] = true
			}
			f.variables[name] = v.Value
		}
	})
	for name := range again {
		delete(f.variables, name)
	}
}

func (f *taskfile) tasks(tasks *yaml.Node) {
	if tasks == nil || tasks.Kind != yaml.MappingNode {
		return
	}
	for i := 1; i < len(tasks.Content); i += 2 {
		switch task := tasks.Content[i]; task.Kind {
		case yaml.ScalarNode:
			f.command(task, ".")
		case yaml.SequenceNode:
			f.commands(task, ".")
		case yaml.MappingNode:
			dir := literalFolder(yamlValue(task, "dir"))
			f.commands(yamlValue(task, "cmds"), dir)
			f.commands(yamlValue(task, "cmd"), dir)
			pairs(task, func(key string, value *yaml.Node) {
				if key == "sh" && value.Kind == yaml.ScalarNode {
					f.command(value, dir)
				}
			})
		}
	}
}

// literalFolder is a folder that a file names, relative to its own; "" for one that is computed or lies elsewhere.
func literalFolder(n *yaml.Node) string {
	switch {
	case n == nil:
		return "."
	case n.Kind != yaml.ScalarNode:
		return ""
	}
	return relativeFolder(n.Value)
}

func relativeFolder(dir string) string {
	if strings.ContainsAny(dir, "${}~\\%") || path.IsAbs(dir) {
		return ""
	}
	return path.Clean("./" + dir)
}

// commands reads what stands at cmds: texts, and mappings with cmd or for.
func (f *taskfile) commands(list *yaml.Node, dir string) {
	if list == nil {
		return
	}
	nodes := []*yaml.Node{list}
	if list.Kind == yaml.SequenceNode {
		nodes = list.Content
	}
	for _, n := range nodes {
		if n.Kind == yaml.MappingNode {
			if n = yamlValue(n, "cmd"); n == nil {
				continue
			}
		}
		if n.Kind == yaml.ScalarNode {
			f.command(n, dir)
		}
	}
}

func (f *taskfile) command(n *yaml.Node, dir string) {
	f.add(templated(YAMLScalar(f.src, n), taskUse, f.variables), dir)
}

// includes takes down the Taskfiles that this one includes: their tasks run in this one's folder, or where `dir` says.
func (f *taskfile) includes(list *yaml.Node) {
	if list == nil || list.Kind != yaml.MappingNode {
		return
	}
	for i := 1; i < len(list.Content); i += 2 {
		n := list.Content[i]
		file, dir := n, "."
		if n.Kind == yaml.MappingNode {
			file, dir = yamlValue(n, "taskfile"), literalFolder(yamlValue(n, "dir"))
		}
		if file == nil || file.Kind != yaml.ScalarNode {
			continue
		}
		at := f.src.Offset(file.Line, file.Column)
		name := relativeFolder(file.Value)
		if name == "" {
			f.Unknown = append(f.Unknown, Unknown{Span: f.src.Span(at, min(at+len(file.Value), len(f.src.Text))), Reason: Included})
			continue
		}
		names := []string{name}
		if !strings.HasSuffix(name, ".yml") && !strings.HasSuffix(name, ".yaml") {
			names = nil
			for _, base := range taskfileNames {
				names = append(names, path.Join(name, base))
			}
		}
		for _, name := range names {
			f.Script.includes = append(f.Script.includes, include{file: name, dir: dir, lost: dir == ""})
		}
	}
}

// taskfileNames are the files that Task looks for in a folder.
var taskfileNames = []string{"Taskfile.yml", "taskfile.yml", "Taskfile.yaml", "taskfile.yaml", "Taskfile.dist.yml", "taskfile.dist.yml", "Taskfile.dist.yaml", "taskfile.dist.yaml"}

// parsePackageJSON finds the commands in the scripts of a package.json. npm starts them in its folder, with node_modules/.bin on
// PATH, where Go tools are not.
func parsePackageJSON(src *Source) Script {
	var s Script
	root, ok := s.json(src)
	if !ok {
		return s
	}
	for _, m := range root.get("scripts").members() {
		s.text(m.value, ".")
	}
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
