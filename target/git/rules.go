package git

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Rule is a line by which git ignores something.
type Rule struct {
	File    string // absolute: a .gitignore, .git/info/exclude, or the user's own file of rules
	Line    int
	Pattern string // as written
}

// IgnoredBy tells by which rule git would leave each path (absolute) out of a commit. Paths that are tracked, or that no rule
// ignores, are not in it. Outside a checkout none are.
func (r *Repo) IgnoredBy(ctx context.Context, abs ...string) (map[string]Rule, error) {
	if len(abs) == 0 {
		return nil, nil
	}
	out, code, err := r.run(ctx, strings.Join(abs, "\x00"), "check-ignore", "-v", "-z", "--stdin")
	if err != nil || code > 1 { // 1 says that none is ignored; above it there is no repository, or none that git will read
		return nil, err
	}
	top := r.top()
	rules := map[string]Rule{}
	fields := strings.Split(out, "\x00") // source, line, pattern, path
	for ; len(fields) >= 4; fields = fields[4:] {
		line, err := strconv.Atoi(fields[1])
		if err != nil || strings.HasPrefix(fields[2], "!") { // a rule that takes it in again
			continue
		}
		file := filepath.FromSlash(fields[0])
		if !filepath.IsAbs(file) {
			file = filepath.Join(top, file)
		}
		rules[filepath.Clean(filepath.FromSlash(fields[3]))] = Rule{file, line, fields[2]}
	}
	return rules, nil
}

// top is the folder of the checkout, by the name that leads to Dir where that is inside it.
func (r *Repo) top() string {
	for dir := r.Dir; ; {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return r.Dir
		}
		dir = parent
	}
}

// Unmodified tells which of some files (absolute) hold what git's index holds. Git is not asked: it would run the filters of the
// project. A file of which git keeps another form than the one on disk counts as modified.
func (r *Repo) Unmodified(ctx context.Context, abs ...string) (map[string]bool, error) {
	if len(abs) == 0 {
		return nil, nil
	}
	out, code, err := r.run(ctx, "", append([]string{"ls-files", "-s", "-z", "--full-name", "--"}, abs...)...)
	if err != nil || code != 0 {
		return nil, err
	}
	top := r.top()
	same := map[string]bool{}
	for entry := range strings.SplitSeq(out, "\x00") {
		about, name, ok := strings.Cut(entry, "\t")
		words := strings.Fields(about)
		if !ok || len(words) != 3 || words[2] != "0" {
			continue
		}
		file := filepath.Join(top, filepath.FromSlash(name))
		content, err := os.ReadFile(file)
		if err == nil && (words[1] == blobID(content, len(words[1]))) {
			same[file] = true
		}
	}
	return same, nil
}

// blobID is the name that git gives a file's content, of the length that the repository uses (gitrepository-layout, objects).
func blobID(content []byte, length int) string {
	var object bytes.Buffer
	fmt.Fprintf(&object, "blob %d\x00", len(content))
	object.Write(content)
	if length == 2*sha256.Size {
		sum := sha256.Sum256(object.Bytes())
		return hex.EncodeToString(sum[:])
	}
	sum := sha1.Sum(object.Bytes())
	return hex.EncodeToString(sum[:])
}
