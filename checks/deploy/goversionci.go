package deploy

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/image"
	"github.com/gindoctor/gindoctor/target/project"
)

// job judges the Go of a pipeline's job: that of its image, and those that steps set up.
func (g *goVersions) job(p *artefact.Pipeline, j *artefact.PipelineJob) {
	ref := image.ParseRef(j.Image.Value)
	if have, variant, ok := ref.Go(); ok && j.Image.Known() && ref.Official {
		g.asked = true
		toolchain, set := toolchainOf(append(slices.Clone(p.Env), j.Env...))
		line, ok := g.jobLine(j, 0)
		if ok && staysLocal(toolchain, set) && binds(have, line) && !setsUp(j) {
			f := tooOld(j.Image, have, line)
			f.Location = spanAt(p.Path, j.Image.Span)
			g.lowered(&f, j.Image, have, line)
			tag := newTag(have, line.version) + newVariant(variant, line.version)
			if text := strings.Replace(j.Image.Raw, ":"+ref.Tag, ":"+tag, 1); text != j.Image.Raw && ref.Digest == "" {
				f.Help = checks.Msg("write %s", text)
				f.Fix = writeInstead(p.Path, j.Image, text)
			}
			g.report(f)
		}
	}
	for i, s := range j.Steps {
		if strings.HasPrefix(s.Uses.Value, "actions/setup-go@") {
			g.step(p, j, i)
		}
	}
}

func setsUp(j *artefact.PipelineJob) bool {
	return slices.ContainsFunc(j.Steps, func(s artefact.Step) bool { return strings.HasPrefix(s.Uses.Value, "actions/setup-go@") })
}

// lowered makes a warning of what is not certain: what an old Go may build after all, and what a default says.
func (g *goVersions) lowered(f *checks.Finding, at artefact.Text, have string, line goLine) {
	if blurred(have, line) || at.Origin == artefact.Default {
		f.Severity, f.Confidence = checks.Warning, checks.Likely
	}
}

var (
	exactGo  = lazyregexp.New(`^v?(1\.\d+(\.\d+)?)(\.x)?$`)
	actionAt = lazyregexp.New(`@v(\d+)`)
)

// step judges a step of actions/setup-go. It leaves ranges such as ^1.22 and >=1.20 alone, which mean the newest.
func (g *goVersions) step(p *artefact.Pipeline, j *artefact.PipelineJob, i int) {
	v, ok := j.Steps[i].With["go-version"]
	if !ok || !v.Known() && !j.MayFail.IsZero() { // a job of the matrix that may fail is an experiment
		return
	}
	all := j.Values(v)
	for _, one := range all {
		g.version(p, j, i, one, len(all) > 1)
	}
}

// version judges one version that a step sets up; among tells whether it is one of several of a matrix.
func (g *goVersions) version(p *artefact.Pipeline, j *artefact.PipelineJob, i int, v artefact.Text, among bool) {
	g.asked = true
	m := exactGo.FindStringSubmatch(v.Value)
	if m == nil {
		return
	}
	have := m[1]
	line, ok := g.jobLine(j, i+1)
	if !ok {
		return
	}
	if v.Type == artefact.Number && strings.HasSuffix(v.Value, "0") && strings.Count(v.Value, ".") == 1 {
		read, write := strings.TrimRight(v.Value, "0"), newest(have, line.version)
		if among {
			write = have // the others stand beside it
		}
		g.report(checks.Finding{
			Message:  checks.Msg("go-version: %s without quotes is the number %s", v.Value, read),
			Why:      checks.Msg("YAML drops the last zero: the pipeline sets up Go %s, or finds none of that version.", read),
			Help:     checks.Msg("write go-version: '%s', or better go-version-file: %s", write, line.file),
			Location: spanAt(p.Path, v.Span), Service: line.service, Key: j.Name.Value + " go-version number " + v.Value,
			Fix: &plan.Plan{Title: "put quotes around the version", Safety: plan.Safe,
				Steps: []plan.Step{plan.ReplaceAt(p.Path, v.Line, v.Column, v.Raw, "'"+write+"'")}},
		})
		return
	}
	if !binds(have, line) || !g.jobLocal(p, j, i, have) {
		return
	}
	f := tooOld(v, have, line)
	f.Message = checks.Msg("the job %s sets up Go %s, and %s asks for %s", j.Name.Value, v.Value, line.file, line.version)
	if !image.Older(have, "1.21") {
		f.Why = checks.Msg("The first go command of the job stops with “go: %s requires go >= %s (running go %s; GOTOOLCHAIN=local)”; what comes after it never runs.", path.Base(line.file), line.version, have)
	}
	f.Help = checks.Msg("write go-version: '%s', or go-version-file: %s, which needs no second look", newTag(have, line.version), line.file)
	f.Key = j.Name.Value + " go-version " + v.Value
	f.Location = spanAt(p.Path, v.Span)
	g.lowered(&f, v, have, line)
	text := strings.Replace(v.Raw, have, newTag(have, line.version), 1)
	if v.Type == artefact.Number && strings.HasSuffix(text, "0") {
		text = strconv.Quote(text)
	}
	f.Fix = writeInstead(p.Path, v, text)
	if among {
		f.Help, f.Fix = checks.Msg("take %s out of the matrix, or lower the go line of %s", v.Value, line.file), nil
	}
	g.report(f)
}

func newest(have, goLine string) string {
	if image.Older(have, goLine) {
		return newTag(have, goLine)
	}
	return have
}

// jobLocal tells whether no newer Go is fetched in a job: setup-go sets GOTOOLCHAIN=local from version 6 on, and Go before 1.21
// fetches none.
func (g *goVersions) jobLocal(p *artefact.Pipeline, j *artefact.PipelineJob, i int, have string) bool {
	env := slices.Concat(p.Env, j.Env)
	for _, s := range j.Steps[i:] {
		env = append(env, s.Env...)
	}
	if v, set := toolchainOf(env); set {
		return staysLocal(v, set)
	}
	if image.Older(have, "1.21") {
		return true
	}
	m := actionAt.FindStringSubmatch(j.Steps[i].Uses.Value)
	if m == nil {
		return false
	}
	major, _ := strconv.Atoi(m[1])
	return major >= 6
}

// jobLine is what the go commands of a job ask for, from a step on. A job that checks out something else asks for nothing here.
func (g *goVersions) jobLine(j *artefact.PipelineJob, from int) (goLine, bool) {
	for _, s := range j.Steps {
		if strings.HasPrefix(s.Uses.Value, "actions/checkout@") && !s.With["repository"].IsZero() {
			return goLine{}, false
		}
	}
	for _, s := range j.Steps[from:] {
		if !s.Dir.Known() {
			continue
		}
		if strings.HasPrefix(s.Uses.Value, "golangci/golangci-lint-action@") {
			if line, ok := g.moduleAt(cleanWork(s.With["working-directory"].Value)); ok {
				return line, true
			}
		}
		dir := cleanWork(s.Dir.Value)
		for _, c := range s.Commands {
			if c.Name() == "cd" {
				if len(c.Words) != 2 || c.Words[1] == "" || path.IsAbs(c.Words[1]) {
					break
				}
				dir = path.Join(dir, c.Words[1])
			}
			if !readsModule(c) {
				continue
			}
			return g.moduleAt(dir)
		}
	}
	return goLine{}, false
}

func cleanWork(dir string) string { return path.Clean("./" + dir) }

// moduleAt is the go line that binds in a folder of the repository. Where the folder may be another, by a default of the pipeline, only
// a lone module answers.
func (g *goVersions) moduleAt(dir string) (goLine, bool) {
	var best *project.Module
	for _, m := range g.modules {
		if m.HasGoMod && project.Within(dir, m.Dir) && (best == nil || len(m.Dir) > len(best.Dir)) {
			best = m
		}
	}
	if best == nil && len(g.modules) == 1 {
		best = g.modules[0]
	}
	tree, err := g.t.Tree(g.ctx)
	for d := dir; err == nil && best != nil && d != best.Dir && d != "."; d = path.Dir(d) {
		if tree.Has(path.Join(d, "go.mod")) {
			return goLine{}, false // a module within, which is not examined
		}
	}
	return goLineOf(best)
}

// service judges a compose service that runs an image of air or of Go over the project's folder.
func (g *goVersions) service(s *artefact.Service) {
	if s.Build != nil || !s.Image.Known() {
		return
	}
	ref := image.ParseRef(s.Image.Value)
	have, variant, ok := ref.Go()
	if air := airImage(ref); air != "" {
		have, ok = air, true
	}
	if !ok || !ref.Official && airImage(ref) == "" {
		return
	}
	g.asked = true
	if v, set := toolchainOf(s.Environment); !staysLocal(v, set) {
		return
	}
	for _, v := range s.Volumes {
		if v.Type != "bind" || v.Target != s.WorkingDir.Value {
			continue
		}
		modFile := path.Join(path.Dir(s.File.Path), v.Source, "go.mod")
		line, ok := g.asks(modFile, "")
		if !ok || !binds(have, line) {
			continue
		}
		f := tooOld(s.Image, have, line)
		f.Why = checks.Msg("Every build in the service %s stops with “go: go.mod requires go >= %s (running go %s; GOTOOLCHAIN=local)”.", s.Name.Value, line.version, have)
		f.Location = spanAt(s.File.Path, s.Image.Span)
		g.lowered(&f, s.Image, have, line)
		if airImage(ref) == "" {
			text := strings.Replace(s.Image.Raw, ":"+ref.Tag, ":"+newTag(have, line.version)+newVariant(variant, line.version), 1)
			f.Help = checks.Msg("write %s", text)
			if text != s.Image.Raw && ref.Digest == "" {
				f.Fix = writeInstead(s.File.Path, s.Image, text)
			}
		} else {
			f.Help = checks.Msg("take a newer %s: the Go in it is that of its day", fmt.Sprint(ref.Repo))
		}
		g.report(f)
	}
}
