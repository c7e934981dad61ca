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

// grammar is which flags of a tool take a value: letters, and long names between blanks.
type grammar struct{ letters, names string }

var (
	curlFlags = grammar{"AbcCdDeEFhHKmoPQrtTuUwxXyYz",
		" --output --write-out --request --header --max-time --connect-timeout --retry --retry-delay --retry-max-time --user-agent --user --data --data-raw --cacert --cert --key --resolve --interface --proxy --unix-socket --url "}
	wgetFlags = grammar{"oaeOtTUPiBlQwAR",
		" --output-document --output-file --tries --timeout --connect-timeout --read-timeout --user-agent --header --method --post-data --wait --waitretry --user --password --directory-prefix "}
)

// toolFlag is a flag, with its dashes, and the value that it was given.
type toolFlag struct{ flag, value string }

// read takes the words behind a tool apart: flags, and what is none.
func (g grammar) read(words []string) (flags []toolFlag, rest []string) {
	for i := 0; i < len(words); i++ {
		next := func() string {
			if i+1 == len(words) {
				return ""
			}
			i++
			return words[i]
		}
		switch w := words[i]; {
		case strings.HasPrefix(w, "--"):
			name, value, joined := strings.Cut(w, "=")
			if !joined && strings.Contains(g.names, " "+name+" ") {
				value = next()
			}
			flags = append(flags, toolFlag{name, value})
		case strings.HasPrefix(w, "-") && len(w) > 1:
			flags = append(flags, g.packed(w[1:], next)...)
		default:
			rest = append(rest, w)
		}
	}
	return flags, rest
}

// packed reads flags of one letter that stand in one word: the first that takes a value takes the rest of the word, or the next one.
func (g grammar) packed(letters string, next func() string) []toolFlag {
	var flags []toolFlag
	for i := range len(letters) {
		f := toolFlag{flag: "-" + letters[i:i+1]}
		if strings.IndexByte(g.letters, letters[i]) < 0 {
			flags = append(flags, f)
			continue
		}
		if f.value = letters[i+1:]; f.value == "" {
			f.value = next()
		}
		return append(flags, f)
	}
	return flags
}

// curl reads the words behind curl.
func curl(words []string) (request, bool) {
	r := request{tool: "curl", method: "GET"}
	explicit := ""
	flags, urls := curlFlags.read(words)
	for _, f := range flags {
		switch f.flag {
		case "--head", "-I":
			r.method = "HEAD"
		case "--fail", "--fail-with-body", "-f":
			r.fails = true
		case "--request", "-X":
			explicit = f.value
		case "--data", "--data-raw", "-d", "-F":
			r.method = "POST"
		case "--url":
			urls = append(urls, f.value)
		case "--unix-socket", "--resolve", "--proxy", "-x", "-K":
			return r, false
		}
	}
	if explicit != "" {
		r.method = explicit
	}
	return r, r.place(urls)
}

// wget reads the words behind wget.
func wget(words []string) (request, bool) {
	r := request{tool: "wget", method: "GET", fails: true}
	flags, urls := wgetFlags.read(words)
	for _, f := range flags {
		switch f.flag {
		case "--spider":
			r.spider = true
		case "--method":
			r.method = strings.ToUpper(f.value)
		case "--post-data":
			r.method = "POST"
		case "--content-on-error":
			return r, false
		}
	}
	return r, r.place(urls)
}

// place takes the one URL apart that is asked; one that is not known is empty.
func (r *request) place(urls []string) bool {
	if len(urls) != 1 || urls[0] == "" {
		return false
	}
	r.url = urls[0]
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
