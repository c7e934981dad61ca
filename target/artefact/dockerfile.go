package artefact

import (
	"bytes"
	"errors"
	"maps"
	"path"
	"strings"
	"time"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/gindoctor/gindoctor/target/project"
)

var dockerfiles = reader{
	kind: "Dockerfile",
	named: func(name string) bool {
		base := strings.ToLower(path.Base(name))
		if strings.HasSuffix(base, ".dockerignore") {
			return false
		}
		for _, known := range []string{"dockerfile", "containerfile"} {
			if base == known || strings.HasPrefix(base, known+".") || strings.HasPrefix(base, known+"-") || strings.HasSuffix(base, "."+known) {
				return !extension(base, foreign...)
			}
		}
		return false
	},
	read: func(f *File) any { return readDockerfile(f) },
}

// foreign are the extensions of files that are about a Dockerfile, or that one is made from.
var foreign = []string{".go", ".sh", ".md", ".rst", ".adoc", ".txt", ".html", ".xml", ".json", ".toml", ".yaml", ".yml",
	".tmpl", ".tpl", ".gotmpl", ".template", ".mustache", ".hbs", ".j2", ".jinja", ".jinja2", ".erb", ".m4", ".in"}

// Dockerfile is a Dockerfile. What it is made of stands in the order of the file; lines tell the order of unlike things.
type Dockerfile struct {
	*File
	Args   []Arg // before the first stage
	Stages []*Stage
}

// Final is the stage that is built where nobody names another; nil where there is none.
func (d *Dockerfile) Final() *Stage {
	if len(d.Stages) == 0 {
		return nil
	}
	return d.Stages[len(d.Stages)-1]
}

// Stage finds a stage by its name, or its number; nil where there is none.
func (d *Dockerfile) Stage(name string) *Stage {
	for i := len(d.Stages) - 1; i >= 0; i-- {
		if d.Stages[i].called(name) {
			return d.Stages[i]
		}
	}
	return nil
}

// settings are the variables of all stages, each of the stage that sets it.
func (d *Dockerfile) settings() []Setting {
	var out []Setting
	for _, s := range d.Stages {
		out = append(out, s.Env...)
	}
	return out
}

// Stage is one stage of a Dockerfile.
type Stage struct {
	Span // of the FROM instruction
	File *Dockerfile
	// Index counts the stages from 0. Name is what AS gives it, empty without.
	Index    int
	Name     Text
	Base     Text   // what it is built from, arguments filled in: an image or a stage
	Parent   *Stage // the stage that it is built from; nil for an image
	Platform Text   // of --platform
	// Undeclared are the names in FROM that no ARG above it declares, and that so are nothing: Base is what is left. Unseen are the
	// names of arguments from before the first FROM, where the stage uses them and does not declare them again: nothing too.
	Undeclared []string
	Unseen     []Text

	Args        []Arg
	Env         []Setting
	Copies      []Copy
	Runs        []Run
	Workdirs    []Text // as written, arguments filled in
	Users       []Text
	Ports       []Text // of EXPOSE, "8080" or "8080/udp"
	Cmd         *Exec  // the one that counts: the last
	Entrypoint  *Exec
	Shell       *Exec
	Healthcheck *Healthcheck
	StopSignal  Text
}

// Arg is a build argument. Its Value is the default; its Span is none where there is no default.
type Arg struct{ Name, Value Text }

// Exec is a command line of a Dockerfile, compose file or manifest.
type Exec struct {
	Span
	// Shell says that it is one text for a shell (Line) and no list of words.
	Shell bool
	Line  Text
	Words []Text
	// Commands is what the shell runs.
	Commands []project.Command
	// Given is what is started, with its places in the file: what the shell gets, or each of the words. It is empty where the file
	// holds it in a form of which the places are not known.
	Given []*project.Text
}

// Program is the word that names what is run; for a text, the first command of the last line of it, as a shell takes it. It is
// empty where only the shell knows it.
func (e *Exec) Program() string {
	switch {
	case e == nil:
		return ""
	case e.Shell && len(e.Commands) > 0:
		return e.Commands[len(e.Commands)-1].Name()
	case !e.Shell && len(e.Words) > 0 && e.Words[0].Known():
		return e.Words[0].Value
	}
	return ""
}

// Run is one RUN instruction.
type Run struct {
	Exec
	Flags []Text // "--mount=type=cache,target=/root/.cache"
}

// Copy is one COPY or ADD instruction.
type Copy struct {
	Span
	Add     bool
	From    Text // of --from: a stage, its number, or an image; empty for the build context
	Stage   *Stage
	Sources []Text
	Dest    Text
	Flags   []Text
}

// Healthcheck is one HEALTHCHECK instruction, or the like of a compose file.
type Healthcheck struct {
	Span
	None                           bool // it switches off what a base image or another file says
	Test                           *Exec
	Interval, Timeout, StartPeriod time.Duration
	Retries                        int
}

// called tells whether a stage goes by a name, as COPY --from and the builder's --target take it.
func (s *Stage) called(name string) bool {
	return s.Name.Value != "" && strings.EqualFold(s.Name.Value, name) || name == itoa(s.Index)
}

// Title is how to call the stage in a sentence.
func (s *Stage) Title() string {
	if s.Name.Value != "" {
		return s.Name.Value
	}
	return itoa(s.Index)
}

// Chain is the stages that it is built from, from the first to this one.
func (s *Stage) Chain() []*Stage {
	var out []*Stage
	for ; s != nil && len(out) < 1000; s = s.Parent {
		out = append([]*Stage{s}, out...)
	}
	return out
}

// Image is the image that the chain of stages begins with.
func (s *Stage) Image() Text { return s.Chain()[0].Base }

// Environment is the variables that what is run in this stage gets, of which a later one takes the place of an earlier one of its
// name.
func (s *Stage) Environment() []Setting {
	var out []Setting
	for _, stage := range s.Chain() {
		out = append(out, stage.Env...)
	}
	return last(out)
}

// Starts is what a container of this stage runs: its entrypoint, and its command. Each may be nil.
func (s *Stage) Starts() (entrypoint, cmd *Exec) {
	for _, stage := range s.Chain() {
		if stage.Entrypoint != nil {
			entrypoint, cmd = stage.Entrypoint, nil // an entrypoint of its own takes the inherited command away
		}
		if stage.Cmd != nil {
			cmd = stage.Cmd
		}
	}
	return entrypoint, cmd
}

// With is the Dockerfile as the builder reads it when it is given these build arguments.
func (d *Dockerfile) With(given map[string]Text) *Dockerfile {
	f := *d.File
	return readDockerfileWith(&f, given)
}

// readDockerfile reads with the parser of the builder itself. An instruction that it refuses is left out and told.
func readDockerfile(f *File) *Dockerfile { return readDockerfileWith(f, nil) }

func readDockerfileWith(f *File, given map[string]Text) *Dockerfile {
	d := &Dockerfile{File: f}
	ast, escape := parseDockerfile(f)
	if ast == nil || f.tooMany(len(ast.Children), mostParts, "instructions") || f.tooMany(stageCount(ast), mostStages, "stages") {
		return d
	}
	r := dockerReader{d: d, escape: escape, global: variables{}, vars: variables{}, given: given}
	for _, node := range ast.Children {
		cmd, err := instructions.ParseInstruction(node)
		if err != nil {
			r.fail(node, err)
			continue
		}
		r.instruction(node, cmd)
	}
	return d
}

func stageCount(ast *parser.Node) int {
	count := 0
	for _, node := range ast.Children {
		if strings.EqualFold(node.Value, "FROM") {
			count++
		}
	}
	return count
}

// parseDockerfile splits the file into instructions. Lines that break the syntax are blanked, one instruction after another, so
// that the rest keeps its places.
func parseDockerfile(f *File) (*parser.Node, byte) {
	text := bytes.Clone(f.Text)
	for range 20 {
		result, err := parser.Parse(bytes.NewReader(text))
		if err == nil {
			return result.AST, byte(result.EscapeToken)
		}
		first, last := 0, 0
		var at *parser.LocationError
		if errors.As(err, &at) && len(at.Locations) > 0 && len(at.Locations[0]) > 0 {
			ranges := at.Locations[0]
			first, last = ranges[0].Start.Line, ranges[len(ranges)-1].End.Line
		}
		if f.Err == nil {
			f.Err = &ParseError{Span: f.Line(max(first, 1)), Reason: err.Error()}
		}
		if first < 1 || !blank(text, f.src, first, max(first, last)) {
			break
		}
	}
	return nil, 0
}

// blank puts spaces in the place of lines; false where there was nothing to put them in the place of.
func blank(text []byte, s *source, first, last int) bool {
	changed := false
	for i := s.offset(first, 1); i < s.offset(last+1, 1); i++ {
		if c := text[i]; c != '\n' && c != '\r' && c != ' ' {
			text[i], changed = ' ', true
		}
	}
	return changed
}

type dockerReader struct {
	d            *Dockerfile
	stage        *Stage
	escape       byte
	global, vars variables // before the first FROM; of the stage
	given        variables // what the builder is given for arguments
}

func (r *dockerReader) fail(node *parser.Node, err error) {
	if r.d.Err == nil {
		r.d.Err = &ParseError{Span: r.d.Line(node.StartLine), Reason: err.Error()}
	}
}

func (r *dockerReader) instruction(node *parser.Node, cmd any) {
	line := r.line(node)
	switch c := cmd.(type) {
	case *instructions.Stage:
		r.from(line, c)
		return
	case *instructions.ArgCommand:
		r.arg(line)
		return
	}
	s := r.stage
	if s == nil {
		r.fail(node, errors.New("an instruction before the first FROM"))
		return
	}
	r.unseen(line, cmd)
	switch c := cmd.(type) {
	case *instructions.EnvCommand:
		r.env(line)
	case *instructions.CopyCommand:
		s.Copies = append(s.Copies, r.copy(line, false))
	case *instructions.AddCommand:
		s.Copies = append(s.Copies, r.copy(line, true))
	case *instructions.RunCommand:
		run := Run{Exec: line.exec(c.ShellDependantCmdLine), Flags: line.flags}
		run.heredocs(r.d, line, c.Files)
		s.Runs = append(s.Runs, run)
	case *instructions.WorkdirCommand:
		s.Workdirs = append(s.Workdirs, r.filled(line.rest()))
	case *instructions.UserCommand:
		s.Users = append(s.Users, r.filled(line.rest()))
	case *instructions.ExposeCommand:
		for _, w := range line.words() {
			s.Ports = append(s.Ports, r.filled(w))
		}
	case *instructions.CmdCommand:
		e := line.exec(c.ShellDependantCmdLine)
		s.Cmd = &e
	case *instructions.EntrypointCommand:
		e := line.exec(c.ShellDependantCmdLine)
		s.Entrypoint = &e
	case *instructions.ShellCommand:
		s.Shell = &Exec{Span: line.span, Words: line.strings()}
	case *instructions.HealthCheckCommand:
		s.Healthcheck = r.healthcheck(line, c)
	case *instructions.StopSignalCommand:
		s.StopSignal = r.filled(line.rest())
	}
}

func (r *dockerReader) from(line dockerLine, c *instructions.Stage) {
	s := &Stage{File: r.d, Index: len(r.d.Stages), Span: line.span}
	words := line.words()
	if len(words) > 0 {
		s.Base = r.global.fill(words[0], r.escape)
		for _, use := range uses(words[0].Value) {
			if _, ok := r.global[use.name]; !ok && !platformArg.MatchString(use.name) {
				s.Undeclared = append(s.Undeclared, use.name)
			}
		}
	}
	if len(words) == 3 && c.Name != "" {
		s.Name = words[2]
		s.Name.Value = c.Name
	}
	if p, ok := line.flag("platform"); ok {
		s.Platform = r.global.fill(p, r.escape)
	}
	if s.Base.Known() {
		for _, earlier := range r.d.Stages { // by name only: FROM 0 is an image
			if earlier.Name.Value != "" && strings.EqualFold(earlier.Name.Value, s.Base.Value) {
				s.Parent = earlier
			}
		}
	}
	r.vars = variables{}
	maps.Copy(r.vars, s.ImageVariables())
	if s.Parent != nil {
		for _, e := range s.Parent.Environment() {
			r.vars[e.Name.Value] = e.Value
		}
	}
	r.stage = s
	r.d.Stages = append(r.d.Stages, s)
}

// arg is `ARG NAME=default ...`. Within a stage, an argument without a default takes that of the one before the first stage.
func (r *dockerReader) arg(line dockerLine) {
	for _, w := range line.pairs(r.escape) {
		a := Arg{Name: w.name}
		vars := r.vars
		if r.stage == nil {
			vars = r.global
		}
		if w.hasValue {
			a.Value = vars.fill(w.value, r.escape)
			a.Value.Origin = max(a.Value.Origin, Default)
		} else if g, ok := r.global[w.name.Value]; ok && r.stage != nil {
			a.Value = g
		} else {
			a.Value.Origin = Passed
		}
		if given, ok := r.given[w.name.Value]; ok {
			a.Value = Text{Value: given.Value, Origin: given.Origin} // it stands in another file
		}
		if env, ok := vars[w.name.Value]; !ok || env.Origin != Literal { // ENV wins over ARG
			vars[w.name.Value] = a.Value
		}
		if r.stage == nil {
			r.d.Args = append(r.d.Args, a)
		} else {
			r.stage.Args = append(r.stage.Args, a)
		}
	}
}

func (r *dockerReader) env(line dockerLine) {
	var set []Setting
	for _, w := range line.pairs(r.escape) {
		set = append(set, Setting{Name: w.name, Value: r.filled(w.value), File: r.d.File, For: r.stage.Title()})
	}
	for _, s := range set { // those of one instruction do not see each other
		r.vars[s.Name.Value] = s.Value
	}
	r.stage.Env = append(r.stage.Env, set...)
}

func (r *dockerReader) copy(line dockerLine, add bool) Copy {
	c := Copy{Span: line.span, Add: add, Flags: line.flags}
	words := line.words()
	if line.json {
		words = line.strings()
	}
	for i, w := range words {
		if w = r.filled(w); i == len(words)-1 {
			c.Dest = w
		} else {
			c.Sources = append(c.Sources, w)
		}
	}
	if from, ok := line.flag("from"); ok {
		c.From = r.filled(from)
		if s := r.d.Stage(c.From.Value); c.From.Known() && s != r.stage {
			c.Stage = s
		}
	}
	return c
}

func (r *dockerReader) healthcheck(line dockerLine, c *instructions.HealthCheckCommand) *Healthcheck {
	h := &Healthcheck{Span: line.span}
	if c.Health == nil || len(c.Health.Test) == 0 || c.Health.Test[0] == "NONE" {
		h.None = true
		return h
	}
	h.Interval, h.Timeout, h.StartPeriod, h.Retries = c.Health.Interval, c.Health.Timeout, c.Health.StartPeriod, c.Health.Retries
	from, to := line.from, len(line.text)
	if i := bytes.IndexAny(line.text[from:], " \t"); i >= 0 { // behind the word CMD
		from, to = trimmed(line.text, from+i, to)
	}
	inner := line
	inner.from = from
	e := Exec{Span: line.span, Shell: c.Health.Test[0] == "CMD-SHELL"}
	if e.Shell {
		e.Line = inner.cut(r.d.src, from, to, string(line.text[from:to]))
		e.Commands = inner.commands(r.d.src, from, to)
	} else {
		e.Words = inner.strings()
	}
	h.Test = &e
	return h
}

// heredocs reads what a RUN gets from here-documents as the shell's own text.
func (run *Run) heredocs(d *Dockerfile, line dockerLine, files []instructions.ShellInlineFile) {
	at := line.span.EndLine + 1
	for _, file := range files {
		data := file.Data
		if file.Chomp {
			data = parser.ChompHeredocContent(data)
		}
		if text := d.src.standing(at, data); text != nil {
			commands, _ := text.Commands("", false)
			run.Commands, run.Given = append(run.Commands, commands...), append(run.Given, text)
		} else {
			run.Commands = append(run.Commands, project.ParseShell(data, project.Position{Line: at, Column: 1})...)
		}
		at += strings.Count(file.Data, "\n") + 1
	}
}

func (r *dockerReader) filled(t Text) Text { return r.vars.fill(t, r.escape) }
