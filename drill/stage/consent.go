package stage

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/target"
)

// consent says which databases and services the program will reach, before anything is started, and asks whether that may be.
func (s *Stage) consent(ctx context.Context) error {
	services, err := s.Target.Services(ctx)
	if err != nil {
		return err
	}
	var lines []string
	for _, one := range services {
		lines = append(lines, described(one))
	}
	slices.Sort(lines)
	lines = slices.Compact(lines)
	if len(lines) == 0 {
		return nil
	}
	for _, line := range lines {
		s.Note("the program reaches %s", line)
	}
	question := "In the copy the program reaches the same as in the project:\n  " + strings.Join(lines, "\n  ") + "\nWhat it changes there stays. Go ahead?"
	if s.options.Yes {
		s.Tell("the program reaches %s", strings.Join(lines, "; "))
		return nil
	}
	if s.options.Ask == nil {
		return &Refused{"the program would reach " + strings.Join(lines, "; ") + ". Nothing was started: --yes agrees, --env-file FILE gives it others"}
	}
	agreed, err := s.options.Ask(question)
	if err != nil {
		return err
	}
	if !agreed {
		return &Refused{"nothing was started. --env-file FILE gives the program other databases and services"}
	}
	return nil
}

// described is a service in words, without secrets.
func described(s target.Service) string {
	where := "not on this machine"
	switch {
	case s.Socket != "" || loopback(s.Host):
		where = "on this machine"
	case s.Composed:
		where = "a name that only its containers know"
	}
	by := s.Name
	if s.File != "" {
		by += " in " + s.File
	}
	kind := string(s.Kind)
	return fmt.Sprintf("%s at %s (%s; %s)", kind, s.Address(), by, where)
}

func loopback(name string) bool {
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil && addr.IsLoopback()
}
