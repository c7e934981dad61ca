//go:build unix

package stage

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gindoctor/gindoctor/target/host"
)

// guard waits for the order to start the program, and stays until all of it has ended. lock is the file that says so to the janitor.
func guard(lock string, args []string) int {
	runtime.LockOSThread() // the program is told to die with its parent, and that is a thread
	ignoreSignals()
	for fd := range 2 {
		syscall.CloseOnExec(ordersFD + fd)
	}
	t := teller{json.NewEncoder(os.NewFile(tidingsFD, "tidings"))}
	held, err := holdLock(lock)
	if err != nil {
		t.tell(tiding{Failed: err.Error()})
		return 1
	}
	defer held.Close()
	adopt()
	told := orders(os.NewFile(ordersFD, "orders"))
	if first := <-told; !first.Start {
		return 0 // it was not needed, or we are gone
	}
	deaths := make(chan os.Signal, 1)
	signal.Notify(deaths, syscall.SIGCHLD)
	pid, err := start(args)
	if err != nil {
		t.tell(tiding{Failed: err.Error()})
		return 1
	}
	t.tell(tiding{Started: pid})
	g := &guarded{pid: pid, teller: t, gone: make(chan struct{}), deaths: deaths}
	go g.obey(told)
	g.reap()
	t.tell(tiding{Gone: true})
	return 0
}

// ignoreSignals keeps what a terminal or a supervisor sends to us from ending the guard first: it ends by orders, or for want of us.
// The signals are caught and not ignored: what is ignored would be ignored by the program too.
func ignoreSignals() {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGPIPE, syscall.SIGUSR1, syscall.SIGUSR2)
	go func() {
		for range caught {
		}
	}()
}

// start starts the program in a process group of its own.
func start(args []string) (int, error) {
	path, err := exec.LookPath(args[0])
	if err != nil {
		return 0, err
	}
	p, err := os.StartProcess(path, args, &os.ProcAttr{
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}, Env: os.Environ(), Sys: attributes(),
	})
	if err != nil {
		return 0, err
	}
	pid := p.Pid
	return pid, p.Release() // reap waits for it, and for what it leaves behind
}

// guarded is the program of a guard.
type guarded struct {
	pid int
	teller
	gone   chan struct{}    // closed when nothing is left
	deaths <-chan os.Signal // SIGCHLD
	mu     sync.Mutex
	ended  bool // the program was waited for, so that its pid may be another's
}

// reap waits for the program and for all that came to the guard with it, until there is nothing more to wait for.
func (g *guarded) reap() {
	defer close(g.gone)
	for again := time.NewTicker(time.Second); ; { // a signal that comes while another is pending is one with it
		if !g.collect() {
			return
		}
		select {
		case <-g.deaths:
		case <-again.C:
		}
	}
}

// collect waits for all that has ended. It is false where there is nothing more to wait for.
func (g *guarded) collect() bool {
	for {
		g.mu.Lock() // nobody sends a signal to a pid that is let go here
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, unix.WNOHANG, nil)
		g.ended = g.ended || pid == g.pid
		g.mu.Unlock()
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil: // ECHILD: there is nothing more
			return false
		case pid == 0: // they live
			return true
		case pid == g.pid:
			e := Exit{Code: status.ExitStatus()}
			if status.Signaled() {
				e = Exit{Code: -1, Signal: unix.SignalName(status.Signal())}
			}
			g.tell(tiding{Exited: &e})
		}
	}
}

// obey carries out orders until there are no more, and then ends everything.
func (g *guarded) obey(orders <-chan order) {
	for o := range orders {
		if o.End {
			break
		}
		if err := g.send(o.Group, unix.SignalNum(o.Signal)); err != nil {
			g.tell(tiding{Failed: o.Signal + ": " + err.Error()})
		}
	}
	g.end()
}

// send sends a signal to the program or to its group. When the program has ended its number is nobody's, and that of its group only
// belongs to it as long as one of its members lives.
func (g *guarded) send(group bool, sig unix.Signal) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case !group && g.ended:
		return unix.ESRCH
	case !group:
		return unix.Kill(g.pid, sig)
	case g.ended && !slices.ContainsFunc(descendants(), func(p host.Process) bool { return p.PGID == g.pid }):
		return unix.ESRCH
	}
	return unix.Kill(-g.pid, sig)
}

// end ends all that the guard has below it: gently, then not.
func (g *guarded) end() {
	g.signal(unix.SIGTERM)
	g.signal(unix.SIGCONT) // one that is stopped could not end
	select {
	case <-g.gone:
		return
	case <-time.After(endGrace):
	}
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) { // what is killed may just have started something
		g.signal(unix.SIGKILL)
		select {
		case <-g.gone:
			return
		case <-time.After(pause):
		}
	}
}

// signal sends a signal to all that is below the guard, whatever group it has gone to, and to each once: many take a second one as
// an order to drop everything.
func (g *guarded) signal(sig unix.Signal) {
	all := descendants()
	if len(all) == 0 { // no table of processes, perhaps
		_ = g.send(true, sig)
	}
	for _, p := range all {
		_ = unix.Kill(p.PID, sig)
	}
}

// descendants are all that this process has started and what came to it; none where the table cannot be read.
func descendants() []host.Process {
	table, err := host.Local().Processes(context.Background())
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(table.Descendants(os.Getpid()), func(p host.Process) bool { return p.State == "Z" })
}

// janitor takes the copy away when we are gone, or say so by closing the orders, and no guard is at work in it any more.
func janitor(dir string) int {
	ignoreSignals()
	_, _ = io.Copy(io.Discard, os.NewFile(ordersFD, "orders"))
	held, err := flock(lockOf(dir), unix.LOCK_EX)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 1
	}
	if err == nil {
		defer held.Close()
	}
	endMarked(dir)
	if removeAll(dir) != nil {
		return 1
	}
	return 0
}

// endMarked ends what carries the marker of a copy still, as far as its environment may be seen.
func endMarked(dir string) {
	ctx, h := context.Background(), host.Local()
	for range 40 {
		table, err := h.Processes(ctx)
		if err != nil {
			return
		}
		found := false
		for pid, p := range table.ByPID {
			if p.State == "Z" || p.UID != os.Geteuid() || pid == os.Getpid() {
				continue
			}
			if environ, err := h.Environ(ctx, pid); err == nil && environ[marker] == dir {
				found = true
				_ = unix.Kill(pid, unix.SIGKILL)
			}
		}
		if !found {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// holdLock holds the lock of a copy together with all others that use it; it ends with the file.
func holdLock(path string) (*os.File, error) { return flock(path, unix.LOCK_SH) }

// sweep removes a copy that nobody holds.
func sweep(dir string) {
	held, err := flock(lockOf(dir), unix.LOCK_EX|unix.LOCK_NB)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return // somebody does
	}
	if err == nil {
		defer held.Close()
	}
	_ = removeAll(dir) // what cannot be removed now is tried again the next time
}

func flock(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	for {
		err = unix.Flock(int(f.Fd()), how)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// removeAll removes a tree, folders in it that nobody may write to included: the go command makes such.
func removeAll(dir string) error {
	if err := os.RemoveAll(dir); err == nil {
		return nil
	}
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			_ = os.Chmod(path, 0o700)
		}
		return nil
	})
	return os.RemoveAll(dir)
}
