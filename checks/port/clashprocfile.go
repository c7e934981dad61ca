package port

import (
	"path"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/listen"
	"github.com/gindoctor/gindoctor/target/project"
)

// processesOfFile judges the processes of one Procfile. What runs them on one machine gives each another PORT (foreman one hundred
// more each time), which helps none that listens on a port of its own. A platform gives each process a machine: that a project runs
// them together is certain only where it says so.
func (c *claims) processesOfFile() {
	for n, i := range c.instances() {
		if i.Process == nil {
			continue
		}
		c.asked = true
		for _, j := range c.instances()[n+1:] {
			if j.Process == nil || i.File != j.File {
				continue
			}
			if port := meetByLine(i, j); port != 0 {
				a, b := of(i), of(j)
				a.sure = c.runsAll(i.File.Path)
				c.both(a, b, port, checks.Finding{
					Message: checks.Msg("%s and %s of %s both want port %d", i.Who, j.Who, i.File.Path, port),
					Why:     checks.Msg(inUse + " What runs a Procfile on one machine gives each process another PORT, which these do not heed."),
					Help:    checks.Msg("let each listen on the port that PORT says"),
				})
				break // that one is held against the next
			}
		}
	}
}

// meetByLine is the port that two lines of a Procfile both want, 0 where there is none.
func meetByLine(a, b *target.Instance) int {
	for _, x := range heldByLine(a) {
		for _, y := range heldByLine(b) {
			if x.Overlaps(y) {
				return x.Port
			}
		}
	}
	return 0
}

// heldByLine are the addresses that a line of a Procfile certainly has its program listen on: the program's own, or by a variable that the
// line itself sets for it, which nothing else changes.
func heldByLine(i *target.Instance) []listen.Address {
	if !bare(i) {
		return nil
	}
	return slices.DeleteFunc(i.Main(), func(a listen.Address) bool { return a.HostUnknown || !i.Sure(a) && !setByLine(i, a) })
}

// bare tells whether a line gives its program no arguments.
func bare(i *target.Instance) bool {
	if !i.Argued || len(i.Process.Commands) != 1 {
		return !i.Argued
	}
	words := i.Process.Commands[0].Words
	return len(words) == 3 && words[0] == "go" && words[1] == "run"
}

func setByLine(i *target.Instance, a listen.Address) bool {
	s, ok := i.Setting(a.Name)
	return ok && a.Certainty == listen.FromEnv && i.Certain && len(i.Process.Commands) == 1 && i.Process.Commands[0].Assigned(a.Name) &&
		s.Value.Origin == artefact.Literal
}

// runsAll tells whether a script of the project runs all processes of a Procfile on its machine.
func (c *claims) runsAll(procfile string) bool {
	return slices.ContainsFunc(c.scripts(), func(s project.Script) bool {
		return slices.ContainsFunc(s.Commands, func(cmd project.Command) bool { return runs(cmd, path.Base(procfile)) })
	})
}

// runners are the tools that run a Procfile, with the words that have them do so; those of goreman, honcho and forego are foreman's.
var runners = map[string][]string{
	"foreman": {"start"}, "goreman": {"start"}, "honcho": {"start"}, "forego": {"start"}, "overmind": {"start", "s"},
}

// runs tells whether a command starts all processes of a Procfile of that name: it names none of them, and no option but the file, the
// environment and the first port.
func runs(cmd project.Command, procfile string) bool {
	words := cmd.Words
	if len(words) > 2 && words[0] == "bundle" && words[1] == "exec" {
		words = words[2:]
	}
	started := false
	file := "Procfile"
	if len(words) == 0 {
		return false
	}
	for i := 1; i < len(words); i++ {
		name, value, given := strings.Cut(words[i], "=")
		switch name {
		case "-f", "--procfile", "-e", "--env", "-p", "--port":
			if !given {
				if i++; i == len(words) {
					return false
				}
				value = words[i]
			}
			if name == "-f" || name == "--procfile" {
				file = value
			}
		default:
			if started || !slices.Contains(runners[words[0]], name) {
				return false
			}
			started = true
		}
	}
	return started && path.Base(file) == procfile
}
