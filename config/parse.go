package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// Parse reads a configuration. all is the catalogue: checks that the configuration names have to be there. The error is an *Error.
func Parse(file string, data []byte, all []*checks.Check) (c *Config, err error) {
	r := &reader{file: file, all: all}
	defer func() {
		switch failure := recover().(type) {
		case nil:
		case *Error:
			c, err = nil, failure
		default:
			panic(failure)
		}
	}()
	return r.document(data), nil
}

// reader reads one file. It gives up by a panic with an *Error, which Parse returns.
type reader struct {
	file string
	all  []*checks.Check
}

func (r *reader) fail(n *yaml.Node, format string, args ...any) {
	e := &Error{File: r.file, Reason: fmt.Sprintf(format, args...)}
	if n != nil {
		e.Line, e.Column = n.Line, n.Column
	}
	panic(e)
}

// yamlLine is how the YAML library begins its errors.
var yamlLine = lazyregexp.New(`^yaml: (?:line (\d+): )?`)

func (r *reader) document(data []byte) *Config {
	c := &Config{File: r.file, lines: map[string]int{}}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return c // nothing but comments
	} else if err != nil {
		r.syntax(err)
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		r.fail(&more, "a second document; a configuration is one")
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return c
	}
	r.mapping(root, "the configuration", map[string]func(*yaml.Node){
		"profile":  func(n *yaml.Node) { c.Profile = r.oneOf(n, "dev", "ci", "prod") },
		"fail-on":  func(n *yaml.Node) { c.FailOn = r.oneOf(n, "error", "warning", "info", "never") },
		"skip":     func(n *yaml.Node) { c.Skip = r.checks(n) },
		"severity": func(n *yaml.Node) { c.Severity = r.severities(n) },
		"ignore":   func(n *yaml.Node) { r.each(n, func(n *yaml.Node) { c.Ignore = append(c.Ignore, r.ignore(n)) }) },
		"ports":    func(n *yaml.Node) { r.each(n, func(n *yaml.Node) { c.Ports = append(c.Ports, r.port(n)) }) },
		"timeout":  func(n *yaml.Node) { c.Timeout = r.duration(n) },
		"lang":     func(n *yaml.Node) { c.Lang = r.oneOf(n, "en", "zh") },
		"external": func(n *yaml.Node) {
			r.each(n, func(n *yaml.Node) { c.External = append(c.External, r.external(n, c.External)) })
		},
	}, func(key *yaml.Node) { c.lines[resolve(key).Value] = key.Line })
	return c
}

func (r *reader) syntax(err error) {
	e := &Error{File: r.file, Reason: yamlLine.ReplaceAllString(err.Error(), "")}
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil && m[1] != "" {
		e.Line, _ = strconv.Atoi(m[1])
	}
	panic(e)
}

// mapping reads the keys of a mapping; those that are not known, or stand twice, are errors.
func (r *reader) mapping(n *yaml.Node, what string, keys map[string]func(*yaml.Node), seen func(key *yaml.Node)) {
	n = resolve(n)
	if n.Kind != yaml.MappingNode {
		r.fail(n, "%s has to be a mapping of %s", what, strings.Join(sorted(keys), ", "))
	}
	known := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, name := n.Content[i], resolve(n.Content[i]).Value
		read := keys[name]
		switch {
		case name == "<<":
			r.fail(key, "merge keys are not read here; write the keys out")
		case read == nil && nearest(name, sorted(keys)) != "":
			r.fail(key, "there is no key %q; did you mean %q?", name, nearest(name, sorted(keys)))
		case read == nil:
			r.fail(key, "there is no key %q; %s takes %s", name, what, strings.Join(sorted(keys), ", "))
		case known[name]:
			r.fail(key, "%q stands twice", name)
		}
		known[name] = true
		if seen != nil {
			seen(key)
		}
		read(n.Content[i+1])
	}
}

// resolve follows an alias.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

func sorted(keys map[string]func(*yaml.Node)) []string {
	var out []string
	for k := range keys {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// nearest is the word that a misspelt one most likely stands for, or "".
func nearest(word string, known []string) string {
	word = strings.ReplaceAll(strings.ToLower(word), "_", "-")
	best, distance := "", 3
	for _, k := range known {
		if d := levenshtein.ComputeDistance(word, k); d < distance {
			best, distance = k, d
		}
	}
	return best
}

// each reads the items of a list; one item may stand without it.
func (r *reader) each(n *yaml.Node, read func(*yaml.Node)) {
	n = resolve(n)
	switch {
	case n.Kind == yaml.SequenceNode:
		for _, item := range n.Content {
			read(resolve(item))
		}
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
	default:
		read(n)
	}
}

func (r *reader) text(n *yaml.Node) string {
	n = resolve(n)
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || strings.TrimSpace(n.Value) == "" {
		r.fail(n, "a text is missing")
	}
	return n.Value
}

func (r *reader) oneOf(n *yaml.Node, words ...string) string {
	value := r.text(n)
	if !slices.Contains(words, value) {
		r.fail(n, "%q is none of %s", value, strings.Join(words, ", "))
	}
	return value
}

func (r *reader) checks(n *yaml.Node) (out []string) {
	r.each(n, func(n *yaml.Node) { out = append(out, r.check(n)) })
	return out
}

// check is an id or a glob that names a check of the catalogue, or one that the configuration brings along.
func (r *reader) check(n *yaml.Node) string {
	glob := r.text(n)
	if strings.HasPrefix(glob, "config/") {
		return glob
	}
	if err := checks.Known(r.all, glob); err != nil {
		r.fail(n, "%s", err)
	}
	return glob
}

func (r *reader) severities(n *yaml.Node) (out []Severity) {
	n = resolve(n)
	if n.Kind != yaml.MappingNode {
		r.fail(n, "severity has to be a mapping of checks to error, warning or info")
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		level, _ := checks.ParseSeverity(r.oneOf(n.Content[i+1], "error", "warning", "info"))
		out = append(out, Severity{Check: r.check(n.Content[i]), Level: level, Line: n.Content[i].Line})
	}
	return out
}

func (r *reader) ignore(n *yaml.Node) Ignore {
	out := Ignore{Line: n.Line, Column: n.Column}
	r.mapping(n, "an ignore", map[string]func(*yaml.Node){
		"check":  func(n *yaml.Node) { out.Check = r.check(n) },
		"path":   func(n *yaml.Node) { out.Path = strings.TrimPrefix(r.text(n), "./") },
		"reason": func(n *yaml.Node) { out.Reason = r.text(n) },
		"until":  func(n *yaml.Node) { out.Until = r.date(n) },
	}, nil)
	if out.Check == "" {
		r.fail(n, "an ignore without check; it hides the findings of one")
	}
	return out
}

func (r *reader) date(n *yaml.Node) time.Time {
	day, err := time.Parse(time.DateOnly, r.text(n))
	if err != nil {
		r.fail(n, "%q is no date such as 2027-01-31", n.Value)
	}
	return day
}

func (r *reader) port(n *yaml.Node) int {
	port, err := strconv.Atoi(r.text(n))
	if err != nil || port < 1 || port > 65535 {
		r.fail(n, "%q is no port (1 to 65535)", n.Value)
	}
	return port
}

func (r *reader) duration(n *yaml.Node) time.Duration {
	d, err := time.ParseDuration(r.text(n))
	if err != nil || d <= 0 {
		r.fail(n, "%q is no time limit such as 90s or 5m", n.Value)
	}
	return d
}

// shortName is what an id is made of.
var shortName = lazyregexp.New(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (r *reader) external(n *yaml.Node, before []External) External {
	out := External{Timeout: 30 * time.Second, Line: n.Line}
	r.mapping(n, "an external check", map[string]func(*yaml.Node){
		"name": func(n *yaml.Node) {
			if out.Name = r.text(n); !shortName.MatchString(out.Name) {
				r.fail(n, "%q is no name for a check: small letters, digits and dashes, as in license-header", out.Name)
			}
			if out.Name == "ignore" || slices.ContainsFunc(before, func(e External) bool { return e.Name == out.Name }) {
				r.fail(n, "there is a check config/%s already", out.Name)
			}
		},
		"command": func(n *yaml.Node) { r.each(n, func(n *yaml.Node) { out.Command = append(out.Command, r.text(n)) }) },
		"timeout": func(n *yaml.Node) { out.Timeout = r.duration(n) },
	}, nil)
	switch {
	case out.Name == "":
		r.fail(n, "an external check without name")
	case len(out.Command) == 0:
		r.fail(n, "an external check without command")
	}
	return out
}
