package target

import (
	"context"
	"path"
	"strings"

	"github.com/gindoctor/gindoctor/target/artefact"
)

// unitFolders are those that systemd takes units from, the first of a name counting (systemd.unit(5)).
var unitFolders = []string{"/etc/systemd/system", "/run/systemd/system", "/usr/local/lib/systemd/system", "/lib/systemd/system", "/usr/lib/systemd/system"}

// supervisorFolders and supervisorFile are where distributions have supervisor look.
var supervisorFolders = []string{"/etc/supervisor/conf.d", "/etc/supervisord.d"}

const supervisorFile = "/etc/supervisord.conf"

// HostArtefacts are the units and the configuration of supervisor that are installed on this machine. What cannot be read is left out.
func (t *Target) HostArtefacts(ctx context.Context) *artefact.Set {
	out := &artefact.Set{}
	seen := map[string]bool{}
	for _, dir := range unitFolders {
		for _, name := range t.hostNames(ctx, dir) {
			switch {
			case strings.HasSuffix(name, ".service.d") && strings.HasPrefix(dir, "/etc/"):
				for _, dropIn := range t.hostNames(ctx, path.Join(dir, name)) {
					t.readInstalled(ctx, out, path.Join(dir, name, dropIn))
				}
			case strings.HasSuffix(name, ".service") && !seen[name]:
				seen[name] = t.readInstalled(ctx, out, path.Join(dir, name))
			}
		}
	}
	for _, dir := range supervisorFolders {
		for _, name := range t.hostNames(ctx, dir) {
			t.readInstalled(ctx, out, path.Join(dir, name))
		}
	}
	t.readInstalled(ctx, out, supervisorFile)
	return out
}

func (t *Target) hostNames(ctx context.Context, dir string) []string {
	names, err := t.opts.Host.ReadDir(ctx, dir)
	if err != nil {
		return nil
	}
	return names
}

func (t *Target) readInstalled(ctx context.Context, out *artefact.Set, name string) bool {
	text, err := t.opts.Host.ReadFile(ctx, name)
	if err != nil {
		return false
	}
	if f := artefact.Parse(t.Rel(name), text); f != nil {
		out.Files = append(out.Files, f)
		return true
	}
	return false
}
