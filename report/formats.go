package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Renderer writes a report in one format.
type Renderer interface {
	Render(w io.Writer, r *Report, o Options) error
}

// formats holds every format by the name that --format takes. A new one is its file and a line here.
var formats = map[string]Renderer{
	"text":     Text{},
	"json":     JSON{},
	"sarif":    SARIF{},
	"junit":    JUnit{},
	"github":   GitHub{},
	"gitlab":   GitLab{},
	"markdown": Markdown{},
	"html":     HTML{},
}

// Format finds the renderer of that name.
func Format(name string) (Renderer, error) {
	if f, ok := formats[name]; ok {
		return f, nil
	}
	return nil, fmt.Errorf("%q is none of the formats %s", name, strings.Join(FormatNames(), ", "))
}

// FormatNames lists the names of all formats.
func FormatNames() []string { return slices.Sorted(maps.Keys(formats)) }
