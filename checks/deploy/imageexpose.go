package deploy

import (
	"path"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
)

// exposesNoPort tells of an EXPOSE that the builder refuses.
func exposesNoPort(s *artefact.Stage, report checks.Reporter) {
	told := 0
	for _, p := range s.Ports {
		wrong := refusedPort(p.Value)
		if p.Line == told || p.Origin != artefact.Literal || wrong == "" || strings.ContainsAny(p.Raw, `"'\$`) {
			continue
		}
		told = p.Line // of a line the builder tells one thing
		f := checks.Finding{
			Severity: checks.Error,
			Message:  checks.Msg("EXPOSE %s names no port", p.Value),
			Why:      checks.Msg("The image is not built: %s.", wrong),
			Help:     checks.Msg("write the port as a number: EXPOSE 8080"),
			Location: spanAt(s.File.Path, p.Span),
			Key:      "expose " + p.Value,
		}
		if strings.HasPrefix(p.Value, "#") {
			f.Help = checks.Msg("put the comment on a line of its own: a Dockerfile has none behind an instruction")
		}
		report(f)
	}
}

// refusedPort is why the builder refuses a word of EXPOSE, in its words; "" where it takes it (BuildKit,
// dockerfile2llb/convert_expose.go: [IP:][HOST:]PORT[-PORT][/PROTOCOL]).
func refusedPort(word string) string {
	parts := strings.Split(word, ":")
	port, protocol, _ := strings.Cut(parts[len(parts)-1], "/")
	switch strings.ToLower(protocol) {
	case "", "tcp", "udp", "sctp":
	default:
		return "invalid proto: " + protocol
	}
	if port == "" {
		return "no port specified"
	}
	if !portNumbers(port) {
		return "invalid containerPort: " + port
	}
	if len(parts) > 1 && parts[len(parts)-2] != "" && !portNumbers(parts[len(parts)-2]) {
		return "invalid hostPort: " + parts[len(parts)-2]
	}
	return ""
}

func portNumbers(text string) bool {
	from, to, isRange := strings.Cut(text, "-")
	first, err := strconv.ParseUint(from, 10, 16)
	if err != nil || !isRange {
		return err == nil
	}
	last, err := strconv.ParseUint(to, 10, 16)
	return err == nil && first <= last
}

// relativeWorkdir tells of a first WORKDIR that counts from the folder of the base image (BuildKit warns of it: WorkdirRelativePath).
func relativeWorkdir(i *target.Image) []checks.Finding {
	for _, s := range i.Path() {
		if s.Parent != nil && setsWorkdir(s.Parent) || len(s.Workdirs) == 0 {
			continue
		}
		w := s.Workdirs[0]
		if !w.Known() || w.Value == "" || path.IsAbs(w.Value) || strings.ContainsAny(w.Value, `$\:`) {
			continue
		}
		f := checks.Finding{
			Message:  checks.Msg("WORKDIR %s counts from the folder that the base image sets", w.Value),
			Why:      checks.Msg("A base image that is changed, or another one, moves all that is copied and started by relative names."),
			Help:     checks.Msg("write the whole path"),
			Location: spanAt(i.Dockerfile.Path, w.Span), Key: "WORKDIR " + w.Value,
		}
		if dir, ok := image.ParseRef(s.Base.Value).Dir(); ok && s.Parent == nil && s.Base.Known() {
			whole := path.Join(dir, w.Value)
			f.Help = checks.Msg("write WORKDIR %s", whole)
			if w.Plain() {
				f.Fix = writeInstead(i.Dockerfile.Path, w, whole)
				f.Fix.Safety = plan.Unsafe
			}
		}
		return []checks.Finding{f}
	}
	return nil
}

// setsWorkdir tells whether a stage, or one that it is built from, sets a folder.
func setsWorkdir(s *artefact.Stage) bool {
	for _, of := range s.Chain() {
		if len(of.Workdirs) > 0 {
			return true
		}
	}
	return false
}
