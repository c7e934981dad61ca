package deploy

import (
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/needs"
)

// readOnlyWrites tells of files that the program writes to where a read-only root filesystem lets nobody write.
func readOnlyWrites(l clusterLook) error {
	if !l.container.ReadOnlyRoot || l.Unsure {
		return nil
	}
	i, err := l.image()
	if err != nil {
		return err
	}
	told := map[string]bool{}
	for _, f := range l.match.Files() {
		if f.Test() {
			continue
		}
		for _, w := range needs.CodeWrites(f) {
			full, ok := l.place(w.Name, i)
			if !ok || told[full] || l.writable(full) {
				continue
			}
			told[full] = true
			l.at(l.container.Name, checks.Finding{
				Confidence: checks.Likely,
				Message:    checks.Msg("the container %s has a read-only root filesystem, and the program writes %s", l.container.Name.Value, w.Name),
				Why:        checks.Msg("No volume that can be written to is mounted there: %s fails with read-only file system.", w.Call),
				Help:       checks.Msg("mount an emptyDir or a claim at %s, or write to standard output", path.Dir(full)),
				Evidence:   []checks.Message{checks.Msg("%s:%d  %s %s", w.At.File, w.At.Line, w.Call, w.Name)},
				Key:        "read-only " + l.container.Name.Value + " " + w.Name,
			})
		}
	}
	return nil
}

// place is where a name leads in the container, which begins in the folder of its image unless it is told otherwise; false for a
// relative one whose folder is not known, and for devices.
func (w *workload) place(name string, i *target.Image) (string, bool) {
	if !path.IsAbs(name) {
		dir := w.container.WorkingDir
		if dir.IsZero() && i != nil && !i.Opaque() {
			dir.Value = i.Dir
		}
		if !dir.Known() || !path.IsAbs(dir.Value) {
			return "", false
		}
		name = path.Join(dir.Value, name)
	}
	name = path.Clean(name)
	return name, !slices.ContainsFunc([]string{"/dev", "/proc", "/sys"}, func(dir string) bool { return under(name, dir) })
}

func under(name, dir string) bool {
	dir = strings.TrimSuffix(dir, "/")
	return name == dir || strings.HasPrefix(name, dir+"/")
}

// writable tells whether a place lies on a volume that may be written to.
func (w *workload) writable(name string) bool {
	return slices.ContainsFunc(w.container.VolumeMounts, func(m artefact.VolumeMount) bool {
		if !m.MountPath.Known() {
			return true
		}
		i := slices.IndexFunc(w.Pod.Volumes, func(v artefact.PodVolume) bool { return v.Name.Value == m.Name.Value })
		settings := i >= 0 && slices.Contains([]string{"configMap", "secret", "downwardAPI"}, w.Pod.Volumes[i].Kind)
		return under(name, m.MountPath.Value) && !settings
	})
}
