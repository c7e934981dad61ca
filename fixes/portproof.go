package fixes

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"syscall"
	"time"

	"github.com/gindoctor/gindoctor/target/host"
	"github.com/gindoctor/gindoctor/target/server"
)

// Inspector tells who holds a port. It looks afresh at every call: what it said before is of no use once a process has been
// stopped.
type Inspector interface {
	Holders(ctx context.Context, port int) ([]server.Holder, error)
}

// InspectorFunc is a function as an Inspector.
type InspectorFunc func(ctx context.Context, port int) ([]server.Holder, error)

// Holders implements Inspector.
func (f InspectorFunc) Holders(ctx context.Context, port int) ([]server.Holder, error) {
	return f(ctx, port)
}

// Proof says whether a port is free, and how that is known.
type Proof struct {
	Free  bool
	Bound []string // the addresses that were bound, each twice
	// Untried is why an address could not be tried, where that is not because somebody has it (no right to, no such address).
	Untried error
	// Again is the live watcher's new server of this project, which is what the port is for.
	Again *server.Holder
	// Taken are those who hold the port now; Inherited tells that it is the very socket of a process that was stopped.
	Taken     []server.Holder
	Inherited bool
	// Problem is the system's word where the port cannot be bound and nobody is seen to hold it.
	Problem error
}

// proofPause lies between the two proofs: what restarts a server does so within a second or two.
const proofPause = 2 * time.Second

// prove binds the addresses, and again after a pause, and looks who is there.
func prove(ctx context.Context, h host.Host, look Inspector, clock Clock, plan PortPlan) (Proof, error) {
	for round := range 2 {
		if round > 0 {
			if err := pause(ctx, clock, proofPause); err != nil {
				return Proof{}, err
			}
		}
		proof, err := proveOnce(ctx, h, look, plan)
		if err != nil || !proof.Free || round > 0 {
			return proof, err
		}
	}
	panic("unreachable")
}

func proveOnce(ctx context.Context, h host.Host, look Inspector, plan PortPlan) (Proof, error) {
	var proof Proof
	var inUse error
	for _, address := range plan.Addresses {
		switch err := h.Bind(ctx, address); {
		case err == nil:
			proof.Bound = append(proof.Bound, address)
		case cannotTry(err):
			proof.Untried = err
		default:
			inUse = err
		}
	}
	holders, err := look.Holders(ctx, plan.Port)
	if err != nil {
		return proof, fmt.Errorf("looking who holds port %d now: %w", plan.Port, err)
	}
	proof.Taken = slices.DeleteFunc(holders, func(h server.Holder) bool { return isAside(h, plan) })
	switch {
	case len(proof.Taken) == 0 && inUse == nil:
		proof.Free = true
	case len(proof.Taken) == 0:
		proof.Problem = inUse
	case !slices.ContainsFunc(proof.Taken, func(h server.Holder) bool { return !takenAgain(h, plan) }):
		proof.Again, proof.Taken = &proof.Taken[0], nil
	default:
		proof.Inherited = slices.ContainsFunc(proof.Taken, func(h server.Holder) bool { return inheritedFrom(h, plan) })
	}
	return proof, nil
}

// cannotTry tells whether a bind failed for a reason that says nothing about who has the port.
func cannotTry(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT)
}

// isAside tells whether a holder is one of those that the plan left alone.
func isAside(h server.Holder, plan PortPlan) bool {
	return slices.ContainsFunc(plan.Aside, func(a server.Holder) bool { return a.Process.Same(h.Process) })
}

// takenAgain tells whether a holder is this project's server under a live watcher that we did not stop: the port is in the
// right hands again.
func takenAgain(h server.Holder, plan PortPlan) bool {
	if h.Relation != server.Ours || h.Manager.Kind != server.Watcher || h.Manager.Process == nil {
		return false
	}
	return !slices.ContainsFunc(plan.Steps, func(s Step) bool {
		return s.Process.Same(*h.Manager.Process) || s.Process.Same(h.Process)
	})
}

// inheritedFrom tells whether a holder has the very socket of a process that was stopped.
func inheritedFrom(h server.Holder, plan PortPlan) bool {
	for _, l := range h.Listeners {
		for _, s := range plan.Steps {
			if l.Inode != 0 && slices.ContainsFunc(s.Sockets, func(was host.Listener) bool { return was.Inode == l.Inode }) && !s.Process.Same(h.Process) {
				return true
			}
		}
	}
	return false
}
