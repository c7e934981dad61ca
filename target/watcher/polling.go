package watcher

import (
	"slices"
	"strings"
)

// Poll is the change of a command line by which a tool polls; nil where it polls by its configuration, or the command is not
// written in a file of the project. wgo takes flags for `run` behind that word.
func (s *Setup) Poll() []Change {
	several := slices.ContainsFunc(s.Words, func(w Word) bool { return w.Text == "::" })
	if !strings.HasPrefix(s.Events.PollFlag, "-") || several {
		return nil
	}
	at := 0
	if s.Tool.Name == "wgo" && len(s.Words) > 0 && s.Words[0].Text == "run" {
		at = 1
	}
	return s.putIn(at, strings.Fields(s.Events.PollFlag)...)
}
