package deploy

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
)

// MountHides finds volumes that lie over the folder of the image in which the built program is.
var MountHides = checks.Check{
	ID:       "deploy/mount-hides",
	Title:    "a volume hides the program that the image starts",
	Stage:    checks.Start,
	Severity: checks.Error,
	Profiles: checks.CI,
	Run:      mountHides,
}

func mountHides(ctx context.Context, t *target.Target, report checks.Reporter) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	tree, err := t.Tree(ctx)
	if err != nil {
		return err
	}
	report = distinct(report)
	asked := false
	for _, c := range d.Artefacts.Composed() {
		for _, s := range c.Services {
			if m := d.Service(s); m.Deployed != nil && len(s.Volumes) > 0 {
				asked = true
				hiddenByService(d, tree, s, m, report)
			}
		}
	}
	for _, w := range workloads(d) {
		if len(w.container.VolumeMounts) > 0 {
			asked = true
			hiddenInPod(d, w, report)
		}
	}
	if !asked {
		return checks.Skip("nothing here mounts a volume into a container of this project")
	}
	return nil
}

// hiddenByService looks at the mounts of a compose service.
func hiddenByService(d *target.Deployment, tree *project.Tree, s *artefact.Service, m target.Match, report checks.Reporter) {
	stage := d.ServiceStage(s)
	if stage == nil {
		return
	}
	entrypoint, cmd := stage.Starts()
	if s.Entrypoint != nil {
		entrypoint, cmd = s.Entrypoint, nil
	}
	if s.Command != nil {
		cmd = s.Command
	}
	program := programPath(stage, s.WorkingDir, entrypoint, cmd)
	v, ok := deepest(s.Volumes, program, func(v artefact.Volume) string { return v.Target })
	if !ok || !v.Known() || !brought(stage, program) {
		return
	}
	f := checks.Finding{
		Service:  m.Module.Dir,
		Location: textAt(v.Text, s.File.File),
		Key:      s.Name.Value + " " + v.Target,
		Help:     checks.Msg("mount it beside the program, or put the program elsewhere in the image: /usr/local/bin/%s", path.Base(program)),
		Evidence: []checks.Message{checks.Msg("%s puts the program at %s", stage.File.Path, program)},
	}
	if !m.Certain {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	below := strings.TrimPrefix(program, path.Clean(v.Target)+"/")
	switch {
	case v.Type == "bind":
		rel, ok := s.MountedFolder(v)
		if !ok || strings.HasPrefix(rel, "../") || rel == ".." {
			f.Severity, f.Confidence = checks.Warning, checks.Likely // what lies there is not known
		} else if tree.Has(path.Join(rel, below)) {
			return
		} else if builtThere(d, path.Join(rel, below)) {
			return
		}
		f.Message = checks.Msg("%s is laid over %s, and the program that %s starts (%s) is in there", v.Source, v.Target, s.Name.Value, program)
		f.Why = checks.Msg("The container sees what lies in %s on the host, which has no %s: exec %s: no such file or directory.", v.Source, below, program)
	case v.Type == "tmpfs":
		f.Message = checks.Msg("an empty tmpfs is laid over %s, and the program that %s starts (%s) is in there", v.Target, s.Name.Value, program)
		f.Why = checks.Msg("The container does not start: exec %s: no such file or directory.", program)
	case v.Type == "volume" && v.Source != "":
		f.Severity, f.Confidence = checks.Warning, checks.Certain
		f.Message = checks.Msg("the volume %s is laid over %s, and the program that %s starts (%s) is in there", v.Source, v.Target, s.Name.Value, program)
		f.Why = checks.Msg("A new volume is filled from the image once. From then on it keeps that program: no later image changes what runs.")
	default:
		return // an anonymous volume is filled from each new image, unless compose takes the old one over
	}
	report(f)
}

// builtThere tells whether some build of the project writes a file of that name outside the image: then it may lie there.
func builtThere(d *target.Deployment, file string) bool {
	return slices.ContainsFunc(d.Programs, func(p *target.Deployed) bool { return slices.Contains(p.Outs, file) })
}

// hiddenInPod looks at the mounts of a container.
func hiddenInPod(d *target.Deployment, w *workload, report checks.Reporter) {
	c := w.container
	stage := d.StageOf(w.match.Deployed)
	entrypoint, cmd := c.Command, c.Args
	certain := c.Command != nil
	if entrypoint == nil {
		if stage == nil {
			return
		}
		own, ownCmd := stage.Starts()
		if entrypoint = own; cmd == nil {
			cmd = ownCmd
		}
	}
	program := programPath(stage, c.WorkingDir, entrypoint, cmd)
	m, ok := deepest(c.VolumeMounts, program, func(m artefact.VolumeMount) string {
		if m.SubPath.Value != "" {
			return "" // one file or folder of a volume that is not known
		}
		return m.MountPath.Value
	})
	if !ok || w.fills(m.Name.Value) {
		return
	}
	i := slices.IndexFunc(w.Pod.Volumes, func(v artefact.PodVolume) bool { return v.Name.Value == m.Name.Value })
	if i < 0 {
		return
	}
	f := checks.Finding{
		Message:  checks.Msg("the volume %s is laid over %s, and the program that %s starts (%s) is in there", m.Name.Value, m.MountPath.Value, w.title(), program),
		Why:      checks.Msg("The container sees the volume in the place of what the image has there: exec %s: no such file or directory.", program),
		Help:     checks.Msg("mount it beside the program, or put the program elsewhere in the image: /usr/local/bin/%s", path.Base(program)),
		Location: textAt(m.MountPath, w.File.File),
		Service:  w.match.Module.Dir,
		Key:      w.Kind + " " + w.Name.Value + " " + m.MountPath.Value,
	}
	switch kind := w.Pod.Volumes[i].Kind; kind {
	case "emptyDir":
	case "configMap", "secret":
		o := w.cluster.Object(map[string]string{"configMap": "ConfigMap", "secret": "Secret"}[kind], w.Pod.Volumes[i].Source)
		if o == nil || o.Unsure {
			f.Severity, f.Confidence = checks.Warning, checks.Likely
		} else if hasKey(o, path.Base(program)) {
			return
		}
	default:
		f.Severity, f.Confidence = checks.Warning, checks.Likely // it may hold the program
	}
	if f.Severity == 0 && (!certain && !w.match.Certain || w.Unsure || !certain && len(dockerfilesOf(d, w.match.Deployed)) != 1) {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	report(f)
}

// fills tells whether an init container or another one mounts the volume too, and so may put the program there.
func (w *workload) fills(volume string) bool {
	return slices.ContainsFunc(w.Pod.Containers, func(c *artefact.Container) bool {
		return c != w.container && slices.ContainsFunc(c.VolumeMounts, func(m artefact.VolumeMount) bool { return m.Name.Value == volume })
	})
}

// dockerfilesOf are the Dockerfiles whose image runs a program.
func dockerfilesOf(d *target.Deployment, p *target.Deployed) []*artefact.Dockerfile {
	return slices.DeleteFunc(artefact.Of[*artefact.Dockerfile](d.Artefacts), func(f *artefact.Dockerfile) bool {
		return f.Final() == nil || d.Stage(f.Final(), nil, nil).Deployed != p
	})
}

// programPath is where what a container starts lies, as far as its name tells: absolute, or from the working folder.
func programPath(stage *artefact.Stage, workingDir artefact.Text, entrypoint, cmd *artefact.Exec) string {
	words := artefact.Started(entrypoint, cmd)
	if len(words) == 0 || !strings.Contains(words[0], "/") || strings.ContainsAny(words[0], "$*`") {
		return "" // looked up in PATH, or known to a shell only
	}
	if path.IsAbs(words[0]) {
		return path.Clean(words[0])
	}
	dir := workingDir.Value
	if dir == "" && stage != nil {
		dir = workdir(stage)
	}
	if !path.IsAbs(dir) {
		return ""
	}
	return path.Join(dir, words[0])
}

// workdir is the folder that the image starts in; empty where that is not known.
func workdir(stage *artefact.Stage) string {
	dir := "/"
	for _, s := range stage.Chain() {
		for _, w := range s.Workdirs {
			if !w.Known() {
				return ""
			}
			if dir = path.Join(dir, w.Value); path.IsAbs(w.Value) {
				dir = path.Clean(w.Value)
			}
		}
	}
	return dir
}

// brought tells whether the image itself holds the program: a build or a copy puts it there. What only a mount brings is no concern.
func brought(stage *artefact.Stage, program string) bool {
	for _, s := range stage.Chain() {
		for _, c := range s.Copies {
			dest := strings.TrimSuffix(c.Dest.Value, "/")
			if !path.IsAbs(dest) {
				dest = path.Join(workdir(stage), dest)
			}
			if dest == program || program == path.Join(dest, path.Base(program)) || strings.HasPrefix(program, dest+"/") && c.From.Value != "" {
				return true
			}
		}
		for _, r := range s.Runs {
			if strings.Contains(r.Line.Value, path.Base(program)) {
				return true
			}
		}
	}
	return false
}

// deepest is the mount that decides what is seen at a path: the one with the longest target above it.
func deepest[T any](all []T, program string, target func(T) string) (found T, ok bool) {
	best := ""
	for _, m := range all {
		dir := target(m)
		if program == "" || !path.IsAbs(dir) {
			continue
		}
		dir = path.Clean(dir)
		if (dir == "/" || strings.HasPrefix(program, dir+"/") || program == dir) && len(dir) > len(best) {
			found, ok, best = m, true, dir
		}
	}
	return found, ok && best != program
}
