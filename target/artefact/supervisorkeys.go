package artefact

import (
	"errors"
	"slices"
	"strings"
)

var supervisorProcess = strings.Fields(`command process_name numprocs numprocs_start priority autostart autorestart startsecs startretries exitcodes
	stopsignal stopwaitsecs stopasgroup killasgroup user redirect_stderr stdout_logfile stdout_logfile_maxbytes stdout_logfile_backups
	stdout_capture_maxbytes stdout_events_enabled stdout_syslog stderr_logfile stderr_logfile_maxbytes stderr_logfile_backups
	stderr_capture_maxbytes stderr_events_enabled stderr_syslog environment directory umask serverurl`)

// supervisorKeys are the keys that supervisor 4.2.5 asks for (supervisor, options.py): it passes over all others without a word.
var supervisorKeys = map[string][]string{
	"program":       supervisorProcess,
	"eventlistener": append([]string{"buffer_size", "events", "result_handler"}, supervisorProcess...),
	"fcgi-program":  append([]string{"socket", "socket_backlog", "socket_owner", "socket_mode"}, supervisorProcess...),
	"group":         {"programs", "priority"},
	"supervisord": strings.Fields(`nodaemon user umask directory logfile logfile_maxbytes logfile_backups loglevel pidfile identifier childlogdir minfds
		minprocs nocleanup strip_ansi silent environment`),
	"supervisorctl":    strings.Fields("serverurl username password prompt history_file"),
	"unix_http_server": strings.Fields("file chmod chown username password"),
	"inet_http_server": strings.Fields("port username password"),
	"include":          {"files"},
}

// SupervisorKeys are the keys that supervisor knows in sections of a kind; none for a kind that it leaves to others.
func SupervisorKeys(kind string) []string { return supervisorKeys[kind] }

// SupervisorKeyLivesIn is the kind of section that has a key, "" where none has.
func SupervisorKeyLivesIn(key string) string {
	for _, kind := range []string{"supervisord", "program", "eventlistener", "fcgi-program", "group", "supervisorctl"} {
		if slices.Contains(supervisorKeys[kind], key) {
			return kind
		}
	}
	return ""
}

// The ways in which supervisor refuses a value of environment=.
var (
	ErrOpenQuote = errors.New("no closing quotation")
	ErrOddPairs  = errors.New("unexpected end of key/value pairs")
)

// SupervisorPairs reads a value of environment= as supervisor does (supervisor, datatypes.py, dict_of_key_value_pairs): what it makes
// of it, and the texts that it passes over where a comma should stand.
func SupervisorPairs(value string) (pairs [][2]string, passedOver []string, err error) {
	tokens, err := shlexTokens(value)
	if err != nil {
		return nil, nil, err
	}
	for i := 0; i < len(tokens); i += 4 {
		if i+2 >= len(tokens) || tokens[i+1] != "=" {
			return nil, nil, ErrOddPairs
		}
		pairs = append(pairs, [2]string{tokens[i], strings.Trim(tokens[i+2], `'"`)})
		if i+3 < len(tokens) && tokens[i+3] != "," {
			passedOver = append(passedOver, tokens[i+3])
		}
	}
	return pairs, passedOver, nil
}

// shlexTokens splits a text as Python's shlex.shlex does, not POSIX, with the characters that supervisor adds to words.
func shlexTokens(text string) ([]string, error) {
	const blanks = " \t\r\n"
	word := func(c byte) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_/.+-():", c) >= 0
	}
	var out []string
	for at := 0; at < len(text); {
		c := text[at]
		switch {
		case strings.IndexByte(blanks, c) >= 0:
			at++
		case c == '#':
			at = lineEnd(text, at)
		case c == '"' || c == '\'':
			end := strings.IndexByte(text[at+1:], c)
			if end < 0 {
				return nil, ErrOpenQuote
			}
			out = append(out, text[at:at+end+2])
			at += end + 2
		case word(c):
			var b strings.Builder
			for at < len(text) && (word(text[at]) || text[at] == '"' || text[at] == '\'' || text[at] == '#') {
				if text[at] == '#' {
					at = lineEnd(text, at)
					continue
				}
				b.WriteByte(text[at])
				at++
			}
			out = append(out, b.String())
		default:
			out = append(out, text[at:at+1])
			at++
		}
	}
	return out, nil
}

func lineEnd(text string, from int) int {
	if i := strings.IndexByte(text[from:], '\n'); i >= 0 {
		return from + i + 1
	}
	return len(text)
}
