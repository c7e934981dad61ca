package fixes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target/server"
)

// Refusal is why a holder is not stopped, and what to type instead.
type Refusal struct {
	PID      int    // 0 where the process may not be seen
	Reason   string // a sentence
	Command  string // what to type; empty where nobody can say
	Or       string // what to type to have it done by us after all
	Rule     string // a stable word for scripts
	liftable bool
}

// refuse gives the reason why a holder is not stopped, or nil. A liftable one goes away with a flag; another never does.
func refuse(h server.Holder, o PlanOptions) (r *Refusal, liftable bool) {
	if r := forbidden(h, o); r != nil {
		r.PID = h.Process.PID
		return r, false
	}
	if r := withoutConsent(h, o); r != nil {
		r.PID, r.liftable = h.Process.PID, true
		return r, true
	}
	return nil, true
}

// forbidden are the processes that no flag makes us stop.
func forbidden(h server.Holder, o PlanOptions) *Refusal {
	m := h.Manager
	switch {
	case !h.Known:
		return unseen(h, o)
	case m.Kind == server.Systemd:
		return &Refusal{Rule: "managed", Reason: fmt.Sprintf("systemd runs it as %s; killed behind its back, it comes back or counts as a crash.", printable(fallback(m.Name, "a unit"))),
			Command: fallback(m.StopCommand, fmt.Sprintf("systemctl status %d", h.Process.PID))}
	case h.Process.PID <= 1:
		return &Refusal{Rule: "pid 1", Reason: "It is pid 1: everything else here ends with it.", Command: m.StopCommand}
	case h.Process.PID == o.Self || isAncestor(h.Process.PID, o):
		return &Refusal{Rule: "own ancestor", Reason: "It is one of the processes that gindoctor itself was started from.",
			Command: m.StopCommand}
	case h.InContainer || m.Kind == server.Container:
		return &Refusal{Rule: "container", Reason: "It belongs to a container; the engine that runs the container has to stop it.",
			Command: fallback(m.StopCommand, listContainers(o))}
	case m.Kind != server.None && m.Kind != server.GoRun && m.Kind != server.PortForward && !stopsManager(m):
		return &Refusal{Rule: "managed", Reason: fmt.Sprintf("It is run by %s, which would start it again or stop others with it.", managerName(m)),
			Command: m.StopCommand}
	case stopsManager(m) && (m.Process.PID <= 1 || m.Process.PID == o.Self || isAncestor(m.Process.PID, o)):
		return &Refusal{Rule: "own ancestor", Reason: fmt.Sprintf("It is run by %s, which gindoctor itself was started from.", managerName(m)),
			Command: m.StopCommand}
	case otherUser(h, o) && o.UID != 0:
		return &Refusal{Rule: "other user", Reason: fmt.Sprintf("It belongs to %s, whose processes you may not stop.", userName(h, o)),
			Command: "sudo " + command(o, "--force")}
	}
	return nil
}

func listContainers(o PlanOptions) string {
	if o.Port == 0 {
		return "docker ps"
	}
	return fmt.Sprintf("docker ps --filter publish=%d", o.Port)
}

// unseen is the refusal of a socket whose process does not show.
func unseen(h server.Holder, o PlanOptions) *Refusal {
	if o.UID == 0 {
		return &Refusal{Rule: "unknown", Reason: "No process of this host shows that socket: the kernel itself (a network filesystem, say) or a sandbox holds it."}
	}
	return &Refusal{Rule: "unknown", Reason: fmt.Sprintf("It belongs to %s, and you may not look at it. Run this again with sudo.", userName(h, o)),
		Command: "sudo " + command(o)}
}

// withoutConsent are the processes that are stopped only if somebody says so: --yes or a yes on the terminal will do for an
// evident leftover of this project; all else takes a yes on the terminal or --force, and another user's --force.
func withoutConsent(h server.Holder, o PlanOptions) *Refusal {
	asked := o.Yes || o.Terminal
	flags := []string{"--yes", "--force"}
	if o.Terminal && !o.Yes {
		flags = flags[1:]
	}
	switch {
	case otherUser(h, o) && !o.Force:
		return &Refusal{Rule: "other user", Reason: fmt.Sprintf("It belongs to %s, not to you.", userName(h, o)),
			Command: h.Manager.StopCommand, Or: command(o, flags...)}
	case !evident(h) && !o.Force && (o.Yes || !o.Terminal):
		return &Refusal{Rule: "not evident", Reason: whyNotEvident(h, o), Command: h.Manager.StopCommand, Or: command(o, flags...)}
	case !asked && o.Force:
		return &Refusal{Rule: "nobody to ask", Reason: nobodyToAsk, Or: command(o, flags...)}
	case !asked:
		return &Refusal{Rule: "nobody to ask", Reason: nobodyToAsk, Or: command(o, "--yes")}
	}
	return nil
}

const nobodyToAsk = "There is no terminal to ask on, and --yes was not given."

// evident tells whether a holder is evidently a leftover of this project. What the facts say is checked once more: all
// that follows from a yes rests on it.
func evident(h server.Holder) bool {
	return h.Leftover && h.Relation == server.Ours && h.Manager.Kind == server.None && h.Terminal == "" && !h.Inherited
}

// whyNotEvident says, in a sentence, what a holder is if not a leftover of this project.
func whyNotEvident(h server.Holder, o PlanOptions) string {
	m := h.Manager
	switch {
	case m.Kind == server.PortForward:
		return "It forwards the port to somewhere else."
	case h.Inherited:
		return "It inherited the socket from the process that started it; whether it is still of use does not show."
	case m.Kind != server.None && h.Relation == server.Ours:
		return fmt.Sprintf("It is at work: %s runs it.", managerName(m))
	case m.Kind != server.None:
		return fmt.Sprintf("It is none of this project's, and %s runs it.", managerName(m))
	case h.Relation == server.Ours && h.Terminal != "":
		return fmt.Sprintf("It is this project's, at work in a terminal (%s).", printable(h.Terminal))
	case h.Relation == server.Ours:
		return "It is this project's, but nothing shows that it is left over."
	case !o.Project:
		return "This folder is no project, so nothing shows that it is a leftover of yours."
	}
	return "It is none of this project's."
}

func otherUser(h server.Holder, o PlanOptions) bool {
	if o.UID < 0 {
		return false
	}
	return h.Process.UID != o.UID || stopsManager(h.Manager) && h.Manager.Process.UID != o.UID
}

func isAncestor(pid int, o PlanOptions) bool {
	for _, p := range o.Ancestors {
		if p.PID == pid {
			return true
		}
	}
	return false
}

// command is our own command line with flags, for the user to type.
func command(o PlanOptions, flags ...string) string {
	words := []string{"gindoctor fix"}
	if o.Dir != "" && o.Dir != "." {
		words = append(words, shellWord(o.Dir))
	}
	words = append(words, "--port", fmt.Sprint(o.Port))
	return strings.Join(slices.Concat(words, flags), " ")
}

func managerName(m server.Manager) string {
	name := printable(fallback(m.Name, string(m.Kind)))
	if m.Process == nil {
		return name
	}
	return fmt.Sprintf("%s (pid %d)", name, m.Process.PID)
}

// userName names the user of a holder, or of its manager where the holder is ours.
func userName(h server.Holder, o PlanOptions) string {
	p := h.Process
	if p.UID == o.UID && h.Manager.Process != nil {
		p = *h.Manager.Process
	}
	if p.User == "" || p.User == fmt.Sprint(p.UID) {
		return fmt.Sprintf("user %d", p.UID)
	}
	return fmt.Sprintf("user %s (uid %d)", printable(p.User), p.UID)
}

func fallback(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
