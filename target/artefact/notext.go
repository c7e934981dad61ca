package artefact

import (
	"bytes"
	"errors"
	"regexp"
)

// noText says why a file with zero bytes in it is none that its tool reads.
func (f *File) noText() {
	reason := "this is no text"
	switch {
	case bytes.HasPrefix(f.Text, []byte("\x00GITCRYPT")):
		f.Skipped = "it is encrypted by git-crypt"
		return
	case bytes.HasPrefix(f.Text, []byte("\xff\xfe")) || bytes.HasPrefix(f.Text, []byte("\xfe\xff")):
		reason = "this is UTF-16; it has to be UTF-8"
	}
	f.Err = &ParseError{Span: Span{1, 1, 1, 1}, Reason: reason}
}

var (
	// Jinja, Go templates, ERB and cookiecutter; not the ${{ }} of GitHub Actions.
	braces = regexp.MustCompile(`(^|[^$])\{\{|\{%[^\n]*%\}|<%[^\n]*%>`)
	// <<<<<<< and >>>>>>> as git writes them.
	conflict = regexp.MustCompile(`(?m)^<{7} .*(?:\n.*)*?\n(?:={7}\r?\n)(?:.*\n)*?>{7} `)
)

// template says why a file that goes against its format does so: where another tool makes the file of this one, it need not follow
// it; where a merge stopped, it cannot.
func (f *File) template() {
	var at *ParseError
	if !errors.As(f.Err, &at) || at.Repeated {
		return
	}
	if m := conflict.FindIndex(f.Text); m != nil {
		f.Err = &ParseError{Span: f.src.line(bytes.Count(f.Text[:m[0]], []byte("\n")) + 1), Reason: "a merge left its conflict markers"}
		return
	}
	if braces.Match(f.Text) {
		f.Err, f.Skipped = nil, "it is a template: another tool fills in what stands in braces"
	}
}
