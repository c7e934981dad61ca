package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gindoctor/gindoctor/internal/shellword"
	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/mask"
)

// Command is what is started on a stage.
type Command struct {
	Args    []string
	Dir     string   // absolute; the root of the copy if empty
	Environ []string // NAME=value; that of the stage if nil
	// Files are inherited beside the standard three, the first as descriptor 5: those before it are the guard's.
	Files []*os.File
}

// String is the command as one would type it, paths relative to where it is started.
func (c Command) String() string {
	if len(c.Args) == 3 && c.Args[0] == "/bin/sh" && c.Args[1] == "-c" {
		return c.Args[2]
	}
	words := slices.Clone(c.Args)
	if rel, err := filepath.Rel(c.Dir, words[0]); err == nil && filepath.IsAbs(words[0]) && !strings.HasPrefix(rel, "..") {
		words[0] = "./" + filepath.ToSlash(rel)
	}
	return shellword.Join(words)
}

// Process is a program that was started on a stage, and all that it starts. It is safe for concurrent use.
type Process struct {
	PID     int // of the program itself
	Started time.Time
	Output  *Output

	guard  *exec.Cmd
	orders *json.Encoder
	pipe   io.Closer // of the orders
	// tidings are what the guard tells.
	tidings io.ReadCloser
	mu      sync.Mutex    // of the orders
	exited  chan struct{} // closed when the program has ended
	gone    chan struct{} // closed when all of it has ended
	exit    Exit
	host    host.Host
}

// launch has a guard stand ready for a command: begin starts it. Its two streams are read together.
func launch(h host.Host, self, lock string, c Command, out *Output) (*Process, error) {
	said, saying, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer saying.Close()
	ordersR, ordersW, err := os.Pipe()
	if err != nil {
		said.Close()
		return nil, err
	}
	defer ordersR.Close()
	tidingsR, tidingsW, err := os.Pipe()
	if err != nil {
		said.Close()
		ordersW.Close()
		return nil, err
	}
	defer tidingsW.Close()
	cmd := exec.Command(self, append([]string{guardWord, lock}, c.Args...)...)
	cmd.Dir, cmd.Env = c.Dir, append(slices.Clone(c.Environ), marker+"="+filepath.Dir(lock))
	cmd.Stdout, cmd.Stderr = saying, saying
	cmd.ExtraFiles = append([]*os.File{ordersR, tidingsW}, c.Files...)
	cmd.SysProcAttr = ownSession()
	p := &Process{Output: out, guard: cmd, orders: json.NewEncoder(ordersW), pipe: ordersW, tidings: tidingsR, host: h, exited: make(chan struct{}), gone: make(chan struct{})}
	if err := cmd.Start(); err != nil {
		said.Close()
		ordersW.Close()
		tidingsR.Close()
		return nil, err
	}
	go out.read(said)
	return p, nil
}

// begin starts the command.
func (p *Process) begin(ctx context.Context) error {
	p.order(order{Start: true})
	return p.hear(ctx, p.tidings)
}

// dismiss lets a guard go that was not needed.
func (p *Process) dismiss() {
	p.pipe.Close()
	p.tidings.Close()
	_ = p.guard.Wait() // how a guard ends says nothing
}

// startTime is how long a guard may take until the program runs.
const startTime = 30 * time.Second

// hear waits until the program has been started, and then goes on to listen to its guard.
func (p *Process) hear(ctx context.Context, r io.ReadCloser) error {
	tidings := make(chan tiding)
	go func() {
		defer close(tidings)
		defer r.Close()
		for d := json.NewDecoder(r); ; {
			var t tiding
			if d.Decode(&t) != nil {
				return
			}
			tidings <- t
		}
	}()
	select {
	case t, ok := <-tidings:
		if !ok || t.Started == 0 {
			p.abandon(tidings)
			return errors.New(strings.TrimPrefix(t.Failed, "exec: "))
		}
		p.PID, p.Started = t.Started, time.Now()
	case <-ctx.Done():
		p.abandon(tidings)
		return ctx.Err()
	case <-time.After(startTime):
		p.abandon(tidings)
		return fmt.Errorf("it could not be started within %s", startTime)
	}
	go p.follow(tidings)
	return nil
}

// follow keeps what the guard tells until it ends.
func (p *Process) follow(tidings <-chan tiding) {
	ended := false
	end := func(e Exit) {
		if !ended {
			ended = true
			e.At = time.Now()
			p.exit = e
			close(p.exited)
		}
	}
	for t := range tidings {
		if t.Exited != nil {
			end(*t.Exited)
		}
	}
	end(Exit{Code: -1, Signal: "SIGKILL"}) // the guard was killed, and the program with it
	p.release()
	close(p.gone)
}

// abandon lets go of a guard that is not followed.
func (p *Process) abandon(tidings <-chan tiding) {
	go func() {
		for range tidings {
		}
	}()
	p.release()
}

// release lets the guard go, which ends all that it has started.
func (p *Process) release() {
	p.pipe.Close()
	_ = p.guard.Wait() // how a guard ends says nothing
}

// order tells the guard; one that has ended has nothing more to do.
func (p *Process) order(o order) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.orders.Encode(o)
}

// Signal sends a signal ("SIGTERM") to the program itself. Its pid cannot be another's by then: its parent has not let go of it.
func (p *Process) Signal(name string) { p.order(order{Signal: name}) }

// SignalGroup sends a signal to the program and to all of its process group, as the terminal does at Ctrl-C.
func (p *Process) SignalGroup(name string) { p.order(order{Signal: name, Group: true}) }

// Exited is closed when the program has ended; what it has started may live on.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Exit is how it ended; only after Exited.
func (p *Process) Exit() Exit { return p.exit }

// Gone is closed when nothing lives any more that it has started.
func (p *Process) Gone() <-chan struct{} { return p.gone }

// Family lists the program, as long as it lives, and all that it has started and that lives.
func (p *Process) Family(ctx context.Context) ([]host.Process, error) {
	table, err := p.host.Processes(ctx)
	if err != nil {
		return nil, fmt.Errorf("the processes cannot be seen: %w", err)
	}
	return slices.DeleteFunc(table.Descendants(p.guard.Process.Pid), func(q host.Process) bool { return q.State == "Z" }), nil
}

// Listeners lists the listening sockets of the family.
func (p *Process) Listeners(ctx context.Context) ([]host.Listener, error) {
	family, err := p.Family(ctx)
	if err != nil {
		return nil, err
	}
	sockets, err := p.host.Listeners(ctx)
	if err != nil {
		return nil, fmt.Errorf("the listening sockets cannot be seen: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(sockets.Listeners), func(l host.Listener) bool {
		return !slices.ContainsFunc(family, func(q host.Process) bool { return slices.Contains(l.Holders, q.PID) })
	}), nil
}

// End ends all of it: SIGTERM, and SIGKILL two seconds later to what is left. It returns when nothing lives any more.
func (p *Process) End(ctx context.Context) error {
	p.order(order{End: true})
	select {
	case <-p.gone:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// finished looks whether all of it has ended; err is what ending it gave.
func (p *Process) finished(ctx context.Context, err error) error {
	left, seen := p.left(ctx)
	switch {
	case len(left) > 0:
		return fmt.Errorf("still running: %s", strings.Join(left, ", "))
	case err != nil && !seen:
		return fmt.Errorf("process %d did not end, for all that can be seen: %w", p.PID, err)
	}
	return nil
}

// left names what lives of the program: what is below its guard, and what is in its process group. seen is false where the processes
// cannot be seen.
func (p *Process) left(ctx context.Context) (names []string, seen bool) {
	table, err := p.host.Processes(context.WithoutCancel(ctx))
	if err != nil {
		return nil, false
	}
	for _, q := range table.ByPID {
		ours := q.PGID == p.PID || slices.ContainsFunc(table.Ancestors(q), func(a host.Process) bool { return a.PID == p.guard.Process.Pid })
		if ours && q.State != "Z" && !q.Started.Before(p.Started.Add(-time.Second)) {
			names = append(names, fmt.Sprintf("process %d, %s", q.PID, strings.Join(mask.Args(q.Args), " ")))
		}
	}
	slices.Sort(names)
	return names, true
}
