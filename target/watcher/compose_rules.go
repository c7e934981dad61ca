package watcher

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

var composeRuleSchema = map[string]bool{"path": true, "action": true, "target": true, "ignore": true, "include": true, "exec": true, "initial_sync": true}

var composeActions = []string{"rebuild", "sync", "restart", "sync+restart", "sync+exec"}

// rules makes a reaction of each rule of each service.
func (p *composeProject) rules() {
	var roots []string // compose watches the paths of all rules together
	any := false
	for _, service := range p.services {
		ignored := p.dockerignore(service)
		for _, part := range service.parts {
			for _, v := range part.get("develop").get("watch").list() {
				any = true
				r := p.rule(service, v)
				if r == nil {
					continue
				}
				if r.mounted == nil {
					roots = append(roots, r.root)
				}
				r.ignored = ignored
				p.Reactions = append(p.Reactions, p.composeReaction(service, r))
			}
		}
	}
	if !any {
		p.refuse(Fault{Kind: MissingFolder, Place: p.Place, Name: "develop", Does: "docker compose ends: none of the selected services is configured for watch"})
	}
	for _, r := range p.Reactions {
		r.Matcher.(*composeRule).folders = folders{roots: roots, files: p.Files, linkedRoots: true}
	}
}

// composeRule is one rule, which decides by its path, its patterns, and those of .dockerignore.
type composeRule struct {
	value            *value
	action, service  string
	root             string // absolute
	include, exclude *composePatterns
	ignored          *composePatterns
	mounted          *value // the bind mount that holds the path already, so that compose does not watch it
	folders
}

// rule reads one rule; nil where it cannot be told what it does.
func (p *composeProject) rule(service *composeService, v *value) *composeRule {
	where := "services." + service.name + ".develop.watch"
	for _, m := range v.members {
		if !composeRuleSchema[m.name] && !strings.HasPrefix(m.name, "x-") {
			var known []string
			for name := range composeRuleSchema {
				known = append(known, name)
			}
			slices.Sort(known)
			p.refuse(Fault{Kind: UnknownName, Place: m.keyPlace(), Name: m.name, Known: known, Does: "docker compose ends: additional properties '" + m.name + "' not allowed in " + where})
		}
	}
	path, action := v.get("path"), v.get("action")
	for name, of := range map[string]*value{"path": path, "action": action} {
		if of.string("") == "" {
			p.refuse(Fault{Kind: WrongType, Place: v.place(), Name: name, Does: "docker compose ends: a rule of " + where + " has no " + name})
		}
	}
	if p.refused() {
		return nil
	}
	for _, of := range []*value{path, action, v.get("target")} {
		if strings.Contains(of.string(""), "$") {
			p.Unsure = "a variable stands in a rule of " + where
			return nil
		}
	}
	r := &composeRule{value: v, action: action.text, service: service.name, root: inFolder(p.dir, path.text)}
	p.checkRule(service, r)
	base := p.Files.Rel(r.root)
	var wrong error
	if r.exclude, wrong = newComposePatterns(r.root, composeTexts(v.get("ignore")), "ignore"); wrong == nil {
		r.include, wrong = newComposePatterns(r.root, composeTexts(v.get("include")), "include")
	}
	if wrong != nil {
		p.refuse(Fault{Kind: BadPattern, Place: v.place(), Name: base, Does: "docker compose ends: " + wrong.Error()})
		return nil
	}
	return r
}

// composeTexts are the texts of a list, or a single one.
func composeTexts(v *value) []*value {
	if v != nil && v.kind != listValue {
		return []*value{v}
	}
	return v.list()
}

func (p *composeProject) checkRule(service *composeService, r *composeRule) {
	path, action := r.value.get("path"), r.value.get("action")
	fault := func(at *value, name string, kind FaultKind, does string, fatal bool) {
		p.fault(Fault{Kind: kind, Place: at.place(), Name: name, Value: at.text, Does: does, Fatal: fatal})
	}
	switch {
	case !slices.Contains(composeActions, r.action):
		p.refuse(Fault{Kind: WrongType, Place: action.place(), Name: "action", Value: r.action, Known: composeActions,
			Does: "docker compose ends: the action has to be one of " + strings.Join(composeActions, ", ")})
	case strings.HasPrefix(r.action, "sync") && r.value.get("target").string("") == "":
		fault(action, "target", WrongType, "docker compose ends: target is required for non-rebuild actions", true)
	case r.action == "rebuild" && service.get("build") == nil:
		fault(action, "build", WrongType, fmt.Sprintf("docker compose ends: can't watch service %q with action rebuild without a build context", service.name), true)
	case r.action == "rebuild" && p.sub.noBuild != nil:
		p.refuse(Fault{Kind: Misplaced, Place: p.sub.noBuild.Place, Name: "--no-build", Does: "docker compose ends: --no-build is incompatible with watch action rebuild"})
	}
	switch {
	case strings.ContainsAny(path.text, "*?[{"):
		fault(path, "path", BadPattern, "docker compose takes no wildcards in path: there is no file of this name", false)
	case !p.Files.IsDir(r.root) && !p.isFile(r.root):
		fault(path, "path", MissingFolder, "docker compose reacts to nothing for it until it is there", false)
	}
	if r.mounted = p.mount(service, r); r.mounted != nil {
		fault(path, "path", Misplaced, "docker compose does not watch it: the bind mount "+r.mounted.string("of the service")+" holds it already", false)
	}
	if strings.Contains(p.textsOf(r.value), "$") {
		p.Unsure = "a variable stands in a rule of services." + service.name + ".develop.watch"
	}
}

func (p *composeProject) textsOf(v *value) string {
	var b strings.Builder
	for _, of := range slices.Concat(composeTexts(v.get("ignore")), composeTexts(v.get("include"))) {
		b.WriteString(of.text + " ")
	}
	return b.String()
}

func (p *composeProject) isFile(name string) bool {
	_, err := p.Files.Read(name)
	return err == nil
}

// mount is the bind mount of the service that holds the path of a rule that only syncs.
func (p *composeProject) mount(service *composeService, r *composeRule) *value {
	if r.action != "sync" && r.action != "sync+restart" {
		return nil
	}
	for _, part := range service.parts {
		for _, v := range part.get("volumes").list() {
			source := v.get("source").string("")
			if v.kind == tableValue && v.get("type").string("") != "bind" {
				continue
			}
			if v.kind != tableValue {
				source, _, _ = strings.Cut(v.text, ":")
				if !strings.HasPrefix(source, ".") && !strings.HasPrefix(source, "/") || !strings.Contains(v.text, ":") {
					continue
				}
			}
			if at := inFolder(p.dir, source); source != "" && (r.root == at || within(r.root, at)) {
				return v
			}
		}
	}
	return nil
}

// composeReaction is what compose does for a rule. The server runs in a container, so that nothing of it is a command of this host.
func (p *composeProject) composeReaction(service *composeService, r *composeRule) *Reaction {
	out := &Reaction{Name: service.name + ": " + r.action, Place: r.value.placeFrom(), Matcher: r, KeepsOnError: true, Debounce: 500 * time.Millisecond}
	out.Restarts = r.action == "rebuild" || strings.HasSuffix(r.action, "restart")
	if r.action == "rebuild" {
		out.Build = []Line{typedLine([]string{"docker", "compose", "build", service.name}, p.dir)}
	}
	if out.Restarts {
		out.Stop = Stop{Signal: composeSignal(service.get("stop_signal").string("SIGTERM")), Kill: 10 * time.Second}
		if d, err := time.ParseDuration(service.get("stop_grace_period").string("")); err == nil {
			out.Stop.Kill = d
		}
	}
	return out
}

func composeSignal(name string) string {
	if !strings.HasPrefix(name, "SIG") {
		return "SIG" + name
	}
	return name
}

// placeFrom is the place of the first key of a table.
func (v *value) placeFrom() Place {
	if len(v.members) > 0 {
		return v.members[0].keyPlace()
	}
	return v.place()
}

// dockerignore reads the patterns that keep files out of the build, which compose does not react to either.
func (p *composeProject) dockerignore(service *composeService) *composePatterns {
	build := service.get("build")
	if build == nil {
		return nil
	}
	context, dockerfile := build.string(""), "Dockerfile"
	if build.kind == tableValue {
		context, dockerfile = build.get("context").string("."), build.get("dockerfile").string("Dockerfile")
	}
	if strings.Contains(context, "$") || strings.Contains(context, "://") {
		p.Unsure = "the build context of " + service.name + " is not a folder that is known"
		return nil
	}
	root := inFolder(p.dir, context)
	for _, name := range []string{dockerfile + ".dockerignore", ".dockerignore"} {
		abs := inFolder(root, name)
		data, err := p.Files.Read(abs)
		if err != nil {
			continue
		}
		lines, err := ignorefile.ReadAll(bytes.NewReader(data))
		if err != nil {
			continue
		}
		out, err := newComposePatterns(root, dockerignoreLines(newDocument(p.Files.Rel(abs), data), lines), filepath.Base(name))
		if err == nil {
			return out
		}
	}
	return nil
}

// dockerignoreLines are the patterns of a .dockerignore as values with their lines.
func dockerignoreLines(doc *document, patterns []string) []*value {
	var out []*value
	for _, at := range doc.starts {
		end := doc.lineEnd(at)
		line := strings.TrimSpace(string(doc.data[at:end]))
		if line == "" || strings.HasPrefix(line, "#") || len(out) >= len(patterns) {
			continue
		}
		out = append(out, &value{doc: doc, kind: textValue, text: patterns[len(out)], start: at, end: end, block: true})
	}
	return out
}

// composePatterns are patterns as moby compares them, for absolute paths. Its matcher keeps notes, so one asks it at a time.
type composePatterns struct {
	mu    sync.Mutex
	name  string // where they stand: "ignore"
	given []*value
	each  []*patternmatcher.PatternMatcher
	all   *patternmatcher.PatternMatcher
}

func newComposePatterns(root string, given []*value, name string) (*composePatterns, error) {
	if len(given) == 0 {
		return nil, nil
	}
	if slices.ContainsFunc(given, func(v *value) bool { return v.text == "*" }) { // compose then keeps the exceptions alone
		given = slices.DeleteFunc(slices.Clone(given), func(v *value) bool { return v.text != "" && v.text[0] != '!' })
	}
	c := &composePatterns{name: name, given: given}
	var texts []string
	for _, v := range given {
		text := composePattern(root, v.text)
		texts = append(texts, text)
		one, err := patternmatcher.New([]string{strings.TrimPrefix(text, "!")})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", v.text, err)
		}
		c.each = append(c.each, one)
	}
	var err error
	c.all, err = patternmatcher.New(texts)
	return c, err
}

func composePattern(root, text string) string {
	text = filepath.Clean(strings.TrimSpace(text))
	rest, not := strings.CutPrefix(text, "!")
	if !filepath.IsAbs(rest) {
		rest = filepath.Join(root, rest)
	}
	if not {
		return "!" + rest
	}
	return rest
}

// matches tells whether the patterns take a file or a folder above it, and the pattern that decides.
func (c *composePatterns) matches(file string) (by *value, ok bool) {
	if c == nil {
		return nil, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if yes, err := c.all.MatchesOrParentMatches(file); err != nil || !yes {
		return nil, false
	}
	for i, one := range slices.Backward(c.each) {
		if yes, err := one.MatchesOrParentMatches(file); err == nil && yes && !strings.HasPrefix(c.given[i].text, "!") {
			return c.given[i], true
		}
	}
	return nil, true
}

// composeTraces are the traces of editors that compose passes over, by the name of a file or of a folder above it.
var composeTraces = lazyregexp.New(`___jb_(old|tmp)___$|^\.#|^#.*#$|^4913$|~$|^\..*\.sw[pxon]$|^\..*\.kate-swp$|-go-tmp-umask$`)

func (r *composeRule) Reacts(file string) Decision {
	if r.mounted != nil && !r.Folder(filepath.Dir(file)).Reacts() {
		return Decision{Reason: Outside, Path: file, Rule: "the path is a bind mount, which compose does not watch", Place: r.value.get("path").place()}
	}
	if file != r.root && !within(file, r.root) {
		return Decision{Reason: Outside, Path: file, Rule: "path: " + r.value.get("path").text, Place: r.value.get("path").place()}
	}
	if d := r.Folder(filepath.Dir(file)); !d.Reacts() && file != r.root {
		return d
	}
	if d := r.file(file); !d.Reacts() {
		return d
	}
	if by, ok := r.include.matches(file); r.include != nil && !ok {
		return Decision{Reason: NotMatched, Path: file, Rule: "include", Place: r.value.get("include").placeOr(by.placeOr(Place{}))}
	}
	for _, patterns := range []*composePatterns{r.exclude, r.ignored} {
		if by, ok := patterns.matches(file); ok {
			d := Decision{Reason: FileExcluded, Path: file, Rule: patterns.name, Place: by.placeOr(Place{})}
			if by != nil {
				d.Rule += ": " + by.text
			}
			return d
		}
	}
	for at := file; len(at) > len(r.root); at = filepath.Dir(at) {
		base := filepath.Base(at)
		if composeTraces.MatchString(base) || base == ".idea" && at != file {
			return Decision{Reason: BuiltIn, Path: at, Rule: "compose takes " + base + " for the trace of an editor"}
		}
	}
	return Decision{Path: file, Rule: "path: " + r.value.get("path").text, Place: r.value.get("path").place()}
}

// Include takes the pattern out that leaves the file out.
func (r *composeRule) Include(file string) []Change {
	d := r.Reacts(file)
	ignore := r.value.get("ignore")
	if d.Reason != FileExcluded || ignore == nil || ignore.kind != listValue || len(ignore.items) < 2 && ignore.block {
		return nil
	}
	for i, item := range ignore.items {
		if item.place() == d.Place {
			return ignore.without(i, "take `"+item.text+"` out of ignore")
		}
	}
	return nil
}

// Exclude adds the file to ignore.
func (r *composeRule) Exclude(file string) []Change {
	rel, ok := relative(file, r.root)
	ignore := r.value.get("ignore")
	if !ok || !r.Reacts(file).Reacts() {
		return nil
	}
	if ignore != nil {
		if ignore.kind != listValue {
			return nil
		}
		return ignore.with(inYAML(rel), "add "+rel+" to ignore")
	}
	for _, m := range r.value.members {
		if m.name == "action" && r.value.block && m.value.end > m.value.start {
			doc := m.doc
			indent := strings.Repeat(" ", m.start-doc.lineStart(m.start))
			at := doc.lineEnd(m.value.end)
			return []Change{{Place: doc.place(at, at), Text: "\n" + indent + "ignore:\n" + indent + "  - " + inYAML(rel), Says: "add " + rel + " to ignore"}}
		}
	}
	return nil
}
