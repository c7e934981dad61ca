package monitor

import (
	"slices"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/verdict"
)

// Answers are the checks that a watch answers.
func Answers(all []*checks.Check) []*checks.Check {
	ids := []string{verdict.CloseWait, verdict.FDGrowth, verdict.DBConnections, verdict.Goroutines, verdict.ResponseBody}
	return slices.DeleteFunc(slices.Clone(all), func(c *checks.Check) bool { return !slices.Contains(ids, c.ID) })
}

// Outcomes tells how each of these checks ended.
func (s *State) Outcomes(selected []*checks.Check, server *Server) []checks.Outcome {
	var out []checks.Outcome
	for _, c := range selected {
		out = append(out, s.outcome(c, server))
	}
	return out
}

func (s *State) outcome(c *checks.Check, server *Server) checks.Outcome {
	o := checks.Outcome{Check: c, Status: checks.Passed, Duration: s.Series.Length()}
	for _, v := range s.Verdicts {
		if v.Check == c.ID {
			f := v.Finding(server.Subject(), server.Service)
			f.Stage = c.Stage
			o.Findings = append(o.Findings, f)
		}
	}
	switch profiles := len(s.Profiles); {
	case len(o.Findings) > 0:
		o.Status = checks.Found
	case c.ID == verdict.Goroutines && profiles > 1: // they tell, whatever else is hidden
	case c.ID == verdict.Goroutines && s.ProfileErr != nil:
		o.Status, o.Reason = checks.Unknown, checks.Msg("its goroutines could not be looked at: %s", s.ProfileErr)
	case c.ID == verdict.Goroutines && profiles == 0:
		o.Status, o.Reason = checks.Skipped, checks.Msg("it offers no profile of its goroutines, or none was named: --pprof URL")
	case s.Series.Hidden:
		o.Status, o.Reason = checks.Unknown, checks.Msg("what process %d has open is not told to this user, or by this system: run gindoctor as %s", server.Process.PID, userOf(server))
	case len(s.Series.Points) < 2:
		o.Status, o.Reason = checks.Unknown, checks.Msg("it was seen only once: the watch ended before a second sample")
	}
	return o
}

// userOf names who may see all of a process.
func userOf(server *Server) string {
	if user := server.Process.User; user != "" && user != "root" {
		return user + ", or as root"
	}
	return "root"
}
