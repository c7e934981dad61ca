package listen

import (
	"bytes"
	"path"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
	"go.yaml.in/yaml/v3"

	"github.com/gindoctor/gindoctor/target/project"
)

// document is a configuration file as its values, by dotted key in lower case, with where each stands.
type document struct {
	file   string
	values map[string]part
}

// parseDocument reads YAML, JSON, TOML or INI. What does not parse has no values.
func parseDocument(name, format string, data []byte) *document {
	d := &document{file: name, values: map[string]part{}}
	if format == "" {
		format = strings.TrimPrefix(path.Ext(name), ".")
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	switch format {
	case "yaml", "yml", "json": // JSON is YAML, near enough
		var root yaml.Node
		if yaml.Unmarshal(data, &root) == nil {
			d.addYAML("", &root, 0)
		}
	case "toml":
		d.addTOML(data)
	case "ini", "conf", "cfg", "properties", "env", "dotenv":
		d.addINI(data)
	}
	return d
}

func (d *document) add(key, text string, line, column int) {
	at := Place{File: d.file, Position: project.Position{Line: line, Column: column}}
	d.values[strings.ToLower(key)] = part{text: text, known: true, cert: FromConfig, name: key, at: at}
}

func under(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}

const maxNesting = 64

func (d *document) addYAML(key string, n *yaml.Node, depth int) {
	if depth > maxNesting {
		return
	}
	switch n.Kind {
	case yaml.DocumentNode:
		for _, c := range n.Content {
			d.addYAML(key, c, depth+1)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			d.addYAML(under(key, n.Content[i].Value), n.Content[i+1], depth+1)
		}
	case yaml.SequenceNode:
		for i, c := range n.Content {
			d.addYAML(under(key, strconv.Itoa(i)), c, depth+1)
		}
	case yaml.ScalarNode:
		d.add(key, n.Value, n.Line, n.Column)
	}
}

func (d *document) addTOML(data []byte) {
	var p unstable.Parser
	p.Reset(data)
	table := ""
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = tomlKey(e)
		case unstable.KeyValue:
			if v := e.Value(); v.Kind == unstable.String || v.Kind == unstable.Integer || v.Kind == unstable.Bool {
				at := p.Shape(v.Raw).Start
				d.add(under(table, tomlKey(e)), string(v.Data), at.Line, at.Column)
			}
		}
	}
}

func tomlKey(n *unstable.Node) string {
	key := ""
	for it := n.Key(); it.Next(); {
		key = under(key, string(it.Node().Data))
	}
	return key
}

// addINI reads sections of key = value lines. Keys before the first section have no prefix.
func (d *document) addINI(data []byte) {
	section, line := "", 0
	for raw := range bytes.Lines(data) {
		line++
		text := strings.TrimSpace(string(raw))
		switch {
		case text == "" || text[0] == '#' || text[0] == ';':
		case text[0] == '[':
			section = strings.ToLower(strings.TrimSpace(strings.Trim(text, "[]")))
			if section == "default" {
				section = ""
			}
		default:
			i := strings.IndexAny(text, "=:")
			if i < 0 {
				continue
			}
			val := strings.TrimSpace(text[i+1:])
			if j := strings.Index(val, " #"); j >= 0 {
				val = strings.TrimSpace(val[:j])
			}
			if j := strings.Index(val, " ;"); j >= 0 {
				val = strings.TrimSpace(val[:j])
			}
			val = strings.Trim(val, "\"'`")
			d.add(under(section, strings.TrimSpace(text[:i])), val, line, 1+bytes.IndexByte(raw, text[0]))
		}
	}
}
