package limit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
)

// look is what the checks of inotify have in common.
type look struct {
	t       *target.Target
	limits  *host.Inotify
	running []*target.WatchNeed // of watchers that run
	waiting []*target.WatchNeed // of those that would be started, where none runs in the same folder
}

func lookAt(ctx context.Context, t *target.Target) (*look, error) {
	limits, err := t.Inotify(ctx)
	if errors.Is(err, host.ErrUnsupported) {
		return nil, checks.Skip("inotify is Linux's own")
	}
	if err != nil {
		return nil, err
	}
	needs, err := t.WatchNeeds(ctx)
	if err != nil {
		return nil, err
	}
	l := &look{t: t, limits: limits}
	for _, n := range needs {
		if n.Running != nil {
			l.running = append(l.running, n)
		}
	}
	where := ""
	for _, n := range needs {
		beside := slices.ContainsFunc(l.running, func(r *target.WatchNeed) bool { return r.Cwd == n.Cwd })
		file, err := t.Elsewhere(ctx, n.Watch)
		switch {
		case err != nil:
			return nil, err
		case n.Running != nil || beside:
		case file != "":
			where = file
		default:
			l.waiting = append(l.waiting, n)
		}
	}
	switch {
	case len(l.running)+len(l.waiting) > 0:
		return l, nil
	case where != "":
		return nil, checks.Skip("the watcher runs in a container (%s): docker compose exec SERVICE gindoctor check asks there", where)
	}
	return nil, checks.Skip("no watcher is used here that the system tells of changes")
}

// resource is one of the two things that inotify counts.
type resource struct {
	name   string // of the setting, behind fs.inotify.max_user_ and user.max_inotify_
	word   string // in sentences
	words  string
	least  int // that is worth setting
	need   func(*target.WatchNeed) int
	most   func(*host.Inotify) (own, system int)
	used   func(*host.Inotify) int
	holds  func(host.InotifyHolder) int
	breaks func(*target.WatchNeed) checks.Message
}

// soMany is a number of them.
func (r *resource) soMany(n int) string {
	if n == 1 {
		return "1 " + r.word
	}
	return fmt.Sprintf("%d %s", n, r.words)
}

// binding is the smaller of the two limits.
func (r *resource) binding(i *host.Inotify) int {
	own, system := r.most(i)
	return min(own, system)
}

// find reports what does not fit.
func (r *resource) find(ctx context.Context, l *look, report checks.Reporter) {
	most, used := r.binding(l.limits), r.used(l.limits)
	left := max(0, most-used)
	for _, n := range l.running {
		have := r.holds(l.limits.Holder(n.Running.Process.PID))
		if need := r.need(n); left == 0 && have > 0 && have < need {
			report(r.finding(ctx, l, n, checks.Msg("%s (pid %d) has %d of the %s that this project takes, and you may have no more than %d",
				n.Tool.Name, n.Running.Process.PID, have, r.soMany(need), most), need-have))
			return
		}
	}
	if len(l.waiting) == 0 {
		return
	}
	worst := slices.MaxFunc(l.waiting, func(a, b *target.WatchNeed) int { return cmp.Compare(r.need(a), r.need(b)) })
	need := r.need(worst)
	if need > left {
		f := r.finding(ctx, l, worst, checks.Msg("%s needs %s for this project, and you may have %d", worst.Tool.Name, r.soMany(need), most), need)
		if used > 0 {
			f.Message = checks.Msg("%s needs %s for this project, and %d of your %d are left", worst.Tool.Name, r.soMany(need), left, most)
		}
		if need <= most && used > most { // what others hold was counted wrong, so what is left is not known
			f.Severity, f.Confidence = checks.Warning, checks.Likely
		}
		report(f)
		return
	}
	r.together(ctx, l, left, report)
}

// together reports watchers that fit one by one and not side by side.
func (r *resource) together(ctx context.Context, l *look, left int, report checks.Reporter) {
	sum, largest := 0, map[string]*target.WatchNeed{} // by folder: of several ways to start one there, one is used
	for _, n := range l.waiting {
		if old := largest[n.Cwd]; old == nil || r.need(n) > r.need(old) {
			largest[n.Cwd] = n
		}
	}
	for _, n := range largest {
		sum += r.need(n)
	}
	if sum <= left {
		return
	}
	f := r.finding(ctx, l, l.waiting[0], checks.Msg("the watchers of this project need %s together, and %d of your %d are left", r.soMany(sum), left, r.binding(l.limits)), sum)
	f.Severity, f.Confidence = checks.Warning, checks.Likely
	report(f)
}

func (r *resource) finding(ctx context.Context, l *look, n *target.WatchNeed, message checks.Message, lacking int) checks.Finding {
	f := checks.Finding{
		Message: message,
		Why:     r.breaks(n),
		Subject: &checks.Subject{Kind: checks.LimitSubject, Name: r.setting(l.limits)},
		Key:     r.name,
	}
	f.Evidence = append(f.Evidence, r.told(l.limits)...)
	if r.need(n) >= n.Folders {
		for _, w := range n.Most {
			f.Evidence = append(f.Evidence, checks.Msg("%s takes %d of them", w.Dir, w.Watches))
		}
	}
	f.Evidence = append(f.Evidence, r.holders(l.limits)...)
	r.mend(ctx, l, &f, roomFor(r.used(l.limits)+lacking, r.least))
	return f
}

// told says where the limit comes from.
func (r *resource) told(i *host.Inotify) []checks.Message {
	own, system := r.most(i)
	lines := []checks.Message{checks.Msg("%s is %d", r.setting(i), min(own, system))}
	if i.Nested && own < system {
		lines = append(lines, checks.Msg("that is the limit of the user namespace that you are in (a container or a sandbox); outside it is %d", system))
	}
	return lines
}

// setting is the name of the limit that binds.
func (r *resource) setting(i *host.Inotify) string {
	if own, system := r.most(i); i.Nested && own < system {
		return "user.max_inotify_" + r.name
	}
	return "fs.inotify.max_user_" + r.name
}

// holders says who has the rest: processes of the same user, the largest first.
func (r *resource) holders(i *host.Inotify) []checks.Message {
	const shown = 4
	var lines []checks.Message
	others, rest := 0, 0
	for _, h := range i.Holders {
		switch n := r.holds(h); {
		case n == 0:
		case len(lines) < shown:
			lines = append(lines, checks.Msg("pid %d (%s) holds %d", h.PID, h.Name, n))
		default:
			others, rest = others+1, rest+n
		}
	}
	if others > 0 {
		lines = append(lines, checks.Msg("%d more processes hold %d", others, rest))
	}
	if i.Denied > 0 {
		lines = append(lines, checks.Msg("what %s of your user may hold cannot be seen from here", processes(i.Denied)))
	}
	return lines
}

func processes(n int) string {
	if n == 1 {
		return "1 process"
	}
	return fmt.Sprintf("%d processes", n)
}

// roomFor is a limit with as much room again, a power of two.
func roomFor(needed, least int) int {
	limit := least
	for limit < 2*needed {
		limit *= 2
	}
	return limit
}

// dropIn is where a setting is set for good: fs.inotify.max_user_watches in 99-inotify-watches.conf, fs.file-max in 99-file-max.conf.
func dropIn(setting string) string {
	name := setting[strings.LastIndexByte(setting, '.')+1:]
	if strings.HasPrefix(setting, "fs.inotify.") {
		name = "inotify-" + setting[strings.LastIndexByte(setting, '_')+1:]
	}
	return "/etc/sysctl.d/99-" + strings.ReplaceAll(name, "_", "-") + ".conf"
}

// setTo is how a setting of the kernel is given a value, now and for good.
func setTo(name string, value int) (now, lasting string) {
	return fmt.Sprintf("sysctl -w %s=%d", name, value), fmt.Sprintf("echo %s=%d | sudo tee %s", name, value, dropIn(name))
}

// mend tells how the limit is raised, and plans it where we may: as root of the whole system.
func (r *resource) mend(ctx context.Context, l *look, f *checks.Finding, limit int) {
	name := r.setting(l.limits)
	now, lasting := setTo(name, limit)
	switch {
	case strings.HasPrefix(name, "user."):
		f.Help = checks.Msg("in this namespace, as its root: %s (or: echo %d > /proc/sys/%s)", now, limit, strings.ReplaceAll(name, ".", "/"))
		return
	case l.limits.Nested:
		f.Help = checks.Msg("the limit belongs to the system outside of this container or sandbox and cannot be set from in here; there: sudo %s", now)
		return
	}
	f.Help = checks.Msg("sudo %s; to keep it: %s", now, lasting)
	if l.t.Host().UID() == 0 {
		_, system := r.most(l.limits)
		f.Fix = raise(ctx, l.t, name, fmt.Sprint(system), limit)
	}
}

// raise sets a setting of the kernel that is old now, and for good.
func raise(ctx context.Context, t *target.Target, name, old string, limit int) *plan.Plan {
	file, text := "/proc/sys/"+strings.ReplaceAll(name, ".", "/"), fmt.Sprintf("%s = %d", name, limit)
	p := &plan.Plan{Title: fmt.Sprintf("raise %s to %d, now and for good", name, limit), Safety: plan.Unsafe}
	p.Steps = append(p.Steps, plan.Replace(file, []byte(old), 0, len(old), fmt.Sprint(limit)))
	if s := t.SysctlSetting(ctx, name); s != nil {
		p.Steps = append(p.Steps, plan.ReplaceAt(s.File, s.Line, 1, s.Text, text))
		return p
	}
	file = dropIn(name)
	if data, err := t.Host().ReadFile(ctx, file); err == nil {
		p.Steps = append(p.Steps, plan.InsertAfterLine(file, data, strings.Count(string(data), "\n"), text))
	} else {
		p.Steps = append(p.Steps, plan.CreateFile{File: file, Content: text + "\n"})
	}
	return p
}
