package git

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

var fullID = lazyregexp.New(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// Changed lists those of some files (absolute) that hold something else than they held in a commit, given by its full id, and those that
// the commit did not have. Git is asked for the names of contents only: it would run the filters of the project. A file that differs
// in its line ends alone is unchanged. known is false where the commit is not in the repository, or there is none.
func (r *Repo) Changed(ctx context.Context, commit string, abs ...string) (changed, added []string, known bool, err error) {
	if !fullID.MatchString(commit) || len(abs) == 0 {
		return nil, nil, false, nil
	}
	// protocol.allow: a partial clone would fetch what it lacks.
	out, code, err := r.run(ctx, "", "-c", "protocol.allow=never", "ls-tree", "-r", "-z", "--full-tree", commit)
	if err != nil || code != 0 {
		return nil, nil, false, err
	}
	top := r.top()
	then := map[string]string{}
	for entry := range strings.SplitSeq(out, "\x00") {
		about, name, ok := strings.Cut(entry, "\t")
		words := strings.Fields(about) // mode, type, id
		if ok && len(words) == 3 && words[1] == "blob" {
			then[filepath.Join(top, filepath.FromSlash(name))] = words[2]
		}
	}
	for _, file := range abs {
		id, had := then[file]
		content, err := os.ReadFile(file)
		switch {
		case err != nil:
		case !had:
			added = append(added, file)
		case id != blobID(content, len(id)) && id != blobID([]byte(strings.ReplaceAll(string(content), "\r\n", "\n")), len(id)):
			changed = append(changed, file)
		}
	}
	return changed, added, true, nil
}
