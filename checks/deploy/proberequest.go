package deploy

import (
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gindoctor/gindoctor/target/artefact"
	"github.com/gindoctor/gindoctor/target/project"
)

// request is one HTTP request that a probe makes.
type request struct {
	tool   string // "curl", "wget"; "" for the kubelet
	method string
	// spider says that wget is asked for the headers only: which method it takes for that depends on whose wget it is.
	spider bool
	url    string // as written
	host   string
	port   int
	path   string
	// fails says that the probe fails where the answer is no success.
	fails bool
	// at is the text that holds the request.
	at artefact.Text
}

// probeRequest is the request that a probe's command makes; false where it makes none, several, or one that cannot be read. shell
// says that a shell is needed for it.
func probeRequest(e *artefact.Exec) (r request, shell, ok bool) {
	if e == nil {
		return request{}, false, false
	}
	commands, at := e.Commands, e.Line
	shell = e.Shell
	if !e.Shell {
		words := make([]string, len(e.Words))
		for i, w := range e.Words {
			if words[i] = w.Value; !w.Known() {
				words[i] = ""
			}
		}
		if len(words) > 2 && slices.Contains([]string{"sh", "bash", "ash"}, path.Base(words[0])) && words[1] == "-c" {
			at, shell = e.Words[2], true
			commands = artefact.ShellLine(at).Commands
		} else if len(words) > 0 {
			commands = []project.Command{{Words: words}}
			at = wholeOf(e)
		}
	}
	if strings.Contains(at.Value, "|| true") || strings.Contains(at.Value, "|| exit 0") || strings.Contains(at.Value, "|| :") {
		return request{}, shell, false
	}
	for _, c := range commands {
		var one request
		var good bool
		switch path.Base(c.Name()) {
		case "curl":
			one, good = curl(c.Words[1:])
		case "wget":
			one, good = wget(c.Words[1:])
		default:
			continue
		}
		if ok || !good {
			return request{}, shell, false
		}
		r, ok = one, true
	}
	r.at = at
	if strings.Contains(at.Value, "|") && !strings.Contains(at.Value, "||") || strings.Contains(strings.ReplaceAll(at.Value, "||", ""), "|") {
		r.fails = false // what stands behind the pipe decides
	}
	return r, shell, ok
}

// wholeOf is a list of words as one text, for messages; it stands at the first of them.
func wholeOf(e *artefact.Exec) artefact.Text {
	var words []string
	for _, w := range e.Words {
		words = append(words, w.Value)
	}
	t := artefact.Text{Value: strings.Join(words, " "), Span: e.Span}
	if len(e.Words) > 0 && !e.Words[0].IsZero() {
		first, last := e.Words[0].Span, e.Words[len(e.Words)-1].Span
		t.Span = artefact.Span{Line: first.Line, Column: first.Column, EndLine: last.EndLine, EndColumn: last.EndColumn}
	}
	return t
}

const (
	curlValues     = "AbcCdDeEFhHKmoPQrtTuUwxXyYz"
	curlLongValues = " --output --write-out --request --header --max-time --connect-timeout --retry --retry-delay --retry-max-time --user-agent --user --data --data-raw --cacert --cert --key --resolve --interface --proxy --unix-socket --url "
	wgetValues     = "oaeOtTUPiBlQwAR"
	wgetLongValues = " --output-document --output-file --tries --timeout --connect-timeout --read-timeout --user-agent --header --method --post-data --wait --waitretry --user --password --directory-prefix "
)

// curl reads the words behind curl.
func curl(words []string) (request, bool) {
	r := request{tool: "curl", method: "GET"}
	explicit := ""
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case w == "":
			return r, false
		case strings.HasPrefix(w, "--"):
			name, value, joined := strings.Cut(w, "=")
			if !joined && strings.Contains(curlLongValues, " "+name+" ") && i+1 < len(words) {
				i++
				value = words[i]
			}
			switch name {
			case "--head":
				r.method = "HEAD"
			case "--fail", "--fail-with-body":
				r.fails = true
			case "--request":
				explicit = value
			case "--data", "--data-raw":
				r.method = "POST"
			case "--url":
				r.url = value
			case "--unix-socket", "--resolve", "--proxy":
				return r, false
			}
		case strings.HasPrefix(w, "-") && len(w) > 1:
			for j := 1; j < len(w); j++ {
				switch w[j] {
				case 'I':
					r.method = "HEAD"
				case 'f':
					r.fails = true
				case 'd', 'F':
					r.method = "POST"
				case 'x', 'K':
					return r, false
				}
				if strings.IndexByte(curlValues, w[j]) >= 0 {
					value := w[j+1:]
					if value == "" && i+1 < len(words) {
						i++
						value = words[i]
					}
					if w[j] == 'X' {
						explicit = value
					}
					break
				}
			}
		case r.url != "":
			return r, false // several
		default:
			r.url = w
		}
	}
	if explicit != "" {
		r.method = explicit
	}
	return r, r.place()
}

// wget reads the words behind wget.
func wget(words []string) (request, bool) {
	r := request{tool: "wget", method: "GET", fails: true}
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case w == "":
			return r, false
		case strings.HasPrefix(w, "--"):
			name, value, joined := strings.Cut(w, "=")
			if !joined && strings.Contains(wgetLongValues, " "+name+" ") && i+1 < len(words) {
				i++
				value = words[i]
			}
			switch name {
			case "--spider":
				r.spider = true
			case "--method":
				r.method = strings.ToUpper(value)
			case "--post-data":
				r.method = "POST"
			case "--content-on-error":
				return r, false
			}
		case strings.HasPrefix(w, "-n") && len(w) == 3: // -nv, -nc, ...
		case strings.HasPrefix(w, "-") && len(w) > 1:
			for j := 1; j < len(w); j++ {
				if strings.IndexByte(wgetValues, w[j]) >= 0 {
					if j+1 == len(w) {
						i++
					}
					break
				}
			}
		case r.url != "":
			return r, false
		default:
			r.url = w
		}
	}
	return r, r.place()
}

// place takes the URL apart.
func (r *request) place() bool {
	text := r.url
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	r.host, r.path, r.port = u.Hostname(), u.Path, 80
	if u.Scheme == "https" {
		r.port = 443
	}
	if p := u.Port(); p != "" {
		r.port, err = strconv.Atoi(p)
	}
	if r.path == "" {
		r.path = "/"
	}
	return err == nil
}
