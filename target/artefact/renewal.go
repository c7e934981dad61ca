package artefact

import (
	"path"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

var renewalFiles = reader{
	kind:  "certbot renewal",
	named: func(name string) bool { return extension(name, ".conf") && path.Base(path.Dir(name)) == "renewal" },
	holds: func(text []byte) bool { return renewalSection.Match(text) },
	read:  func(f *File) any { return readRenewal(f) },
}

var renewalSection = lazyregexp.New(`(?m)^[ \t]*\[renewalparams\]`)

// Renewal is how certbot renews one certificate: a file of /etc/letsencrypt/renewal.
type Renewal struct {
	*File
	Options map[string]Text // of every section
}

var renewalOption = lazyregexp.New(`^[ \t]*([A-Za-z_][A-Za-z0-9_-]*)[ \t]*=[ \t]*(.*?)[ \t]*$`)

func readRenewal(f *File) *Renewal {
	r := &Renewal{File: f, Options: map[string]Text{}}
	f.src.physical(func(number, from, to int) {
		line := f.Text[from:to]
		if trim := strings.TrimSpace(string(line)); trim == "" || trim[0] == '#' || trim[0] == '[' {
			return
		}
		m := renewalOption.FindSubmatchIndex(line)
		if m == nil {
			f.fail(&ParseError{Span: f.Line(number), Reason: "a line that is not KEY = VALUE"})
			return
		}
		r.Options[string(line[m[2]:m[3]])] = f.src.whole(from+m[4], from+m[5])
	})
	return r
}
