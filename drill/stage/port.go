package stage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/listen"
	"github.com/gindoctor/gindoctor/target/mask"
	"github.com/gindoctor/gindoctor/target/project"
)

// tries is how often another port is chosen where one is taken meanwhile.
const tries = 5

// givePorts gives a free port to each address that the server listens on: by a variable, a flag or a line of a configuration file in
// the copy, as its code reads it. One that stands in the code stays, and must be free.
func (s *Stage) givePorts(ctx context.Context) error {
	if err := s.open(0); err != nil {
		return err
	}
	s.Port, s.others, s.Flags, s.variables, s.unsure = 0, nil, nil, nil, false
	s.Notes = slices.DeleteFunc(s.Notes, func(m checks.Message) bool { return slices.Contains(s.ofPorts, m.String()) })
	before := len(s.Notes)
	defer func() {
		s.ofPorts = nil
		for _, m := range s.Notes[before:] {
			s.ofPorts = append(s.ofPorts, m.String())
		}
	}()
	all, err := s.addresses(ctx)
	if err != nil {
		return err
	}
	known := len(s.given)
	for i, a := range all {
		if a, err = s.again(ctx, a); err != nil {
			return err
		}
		if slices.Contains(s.given[known:], a.Port) { // what gave another address its port gives this one its own
			if i == 0 {
				s.Port = a.Port
			}
			continue
		}
		port, err := s.givePort(ctx, a)
		switch {
		case err != nil:
			return err
		case i == 0: // 0 where that is not known
			s.Port = port
		case rank(a) == rank(all[0]):
			s.others = append(s.others, port)
		}
	}
	if s.Port == 0 {
		if err := s.guessPort(ctx); err != nil {
			return err
		}
	}
	return s.open(s.Port)
}

// again is an address as it is after others have been given their ports.
func (s *Stage) again(ctx context.Context, a listen.Address) (listen.Address, error) {
	all, err := s.Target.ListensWith(ctx, s.Environ...)
	if err != nil {
		return a, err
	}
	if i := slices.IndexFunc(all, func(b listen.Address) bool { return b.Call == a.Call && b.Main == a.Main && b.Expr == a.Expr }); i >= 0 {
		return all[i], nil
	}
	return a, nil
}

// addresses are those that the server listens on, the one that it is there for first.
func (s *Stage) addresses(ctx context.Context) ([]listen.Address, error) {
	p, err := pick(ctx, s.Target, s.asked)
	if err != nil {
		return nil, err
	}
	all, err := s.Target.ListensWith(ctx, s.Environ...)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(a listen.Address) bool { return a.Main != p.Package.Dir })
	slices.SortStableFunc(all, func(a, b listen.Address) int { return rank(a) - rank(b) })
	return all, nil
}

// rank is lowest for the address that a server is there for.
func rank(a listen.Address) int {
	r := 0
	for i, worse := range []bool{a.Conditional, !a.Gin, a.Secondary} {
		if worse {
			r += 1 << i
		}
	}
	return r
}

// guessPort chooses a port for a server of which the code does not say how it gets one: most take PORT. What it really listens on is
// seen when it runs.
func (s *Stage) guessPort(ctx context.Context) error {
	port, err := s.freePort(ctx)
	if err != nil {
		return err
	}
	s.Port, s.unsure = port, true
	s.Environ, s.variables = with(s.Environ, "PORT", strconv.Itoa(port)), append(s.variables, "PORT")
	s.Note("the code does not say where the server listens: it gets PORT=%d, and what it opens is taken", port)
	return nil
}

// givePort gives one address a port and returns it.
func (s *Stage) givePort(ctx context.Context, a listen.Address) (int, error) {
	if a.Certainty == listen.Literal {
		return a.Port, s.keepPort(ctx, a)
	}
	port, err := s.freePort(ctx)
	if err != nil {
		return 0, err
	}
	if a.Certainty == listen.Unresolved || a.Port == 0 {
		return s.findVariable(ctx, a, port)
	}
	if name, ok := strings.CutPrefix(a.Name, "-"); ok {
		return s.giveFlag(ctx, a, strings.TrimPrefix(name, "-"), port)
	}
	if ok, err := s.giveVariable(ctx, a, port); ok || err != nil {
		return port, err
	}
	if ok, err := s.giveFile(ctx, a, port); ok || err != nil {
		return port, err
	}
	return a.Port, s.keepPort(ctx, a)
}

// keepPort leaves an address the port that it has, which nobody else may hold then.
func (s *Stage) keepPort(ctx context.Context, a listen.Address) error {
	if a.Conditional || s.host.Bind(ctx, a.String()) == nil {
		s.Note("port %d stands in the code (%s): the copy has the same", a.Port, placeOf(a.At))
		return nil
	}
	return &Refused{fmt.Sprintf("port %d stands in the code (%s), and %s: end it first, gindoctor fix --port %d", a.Port, placeOf(a.At), s.holder(ctx, a.Port), a.Port)}
}

// holder says in words who has a port.
func (s *Stage) holder(ctx context.Context, port int) string {
	holders, err := s.Target.Holders(ctx, port)
	switch {
	case err != nil || len(holders) == 0:
		return "it is not free"
	case !holders[0].Known:
		return "a process of user " + holders[0].Process.User + " holds it"
	}
	return fmt.Sprintf("process %d, %s, holds it", holders[0].Process.PID, strings.Join(mask.Args(holders[0].Process.Args), " "))
}

func placeOf(p listen.Place) string {
	if p.File == "" {
		return "as its default"
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// giveVariable sets the variable that decides, in the form in which the code takes it. It is false where there is none, or where it
// does not decide after all: a file has the last word.
func (s *Stage) giveVariable(ctx context.Context, a listen.Address, port int) (bool, error) {
	if a.Name == "" || strings.ContainsAny(a.Name, ".-= ") {
		return false, nil
	}
	for _, form := range []string{"%d", ":%d", host4(a.Host) + ":%d"} {
		value := fmt.Sprintf(form, port)
		environ := with(s.Environ, a.Name, value)
		all, err := s.Target.ListensWith(ctx, environ...)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(all, func(b listen.Address) bool { return b.Call == a.Call && b.Main == a.Main && b.Port == port }) {
			s.Environ, s.variables = environ, append(s.variables, a.Name)
			s.Note("%s=%s gives the server its port in the copy", a.Name, value)
			return true, s.commandLines(ctx, lazyregexp.New(`\b`+regexp.QuoteMeta(a.Name)+`=["']?[^\s"']*?\b(\d{2,5})\b`), port)
		}
	}
	return false, nil
}

// telling are words in the names of variables that give an address.
var telling = lazyregexp.New(`(?i)PORT|ADDR|LISTEN|BIND|HOST`)

// findVariable tries the variables that the programs read and that sound like it where the code does not say which one decides while
// none is set. It returns 0 where none does.
func (s *Stage) findVariable(ctx context.Context, a listen.Address, port int) (int, error) {
	names := []string{a.Name}
	imports, err := s.Target.Imports(ctx)
	if err != nil {
		return 0, err
	}
	for _, im := range imports {
		facts, err := s.Target.EnvReads(ctx, im)
		if err != nil {
			return 0, err
		}
		if p := facts.Program(a.Main); p != nil {
			names = append(names, p.Names()...)
		}
	}
	for _, name := range names {
		if a.Name = name; telling.MatchString(name) {
			if ok, err := s.giveVariable(ctx, a, port); ok || err != nil {
				return port, err
			}
		}
	}
	return 0, nil
}

func host4(name string) string {
	if name == "" {
		return "127.0.0.1"
	}
	return name
}

// giveFlag keeps the argument that gives the port, in the form in which its default is written.
func (s *Stage) giveFlag(ctx context.Context, a listen.Address, name string, port int) (int, error) {
	for _, f := range s.Flags {
		if value, ok := strings.CutPrefix(f, "--"+name+"="); ok { // two calls listen where one flag says
			return strconv.Atoi(value[strings.LastIndexByte(value, ':')+1:])
		}
	}
	value := strconv.Itoa(port)
	if line := s.line(a.At); strings.Contains(line, ":"+strconv.Itoa(a.Port)) {
		value = a.Host + ":" + value
	}
	s.Flags = append(s.Flags, "--"+name+"="+value)
	s.Note("the argument --%s=%s gives the server its port in the copy", name, value)
	if !strings.HasPrefix(a.At.File, "..") { // what starts the program without the argument, as a watcher may, gets the port by its default
		if _, err := s.edit(a.At.File, a.At.Line, lazyregexp.New(`\b(`+strconv.Itoa(a.Port)+`)\b`), port); err != nil {
			return 0, err
		}
		if err := s.open(0); err != nil {
			return 0, err
		}
	}
	return port, s.commandLines(ctx, lazyregexp.New(`-`+regexp.QuoteMeta(name)+`(?:=|\s+|"\s*,\s*")["']?[^\s"',]*?\b(\d{2,5})\b`), port)
}

// giveFile puts the port in the place of the old one in the configuration file of the copy that decides. It is false where none does.
func (s *Stage) giveFile(ctx context.Context, a listen.Address, port int) (bool, error) {
	if a.At.File == "" || strings.HasSuffix(a.At.File, ".go") {
		return false, nil
	}
	digits := lazyregexp.New(`\b(` + strconv.Itoa(a.Port) + `)\b`)
	changed, err := s.edit(a.At.File, a.At.Line, digits, port)
	if err != nil || !changed {
		return false, err
	}
	if err := s.open(0); err != nil {
		return false, err
	}
	all, err := s.Target.ListensWith(ctx, s.Environ...)
	if err != nil {
		return false, err
	}
	if !slices.ContainsFunc(all, func(b listen.Address) bool { return b.Call == a.Call && b.Main == a.Main && b.Port == port }) {
		return false, nil
	}
	s.Note("%s in the copy gives the server port %d", placeOf(a.At), port)
	return true, nil
}

// commandLines puts the port into what watchers in the copy start, and into the scripts that they start, where that gives the port
// itself.
func (s *Stage) commandLines(ctx context.Context, given *lazyregexp.Regexp, port int) error {
	watches, err := s.Target.Watches(ctx)
	if err != nil {
		return err
	}
	scripts, err := s.Target.Scripts(ctx)
	if err != nil {
		return err
	}
	for _, w := range watches {
		files := map[string]bool{w.Place.File: true}
		if w.File != nil {
			files[w.File.Path] = true
		}
		for _, file := range startedBy(w, scripts) {
			files[file] = true
		}
		for file := range files {
			if file == "" {
				continue
			}
			if _, err := s.edit(file, 0, given, port); err != nil {
				return err
			}
		}
	}
	return nil
}

// startedBy are the files of the scripts that a watcher runs, by their names in its command lines.
func startedBy(w *target.Watch, scripts []project.Script) []string {
	var out []string
	for _, r := range w.Reactions {
		for _, line := range r.Lines() {
			for _, script := range scripts {
				if strings.Contains(line.Text, path.Base(script.File)) {
					out = append(out, script.File)
				}
			}
		}
	}
	return out
}

// line is a line of a file of the copy.
func (s *Stage) line(at listen.Place) string {
	path, err := s.Path(at.File)
	if err != nil {
		return ""
	}
	text, err := os.ReadFile(path)
	if lines := strings.Split(string(text), "\n"); err == nil && at.Line > 0 && at.Line <= len(lines) {
		return lines[at.Line-1]
	}
	return ""
}

// edit puts a port in the place of the first group of a pattern: on one line of a file of the copy, or on all where line is 0.
func (s *Stage) edit(file string, line int, given *lazyregexp.Regexp, port int) (bool, error) {
	return s.rewrite(file, func(text []byte) ([]byte, error) {
		lines := strings.SplitAfter(string(text), "\n")
		for i, l := range lines {
			if m := given.FindStringSubmatchIndex(l); m != nil && (line == 0 || i == line-1) {
				lines[i] = l[:m[2]] + strconv.Itoa(port) + l[m[3]:]
			}
		}
		return []byte(strings.Join(lines, "")), nil
	})
}

// rewrite changes the text of a file of the copy, which keeps its mode. It tells whether anything has changed.
func (s *Stage) rewrite(file string, change func([]byte) ([]byte, error)) (bool, error) {
	path, err := s.Path(file)
	if err != nil {
		return false, nil // it is shared with the project, and left as it is
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return false, err
	}
	changed, err := change(text)
	if err != nil || bytes.Equal(changed, text) {
		return false, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	if err := os.Chmod(path, info.Mode().Perm()|0o200); err != nil {
		return false, err
	}
	return true, errors.Join(os.WriteFile(path, changed, 0o600), os.Chmod(path, info.Mode().Perm()))
}

// with sets a variable of an environment.
func with(environ []string, name, value string) []string {
	out := slices.DeleteFunc(slices.Clone(environ), func(kv string) bool { return strings.HasPrefix(kv, name+"=") })
	return append(out, name+"="+value)
}

// freePort is a port that nobody has, out of those that the system does not hand out by itself: no connection that is made meanwhile
// can take it.
func (s *Stage) freePort(ctx context.Context) (int, error) {
	low, high, err := s.host.EphemeralPorts(ctx)
	if err != nil {
		low, high = 32768, 60999
	}
	first, last := 20000, low-1
	if last-first < 1000 { // nearly all are handed out by the system
		first, last = high+1, 65535
	}
	if last-first < 1000 {
		first, last = 20000, 65535
	}
	for range 100 {
		port := first + rand.IntN(last-first+1)
		if !slices.Contains(s.given, port) && s.host.Bind(ctx, fmt.Sprintf(":%d", port)) == nil {
			s.given = append(s.given, port)
			return port, nil
		}
	}
	return 0, errors.New("no free port was found")
}

// RenewPort sees to it that the port of the copy is free still, right before something that listens there is started: where another
// program has taken it, another is chosen and given.
func (s *Stage) RenewPort(ctx context.Context) error {
	for range tries {
		taken := s.Port
		if s.host.Bind(ctx, fmt.Sprintf(":%d", taken)) == nil {
			return nil
		}
		if err := s.givePorts(ctx); err != nil {
			return err
		}
		if s.Port == taken { // it stands in the code, and only one of its addresses is taken
			return nil
		}
		s.Note("port %d was taken meanwhile; the copy has %d now", taken, s.Port)
	}
	return errors.New("each port that was chosen was taken before the server was started")
}
