//go:build oracle

package oracle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/target/engine/tree"
)

// ginVersions are the releases of gin that the route rules are compared with: the last of each minor release, and both sides of
// each turn of the rules.
var ginVersions = []struct {
	version string
	small   bool // part of the fixed sample
}{
	{"v1.12.0", true}, {"v1.11.0", false}, {"v1.10.1", false}, {"v1.10.0", false}, {"v1.9.1", false}, {"v1.8.2", false},
	{"v1.8.0", false}, {"v1.7.7", true}, {"v1.7.0", false}, {"v1.6.3", true}, {"v1.6.0", false}, {"v1.5.0", false},
	{"v1.4.0", false},
}

// routeSets is how many sets of registrations each release gets.
const routeSets = 6000

// verdict is the first registration of a set that panics, -1 where none does, and what is said.
type verdict struct {
	Call int
	Text string
}

// TestRoutes registers the same routes in the real gin and in ours.
func TestRoutes(t *testing.T) {
	sets := makeSets(rand.New(rand.NewPCG(1, 2)), routeSets)
	for _, gin := range ginVersions {
		t.Run(gin.version, func(t *testing.T) {
			if small && !gin.small {
				t.Skip("not in the fixed sample")
			}
			theirs := askGin(t, gin.version, sets)
			kinds := map[tree.Kind]int{}
			fine, wrong := 0, 0
			for i, set := range sets {
				ours, kind := judge(gin.version, set)
				if ours.Call < 0 {
					fine++
				} else {
					kinds[kind]++
				}
				if ours != theirs[i] {
					if wrong++; wrong <= 10 {
						t.Errorf("%s\ngin:  %+v\nours: %+v", describeSet(set), theirs[i], ours)
					}
				}
			}
			t.Logf("%d sets, %d without a panic, %d disagreements; panics by kind: %v", len(sets), fine, wrong, kinds)
			if fine < routeSets/10 || len(kinds) < 10 {
				t.Errorf("the sets are poor: %d fine, kinds %v", fine, kinds)
			}
		})
	}
}

func judge(version string, set []Call) (verdict, tree.Kind) {
	all := tree.New(version)
	for i, call := range set {
		for _, r := range call.Routes() {
			if p := all.Add(r); p != nil {
				return verdict{i, p.Text}, p.Kind
			}
		}
	}
	return verdict{Call: -1}, 0
}

func describeSet(set []Call) string {
	var b strings.Builder
	for i, c := range set {
		fmt.Fprintf(&b, "%3d %s %q %s %q, %d handlers\n", i, c.Group, c.Methods, c.Name, c.Given, c.Handlers)
	}
	return b.String()
}

// askGin builds a program with a release of gin and lets it register the sets.
func askGin(t *testing.T, version string, sets [][]Call) []verdict {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.org/register\n\ngo 1.24\n\nrequire github.com/gin-gonic/gin "+version+"\n")
	write(t, filepath.Join(dir, "main.go"), registrar)
	program := filepath.Join(dir, "register")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	must(t, dir, "build", "-mod=mod", "-o", program, ".")
	input, err := json.Marshal(sent(sets))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(environ(), "GIN_MODE=release")
	cmd.Stdin = bytes.NewReader(input)
	var noise bytes.Buffer
	cmd.Stderr = &noise
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, noise.String())
	}
	var answers []struct {
		Call int
		Text []byte
	}
	if err := json.Unmarshal(out, &answers); err != nil || len(answers) != len(sets) {
		t.Fatalf("%d answers to %d sets: %v", len(answers), len(sets), err)
	}
	var said []verdict
	for _, a := range answers {
		said = append(said, verdict{a.Call, string(a.Text)})
	}
	return said
}

// sent are the sets as the program reads them: JSON would not keep the bytes of text that is no UTF-8.
func sent(sets [][]Call) [][]message {
	var out [][]message
	for _, set := range sets {
		var messages []message
		for _, c := range set {
			messages = append(messages, message{c, []byte(c.Group), []byte(c.Given)})
		}
		out = append(out, messages)
	}
	return out
}

type message struct {
	Call
	Group, Given []byte
}

// registrar is the program.
const registrar = `package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"github.com/gin-gonic/gin"
)

type call struct {
	Name         string
	Group, Given []byte
	Methods      []string
	Handlers     int
}

type verdict struct {
	Call int
	Text []byte
}

func main() {
	var sets [][]call
	if err := json.NewDecoder(os.Stdin).Decode(&sets); err != nil {
		panic(err)
	}
	var out []verdict
	for _, set := range sets {
		out = append(out, register(set))
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		panic(err)
	}
}

func register(set []call) (v verdict) {
	r := gin.New()
	defer func() {
		if p := recover(); p != nil {
			v.Text = []byte(fmt.Sprint(p))
		}
	}()
	for i, c := range set {
		v.Call = i
		do(r, c)
	}
	return verdict{Call: -1}
}

func do(r *gin.Engine, c call) {
	group, given := &r.RouterGroup, string(c.Given)
	handlers := make([]gin.HandlerFunc, c.Handlers)
	for i := range handlers {
		handlers[i] = func(*gin.Context) {}
	}
	if at := string(c.Group); at != "/" {
		group = group.Group(at)
	}
	switch c.Name {
	case "GET":
		group.GET(given, handlers...)
	case "POST":
		group.POST(given, handlers...)
	case "HEAD":
		group.HEAD(given, handlers...)
	case "Any":
		group.Any(given, handlers...)
	case "Handle":
		group.Handle(c.Methods[0], given, handlers...)
	case "Match":
		if m, ok := interface{}(group).(interface {
			Match([]string, string, ...gin.HandlerFunc) gin.IRoutes
		}); ok {
			m.Match(c.Methods, given, handlers...)
			return
		}
		for _, m := range c.Methods { // before Match
			group.Handle(m, given, handlers...)
		}
	default:
		group = group.Group("")
		group.Use(handlers...) // Static takes none
		switch c.Name {
		case "Static":
			group.Static(given, "x")
		case "StaticFS":
			group.StaticFS(given, http.Dir("x"))
		case "StaticFile":
			group.StaticFile(given, "x")
		}
	}
}
`

// makeSets makes sets of registrations that nearly clash: the paths of a set are changed copies of each other.
func makeSets(r *rand.Rand, n int) [][]Call {
	var out [][]Call
	for len(out) < n {
		m := &maker{Rand: r, rough: r.IntN(4) == 0}
		var set []Call
		for range 2 + r.IntN(9) {
			set = append(set, m.call())
		}
		out = append(out, set)
	}
	return out
}

type maker struct {
	*rand.Rand
	rough bool // with paths that are wrong by themselves
	paths []string
}

func (m *maker) oneIn(n int) bool { return m.IntN(n) == 0 }

func (m *maker) pick(from ...string) string { return from[m.IntN(len(from))] }

func (m *maker) call() Call {
	c := Call{Name: "GET", Group: "/", Given: m.path(), Handlers: 1}
	switch m.IntN(24) {
	case 0:
		c.Name = "Any"
	case 1, 2:
		c.Name = m.pick("POST", "HEAD")
	case 3:
		c.Name, c.Methods = "Handle", []string{m.pick("GET", "HEAD", "PURGE")}
	case 4:
		c.Name, c.Methods = "Match", []string{m.pick("GET", "POST"), m.pick("HEAD", "PUT")}
	case 5, 6:
		c.Name, c.Handlers = m.pick("Static", "StaticFS", "StaticFile"), 0
		if !m.rough {
			c.Given = strings.NewReplacer(":", "", "*", "").Replace(c.Given)
		}
	}
	if m.oneIn(6) { // the first segments as a group
		if cut := strings.LastIndex(c.Given, "/"); cut > 0 {
			c.Group, c.Given = tree.Join("/", c.Given[:cut]), c.Given[cut:]
		}
	}
	if m.rough && m.oneIn(24) {
		c.Handlers = m.pickNumber(0, 62, 63, 64)
	}
	if m.rough && c.Name == "Handle" && m.oneIn(3) {
		c.Methods = []string{m.pick("get", "", "GET ", "G3T")}
	}
	return c
}

func (m *maker) pickNumber(from ...int) int { return from[m.IntN(len(from))] }

func (m *maker) path() string {
	p := "/"
	switch {
	case len(m.paths) == 0 || m.oneIn(6):
		for range 1 + m.IntN(3) {
			p = tree.Join(p, m.segment())
		}
	default:
		p = m.changed(m.paths[m.IntN(len(m.paths))])
	}
	m.paths = append(m.paths, p)
	return p
}

// changed is a path like another.
func (m *maker) changed(p string) string {
	parts := strings.Split(p, "/")
	last := len(parts) - 1
	if last == 0 {
		return "/" + p
	}
	switch m.IntN(12) {
	case 0:
		return p + "/"
	case 1:
		return strings.TrimSuffix(p, "/") + "x"
	case 2, 3:
		return p + "/" + m.segment()
	case 4, 5:
		return strings.Join(parts[:last], "/") + "/" + m.segment()
	case 6, 7:
		parts[1+m.IntN(last)] = m.segment()
		return strings.Join(parts, "/")
	case 8, 9: // another end, from any byte on
		return "/" + strings.TrimPrefix(p[:m.IntN(len(p)+1)]+m.segment(), "/")
	case 10:
		return strings.Join(parts[:1+m.IntN(last+1)], "/") + "/"
	}
	if m.oneIn(3) {
		return p
	}
	return p + "/" + m.pick("*any", "*f", ":id")
}

func (m *maker) segment() string {
	switch {
	case m.oneIn(4):
		return m.pick(":id", ":id", ":ids", ":name", ":ü")
	case m.oneIn(12):
		return m.pick("*any", "*f", "*id")
	case m.oneIn(10):
		return m.pick("a:id", "ab:id", `a\:b`, `\:id`, `a\:b\:c`, `a\:`, `a\:b:id`)
	case m.rough && m.oneIn(3):
		return m.pick(":", "*", "x*f", ":a:b", ":a*b", `a\x`, `a\`, `\`, `\\:id`, `\*f`, "*f:x", ":::", "**")
	}
	return m.pick("a", "a", "ab", "abc", "abd", "b", "users", "user", "ü", "ü", "é", "..", ".", "", "A", "a b", "%20", "x?y")
}
