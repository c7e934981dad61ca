package deploy

import (
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
	"github.com/gindoctor/gindoctor/target/project"
)

// alpineTools are programs that BusyBox and the golang image of Alpine lack, and the packages that bring them.
var alpineTools = map[string][]string{
	"make": {"make", "build-base", "alpine-sdk", "abuild"},
	"bash": {"bash", "bash-completion", "bash-doc"},
}

// plainPackages are packages of Alpine that bring neither, nor anything that needs them.
var plainPackages = []string{"git", "gcc", "g++", "musl-dev", "libc-dev", "ca-certificates", "tzdata", "curl", "wget", "upx", "openssh", "openssh-client", "openssl", "nodejs",
	"npm", "yarn", "sqlite", "sqlite-dev", "pkgconfig", "pkgconf", "binutils", "libc6-compat", "gcompat", "tar", "unzip", "zip", "make", "bash"}

// tools tells of a RUN that starts make or bash where there is none.
func (m *missingFiles) tools(i *target.Image, s *artefact.Stage) {
	for n := range s.Runs {
		r := &s.Runs[n]
		for _, c := range r.Commands {
			switch name := c.Name(); {
			case alpineTools[name] != nil:
				if lacksTool(i, s, r, name) {
					m.withoutTool(i, s, c, name)
				}
			case strings.HasSuffix(name, ".sh") && strings.Contains(name, "/"):
				m.bashScript(i, s, r, name)
			}
		}
	}
}

// lacksTool tells whether an image of Alpine has not got a program where a RUN starts it.
func lacksTool(i *target.Image, s *artefact.Stage, r *artefact.Run, name string) bool {
	base := s.Image()
	ref, st := image.ParseRef(base.Value), i.Before(r)
	if !base.Known() || !ref.Official || ref.Libc() != image.Musl || ref.Name() != "alpine" && ref.Name() != "golang" || st == nil || st.Opaque() || st.Loose() || st.Installed(alpineTools[name]...) {
		return false
	}
	for _, dir := range []string{"/bin", "/usr/bin", "/usr/local/bin"} {
		if st.Covers(path.Join(dir, name)) {
			return false
		}
	}
	return !slices.ContainsFunc(r.Commands, func(c project.Command) bool { // apk add make && make
		return path.Base(c.Name()) == "apk" || c.Name() == "" || slices.Contains([]string{"sh", "source", ".", "wget", "curl", "cp", "mv", "ln", "install"}, c.Name())
	})
}

func (m *missingFiles) withoutTool(i *target.Image, s *artefact.Stage, c project.Command, name string) {
	base := s.Image()
	f := checks.Finding{
		Message:  checks.Msg("%s has no %s, and this line starts it", base.Value, name),
		Why:      checks.Msg("The image does not build: “/bin/sh: %s: not found”, status 127.", name),
		Help:     checks.Msg("write RUN apk add --no-cache %s above this line", name),
		Location: checks.Span(i.Dockerfile.Path, c.Pos.Line, c.Pos.Column, len(name)),
		Key:      "tool " + name,
	}
	m.toolFinding(i, s, f, name)
}

// bashScript tells of a script of the project that names bash in its first line.
func (m *missingFiles) bashScript(i *target.Image, s *artefact.Stage, r *artefact.Run, name string) {
	st := i.Before(r)
	if st == nil || slices.ContainsFunc(r.Commands, func(c project.Command) bool { return c.Name() == "cd" || c.Name() == "pushd" }) {
		return
	}
	at := name
	if !path.IsAbs(at) {
		if st.Dir == "" {
			return
		}
		at = path.Join(st.Dir, at)
	}
	file := i.Holds(st, at)
	if file == "" {
		return
	}
	text, err := m.t.ReadConfig(file)
	if err != nil {
		return
	}
	first, _, _ := strings.Cut(string(text), "\n")
	if !strings.HasPrefix(first, "#!") || path.Base(interpreter(first)) != "bash" || !lacksTool(i, s, r, "bash") {
		return
	}
	f := checks.Finding{
		Message:  checks.Msg("%s is run by bash, which %s does not have", file, s.Image().Value),
		Why:      checks.Msg("The image does not build: “/bin/sh: %s: not found”, status 127. The script is there; what its first line names is not.", name),
		Help:     checks.Msg("write #!/bin/sh where the script needs no more, or RUN apk add --no-cache bash"),
		Location: checks.At(file, 1, 1),
		Key:      "interpreter " + file,
	}
	m.toolFinding(i, s, f, "bash")
}

// toolFinding installs the tool. Where packages are installed that may bring it along, it only likely lacks.
func (m *missingFiles) toolFinding(i *target.Image, s *artefact.Stage, f checks.Finding, name string) {
	f.Fix = &plan.Plan{Title: "install " + name, Safety: plan.Unsafe,
		Steps: []plan.Step{insertLine(i.Dockerfile.Path, i.Dockerfile.Text, s.EndLine, "RUN apk add --no-cache "+name)}}
	st := i.StageState(s)
	if s.Image().Origin != artefact.Literal || !st.InstalledOnly(plainPackages) {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	m.tell(i, f)
}
