package project

import (
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxTaskCalls bounds the tasks that one call of Task leads to.
const maxTaskCalls = 64

// taskCall is one start of Task: a Taskfile, and the variables that it is given.
type taskCall struct {
	scene  Scene
	dir    string // of the Taskfile
	file   string
	src    *Source
	root   *yaml.Node
	given  map[string]string // on the command line
	shells []Shell
	calls  int
}

// task is what a call of Task runs (taskfile.dev).
func (s Scene) task(c Command, dir string) ([]Shell, bool) {
	t := &taskCall{scene: s, dir: dir, given: map[string]string{}}
	names, ok := t.arguments(c)
	if !ok {
		return nil, false
	}
	file, text, _, ok := s.firstFile(t.dir, taskfileNames)
	if !ok {
		return nil, false
	}
	var read Script
	t.file, t.src = file, NewSource(text)
	if t.root, ok = read.yaml(t.src); !ok || yamlValue(t.root, "dotenv") != nil {
		return nil, false
	}
	if len(names) == 0 {
		names = []string{"default"}
	}
	whole := true
	for _, name := range names {
		whole = t.run(name, nil) && whole
	}
	return t.shells, whole
}

// arguments reads the words of a call: the tasks that are asked for. What stands behind -- is for them.
func (t *taskCall) arguments(c Command) (names []string, ok bool) {
	for i := 1; i < len(c.Words); i++ {
		word := c.Words[i]
		if name, value, set := c.given(i); set {
			t.given[name] = value
			continue
		}
		switch {
		case word == "--":
			t.given["CLI_ARGS"] = computedValue
			return names, true
		case slices.Contains([]string{"-s", "--silent", "-v", "--verbose", "-f", "--force", "-y", "--yes", "-p", "--parallel"}, word):
		case (word == "-d" || word == "--dir") && i+1 < len(c.Words) && c.Words[i+1] != "":
			i++
			t.dir = within(t.dir, c.Words[i])
		case word == "" || strings.HasPrefix(word, "-"):
			return nil, false
		default:
			names = append(names, word)
		}
	}
	return names, true
}

// run takes down what a task runs: first what it depends on.
func (t *taskCall) run(name string, given map[string]string) bool {
	task := yamlValue(yamlValue(t.root, "tasks"), name)
	if t.calls++; task == nil || t.calls > maxTaskCalls {
		return false
	}
	variables := map[string]string{"TASK": name}
	whole := settings(variables, yamlValue(t.root, "vars"), variables)
	maps.Copy(variables, t.given)
	maps.Copy(variables, given)
	dir, env := t.dir, map[string]Variable{}
	t.environment(env, yamlValue(t.root, "env"), variables)
	if task.Kind != yaml.MappingNode {
		return t.commands(task, dir, variables, env) && whole
	}
	for _, odd := range []string{"dotenv", "status", "sources", "platforms", "if", "prefix"} {
		whole = whole && yamlValue(task, odd) == nil
	}
	own := map[string]string{}
	whole = settings(own, yamlValue(task, "vars"), variables) && whole
	for name, value := range own {
		_, above := given[name]
		if _, byLine := t.given[name]; !above && !byLine {
			variables[name] = value
		}
	}
	t.environment(env, yamlValue(task, "env"), variables)
	if n := yamlValue(task, "dir"); n != nil {
		value := t.filled(n, variables)
		if dir = ""; value != nil && !value.hidden(0, len(value.bytes)) {
			dir = within(t.dir, value.String())
		}
	}
	if deps := yamlValue(task, "deps"); deps != nil {
		for _, n := range deps.Content {
			whole = t.called(n, variables) && whole
		}
	}
	for _, key := range []string{"cmds", "cmd"} {
		if n := yamlValue(task, key); n != nil {
			whole = t.commands(n, dir, variables, env) && whole
		}
	}
	return whole
}

// called runs another task: a name, or a mapping with a name and variables.
func (t *taskCall) called(n *yaml.Node, variables map[string]string) bool {
	given := map[string]string{}
	whole := true
	if n.Kind == yaml.MappingNode {
		whole = settings(given, yamlValue(n, "vars"), variables)
		n = yamlValue(n, "task")
	}
	if n == nil || n.Kind != yaml.ScalarNode || strings.Contains(n.Value, "{{") {
		return false
	}
	return t.run(n.Value, given) && whole
}

func templatedValue(value string, variables map[string]string) string {
	return taskUse.ReplaceAllStringFunc(value, func(use string) string {
		if v, ok := variables[taskUse.FindStringSubmatch(use)[1]]; ok {
			return v
		}
		return computedValue
	})
}

// settings takes down variables, whose values may hold others. One that is computed is not known.
func settings(out map[string]string, list *yaml.Node, others map[string]string) bool {
	if list == nil {
		return true
	}
	if list.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i+1 < len(list.Content); i += 2 {
		name, v := list.Content[i].Value, list.Content[i+1]
		out[name] = computedValue
		if v.Kind == yaml.ScalarNode {
			out[name] = templatedValue(v.Value, others)
		}
	}
	return true
}

// environment takes down the variables that commands get. What the environment of Task has already stays (taskfile.dev, "Environment
// variables").
func (t *taskCall) environment(env map[string]Variable, list *yaml.Node, variables map[string]string) {
	if list == nil || list.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(list.Content); i += 2 {
		name, n := list.Content[i].Value, list.Content[i+1]
		if outside := t.scene.Variable(name); outside.Set || !outside.Known {
			continue
		}
		value := computedValue
		if n.Kind == yaml.ScalarNode {
			value = templatedValue(n.Value, variables)
		}
		env[name] = variable(value)
	}
}

func (t *taskCall) filled(n *yaml.Node, variables map[string]string) *Text {
	if n.Kind != yaml.ScalarNode {
		return nil
	}
	plain := map[string]string{}
	for name, value := range variables {
		if !strings.Contains(value, computedValue) {
			plain[name] = value
		}
	}
	return templated(YAMLScalar(t.src, n), taskUse, plain)
}

// commands takes down the commands of a task.
func (t *taskCall) commands(n *yaml.Node, dir string, variables map[string]string, env map[string]Variable) bool {
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		list = n.Content
	}
	whole := true
	for _, n := range list {
		if n.Kind == yaml.MappingNode {
			switch {
			case yamlValue(n, "task") != nil && yamlValue(n, "for") == nil:
				whole = t.called(n, variables) && whole
				continue
			case yamlValue(n, "cmd") == nil || yamlValue(n, "for") != nil || yamlValue(n, "platforms") != nil || yamlValue(n, "if") != nil:
				whole = false
				continue
			}
			n = yamlValue(n, "cmd")
		}
		text := t.filled(n, variables)
		if text == nil {
			whole = false
			continue
		}
		commands, unknown := text.Commands(".", true)
		sh := Shell{File: t.file, Text: text.String(), Dir: dir, Commands: commands, Set: maps.Clone(env)}
		if sh.place(dir); dir == "" {
			for i := range sh.Commands {
				sh.Commands[i].Dir = ""
			}
		}
		t.shells = append(t.shells, sh)
		whole = whole && len(unknown) == 0
	}
	return whole
}

var justfileNames = []string{"justfile", "Justfile", ".justfile"}

// just is what a call of just runs (just.systems). Recipes with parameters are followed where all of them have a value.
func (s Scene) just(c Command, dir string) ([]Shell, bool) {
	j := &justCall{scene: s, dir: dir}
	given := map[string]string{}
	words := c.Words[1:]
	for i := 1; i < len(c.Words); i++ {
		name, value, set := c.given(i)
		if !set {
			break
		}
		given[name], words = value, words[1:]
	}
	if len(words) > 0 && strings.HasPrefix(words[0], "-") || slices.Contains(words, "") {
		return nil, false
	}
	file, text, _, ok := s.firstFile(dir, justfileNames)
	if !ok {
		return nil, false
	}
	j.file, j.f = file, readJustfile(NewSource(text))
	if j.f.foreign || len(j.f.Unknown) > 0 || j.f.dir == "" || strings.Contains(text, "dotenv") {
		return nil, false
	}
	maps.Copy(j.f.variables, given)
	if len(words) == 0 && len(j.f.recipes) > 0 {
		words = []string{j.f.recipes[0].name}
	}
	whole := len(words) > 0
	for len(words) > 0 {
		taken, ok := j.run(words[0], words[1:], 0)
		whole = whole && ok
		words = words[1+min(taken, len(words)-1):]
	}
	return j.shells, whole
}

type justCall struct {
	scene  Scene
	dir    string
	file   string
	f      *justfile
	shells []Shell
	done   []string
}

// run takes down a recipe and those it depends on; taken are the words that it takes for its parameters.
func (j *justCall) run(name string, args []string, depth int) (taken int, whole bool) {
	i := slices.IndexFunc(j.f.recipes, func(r justRecipe) bool { return r.name == name })
	if i < 0 || depth > maxTaskCalls || len(j.done) > maxTaskCalls {
		return 0, false
	}
	r := j.f.recipes[i]
	if r.dir == "" || r.odd {
		return 0, false
	}
	known := map[string]string{}
	maps.Copy(known, j.f.variables)
	for i, p := range r.parameters {
		known[p] = computedValue
		if i < len(args) {
			known[p] = args[i]
			taken++
		} else if value, ok := r.defaults[p]; ok {
			known[p] = value
		}
	}
	if slices.Contains(j.done, name) && taken == 0 {
		return 0, true
	}
	j.done = append(j.done, name)
	whole = true
	for _, need := range r.needs {
		_, ok := j.run(need, nil, depth+1)
		whole = ok && whole
	}
	maps.DeleteFunc(known, func(_, v string) bool { return v == computedValue })
	env := map[string]Variable{}
	for _, name := range j.f.exported {
		env[name] = Variable{Text: known[name], Set: true, Known: known[name] != ""}
	}
	dir := within(j.dir, j.f.dir)
	for _, text := range j.f.texts(r, known) {
		commands, unknown := text.Commands(".", true)
		sh := Shell{File: j.file, Text: text.String(), Dir: dir, Commands: commands, Set: env}
		sh.place(path.Clean(dir))
		j.shells = append(j.shells, sh)
		whole = whole && len(unknown) == 0
	}
	return taken, whole && len(j.f.Unknown) == 0
}
