package deploy

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// Memory finds memory limits that the Go runtime does not know of, and pools and caches that cannot fit.
var Memory = checks.Check{
	ID:       "deploy/memory",
	Title:    "the program does not know its memory limit, or a pool does not fit",
	Stage:    checks.Serve,
	Severity: checks.Warning,
	Profiles: checks.CI,
	Run:      memory,
}

// room is what a service or container leaves the program.
type room struct {
	t        *target.Target
	who      string
	m        target.Match
	limit    artefact.Text // zero where there is none
	bytes    int64
	settings []artefact.Setting
	closed   bool // these are all variables that it gets
	count    int  // how many there are; 0 where that is not known
	file     *artefact.File
	report   checks.Reporter
}

func memory(ctx context.Context, t *target.Target, report checks.Reporter) error {
	d, err := t.Deployment(ctx)
	if err != nil {
		return err
	}
	report = distinct(report)
	asked := false
	for _, c := range d.Artefacts.Composed() {
		databases := slices.DeleteFunc(slices.Clone(c.Services), func(o *artefact.Service) bool { return !isPostgreSQL(o.Image) })
		for _, s := range c.Services {
			m := d.Service(s)
			if m.Deployed == nil || s.Partial {
				continue
			}
			asked = true
			r := room{t: t, who: "the service " + s.Name.Value, m: m, limit: s.MemLimit, file: c.File, count: 1, report: report}
			r.settings, r.closed = hostLook{d: d, s: s}.settings()
			if !s.Replicas.IsZero() {
				r.count, _ = strconv.Atoi(s.Replicas.Value)
			}
			r.bytes, _ = artefact.ComposeBytes(s.MemLimit.Value)
			r.judge()
			for _, o := range databases {
				r.pool(connections(o.Command), o.Name.Value)
			}
		}
	}
	databases := map[*artefact.Cluster][]*artefact.Container{}
	for _, c := range d.Artefacts.Clusters() {
		databases[c] = databaseContainers(c)
	}
	for _, w := range workloads(d) {
		asked = true
		r := room{t: t, who: "the container " + w.container.Name.Value, m: w.match, limit: w.container.Limits["memory"], file: w.File.File, count: w.count(), report: report,
			settings: w.cluster.Environment(w.container), closed: w.cluster.Closed(w.container) && !w.Unsure}
		if stage := d.StageOf(w.match.Deployed); stage != nil {
			r.settings = append(stage.Environment(), r.settings...)
		}
		r.bytes, _ = artefact.Bytes(r.limit.Value)
		r.judge()
		for _, c := range databases[w.cluster] {
			r.pool(connections(c.Args), c.Object.Name.Value)
			r.pool(connections(c.Command), c.Object.Name.Value)
		}
	}
	if !asked {
		return checks.Skip("no compose service or pod here runs a program of this project")
	}
	return nil
}

func isPostgreSQL(image artefact.Text) bool {
	kind := isStore(image)
	return kind != nil && kind.name == "PostgreSQL"
}

// databaseContainers are the containers of a cluster that are a PostgreSQL.
func databaseContainers(c *artefact.Cluster) []*artefact.Container {
	var out []*artefact.Container
	for _, o := range c.Objects {
		if o.Pod == nil {
			continue
		}
		for _, container := range o.Pod.Containers {
			if isPostgreSQL(container.Image) {
				out = append(out, container)
			}
		}
	}
	return out
}

// at reports a finding at a value.
func (r room) at(t artefact.Text, f checks.Finding) {
	f.Location, f.Service = textAt(t, r.file), r.m.Module.Dir
	f.Key += " " + r.who
	r.report(f)
}

// inCode matches programs that set the limit themselves.
var inCode = lazyregexp.New(`debug\.SetMemoryLimit\(|KimMachineGun/automemlimit`)

func (r room) judge() {
	all := artefact.Named(r.settings, "GOMEMLIMIT")
	if len(all) == 0 {
		if r.bytes > 0 && r.closed && !r.t.CodeHas(r.m.Program, inCode) {
			r.at(r.limit, checks.Finding{
				Severity: checks.Info,
				Message:  checks.Msg("%s may use %s of memory, and the program does not know that", r.who, r.limit.Value),
				Why:      checks.Msg("Go lets garbage grow to the size of what is in use before it collects: the kernel kills the program (OOMKilled, 137) although it needs less."),
				Help:     checks.Msg("set GOMEMLIMIT=%s", nineTenths(r.bytes)),
				Key:      "no GOMEMLIMIT",
			})
		}
		r.caches()
		return
	}
	s := all[len(all)-1]
	if s.File == nil || !s.Value.Known() || s.Value.IsZero() {
		return
	}
	bytes, ok := goBytes(s.Value.Value)
	f := checks.Finding{Location: spanAt(s.File.Path, s.Value.Span), Service: r.m.Module.Dir, Subject: &checks.Subject{Kind: checks.EnvSubject, Name: "GOMEMLIMIT"}, Key: "GOMEMLIMIT " + r.who}
	switch {
	case !ok:
		f.Message = checks.Msg("GOMEMLIMIT=%s is no size that the Go runtime knows", s.Value.Value)
		f.Why = checks.Msg("The program ends before main: fatal error: malformed GOMEMLIMIT; see go doc runtime/debug.SetMemoryLimit.")
		f.Help = checks.Msg("write a whole number with B, KiB, MiB, GiB or TiB")
		if mended, ok := goSpelling(s.Value.Value); ok && s.Value.Plain() {
			f.Help = checks.Msg("write GOMEMLIMIT=%s", mended)
			f.Fix = &plan.Plan{Title: "write GOMEMLIMIT=" + mended, Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt(s.File.Path, s.Value.Line, s.Value.Column, s.Value.Raw, mended)}}
		}
		r.report(f)
	case bytes > 0 && r.bytes > 0 && bytes > r.bytes:
		f.Message = checks.Msg("GOMEMLIMIT=%s lies above the limit of %s, %s", s.Value.Value, r.who, r.limit.Value)
		f.Why = checks.Msg("The kernel kills the program (OOMKilled, 137) before Go begins to save memory.")
		f.Help = checks.Msg("set GOMEMLIMIT=%s", nineTenths(r.bytes))
		f.Evidence = append(f.Evidence, checks.Msg("%s:%d  memory limit %s", textAt(r.limit, r.file).File, r.limit.Line, r.limit.Value))
		r.report(f)
	}
	r.caches()
}

// caches tells of caches of a fixed size that is more than all memory there is.
func (r room) caches() {
	if r.bytes == 0 || r.limit.Origin != artefact.Literal {
		return
	}
	for _, s := range r.t.Sizes(r.m.Program) {
		if s.Call == "SetMaxOpenConns" || s.Value < r.bytes {
			continue
		}
		r.at(r.limit, checks.Finding{
			Confidence: checks.Likely,
			Message:    checks.Msg("%s may use %s of memory, and a cache of the program takes up to %s", r.who, r.limit.Value, mebibytes(s.Value)),
			Why:        checks.Msg("The cache fills up, and the kernel kills the program (OOMKilled, 137)."),
			Help:       checks.Msg("raise the limit, or make the cache smaller"),
			Evidence:   []checks.Message{checks.Msg("%s:%d  %s", s.At.File, s.At.Line, s.Call)},
			Key:        "cache " + s.Call,
		})
	}
}

// pool tells of more connections than the database takes. Three of them are kept for its administrator.
func (r room) pool(most artefact.Text, db string) {
	const reserved = 3
	limit, err := strconv.Atoi(most.Value)
	if err != nil || r.count == 0 {
		return
	}
	var pools []target.Size
	for _, s := range r.t.Sizes(r.m.Program) {
		if s.Call == "SetMaxOpenConns" {
			pools = append(pools, s)
		}
	}
	if len(pools) != 1 || pools[0].Value*int64(r.count) <= int64(limit-reserved) {
		return
	}
	p := pools[0]
	r.at(most, checks.Finding{
		Confidence: checks.Likely,
		Message:    checks.Msg("%s takes %d connections, %d of them kept for its administrator, and %s opens up to %d", db, limit, reserved, r.who, p.Value*int64(r.count)),
		Why:        checks.Msg("Under load requests fail with: sorry, too many clients already."),
		Help:       checks.Msg("make the pools smaller, or max_connections larger"),
		Evidence:   []checks.Message{checks.Msg("%s:%d  SetMaxOpenConns(%d), in %d at a time", p.At.File, p.At.Line, p.Value, r.count)},
		Key:        "pool " + db,
	})
}

var maxConnections = lazyregexp.New(`max_connections\s*=\s*([0-9]+)`)

// connections is max_connections among the arguments of PostgreSQL: its number, at the place of the argument.
func connections(e *artefact.Exec) artefact.Text {
	if e == nil {
		return artefact.Text{}
	}
	for _, w := range append([]artefact.Text{e.Line}, e.Words...) {
		if m := maxConnections.FindStringSubmatch(w.Value); m != nil && w.Origin == artefact.Literal {
			w.Value = m[1]
			return w
		}
	}
	return artefact.Text{}
}

var goSize = lazyregexp.New(`^([0-9]+)(B|KiB|MiB|GiB|TiB)?$`)

// goBytes is a value of GOMEMLIMIT as the runtime takes it (runtime, parseByteCount); 0 for off.
func goBytes(value string) (int64, bool) {
	if value == "off" || value == "" {
		return 0, true
	}
	m := goSize.FindStringSubmatch(value)
	if m == nil {
		return 0, false
	}
	return artefact.ComposeBytes(m[1] + m[2])
}

var almost = lazyregexp.New(`^([0-9]+)\s*([kKmMgGtT])([iI]?[bB]?)$`)

// goSpelling is what a value must mean that Kubernetes or Docker would take: 256Mi, 256m, 256MiB.
func goSpelling(value string) (string, bool) {
	m := almost.FindStringSubmatch(value)
	if m == nil || strings.EqualFold(m[3], "b") { // 256MB: of 1000 or of 1024?
		return "", false
	}
	return m[1] + strings.ToUpper(m[2]) + "iB", true
}

func mebibytes(bytes int64) string { return fmt.Sprintf("%dMiB", bytes>>20) }

func nineTenths(bytes int64) string {
	if n := bytes / 10 * 9; n >= 1<<20 {
		return mebibytes(n)
	}
	return fmt.Sprint(bytes / 10 * 9)
}
