package artefact

import (
	"bytes"
	"errors"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// magics are what files of other kinds begin with.
var magics = []struct{ prefix, what string }{
	{"\x89PNG\r\n", "a PNG picture"}, {"\xff\xd8\xff", "a JPEG picture"}, {"GIF8", "a GIF picture"}, {"%PDF-", "a PDF document"},
	{"\x1f\x8b", "compressed by gzip"}, {"\x28\xb5\x2f\xfd", "compressed by zstd"}, {"\xfd7zXZ\x00", "compressed by xz"}, {"PK\x03\x04", "a zip archive"},
	{"\x7fELF", "a program"}, {"SQLite format 3\x00", "a database of SQLite"}, {"\x00GITCRYPT", "git-crypt"},
	{"\xff\xfe", "UTF-16"}, {"\xfe\xff", "UTF-16"},
}

// binary tells what a file is that is no text; empty for a text.
func binary(text []byte) string {
	for _, m := range magics {
		if bytes.HasPrefix(text, []byte(m.prefix)) {
			return m.what
		}
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return "binary"
	}
	return ""
}

// binaryName tells whether a file says by its name that it is no text, though it begins like an artefact's: Dockerfile.png, .env.gpg.
func binaryName(name string) bool {
	return extension(name, ".png", ".jpg", ".jpeg", ".gif", ".ico", ".webp", ".pdf", ".gz", ".tgz", ".zst", ".xz", ".bz2", ".zip", ".tar", ".gpg", ".age", ".enc", ".exe", ".bin", ".db")
}

// noText says why a file that is no text is none that its tool reads.
func (f *File) noText(what string) {
	reason := "this is no text: it is " + what
	switch what {
	case "git-crypt":
		f.Skipped = "it is encrypted by git-crypt"
		return
	case "UTF-16":
		reason = "this is UTF-16; it has to be UTF-8"
	case "binary":
		reason = "this is no text"
	}
	f.Err = &ParseError{Span: Span{1, 1, 1, 1}, Reason: reason}
}

var (
	// Jinja, Go templates, ERB and cookiecutter; not the ${{ }} of GitHub Actions.
	braces = lazyregexp.New(`(^|[^$])\{\{|\{%[^\n]*%\}|<%[^\n]*%>`)
	// <<<<<<< and >>>>>>> as git writes them.
	conflict = lazyregexp.New(`(?m)^<{7} .*(?:\n.*)*?\n(?:={7}\r?\n)(?:.*\n)*?>{7} `)
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
