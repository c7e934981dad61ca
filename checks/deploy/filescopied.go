package deploy

import (
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
)

// notThere tells of what a stage copies from another one that does not have it, and whether there is such a thing.
func (m *missingFiles) notThere(i *target.Image, s *artefact.Stage) bool {
	told := false
	for _, c := range s.Copies {
		if c.Stage == nil {
			continue
		}
		for _, source := range c.Sources {
			from := path.Join("/", source.Value)
			if !source.Known() || strings.ContainsAny(from, "*?[") || !lacks(i, c.Stage, from) {
				continue
			}
			told = true
			base := c.Stage.Image()
			f := checks.Finding{
				Why:      checks.Msg("The image does not build: “failed to calculate checksum … \"%s\": not found”.", from),
				Location: spanAt(i.Dockerfile.Path, source.Span),
				Key:      "copies " + from,
			}
			switch built := builtAs(i, c.Stage, from); {
			case built != "":
				f.Message = checks.Msg("COPY takes %s, and what is built there is %s", from, built)
				f.Help = checks.Msg("write %s in COPY, or give that name to -o of go build", built)
			case from == zoneFolder:
				f.Message = checks.Msg("COPY takes %s, and %s has no time zones", from, base.Value)
				f.Help = checks.Msg("install tzdata in the stage %s, or write import _ \"time/tzdata\" in package main", c.Stage.Title())
			default:
				f.Message = checks.Msg("COPY takes %s, and nothing puts it into the stage %s", from, c.Stage.Title())
				f.Help = checks.Msg("write the path that it has there")
			}
			if base.Origin == artefact.Default {
				f.Severity, f.Confidence = checks.Warning, checks.Likely
			}
			m.tell(i, f)
		}
	}
	return told
}

const zoneFolder = "/usr/share/zoneinfo"

// lacks tells whether a stage has nothing at a path for certain: neither its image nor an instruction brings it.
func lacks(i *target.Image, s *artefact.Stage, from string) bool {
	st, base := i.StageState(s), s.Image()
	if st.Opaque() || st.Output(from) != nil || !base.Known() || !notInBase(image.ParseRef(base.Value), from) {
		return false
	}
	for name := range st.Outputs() {
		if strings.HasPrefix(name, from+"/") {
			return false
		}
	}
	if st.FromContext(from) && builtAs(i, s, from) == "" { // what the working tree has besides, nobody knows
		return false
	}
	if i.Holds(st, from) != "" || i.HoldsMatch(st, quotedPattern(from)) || i.MayHold(st, from) {
		return false
	}
	if from == zoneFolder && st.Installed("tzdata", "alpine-conf") || st.Loose() {
		return false
	}
	for _, stage := range s.Chain() {
		if slices.ContainsFunc(stage.Workdirs, func(w artefact.Text) bool {
			return !w.Known() || !path.IsAbs(w.Value) || path.Clean(w.Value) == from || strings.HasPrefix(w.Value, from+"/")
		}) {
			return false
		}
		for _, c := range i.Commands(stage) {
			if c.Name() == "go" && mayWrite(c, from) {
				return false
			}
			if c.Name() != "go" && c.Name() != "echo" && c.Name() != "printf" && slices.ContainsFunc(c.Words, func(w string) bool { return w == "" || strings.Contains(w, path.Base(from)) }) {
				return false // mkdir, ln, adduser
			}
		}
	}
	return true
}

// mayWrite tells whether a go command may write to a path: by -o with a folder, by GOBIN, or where only the shell knows.
func mayWrite(c image.Placed, name string) bool {
	for _, v := range []string{"GOBIN", "GOPATH", "GOFLAGS"} {
		if t, set := c.Var(v); set && t.Value != "/go" {
			return true
		}
	}
	if c.Dir == "" || slices.Contains(c.Words, "") {
		return true
	}
	for i, w := range c.Words {
		out, joined := strings.CutPrefix(w, "-o=")
		if w == "-o" && i+1 < len(c.Words) {
			out, joined = c.Words[i+1], true
		}
		if !path.IsAbs(out) {
			out = path.Join(c.Dir, out)
		}
		if joined && strings.HasPrefix(name, strings.TrimSuffix(path.Clean(out), "/")+"/") {
			return true
		}
	}
	return false
}

// builtAs is the program of the same name that a stage builds in another place; "" without.
func builtAs(i *target.Image, s *artefact.Stage, from string) string {
	built := ""
	for name := range i.StageState(s).Outputs() {
		if path.Base(name) == path.Base(from) && (built == "" || name < built) {
			built = name
		}
	}
	return built
}

// systemFolders are those at the top of every distribution's image.
var systemFolders = []string{"bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var", "go"}

// notInBase tells whether an image of a distribution does not bring a path itself.
func notInBase(ref image.Ref, from string) bool {
	top, _, _ := strings.Cut(strings.TrimPrefix(from, "/"), "/")
	switch {
	case ref.Repo == "scratch":
		return true
	case !ref.Official || !slices.Contains([]string{"golang", "alpine", "debian", "ubuntu", "busybox"}, ref.Name()) || top == "":
		return false
	case from == zoneFolder:
		return ref.Lacks("zones") || ref.Golang() && ref.Libc() == image.Musl
	}
	return !slices.Contains(systemFolders, top) || path.Dir(from) == "/usr/local/bin" && path.Base(from) != "docker-entrypoint.sh"
}

// sums tells of a build that finds no go.sum: it was never copied.
func (m *missingFiles) sums(i *target.Image, s *artefact.Stage) {
	for _, b := range i.Builds(s) {
		for _, p := range m.d.Programs {
			if b.Package == "" || p.Package.Dir != b.Package || p.Module.Mod == nil || len(p.Module.Mod.Require) == 0 || p.Module.Sum == nil || p.Module.HasVendorDir {
				continue
			}
			st := b.Before
			root, ok := moduleIn(i, st, b.Dir, p.Module.Dir)
			sum := path.Join(root, "go.sum")
			if !ok || st.Opaque() || slices.ContainsFunc(b.Run.Flags, bound) || i.Holds(st, sum) != "" || i.MayHold(st, sum) || writesSums(i, s) {
				continue
			}
			f := checks.Finding{
				Message: checks.Msg("go.sum is not in the image when the program is built: nothing copies it"),
				Why:     checks.Msg("The image does not build: “missing go.sum entry for module …”. `go mod download` writes no hashes of packages."),
				Help:    checks.Msg("copy it beside go.mod: COPY go.mod go.sum ./"),
				Key:     "go.sum " + p.Module.Dir,
			}
			atBuild(&f, i, b)
			if name := below(path.Join(p.Module.Dir, "go.sum"), i.Context.Dir); i.Context.Ignored(name) {
				if copiesByName(s, name) { // that line is told of
					return
				}
				f.Message = checks.Msg("%s leaves %s out, and the program is built with it", i.Context.Ignore, name)
				f.Help = checks.Msg("write !%s at the end of %s", name, i.Context.Ignore)
				f.Fix = m.negate(i.Context, name)
			}
			m.tell(i, f)
			return
		}
	}
}

// copiesByName tells whether a stage, or one that it is built from, copies a file of the context by its name.
func copiesByName(s *artefact.Stage, name string) bool {
	for _, stage := range s.Chain() {
		for _, c := range stage.Copies {
			if c.From.Value == "" && slices.ContainsFunc(c.Sources, func(t artefact.Text) bool { return path.Join("/", t.Value) == "/"+name }) {
				return true
			}
		}
	}
	return false
}

// writesSums tells whether a stage writes a go.sum of its own, or builds with flags that do.
func writesSums(i *target.Image, s *artefact.Stage) bool {
	for _, stage := range s.Chain() {
		if len(artefact.Named(stage.Env, "GOFLAGS")) > 0 || len(artefact.Named(stage.Env, "GOWORK")) > 0 {
			return true
		}
		for _, r := range stage.Runs {
			text := runText(r)
			if strings.Contains(text, "-mod") || strings.Contains(text, "GOFLAGS") {
				return true
			}
		}
		for _, c := range i.Commands(stage) {
			flags, _ := c.Var("GOFLAGS")
			if !flags.Known() || strings.Contains(flags.Value+strings.Join(c.Words, " "), "-mod") {
				return true
			}
			if c.Name() == "go" && len(c.Words) > 2 && (c.Words[1] == "get" || c.Words[1] == "work" || c.Words[1] == "mod" && (c.Words[2] != "download" || len(c.Words) > 3)) {
				return true
			}
		}
	}
	return false
}

// elsewhere tells of a go.mod that a stage copies, and that lies above the folder that the image is built with.
func (m *missingFiles) elsewhere(i *target.Image, s *artefact.Stage) {
	c := i.Context
	if !c.Certain || c.Dir == "." {
		return
	}
	for _, copied := range s.Copies {
		for _, source := range copied.Sources {
			name := path.Join("/", source.Value)[1:]
			if copied.From.Value != "" || !source.Known() || path.Base(name) != "go.mod" || c.Exists(name) {
				continue
			}
			above := path.Dir(c.Dir)
			for above != "." && len(m.t.Match(path.Join(m.t.Root(), above), name, false)) == 0 {
				above = path.Dir(above)
			}
			if len(m.t.Match(path.Join(m.t.Root(), above), name, false)) == 0 {
				continue
			}
			f := checks.Finding{
				Message:  checks.Msg("the image is built with the folder %s, which has no %s: it lies in %s", c.Dir, name, above),
				Why:      checks.Msg("The image does not build: “failed to calculate checksum … \"/%s\": not found”. A Dockerfile sees nothing above its context.", name),
				Help:     checks.Msg("build it with the folder %s, and name the Dockerfile: docker build -f %s %s", above, i.Dockerfile.Path, above),
				Location: spanAt(i.Dockerfile.Path, source.Span),
				Key:      "context " + c.Dir,
			}
			if len(i.Services) > 0 && !i.Services[0].Build.Context.IsZero() {
				b := i.Services[0]
				f.Evidence = append(f.Evidence, checks.Msg("%s:%d  COPY %s", i.Dockerfile.Path, source.Line, source.Value))
				f.Location = spanAt(b.File.Path, b.Build.Context.Span)
			}
			m.tell(i, f)
			return
		}
	}
}
