package watch

import (
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/describe"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target/needs"
	"github.com/gindoctor/gindoctor/target/project"
	"github.com/gindoctor/gindoctor/target/watcher"
)

// ways puts the rules of one tool into words and changes its configuration. What the findings of one check want of one watcher is
// granted together: their plans all make the same edits.
type ways interface {
	// because says which rule leaves files out, as the second half of a sentence.
	because(b *blind) string
	// blame is the place of that rule, else of what would bring the files in; nil where no file says anything.
	blame(d watcher.Decision) *checks.Location
	// see makes the tool react to code, notice to the files of an asset.
	see(b *blind) (*plan.Plan, checks.Message)
	notice(files []string, d watcher.Decision) (*plan.Plan, checks.Message)
	// leave keeps the tool from files that are written, leaveTree from a folder.
	leave(files []string) (*plan.Plan, checks.Message)
	leaveTree(dir string) (*plan.Plan, checks.Message)
	// hold keeps a finding until all wishes are known; tell then reports them all.
	hold(f checks.Finding)
	tell()
}

func (w *watched) ways() ways {
	if w.air != nil {
		return newWishes(w, w.rules)
	}
	return &changes{w: w}
}

// changes are the ways of every tool but air: its matcher knows the edits.
type changes struct {
	w     *watched
	all   []watcher.Change
	taken []string // files that all brings in, of a tool that brings several in by one change
	found []checks.Finding
}

func (c *changes) because(b *blind) string {
	switch flag := strings.HasPrefix(b.Rule, "-") || b.Place.File != ""; {
	case b.Rule == "":
		return map[watcher.Reason]string{
			watcher.Hidden:     "it lies in a folder whose name begins with a dot",
			watcher.BehindLink: "it lies behind a symbolic link, which " + c.w.Tool.Name + " does not follow",
			watcher.Outside:    "it lies outside the folder that is watched",
			watcher.NotListed:  "it is not on the list of files that " + c.w.Tool.Name + " is started with",
			watcher.BuiltIn:    c.w.Tool.Name + " leaves it out by itself",
		}[b.Reason]
	case !flag || b.Reason == watcher.NotListed:
		return b.Rule // a sentence
	case b.Reason == watcher.Outside || b.Reason == watcher.DirNotIncluded || b.Reason == watcher.NotMatched || b.Reason == watcher.Extension:
		return b.Rule + " does not take it"
	}
	return b.Rule + " leaves it out"
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func (c *changes) blame(d watcher.Decision) *checks.Location {
	return c.w.near(d.Place, c.w.Reaction.Place)
}

func (c *changes) see(b *blind) (*plan.Plan, checks.Message) {
	return c.include(b.files, b.Decision, describe.Some(b.names(), 3))
}

func (c *changes) notice(files []string, d watcher.Decision) (*plan.Plan, checks.Message) {
	return c.include(files, d, describe.Some(files, 2))
}

func (c *changes) include(files []string, d watcher.Decision, what string) (*plan.Plan, checks.Message) {
	edits := combined(c.included(files))
	if text := said(edits); text != "" {
		if c.floods(d) {
			return nil, checks.Msg("%s, and keep what the program writes in a folder that %s leaves out", text, c.w.Tool.Name)
		}
		return c.wishToSee("make "+c.w.Tool.Name+" watch "+what, edits, files), checks.Msg("%s, and %s", text, c.w.restart())
	}
	switch d.Reason {
	case watcher.Hidden:
		return nil, checks.Msg("give the folder a name that does not begin with a dot")
	case watcher.BehindLink:
		return nil, checks.Msg("start %s so that it watches what the link leads to, by its own name", c.w.Tool.Name)
	case watcher.NotListed:
		if strings.Contains(d.Rule, "takes it off") {
			return nil, checks.Msg("let the filter leave %s on the list, and %s", what, c.w.restart())
		}
		return nil, checks.Msg("pipe the names of the files there into %s too, as find . -name '*.go' does, and %s", c.w.Tool.Name, c.w.restart())
	case watcher.BuiltIn:
		return nil, checks.Msg("give the folder another name: %s", orElse(d.Rule, "it is left out by itself"))
	}
	return nil, checks.Msg("let %s take in %s, and %s", c.w.Tool.Name, what, c.w.restart())
}

// floods tells of a tool that takes all files or those of one extension alone, where taking all would bring in what the program writes:
// each of its writes would start a build.
func (c *changes) floods(d watcher.Decision) bool {
	return c.w.Events.SinceBuild && d.Reason == watcher.Extension && slices.ContainsFunc(c.w.needs.Writes, func(w needs.Write) bool {
		return w.Command == "" && c.w.reacts(w.File).Reason == watcher.Extension
	})
}

// wishToSee is wish for files that are to be taken in. Where one change brings several in, it is made anew for all that are wished for.
func (c *changes) wishToSee(title string, edits []watcher.Change, files []string) *plan.Plan {
	if _, together := c.w.Matcher.(bringer); together && (c.all == nil || c.taken != nil) {
		taken := slices.Concat(c.taken, files)
		if all := combined(c.included(taken)); c.w.steps(all) != nil {
			c.all, c.taken = all, taken
			return c.toCome(title)
		}
	}
	c.taken = nil
	return c.wish(title, edits)
}

// bringer is a matcher whose tool brings several files in by one change.
type bringer interface {
	IncludeAll(files []string) []watcher.Change
}

// included are the changes that bring files in: in one go where the tool's rules allow it, one file at a time else.
func (c *changes) included(files []string) []watcher.Change {
	var names []string
	for _, file := range files {
		names = append(names, c.w.abs(file))
	}
	if all, ok := c.w.Matcher.(bringer); ok {
		return all.IncludeAll(names)
	}
	var edits []watcher.Change
	for _, name := range names {
		edits = append(edits, c.w.Include(name)...)
	}
	return edits
}

func (c *changes) leave(files []string) (*plan.Plan, checks.Message) {
	var edits []watcher.Change
	for _, file := range files {
		edits = append(edits, c.w.Exclude(c.w.abs(file))...)
	}
	return c.without(combined(edits), describe.Some(files, 2))
}

func (c *changes) leaveTree(dir string) (*plan.Plan, checks.Message) {
	return c.without(combined(c.w.Exclude(c.w.abs(path.Join(dir, "index.js")))), dir)
}

func (c *changes) without(edits []watcher.Change, what string) (*plan.Plan, checks.Message) {
	if text := said(edits); text != "" {
		return c.wish("keep "+c.w.Tool.Name+" from "+what, edits), checks.Msg("%s, and %s", text, c.w.restart())
	}
	return nil, checks.Msg("keep %s from %s, and %s", c.w.Tool.Name, what, c.w.restart())
}

// wish is a plan whose steps come when all wishes are known; nil where the changes do not go together with those before.
func (c *changes) wish(title string, edits []watcher.Change) *plan.Plan {
	both := combined(slices.Concat(c.all, edits))
	if slices.ContainsFunc(edits, func(e watcher.Change) bool { return !slices.Contains(both, e) }) || c.w.steps(edits) == nil {
		return nil
	}
	c.all = both
	return c.toCome(title)
}

// toCome is a plan whose steps tell fills in.
func (c *changes) toCome(title string) *plan.Plan {
	return &plan.Plan{Title: title, Safety: plan.Safe, After: []string{plan.RestartWatcher(c.w.Tool.Name)}}
}

func (c *changes) hold(f checks.Finding) { c.found = append(c.found, f) }

func (c *changes) tell() {
	steps := c.w.steps(c.all)
	for _, f := range c.found {
		if f.Fix != nil {
			f.Fix.Steps = steps
		}
		c.w.report(f)
	}
}

// byHand tells whether the program needs something of a folder, or of one below it, that is not generated.
func (w *watched) byHand(dir string) bool {
	for _, p := range w.needs.Packages {
		if project.Within(p.Dir, dir) && len(p.Written()) > 0 {
			return true
		}
	}
	outputs := writtenFiles(w.needs)
	return slices.ContainsFunc(w.needs.Assets, func(a needs.Asset) bool {
		return slices.ContainsFunc(a.Files, func(f string) bool { return project.Within(f, dir) && !slices.Contains(outputs, f) })
	}) || w.watchesSources(dir, outputs)
}

// maxSources bounds what is looked at of a folder.
const maxSources = 2000

// watchesSources tells whether a folder holds files that the watcher waits for and that are neither written by the build nor Go: what a
// generator makes its output of (ui/page.templ beside ui/page_templ.go).
func (w *watched) watchesSources(dir string, outputs []string) bool {
	return slices.ContainsFunc(w.t.FilesBelow(w.abs(dir), maxSources), func(file string) bool {
		return path.Ext(file) != ".go" && !slices.Contains(outputs, file) && w.reacts(file).Reacts()
	})
}
