package fixes

import (
	"bytes"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aymanbagabas/go-udiff"

	"github.com/gindoctor/gindoctor/fixes/journal"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// Mask hides the secrets in a line of a file.
type Mask func(file, line string) string

// FileChange is what is to become of one file.
type FileChange struct {
	File string `json:"file"`   // relative to the root, or absolute where it lies outside
	Kind string `json:"change"` // edit, create, remove
	Diff string `json:"diff,omitempty"`
	// Command is what changes a file that cannot be shown as text.
	Command string `json:"command,omitempty"`
}

// describeChange puts a change into a unified diff, secrets masked. A file of vendor is only named: it is a copy of what lies
// in the module cache, and nobody reads thousands of lines of it. So is what is no text.
func describeChange(c journal.Change, mask Mask) FileChange {
	f := FileChange{File: c.Name, Kind: "edit"}
	from, to := c.Name, c.Name
	switch {
	case !c.Before.Exists:
		f.Kind, from = "create", "/dev/null"
	case !c.After.Exists:
		f.Kind, to = "remove", "/dev/null"
	}
	if isVendored(c.Name) || !isText(c.Before.Data) || !isText(c.After.Data) || c.Before.Link != "" || c.After.Link != "" {
		return f
	}
	f.Diff = maskDiff(c.Name, renumbered(udiff.Unified(from, to, string(c.Before.Data), string(c.After.Data))), mask)
	return f
}

func isVendored(name string) bool {
	return (strings.HasPrefix(name, "vendor/") || strings.Contains(name, "/vendor/")) && filepath.Base(name) != "modules.txt"
}

func isText(data []byte) bool { return utf8.Valid(data) && !bytes.ContainsRune(data, 0) }

var hunkHead = lazyregexp.New(`^@@ -(\d+)(?:,(\d+))? \+(\d+)(,\d+)? @@`)

// renumbered is a unified diff with the line numbers of its hunks as they are after the change: go-udiff does not count the lines
// between two edits that share a hunk, so that all hunks behind one of that kind begin too early.
func renumbered(diff string) string {
	var out strings.Builder
	shift := 0 // by how many lines what is behind has moved
	for line := range strings.Lines(diff) {
		m := hunkHead.FindStringSubmatch(line)
		if m == nil {
			out.WriteString(line)
			continue
		}
		start, _ := strconv.Atoi(m[1])
		before, after := lineCount(m[2]), lineCount(strings.TrimPrefix(m[4], ","))
		if before > 0 && after > 0 {
			line = strings.Replace(line, "+"+m[3]+m[4]+" @@", "+"+strconv.Itoa(start+shift)+m[4]+" @@", 1)
		}
		shift += after - before
		out.WriteString(line)
	}
	return out.String()
}

// lineCount is the number of lines that a hunk's head names, which leaves out a one.
func lineCount(text string) int {
	if text == "" {
		return 1
	}
	n, _ := strconv.Atoi(text)
	return n
}

// maskDiff hides secrets line by line, behind the mark that a line of a diff begins with.
func maskDiff(file, diff string, mask Mask) string {
	if mask == nil {
		return diff
	}
	var out strings.Builder
	inHunk := false
	for line := range strings.Lines(diff) {
		if strings.HasPrefix(line, "@@") {
			inHunk = true
		} else if inHunk && strings.ContainsRune("+- ", rune(line[0])) {
			text := strings.TrimRight(line[1:], "\r\n")
			line = line[:1] + mask(file, text) + line[1+len(text):]
		}
		out.WriteString(line)
	}
	return out.String()
}

// showChanges shows what would be written: a diff for each file, and a line for all files of a vendor folder.
func showChanges(s portScreen, changes []FileChange) {
	counts := map[string]int{}
	for _, c := range changes {
		if isVendored(c.File) {
			counts[c.Kind]++
			continue
		}
		if strings.HasSuffix(c.File, ".sum") && c.Diff != "" {
			s.printf("    %s: %s\n\n", printable(c.File), sumLines(c.Diff)) // hashes are not for reading
			continue
		}
		if c.Diff == "" {
			s.printf("    %s %s\n", map[string]string{"edit": "change", "create": "make", "remove": "remove"}[c.Kind], printable(c.File))
			if c.Command != "" {
				s.printf("        as `%s` does\n\n", printable(cut(c.Command, 400)))
			}
			continue
		}
		for line := range strings.Lines(c.Diff) {
			s.printf("    %s\n", s.diffLine(strings.TrimRight(line, "\r\n")))
		}
		s.printf("\n")
	}
	if len(counts) > 0 {
		s.printf("    and in vendor: %d files changed, %d new, %d gone\n\n", counts["edit"], counts["create"], counts["remove"])
	}
}

// sumLines counts what a diff adds and takes away.
func sumLines(diff string) string {
	more, less := strings.Count(diff, "\n+")-1, strings.Count(diff, "\n-") // the first is the name of the file
	text := count(more, "line more", "lines more")
	if less > 0 {
		text += ", " + count(less, "gone", "gone")
	}
	return text
}

func (s portScreen) diffLine(line string) string {
	text := strings.Map(func(r rune) rune {
		if r == '\t' || unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, line)
	switch {
	case strings.HasPrefix(line, "---") || strings.HasPrefix(line, "+++"):
		return s.style.strong(text)
	case strings.HasPrefix(line, "+"):
		return painted(s.style.Good, text)
	case strings.HasPrefix(line, "-"):
		return painted(s.style.Bad, text)
	}
	return text
}
