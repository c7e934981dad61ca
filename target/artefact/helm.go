package artefact

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

var helmName = lazyregexp.New(`^values([._-][\w.-]+)?\.ya?ml$`)

var helmFiles = reader{
	kind:  "Helm values",
	named: func(name string) bool { return helmName.MatchString(path.Base(name)) },
	holds: func(text []byte) bool { return !apiVersionLine.Match(text) },
	read:  func(f *File) any { return readHelm(f) },
}

// HelmValues is the values of a chart. Who installs the chart may give others: each is a default.
type HelmValues struct {
	*File
	Env  []Setting // env, as a mapping or as a list: hints, since only the templates tell who gets them
	tops []node
}

func (h *HelmValues) settings() []Setting { return h.Env }

func readHelm(f *File) *HelmValues {
	h := &HelmValues{File: f}
	for _, d := range documents(f) {
		n := d.top()
		h.tops = append(h.tops, n)
		for _, e := range n.get("env").entries() {
			if e.value.isScalar() && !e.value.isNull() {
				h.Env = append(h.Env, Setting{Name: e.key, Value: e.value.text(), File: f})
			}
		}
		for _, e := range n.get("env").items() {
			if name := e.get("name").text(); name.Value != "" && e.get("value").isScalar() {
				h.Env = append(h.Env, Setting{Name: name, Value: e.get("value").text(), File: f})
			}
		}
	}
	return h
}

// value is the scalar that a path of keys leads to, such as service.port.
func (h *HelmValues) value(dotted string) (Text, bool) {
	for _, n := range h.tops {
		if v := n.get(strings.Split(dotted, ".")...); v.isScalar() && !v.isNull() {
			t := v.text()
			t.Origin, t.Type = Default, ""
			return t, true
		}
	}
	return Text{}, false
}

var (
	// A line of a template whose value is nothing but references to values, with what stands between them.
	helmLine = lazyregexp.New(`^([ \t]*(?:- )?[\w./-]+:[ \t]+|[ \t]*- )(["']?[\w./:@-]*(?:\{\{[^{}]*\}\}[\w./:@-]*)+["']?)[ \t]*$`)
	helmUse  = lazyregexp.New(`\{\{-?[ \t]*\.Values\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)[ \t]*(\|[ \t]*quote[ \t]*)?-?\}\}`)
	// What stands in YAML without quotes and is the text that it seems to be, or a number.
	plainScalar = lazyregexp.New(`^[\w./@-][\w./:@-]*$`)
)

// filling is what a template's reference to a value becomes: the text that begins at a column of a line.
type filling struct {
	column int
	text   Text
}

// fillTemplates reads the templates of charts in which nothing but plain references to values has to be filled in. Of others nothing
// is known, and Skipped says why.
func (s *Set) fillTemplates() {
	charts := map[string]*HelmValues{}
	for _, h := range Of[*HelmValues](s) {
		if base := path.Base(h.Path); base == "values.yaml" || base == "values.yml" {
			charts[path.Dir(h.Path)] = h
		}
	}
	for _, m := range Of[*Manifests](s) {
		dir := path.Dir(m.Path)
		values := charts[path.Dir(dir)]
		if m.Skipped == "" || values == nil || path.Base(dir) != "templates" {
			continue
		}
		src, why := values.fill(m.File)
		if m.Skipped = why; why == "" {
			m.read(src)
		}
	}
}

// fill is the text of a template with the values in it, line by line, so that all lines keep their numbers; else why it cannot be
// filled in.
func (h *HelmValues) fill(f *File) (*source, string) {
	filled := map[int]filling{}
	lines := bytes.SplitAfter(f.Text, []byte("\n"))
	for i, line := range lines {
		if !bytes.Contains(line, []byte("{{")) {
			continue
		}
		text := strings.TrimRight(string(line), "\r\n")
		m := helmLine.FindStringSubmatch(text)
		if m == nil {
			return nil, fmt.Sprintf("it is a Helm template, and line %d is more than {{ .Values.x }}", i+1)
		}
		scalar, value, ok := h.fillScalar(m[2])
		if !ok {
			return nil, fmt.Sprintf("it is a Helm template, and %s does not tell what line %d becomes", h.Path, i+1)
		}
		column := len(m[1]) + 1
		if value.IsZero() {
			value.File, value.Raw, value.Span = f, m[2], Span{i + 1, column, i + 1, column + len(m[2])}
		}
		lines[i] = []byte(m[1] + scalar + string(line[len(text):]))
		filled[i+1] = filling{column, value}
	}
	src := newSource(slices.Concat(lines...))
	src.filled = filled
	return src, ""
}

// fillScalar fills in one value: as it stands in YAML then, and as a text. That stands in the values where it is one of them, and
// nowhere where it is put together.
func (h *HelmValues) fillScalar(raw string) (scalar string, value Text, ok bool) {
	quoted := strings.HasPrefix(raw, `"`) || strings.HasPrefix(raw, "'")
	bare := strings.Trim(raw, `"'`)
	uses := helmUse.FindAllStringSubmatchIndex(bare, -1)
	alone := len(uses) == 1 && uses[0][0] == 0 && uses[0][1] == len(bare)
	var out strings.Builder
	at := 0
	for _, u := range uses {
		t, known := h.value(bare[u[2]:u[3]])
		if !known || !plainScalar.MatchString(t.Value) || u[4] >= 0 && (!alone || quoted) {
			return "", Text{}, false
		}
		quoted = quoted || u[4] >= 0
		out.WriteString(bare[at:u[0]] + t.Value)
		at, value = u[1], t
	}
	out.WriteString(bare[at:])
	if strings.Contains(out.String(), "{{") {
		return "", Text{}, false
	}
	if !alone {
		value = Text{Value: out.String(), Origin: Default}
	}
	if quoted {
		return `"` + out.String() + `"`, value, true
	}
	return out.String(), value, plainScalar.MatchString(out.String())
}
