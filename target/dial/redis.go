package dial

import (
	"fmt"
	"strings"
)

// redis logs in, picks the database, and pings (Redis, RESP protocol).
func (s *session) redis() *Failure {
	if s.e.Password != "" {
		args := []string{"AUTH", s.e.Password}
		if s.e.User != "" && s.e.User != "default" {
			args = []string{"AUTH", s.e.User, s.e.Password}
		}
		if failure := s.redisCommand(args...); failure != nil {
			return failure
		}
	}
	if s.e.Database != "" && s.e.Database != "0" {
		if failure := s.redisCommand("SELECT", s.e.Database); failure != nil {
			return failure
		}
	}
	return s.redisCommand("PING")
}

// redisCommand sends a command; an answer that is an error is a failure.
func (s *session) redisCommand(args ...string) *Failure {
	var out strings.Builder
	fmt.Fprintf(&out, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&out, "$%d\r\n%s\r\n", len(a), a)
	}
	if failure := s.send([]byte(out.String())); failure != nil {
		return failure
	}
	answer, failure := s.line()
	if failure != nil {
		return failure
	}
	switch {
	case strings.HasPrefix(answer, "+"):
		return nil
	case !strings.HasPrefix(answer, "-"):
		return s.stranger()
	}
	f := &Failure{Step: Handshake, Reason: line(strings.ReplaceAll(answer[1:], s.e.secret(), "***"))}
	word, _, _ := strings.Cut(f.Reason, " ")
	switch {
	case word == "WRONGPASS", word == "NOAUTH", word == "NOPERM", args[0] == "AUTH", strings.Contains(f.Reason, "invalid password"), args[0] == "SELECT":
		f.Step = Login
	case word == "LOADING", word == "MASTERDOWN", word == "BUSY":
		return nil // it accepts connections, and will answer
	}
	return f
}

// secret is what no message may hold.
func (e Endpoint) secret() string {
	if e.Password == "" {
		return "\x00"
	}
	return e.Password
}

// line reads one line, of which there may not be more than a greeting has.
func (s *session) line() (string, *Failure) {
	var out []byte
	for len(out) < 1<<16 {
		c, err := s.r.ReadByte()
		if err != nil {
			return "", failed(err)
		}
		if c == '\n' {
			return strings.TrimSuffix(string(out), "\r"), nil
		}
		out = append(out, c)
	}
	return "", s.stranger()
}
