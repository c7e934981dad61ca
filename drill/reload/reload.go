package reload

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/drill/account"
	"github.com/gindoctor/gindoctor/drill/load"
	"github.com/gindoctor/gindoctor/drill/stage"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/watcher/air"
)

// Options of a reload drill.
type Options struct {
	Path string // that requests ask for; "/" if empty
	// Foretold are the findings of the checks about the project: where the watcher does not even come up, they say why.
	Foretold []checks.Finding

	only     func(*edit) bool // which edits are made; nil for all
	patience time.Duration    // how long nothing may happen at the start; upTime if 0
}

// Run starts the project's watcher on a stage, saves one file after the other, and measures what comes of each. It returns what was
// measured up to the end of ctx. The error is a *stage.Refused where no reload can be tried, a *stage.Failure where the watcher never
// brought the server up and none of the foretold findings says why; the account then tells how far it came.
func Run(ctx context.Context, s *stage.Stage, o Options) (*account.Account, error) {
	if err := s.RenewPort(ctx); err != nil {
		return nil, err
	}
	if err := s.GiveProxies(ctx); err != nil {
		return nil, err
	}
	c, err := choose(ctx, s)
	if err != nil {
		return nil, err
	}
	e, err := newEditor(ctx, s, c)
	if err != nil {
		return nil, err
	}
	d := &drilling{Options: o, stage: s, chosen: c, editor: e, began: time.Now(), account: &account.Account{Drill: "reload", Command: c.command.String(), Tool: c.Tool.Name}}
	d.account.Notes = c.notes
	s.Tell("starting %s", c.command)
	p, err := s.Start(ctx, c.command)
	if err != nil {
		return nil, &stage.Failure{Stage: checks.Notice, Said: checks.Msg("%s could not be started: %s", c.Tool.Name, err)}
	}
	defer func() { _ = p.End(context.WithoutCancel(ctx)) }() // the stage ends it again, and tells
	d.view = &running{Process: p, host: s.Target.Host(), root: s.Root, tool: path.Base(filepath.ToSlash(strings.Fields(c.Tool.Command)[0])), buildIDs: map[process]string{}}
	err = d.all(ctx)
	if errors.Is(err, errEnough) || ctx.Err() != nil && len(d.account.Trials) > 0 {
		err = nil
	}
	return d.account, err
}

// errEnough ends the drill: what was seen so far tells all that can be told.
var errEnough = errors.New("enough was seen")

// drilling is one under way.
type drilling struct {
	Options
	stage   *stage.Stage
	chosen  *chosen
	editor  *editor
	view    *running
	account *account.Account
	began   time.Time

	addr    netip.AddrPort // of the server
	before  replaced
	built   time.Duration // how long the first build took
	came    time.Duration // how long the first server took from its start to its answer
	noticed time.Duration // the longest time in which a save was noticed
	home    string        // a Go file of which a save was answered by new code
	knocked time.Time     // when a request was last sent to the tool's proxy
}

// all makes one trial after the other.
func (d *drilling) all(ctx context.Context) error {
	if err := d.start(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	if err := d.rest(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	e := d.editor
	if err := d.each(ctx, slices.Concat([]*edit{e.mainLine()}, e.packageLines(), e.assets())); err != nil || ctx.Err() != nil {
		return err
	}
	if d.home == "" {
		d.note("New folders, renamed files and code that does not compile were not tried: no line in a Go file was answered by new code.")
		return nil
	}
	return d.each(ctx, d.ways())
}

// each makes edits one after the other. Where two of them came to the watcher and broke later there is nothing more to learn.
func (d *drilling) each(ctx context.Context, edits []*edit) error {
	broken := 0
	for _, e := range edits {
		if d.only != nil && !d.only(e) {
			continue
		}
		if err := d.try(ctx, e); err != nil || ctx.Err() != nil {
			return err
		}
		if last := d.account.Trials[len(d.account.Trials)-1]; last.State == account.Broken && last.Stage != checks.Notice {
			broken++
		}
		if broken == 2 {
			d.note("Nothing more was tried: two edits were noticed, and the reload broke.")
			return errEnough
		}
	}
	return nil
}

// ways are the ways to save a file of which the watcher takes notice.
func (d *drilling) ways() []*edit {
	e, home := d.editor, d.home
	var out []*edit
	if made, inside := e.newPackage(home); made != nil && d.noticedFile(e.main.Path) {
		out = append(out, made, inside)
	}
	out = append(out, e.renamed(home))
	if home != e.main.Path && d.noticedFile(e.main.Path) {
		out = append(out, e.twoSaves(home, e.main.Path))
	} else {
		for _, p := range d.chosen.packages() {
			if files := e.editable(p); len(files) > 0 && files[0].Path != home && d.noticedFile(files[0].Path) && !e.outOfReach(p.Dir) {
				out = append(out, e.twoSaves(home, files[0].Path))
				break
			}
		}
	}
	broken, mended := e.brokenAndMended(home)
	out = append(out, broken, mended)
	if d.chosen.graceful {
		out = append(out, e.underWay(home))
	}
	return out
}

// noticedFile tells whether the watcher's rules take a file.
func (d *drilling) noticedFile(file string) bool {
	decision, known := d.editor.decide(file)
	return !known || decision.Reacts()
}

func (d *drilling) note(format string, args ...any) {
	d.account.Notes = append(d.account.Notes, checks.Msg(format, args...))
}

// add puts a trial into the account.
func (d *drilling) add(t account.Trial, r *record) {
	t.Began, t.Length = account.Millis(r.began.Sub(d.began)), account.Millis(r.until.Sub(r.began))
	d.account.Trials = append(d.account.Trials, t)
}

// newRecord is one that begins with who is there now.
func (d *drilling) newRecord(ctx context.Context) (*record, error) {
	r := &record{before: d.before, watcher: d.view.PID, name: d.view.name, root: d.view.root, served: map[int]time.Time{}, marked: d.view.marked}
	err := d.view.look(ctx, r)
	r.began = time.Now()
	return r, err
}

// watch looks on until a condition is met.
func (d *drilling) watch(ctx context.Context, r *record, mark int, over func(time.Time) bool) error {
	for ctx.Err() == nil {
		began := time.Now()
		if err := d.view.look(ctx, r); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		d.ask(ctx, r)
		d.knock(ctx, r)
		r.lines = d.view.Output.Since(mark)
		if over(time.Now()) {
			return nil
		}
		select {
		case <-time.After(max(pace, 2*time.Since(began))): // a third of a processor at most
		case <-ctx.Done():
		}
	}
	return nil
}

// pace is the time between two looks: no event tells of processes and ports.
const pace = 15 * time.Millisecond

// ask sends a request to a new server that listens, until it has answered once.
func (d *drilling) ask(ctx context.Context, r *record) {
	for _, t := range r.held {
		if t.foreign || !t.to.IsZero() || t.pid == r.before.pid || !r.served[t.pid].IsZero() || !d.addr.IsValid() {
			continue
		}
		if answers(ctx, d.addr, d.path()) {
			r.served[t.pid] = time.Now()
		}
	}
}

// knock sends a request to the proxy of a tool that starts the server when somebody asks for it, as gin does without --immediate. One
// that came before the build is done would start the old code.
func (d *drilling) knock(ctx context.Context, r *record) {
	p := d.chosen.Proxy
	if p == nil || p.Sets == "" || p.Listen == 0 || time.Since(d.knocked) < knockEvery {
		return
	}
	c := measure(r, d.chosen.Tool.Name, nil)
	if c.buildEnded.IsZero() || c.buildAlive || c.failed != "" || c.pid != 0 && c.died.IsZero() || time.Since(c.buildEnded) < knockEvery {
		return
	}
	d.knocked = time.Now()
	answers(ctx, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(p.Listen)), d.path())
}

// knockEvery is the time after a build until somebody asks, and between two requests.
const knockEvery = 300 * time.Millisecond

func (d *drilling) path() string {
	if d.Path == "" {
		return "/"
	}
	return d.Path
}

// answers tells whether a server answers a request, whatever its status.
func answers(ctx context.Context, addr netip.AddrPort, path string) bool {
	bounded, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(bounded, http.MethodGet, "http://"+addr.String()+path, nil)
	if err != nil {
		return false
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return true
}

// start waits until the watcher has brought the server up.
func (d *drilling) start(ctx context.Context) error {
	r := &record{root: d.view.root, watcher: d.view.PID, served: map[int]time.Time{}, began: d.view.Started}
	var c chain
	err := d.watch(ctx, r, 0, func(now time.Time) bool {
		d.findPort(ctx, r, now)
		c = measure(r, d.chosen.Tool.Name, nil)
		idle := now.Sub(latest(c.lastAct, r.began))
		switch {
		case r.ended != nil || !c.served.IsZero() || c.builds > loopBuilds:
			return true
		case c.buildAlive:
			return now.Sub(c.buildBegan) > firstBuild
		case c.working && c.pid == 0 && c.failed == "" && d.patience == 0:
			return idle > firstWork
		}
		return idle > cmp.Or(d.patience, upTime) || c.failed != "" && idle > faultTime || (!c.died.IsZero() || c.pid == 0 && crash(r.lines) != "") && idle > faultTime
	})
	if err != nil || ctx.Err() != nil && c.served.IsZero() {
		return err
	}
	d.account.Tool = d.version(ctx)
	t := judgeStart(d.question(nil), r, c)
	d.add(t, r)
	if t.State == account.Broken {
		if len(t.Proves) == 0 {
			return &stage.Failure{Stage: t.Stage, Said: t.Said, Tail: tail(r.lines, 20)}
		}
		return errEnough
	}
	if d.came = c.served.Sub(c.started); !c.buildEnded.IsZero() {
		d.built = c.buildEnded.Sub(c.buildBegan)
	}
	d.before = replaced{pid: c.pid, buildID: c.buildID}
	for _, s := range r.seen {
		if s.PID == c.pid {
			d.view.name = path.Base(filepath.ToSlash(s.Exe))
		}
	}
	return nil
}

// The bounds of the first start.
const (
	firstBuild = 5 * time.Minute  // a build that goes on
	firstWork  = 2 * time.Minute  // something else that is done before there is a server
	upTime     = 20 * time.Second // without anything that happens
	faultTime  = 3 * time.Second  // the same, after a build or a server that failed
	loopBuilds = 4                // builds without an end
)

// findPort looks for the port of the server: the one that the stage gave it, else the one that it opens.
func (d *drilling) findPort(ctx context.Context, r *record, now time.Time) {
	if d.view.port != 0 {
		return
	}
	family, err := d.view.Family(ctx)
	if err != nil {
		return
	}
	sockets, err := d.view.Listeners(ctx)
	if err != nil {
		return
	}
	var found *host.Listener
	for i, l := range sockets {
		own := slices.ContainsFunc(family, func(p host.Process) bool { return slices.Contains(l.Holders, p.PID) && !d.view.standsBy(p) })
		if own && !l.OtherNS && (l.Port == d.stage.Port || found == nil && now.Sub(measure(r, d.chosen.Tool.Name, nil).started) > otherPort) {
			found = &sockets[i]
		}
	}
	if found == nil {
		return
	}
	addr, ok := stage.Reached(*found)
	if !ok {
		return // of this machine's own addresses only loopback ones are asked
	}
	d.view.port, d.account.Port, d.addr = found.Port, found.Port, addr
	if found.Port != d.stage.Port {
		d.note("The server was to have port %d and listens on %d.", d.stage.Port, found.Port)
	}
}

// otherPort is how long a server is given to open the port that it was to have, before another one counts.
const otherPort = 700 * time.Millisecond

// version is the tool with its version, as its executable tells it.
func (d *drilling) version(ctx context.Context) string {
	family, err := d.view.Family(ctx)
	if err != nil {
		return d.chosen.Tool.Name
	}
	for _, p := range family {
		info, err := d.view.host.BuildInfo(ctx, p.PID)
		if err != nil || !slices.ContainsFunc(d.chosen.Tool.Modules, func(m string) bool {
			return info.Main.Path == m || info.Path == m || strings.HasPrefix(info.Path, m+"/")
		}) {
			continue
		}
		v := info.Main.Version
		if d.chosen.Air != nil {
			v = string(air.OfBuild(&info.BuildInfo))
		}
		if v != "" && v != "(devel)" {
			return d.chosen.Tool.Name + " " + strings.TrimPrefix(v, "v")
		}
	}
	return d.chosen.Tool.Name
}

// rest sees whether the watcher builds though nothing is saved. Where it does so without end there is nothing more to try.
func (d *drilling) rest(ctx context.Context) error {
	d.stage.Tell("nothing is saved: does %s come to rest?", d.chosen.Tool.Name)
	r, err := d.newRecord(ctx)
	if err != nil {
		return err
	}
	var c chain
	window := d.waits(nil).settle + time.Second
	err = d.watch(ctx, r, d.view.Output.Mark(), func(now time.Time) bool {
		c = measure(r, d.chosen.Tool.Name, nil)
		return r.ended != nil || c.builds > loopBuilds || now.Sub(r.began) > restTime || !c.buildAlive && now.Sub(c.lastAct) > window
	})
	if err != nil || ctx.Err() != nil {
		return err
	}
	if c.pid != 0 && !c.served.IsZero() {
		d.before = replaced{pid: c.pid, buildID: c.buildID}
	}
	if c.builds == 0 && r.ended == nil {
		return nil
	}
	t := judgeRest(d.question(nil), r, c)
	d.add(t, r)
	if t.State == account.Broken {
		return errEnough
	}
	return nil
}

// restTime bounds the look at a watcher that does not come to rest.
const restTime = 30 * time.Second

// waits are how long things are waited for, from what is known of the watcher and what healthy ones took.
type waits struct {
	notice time.Duration // a first sign
	settle time.Duration // a second build
	build  time.Duration
	idle   time.Duration // the next link
}

func (d *drilling) waits(e *edit) waits {
	var debounce, kill time.Duration
	if r := d.chosen.reaction; r != nil {
		debounce, kill = r.Debounce, min(max(r.Stop.Kill, 0), 10*time.Second)
	}
	debounce = min(debounce+d.chosen.Events.Interval, 5*time.Second)
	w := waits{
		notice: 15 * time.Second,
		settle: min(debounce+600*time.Millisecond, 3*time.Second),
		build:  min(time.Minute+5*d.built, 3*time.Minute),
		idle:   min(6*time.Second+kill+debounce+3*d.came, 20*time.Second),
	}
	if e != nil && (e.known && !e.decision.Reacts() || e.expect == nothing) {
		w.notice = min(max(2*debounce+1500*time.Millisecond, 3*d.noticed), 10*time.Second)
	}
	return w
}

// try makes one edit and follows it.
func (d *drilling) try(ctx context.Context, e *edit) error {
	d.stage.Tell("saving %s", e.name)
	r, err := d.newRecord(ctx)
	if err != nil {
		return err
	}
	requests, err := d.load(ctx)
	if err != nil {
		return err
	}
	mark := d.view.Output.Mark()
	if e.hold && d.before.pid != 0 {
		if r.request, err = hold(ctx, d.addr, d.path()); err != nil {
			r.request = nil // the server takes no connection: nothing can be cut
		} else {
			defer func() {
				if r.request != nil {
					r.request.drop()
				}
			}()
		}
	}
	r.began = time.Now()
	if err := e.save(); err != nil {
		return fmt.Errorf("%s could not be saved: %w", e.name, err)
	}
	r.saved = time.Since(r.began)
	var c chain
	w := d.waits(e)
	err = d.watch(ctx, r, mark, func(now time.Time) bool {
		c = measure(r, d.chosen.Tool.Name, e.markers)
		d.letGo(ctx, r, c)
		return over(e, r, c, w, now)
	})
	if requests != nil {
		r.load = requests.Stop()
	}
	if err != nil || ctx.Err() != nil {
		return err
	}
	t := judge(d.question(e), r, c)
	d.learn(e, r, c, t)
	d.add(t, r)
	if r.ended != nil {
		return errEnough
	}
	return nil
}

// load is a slow steady client; nil where there is no server to ask.
func (d *drilling) load(ctx context.Context) (*load.Load, error) {
	if d.before.pid == 0 {
		return nil, nil
	}
	return load.Start(ctx, load.Options{Addr: d.addr, Path: d.path(), Every: 50 * time.Millisecond, Timeout: 2 * time.Second})
}

// letGo sends the rest of the request that is under way once the server has begun to end: it listens no more, and lives.
func (d *drilling) letGo(ctx context.Context, r *record, c chain) {
	h := r.request
	if h == nil {
		return
	}
	switch how, _ := h.end(); {
	case how == tooEarly:
		r.request = nil
	case how == cutOff && c.oldHolds && r.holds < maxHolds: // by a deadline of the server's own: it was not to end yet
		r.holds++
		if again, err := hold(ctx, d.addr, d.path()); err == nil {
			r.request = again
		}
	case !c.closed.IsZero():
		h.finish()
	}
}

// maxHolds is how often a request is begun anew.
const maxHolds = 60

// learn keeps what a trial has shown, for the next.
func (d *drilling) learn(e *edit, r *record, c chain, t account.Trial) {
	if !c.noticed.IsZero() {
		d.noticed = max(d.noticed, c.noticed.Sub(r.began))
	}
	if c.ran == freshCode && len(e.markers) > 0 {
		for _, l := range r.lines {
			d.view.marked = d.view.marked || slices.Contains(strings.Fields(l.Text), e.markers[0])
		}
	}
	if t.State != account.Broken && e.expect == newCode && len(e.markers) > 0 && d.home == "" && c.ran != oldCode && !c.served.IsZero() {
		d.home = e.file
	}
	switch {
	case c.pid != 0 && c.died.IsZero():
		d.before = replaced{pid: c.pid, buildID: c.buildID}
	case d.before.pid != 0 && !c.oldLives:
		d.before.pid = 0 // the build id stays: the next one is to have another
	}
}

// question is what a trial is judged with.
func (d *drilling) question(e *edit) question {
	return question{edit: e, chosen: d.chosen, tool: d.chosen.Tool.Name, foretold: d.Foretold, port: d.view.port, asked: d.stage.Port}
}
