package project

import (
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// parseJetBrains finds what run configurations start (.idea/workspace.xml, .idea/runConfigurations/*.xml, *.run.xml): shell scripts
// and texts, Go programs, targets of Makefiles, npm scripts. Templates (default="true") start nothing.
func parseJetBrains(src *Source) Script {
	var s Script
	configurations, err := runConfigurations(src)
	if err != nil {
		s.Unknown = append(s.Unknown, Unknown{Reason: BadFormat})
	}
	for _, c := range configurations {
		s.runConfiguration(c)
	}
	return s
}

// xmlElement is an element with its attributes and what lies in it.
type xmlElement struct {
	name       string
	start      int
	attributes map[string]*Text
	children   []*xmlElement
}

// attribute is the value of an attribute of the first element of that name in this one; nil without one.
func (e *xmlElement) attribute(child, name string) *Text {
	for _, c := range e.children {
		if c.name == child {
			return c.attributes[name]
		}
	}
	return nil
}

// option is the value of <option name="NAME" value="...">; nil without one.
func (e *xmlElement) option(name string) *Text {
	for _, c := range e.children {
		if n := c.attributes["name"]; c.name == "option" && n != nil && n.String() == name {
			return c.attributes["value"]
		}
	}
	return nil
}

// runConfigurations reads the <configuration> elements of a file. With an error come those before it.
func runConfigurations(src *Source) ([]*xmlElement, error) {
	decoder := xml.NewDecoder(strings.NewReader(src.Text))
	var out []*xmlElement
	var open []*xmlElement // the element that we are in, from a configuration down
	depth := 0
	for {
		from := int(decoder.InputOffset())
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth++; depth > maxNested {
				return out, tooNested{}
			}
			if len(open) == 0 && t.Name.Local != "configuration" {
				continue
			}
			e := &xmlElement{name: t.Name.Local, start: from, attributes: attributes(src, t, from, int(decoder.InputOffset()))}
			if len(open) == 0 {
				out = append(out, e)
			} else {
				parent := open[len(open)-1]
				parent.children = append(parent.children, e)
			}
			open = append(open, e)
		case xml.EndElement:
			depth--
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
	}
}

var xmlAttribute = lazyregexp.New(`([^\s=<>"'/]+)\s*=\s*("[^"]*"|'[^']*')`)

// attributes are those of a start tag that stands between two offsets. One that our reading and the decoder's differ in stands for
// the whole tag.
func attributes(src *Source, t xml.StartElement, from, to int) map[string]*Text {
	out := map[string]*Text{}
	for _, a := range t.Attr {
		whole := src.Empty()
		whole.Put(a.Value, Filled, from, from)
		out[a.Name.Local] = whole
	}
	for _, m := range xmlAttribute.FindAllStringSubmatchIndex(src.Text[from:to], -1) {
		_, name, found := strings.Cut(src.Text[from+m[2]:from+m[3]], ":")
		if !found {
			name = src.Text[from+m[2] : from+m[3]]
		}
		text := xmlText(src, from+m[4]+1, from+m[5]-1)
		if before := out[name]; before != nil && before.String() == text.String() {
			out[name] = text
		}
	}
	return out
}

const jetbrainsFolder = "$PROJECT_DIR$"

var jetbrainsVariable = lazyregexp.New(`\$[A-Za-z_]+\$`)

func jetbrainsText(t *Text, dir string) *Text {
	return opened(t, jetbrainsVariable, jetbrainsFolder, dir)
}

// folderIn is a folder that an attribute names, relative to the one that the editor was opened in.
func folderIn(t *Text) string {
	if t == nil {
		return "."
	}
	return editorFolder(t.String(), jetbrainsFolder)
}

func (s *Script) runConfiguration(c *xmlElement) {
	if d := c.attributes["default"]; d != nil && d.String() == "true" || c.attributes["type"] == nil {
		return
	}
	switch c.attributes["type"].String() {
	case "ShConfigurationType":
		s.shellConfiguration(c)
	case "GoApplicationRunConfiguration":
		s.goConfiguration(c)
	case "MAKEFILE_TARGET_RUN_CONFIGURATION":
		s.makeConfiguration(c)
	case "js.build_tools.npm":
		s.npmConfiguration(c)
	}
}

// shellConfiguration runs a script with options, or a text.
func (s *Script) shellConfiguration(c *xmlElement) {
	dir := folderIn(c.option("SCRIPT_WORKING_DIRECTORY"))
	file := c.option("EXECUTE_SCRIPT_FILE")
	if file != nil && file.String() == "false" {
		if text := c.option("SCRIPT_TEXT"); text != nil {
			s.add(text, dir)
		}
		return
	}
	script := c.option("SCRIPT_PATH")
	if script == nil || len(script.bytes) == 0 {
		return
	}
	line := jetbrainsText(script, dir)
	if options := c.option("SCRIPT_OPTIONS"); options != nil {
		line.Put(" ", Added, options.at(0), options.at(0))
		line.Append(options)
	}
	s.add(line, dir)
}

// goConfiguration builds a package, files or a folder and runs it.
func (s *Script) goConfiguration(c *xmlElement) {
	dir := folderIn(c.attribute("working_directory", "value"))
	what := c.attribute("package", "value")
	switch kind := c.attribute("kind", "value"); {
	case kind != nil && kind.String() == "DIRECTORY":
		what = c.attribute("directory", "value")
	case kind != nil && kind.String() == "FILE":
		what = c.attribute("filePath", "value")
		if files := c.attribute("files", "value"); what == nil && files != nil {
			what = files
		}
	}
	if what == nil || len(what.bytes) == 0 {
		return
	}
	line := what.src.Empty()
	line.Put("go run ", Added, c.start, c.start)
	for _, t := range []*Text{c.attribute("go_parameters", "value"), what, c.attribute("parameters", "value")} {
		if t != nil && len(t.bytes) > 0 {
			line.Append(jetbrainsText(t, dir))
			line.Put(" ", Added, t.at(len(t.bytes)), t.at(len(t.bytes)))
		}
	}
	s.add(line, dir)
}

// makeConfiguration runs targets of a Makefile: in its folder, where no other is named.
func (s *Script) makeConfiguration(c *xmlElement) {
	target := c.attribute("makefile", "target")
	if target == nil {
		return
	}
	dir := folderIn(c.attribute("makefile", "workingDirectory"))
	line := target.src.Empty()
	line.Put("make ", Added, c.start, c.start)
	file := c.attribute("makefile", "filename")
	if w := c.attribute("makefile", "workingDirectory"); (w == nil || len(w.bytes) == 0) && file != nil {
		if dir = folderIn(file); dir != "" {
			dir = path.Dir(dir)
		}
	}
	line.Append(jetbrainsText(target, dir))
	if arguments := c.attribute("makefile", "arguments"); arguments != nil {
		line.Put(" ", Added, c.start, c.start)
		line.Append(jetbrainsText(arguments, dir))
	}
	s.add(line, dir)
}

// npmConfiguration runs scripts of a package.json.
func (s *Script) npmConfiguration(c *xmlElement) {
	file := c.attribute("package-json", "value")
	if file == nil {
		return
	}
	dir := folderIn(file)
	if dir != "" {
		dir = path.Dir(dir)
	}
	for _, list := range c.children {
		if list.name != "scripts" {
			continue
		}
		for _, one := range list.children {
			name := one.attributes["value"]
			if one.name != "script" || name == nil {
				continue
			}
			line := name.src.Empty()
			line.Put("npm run ", Added, c.start, c.start)
			line.Append(name)
			s.add(line, dir)
		}
	}
}
