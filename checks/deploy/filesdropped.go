package deploy

import (
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
	"github.com/gindoctor/gindoctor/target/project"
)

// packages tells of a package of the project that the program is built from, and that is not in the image where it is built.
func (m *missingFiles) packages(i *target.Image, b *image.Build, p *target.Deployed) {
	st := i.StageState(b.Stage) // when all is done: what the build's own instruction makes counts too
	if st.Opaque() || slices.ContainsFunc(b.Run.Flags, bound) {
		return
	}
	root, ok := moduleIn(i, st, b.Dir, p.Module.Dir)
	if !ok {
		return
	}
	for _, use := range everywhere(p.Package) {
		dir := use.To.Dir
		in := path.Join(root, below(dir, p.Module.Dir))
		if !project.Within(dir, p.Module.Dir) || slices.ContainsFunc(use.To.Files, func(f *project.GoFile) bool {
			at := path.Join(in, path.Base(f.Path))
			return i.Holds(st, at) != "" || i.MayHold(st, at)
		}) {
			continue
		}
		f := checks.Finding{
			Message:  checks.Msg("%s is not in the image when the program is built from it: nothing copies it", dir),
			Why:      checks.Msg("The image does not build: “no required module provides package %s”, or “package %s is not in std”.", use.To.ImportPath, use.To.ImportPath),
			Help:     checks.Msg("copy it above this line: COPY %s %s", below(dir, i.Context.Dir), in),
			Evidence: []checks.Message{checks.Msg("%s:%d  imports %s", use.File.Path, use.Import.Pos.Line, use.To.ImportPath)},
			Key:      "package " + dir,
		}
		atBuild(&f, i, b)
		if name := below(dir, i.Context.Dir); project.Within(dir, i.Context.Dir) && i.Context.LeavesOut(name) {
			for above := path.Dir(name); above != "." && i.Context.LeavesOut(above); above = path.Dir(above) {
				name = above
			}
			f.Message = checks.Msg("%s leaves %s out, and the program is built from it", i.Context.Ignore, name)
			f.Help = checks.Msg("write !%s at the end of %s", name, i.Context.Ignore)
			f.Fix = m.negate(i.Context, name)
		}
		m.tell(i, f)
		return // the rest follows from the same line, or shows when this one is mended
	}
}

// below is a folder as it is called from another that it lies in.
func below(dir, above string) string {
	if above == "." {
		return dir
	}
	return strings.TrimPrefix(strings.TrimPrefix(dir, above), "/")
}

// bound tells whether a flag of RUN mounts files there.
func bound(flag artefact.Text) bool {
	return strings.Contains(flag.Value, "--mount") && !strings.Contains(flag.Value, "type=cache") && !strings.Contains(flag.Value, "type=secret") && !strings.Contains(flag.Value, "type=ssh") ||
		strings.Contains(flag.Value, "from=")
}

// moduleIn is the folder of an image that a module's go.mod lies in, at or above a folder.
func moduleIn(i *target.Image, st *image.State, dir, module string) (string, bool) {
	for dir != "" {
		if i.Holds(st, path.Join(dir, "go.mod")) == path.Join(module, "go.mod") {
			return dir, true
		}
		if dir == "/" || dir == "." {
			break
		}
		dir = path.Dir(dir)
	}
	return "", false
}

// everywhere are the packages of its module that a program is built from on every system, each by its first import.
func everywhere(p *project.BuildPackage) []project.PackageImport {
	var out []project.PackageImport
	seen := map[*project.BuildPackage]bool{p: true}
	for queue := []*project.BuildPackage{p}; len(queue) > 0; queue = queue[1:] {
		for _, u := range queue[0].Uses {
			if u.To == nil || seen[u.To] || u.File.Constraint != nil || strings.Contains(path.Base(u.File.Path), "_") || len(u.To.Files) == 0 {
				continue
			}
			seen[u.To] = true
			out = append(out, u)
			queue = append(queue, u.To)
		}
	}
	return out
}

// otherName tells of a COPY that takes a program by a name under which nothing in the other stage is built, and whether there is one.
func (m *missingFiles) otherName(i *target.Image) bool {
	if i.Build != nil {
		return false
	}
	entrypoint, cmd := i.Stage.Starts()
	words := artefact.Started(entrypoint, cmd)
	if len(words) == 0 {
		return false
	}
	for _, c := range i.Stage.Copies {
		if c.Stage == nil || len(c.Sources) != 1 || !c.Sources[0].Known() || strings.ContainsAny(c.Sources[0].Value, "*?[") || !c.Dest.Known() {
			continue
		}
		from := path.Join("/", c.Sources[0].Value)
		to := []string{c.Dest.Value, path.Join(c.Dest.Value, path.Base(from))}
		if !path.IsAbs(c.Dest.Value) {
			to = []string{path.Join(i.Dir, c.Dest.Value), path.Join(i.Dir, c.Dest.Value, path.Base(from))}
		}
		if !slices.ContainsFunc(i.Paths(words[0]), func(p string) bool { return slices.Contains(to, p) }) {
			continue
		}
		of := i.StageState(c.Stage)
		if of.Opaque() || of.Output(from) != nil || i.Holds(of, from) != "" || i.MayHold(of, from) {
			continue
		}
		built := ""
		for name := range of.Outputs() {
			if path.Dir(name) == path.Dir(from) && (built == "" || name < built) {
				built = name
			}
		}
		if built == "" || i.HoldsMatch(of, from) {
			continue
		}
		m.tell(i, checks.Finding{
			Message:  checks.Msg("COPY takes %s, and what is built there is %s", from, built),
			Why:      checks.Msg("The image does not build: “failed to calculate checksum … \"%s\": not found”.", from),
			Help:     checks.Msg("write %s in COPY, or give that name to -o of go build", built),
			Location: spanAt(i.Dockerfile.Path, c.Sources[0].Span),
			Key:      "copies " + from,
		})
		return true
	}
	return false
}
