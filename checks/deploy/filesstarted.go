package deploy

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
	"github.com/gindoctor/gindoctor/target/project"
)

// launch is one way in which a container of an image is started: by the image itself, as a compose service or as a container of a pod.
type launch struct {
	*target.Image
	entrypoint, cmd *artefact.Exec
	dir             string                     // it is started in; "" where that is not known
	hidden          func(names ...string) bool // whether something is laid over a folder
	who, line       string                     // who starts it, and by what: "the image", "CMD"
	at              *checks.Location
	likely          bool // only its name says that the image is this one
}

// program tells of an image that starts a program which is built under another name, or stays behind.
func (m *missingFiles) program(i *target.Image) {
	entrypoint, cmd := i.Stage.Starts()
	if entrypoint == nil && cmd == nil {
		return
	}
	s := launch{Image: i, entrypoint: entrypoint, cmd: cmd, dir: i.Dir, who: "the image", line: "CMD"}
	s.hidden = func(names ...string) bool { return (needful{Image: i}).mounted(m.d, names...) }
	where := cmd
	if entrypoint != nil {
		where, s.line = entrypoint, "ENTRYPOINT"
	}
	s.at = spanAt(i.Dockerfile.Path, where.Span)
	if i.Build == nil {
		m.starts(s)
	} else if base, known := i.Base(); known && base.Known() && !i.Opaque() {
		m.withoutShell(s)
	}
}

// services tells of compose services that start a program which the image that is built for them does not have.
func (m *missingFiles) services(i *target.Image) {
	for _, s := range m.servicesOf(i) {
		if len(s.Watch) == 0 && (s.Entrypoint != nil || s.Command != nil || !s.WorkingDir.IsZero()) {
			m.starts(serviceLaunch(i, s))
		}
	}
}

// serviceLaunch is how a compose service starts its image.
func serviceLaunch(i *target.Image, service *artefact.Service) launch {
	entrypoint, cmd := i.Stage.Starts()
	s := launch{Image: i, dir: i.Dir, who: "service " + service.Name.Value, line: "command:"}
	said := service.WorkingDir
	if service.Command != nil {
		cmd, said = service.Command, wordsAt(service.Command)
	}
	if service.Entrypoint != nil {
		entrypoint, cmd, said, s.line = service.Entrypoint, service.Command, wordsAt(service.Entrypoint), "entrypoint:"
	}
	s.entrypoint, s.cmd, s.at = entrypoint, cmd, textAt(said, service.File.File)
	s.within(service.WorkingDir)
	s.hidden = func(names ...string) bool {
		return slices.ContainsFunc(service.Volumes, func(v artefact.Volume) bool { return overlaps(v.Target, names) })
	}
	return s
}

// wordsAt is the place of a command.
func wordsAt(e *artefact.Exec) artefact.Text {
	t := e.Line
	if t.IsZero() && len(e.Words) > 0 {
		t = e.Words[0]
	}
	return t
}

// within takes the folder that whoever starts the container names.
func (s *launch) within(dir artefact.Text) {
	switch {
	case dir.IsZero():
	case !dir.Known() || !path.IsAbs(dir.Value):
		s.dir = ""
	default:
		s.dir = path.Clean(dir.Value)
	}
}

// pods tells of containers of pods that start a program which the image of that name does not have. Whether their image is the one
// that is built here only its name says.
func (m *missingFiles) pods(images []*target.Image) {
	for _, w := range workloads(m.d) {
		c := w.container
		if c.Command == nil && c.Args == nil || !w.match.Certain || w.Unsure || !slices.Contains(w.match.Names, artefact.ImageName(c.Image.Value)) {
			continue
		}
		own := slices.DeleteFunc(slices.Clone(images), func(i *target.Image) bool { return i.Deployed != w.match.Deployed })
		if len(own) != 1 {
			continue
		}
		entrypoint, cmd := own[0].Stage.Starts()
		s := launch{Image: own[0], dir: own[0].Dir, who: "container " + c.Name.Value, line: "args:", likely: true}
		said := c.Args
		if c.Args != nil {
			cmd = c.Args
		}
		if c.Command != nil {
			entrypoint, cmd, said, s.line = c.Command, c.Args, c.Command, "command:"
		}
		s.entrypoint, s.cmd, s.at = entrypoint, cmd, textAt(wordsAt(said), c.Object.File.File)
		s.within(c.WorkingDir)
		s.hidden = func(names ...string) bool {
			return slices.ContainsFunc(c.VolumeMounts, func(v artefact.VolumeMount) bool { return overlaps(v.MountPath.Value, names) })
		}
		m.starts(s)
	}
}

// words are all words that are started, of an entrypoint and a command that are lists.
func (s launch) words() []artefact.Text {
	if s.entrypoint != nil && s.entrypoint.Shell || s.entrypoint == nil && s.cmd != nil && s.cmd.Shell {
		return nil
	}
	var out []artefact.Text
	for _, e := range []*artefact.Exec{s.entrypoint, s.cmd} {
		if e != nil && !e.Shell {
			out = append(out, e.Words...)
		}
	}
	return out
}

// shellText is the line that a shell is given; ok is false where none is.
func (s launch) shellText() (text string, ok bool) {
	for _, e := range []*artefact.Exec{s.entrypoint, s.cmd} {
		if e != nil && e.Shell {
			return e.Line.Value, true
		}
		if e != nil {
			break
		}
	}
	words := s.words()
	for i, w := range words {
		if project.PosixShell(path.Base(w.Value)) && i+2 < len(words) && strings.HasPrefix(words[i+1].Value, "-") && strings.HasSuffix(words[i+1].Value, "c") {
			return words[i+2].Value, true
		}
	}
	return "", false
}

// guarded matches a line that asks before it starts something, or that may put it there or move to it first.
var guarded = lazyregexp.New(`\|\||\b(?:if|then|case|while|until|for|cd|pushd|test|command|which|wget|curl|cp|mv|ln|install|tar|unzip|make|go|air|chroot|git)\b|\[|<<|\bPATH=|>`)

// programs are the words that name what is started; none where only the shell knows, or where it may come to be there first.
func (s launch) programs() []string {
	if text, ok := s.shellText(); ok {
		shell, ok := artefact.ParseShellText(text, project.Position{Line: 1, Column: 1})
		if !ok || guarded.MatchString(text) {
			return nil
		}
		var out []string
		for _, r := range shell.Runs {
			if name := r.Starts(); name != "" && !r.Excused {
				out = append(out, name)
			}
		}
		return out
	}
	words := artefact.Started(s.entrypoint, s.cmd)
	if len(words) == 0 {
		return nil
	}
	return words[:1] // what a script is given it may start, or not
}

// starts judges what is started.
func (m *missingFiles) starts(s launch) {
	base, known := s.Base()
	if !known || !base.Known() || s.Opaque() {
		return
	}
	if m.withoutShell(s) || s.option(m) {
		return
	}
	for _, word := range s.programs() {
		at := ""
		switch {
		case strings.Contains(word, "/"):
			if at = s.missing(word); at == "" {
				continue
			}
		case !s.notInPath(word):
			continue
		}
		m.notStarted(s, word, at)
		return
	}
}

// paths are the places in the image that a word may name a program by.
func (s launch) paths(word string) []string {
	switch {
	case !strings.Contains(word, "/"):
		return s.Paths(word)
	case path.IsAbs(word):
		return []string{path.Clean(word)}
	case s.dir == "":
		return nil
	}
	return []string{path.Join(s.dir, word)}
}

// missing is the path of a program that is surely not in the image; "" for one that is, or may be.
func (s launch) missing(word string) string {
	paths := s.paths(word)
	if len(paths) == 0 {
		return ""
	}
	at := paths[0]
	base, _ := s.Base()
	for _, dir := range []string{"/bin/", "/sbin/", "/usr/", "/lib/", "/busybox/", "/opt/", "/go/", "/nodejs/", "/proc/", "/dev/"} {
		if strings.HasPrefix(at, dir) && !(base.Repo == "scratch" || strings.HasPrefix(at, "/usr/local/bin/")) {
			return ""
		}
	}
	if s.has(at) || s.hidden(path.Dir(at)) || firstBuilt(s.Image) == "" {
		return ""
	}
	if s.FromContext(at) && !slices.ContainsFunc(slices.Collect(maps.Keys(s.Outputs())), func(name string) bool { return path.Dir(name) == path.Dir(at) }) {
		return "" // the working tree may have it besides
	}
	return at
}

// has tells whether the image has something at a path, or may have.
func (s launch) has(at string) bool {
	return s.Output(at) != nil || s.Holds(s.State, at) != "" || s.MayHold(s.State, at) || s.laid(at) || s.named(path.Base(at))
}

// named tells whether a command of the image's RUN instructions names a file so, which may make it: ln, touch, a tool.
func (s launch) named(base string) bool {
	return slices.ContainsFunc(s.Stage.Chain(), func(stage *artefact.Stage) bool {
		return slices.ContainsFunc(s.Commands(stage), func(c image.Placed) bool {
			return !slices.Contains([]string{"go", "echo", "printf", "mkdir"}, c.Name()) && slices.ContainsFunc(c.Words[1:], func(w string) bool { return w == "" || path.Base(w) == base })
		})
	})
}

// laid tells whether something was copied to the very path, be it not in the working tree now.
func (s launch) laid(at string) bool {
	for _, stage := range s.Stage.Chain() {
		for _, c := range stage.Copies {
			dest := c.Dest.Value
			if !path.IsAbs(dest) {
				dest = path.Join(s.Dir, dest)
			}
			if c.Stage == nil && (path.Clean(dest) == at || slices.ContainsFunc(c.Sources, func(t artefact.Text) bool { return path.Join(dest, path.Base(t.Value)) == at })) {
				return true
			}
		}
	}
	return false
}

// subcommands are words that programs take for commands of theirs, and that no distribution has as programs.
var subcommands = []string{"serve", "server", "start", "run", "migrate", "worker", "api", "web", "http", "app", "main"}

// notInPath tells whether a word without a slash names nothing that lies in PATH: an image of nothing but the program has no other,
// and those of the distributions have no program of that name.
func (s launch) notInPath(word string) bool {
	words := s.words()
	if firstBuilt(s.Image) == "" || len(words) == 0 || words[0].Value != word || len(artefact.Named(s.Stage.Environment(), "PATH")) > 0 ||
		slices.ContainsFunc(s.Paths(word), func(at string) bool { return s.has(at) || s.hidden(path.Dir(at)) }) {
		return false
	}
	base, _ := s.Base()
	return called(slices.Collect(maps.Keys(s.Outputs())), word) != "" || bare(base) || slices.Contains(subcommands, word)
}

// option tells of a command that begins with an option, for an image without an entrypoint that could take it.
func (s launch) option(m *missingFiles) bool {
	words := s.words()
	base, _ := s.Base()
	if !base.Official && !strings.HasPrefix(base.Repo, "gcr.io/distroless/static") && !strings.HasPrefix(base.Repo, "gcr.io/distroless/base") {
		return false // it may have an entrypoint
	}
	if len(words) == 0 || s.entrypoint != nil || !strings.HasPrefix(words[0].Value, "-") || !words[0].Known() || s.Stage.Shell != nil {
		return false
	}
	m.notStarted(s, words[0].Value, "")
	return true
}

// withoutShell tells of a container that is started by a shell which its image does not have, and whether it is.
func (m *missingFiles) withoutShell(s launch) bool {
	words := s.words()
	if len(words) == 0 || !words[0].Known() || !project.PosixShell(path.Base(words[0].Value)) || s.hidden("/bin") {
		return false
	}
	name := path.Base(words[0].Value)
	if s.Holds(s.State, "/bin/"+name) != "" || s.MayHold(s.State, "/bin/"+name) || !m.noInterpreter(s.Image, words[0].Value) {
		return false
	}
	m.notStarted(s, words[0].Value, "")
	return true
}

// notStarted tells that what is started is not in the image. at is its path, "" for what was looked for in PATH.
func (m *missingFiles) notStarted(s launch, word, at string) {
	base, _ := s.Base()
	name := word
	if at != "" {
		name = at
	}
	f := checks.Finding{
		Message:  checks.Msg("%s starts %s, which is not in its image", s.who, name),
		Why:      checks.Msg("The container ends at once: “exec: \"%s\": no such file or directory”, status 127.", word),
		Location: s.at,
		Key:      "starts " + name + " " + s.who,
	}
	if s.who == "the image" {
		f.Message, f.Key = checks.Msg("the image starts %s, which is not in it", name), "starts "+name
	}
	if strings.HasPrefix(word, "-") {
		f.Message = checks.Msg("%s starts with the option %s, and the image has no ENTRYPOINT that takes it", s.who, word)
	}
	if _, shell := s.shellText(); !strings.Contains(word, "/") {
		f.Why = checks.Msg("The container does not start: “exec: \"%s\": executable file not found in $PATH”.", word)
	} else if shell {
		f.Why = checks.Msg("The container ends at once: “sh: %s: not found”, status 127.", word)
	}
	s.remedy(&f, word)
	if s.likely || s.Stage.Image().Origin == artefact.Default || at == "" && !bare(base) && slices.Contains(subcommands, word) {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
	m.tell(s.Image, f)
}

// remedy shows what is there, and says what to write.
func (s launch) remedy(f *checks.Finding, word string) {
	base, _ := s.Base()
	built, there := firstBuilt(s.Image), slices.Sorted(maps.Keys(s.Outputs()))
	switch {
	case project.PosixShell(path.Base(word)):
		f.Help = checks.Msg("name the program itself: %s has no %s", base.Whole, path.Base(word))
	case strings.HasPrefix(word, "-"):
		f.Help = checks.Msg("write ENTRYPOINT in place of CMD in %s, or the program before its options", s.Dockerfile.Path)
	case !strings.Contains(word, "/") && called(there, word) != "":
		f.Help = checks.Msg("write its path: %s", called(there, word))
	case strings.HasSuffix(word, ".sh"):
		f.Help = checks.Msg("copy it into the image, or name what is there")
	case len(there) > 0 && s.who != "the image":
		f.Help = checks.Msg("name what is there: %s", there[0])
	default:
		f.Help = checks.Msg("let -o of go build, COPY and %s name the same file; the build writes %s", s.line, built)
		f.Evidence = append(f.Evidence, checks.Msg("go build writes %s", built))
	}
	if len(there) > 0 {
		f.Evidence = append(f.Evidence, checks.Msg("the image has %s", there[0]))
	}
}

// called is the first of some paths that ends in a name; "" where none does.
func called(paths []string, name string) string {
	if i := slices.IndexFunc(paths, func(p string) bool { return path.Base(p) == name }); i >= 0 {
		return paths[i]
	}
	return ""
}

// bare tells whether an image has no programs at all.
func bare(base image.Ref) bool {
	return base.Repo == "scratch" || strings.HasPrefix(base.Repo, "gcr.io/distroless/static") && base.Lacks("shell")
}
