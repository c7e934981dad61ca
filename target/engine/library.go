package engine

import (
	"fmt"
	"path"
	"strconv"
	"strings"
)

// libraries are functions that register something we know on a router.
var libraries = map[string]bool{
	"github.com/gin-contrib/pprof.Register":                       true,
	"github.com/gin-contrib/pprof.RouteRegister":                  true,
	"github.com/DeanThompson/ginpprof.Wrap":                       true,
	"github.com/DeanThompson/ginpprof.WrapGroup":                  true,
	"(*github.com/zsais/go-gin-prometheus.Prometheus).Use":        true,
	"(*github.com/penglongli/gin-metrics/ginmetrics.Monitor).Use": true,
}

// servers are functions that serve an engine that they are given as what it is.
var servers = map[string]bool{
	"github.com/gin-gonic/autotls.Run":                      true,
	"github.com/gin-gonic/autotls.RunWithManager":           true,
	"github.com/gin-gonic/autotls.RunWithContext":           true,
	"github.com/gin-contrib/graceful.New":                   true,
	"github.com/awslabs/aws-lambda-go-api-proxy/gin.New":    true,
	"github.com/awslabs/aws-lambda-go-api-proxy/gin.NewV2":  true,
	"github.com/awslabs/aws-lambda-go-api-proxy/gin.NewALB": true,
	"github.com/fvbock/endless.ListenAndServe":              true,
	GinPath + ".WrapF":                                      true,
	GinPath + ".WrapH":                                      true,
	"(*net/http.ServeMux).HandleFunc":                       true,
	"net/http.HandleFunc":                                   true,
	"(*net/http.ServeMux).Handle":                           true,
	"net/http.Handle":                                       true,
}

// onceOnly are functions that call what they are given, once and in order.
var onceOnly = map[string]bool{
	"(*sync.Once).Do":                           true,
	"(*sync.WaitGroup).Go":                      true,
	"sync.OnceFunc":                             true,
	"sync.OnceValue":                            true,
	"sync.OnceValues":                           true,
	"(*golang.org/x/sync/errgroup.Group).Go":    true,
	"(*golang.org/x/sync/errgroup.Group).TryGo": true,
	"(*github.com/oklog/run.Group).Add":         true,
	"context.AfterFunc":                         true,
}

// harmless are packages that look at what they are given and keep nothing of it.
var harmless = []string{"fmt.", "log.", "log/slog.", "errors.", "reflect.", "encoding/json."}

// servesIt tells whether a function serves the http.Handler that it is given, by its name.
func servesIt(name string) bool {
	short := name[strings.LastIndexByte(name, '.')+1:]
	return servers[name] || strings.HasPrefix(short, "Serve") || strings.HasPrefix(short, "ListenAndServe") ||
		strings.HasPrefix(name, "net/http/httptest.")
}

// beside are the other arguments.
func beside(args []*value, but int) []Value {
	var out []Value
	for i, a := range args {
		if i != but && (a.kind == fixed_ || a.def) {
			out = append(out, Value{Text: a.text, Known: a.kind == fixed_, Default: a.def})
		}
	}
	return out
}

// library is a call of a function that we know without its code.
func (m *machine) library(fr *frame, n *node, callee *value, args []*value) (*value, bool) {
	name := callee.fn.key
	switch name {
	case GinPath + ".New", GinPath + ".Default":
		v := m.make(fr, n, name == GinPath+".Default")
		c := &ginCall{m, fr, n, name, v, nil}
		return c.with(args), true
	case GinPath + ".CreateTestContext", GinPath + ".CreateTestContextOnly":
		return nothing, true
	}
	for _, h := range harmless {
		if strings.HasPrefix(name, h) && name != "fmt.Sprintf" && name != "fmt.Sprint" {
			return nothing, true
		}
	}
	if libraries[name] || servers[name] {
		if m.registers(fr, n, name, args) {
			return nothing, true
		}
	}
	if v := pure(name, plain(args)); v != nil {
		return v, true
	}
	return nil, false
}

// registers notes a library at work on the first router among its arguments.
func (m *machine) registers(fr *frame, n *node, name string, args []*value) bool {
	found := false
	for i, a := range plain(args) {
		m.each(a, func(a *value) {
			if a.kind == function && a.fn.gin == "ServeHTTP" && a.fn.recv.isRouter() && a.fn.recv.kind != choice {
				a = a.fn.recv
			}
			if a.kind != router && a.kind != handler || found {
				return
			}
			found = true
			op := Op{Kind: Library, Name: name}
			if servers[name] {
				op.Kind = Serve
			}
			op.Args = beside(args, i)
			m.record(fr, n, a, op)
		})
	}
	return found
}

// pure are functions of strings.
func pure(name string, args []*value) *value {
	fixed := true
	for _, a := range args {
		fixed = fixed && (a.kind == fixed_ || a.kind == list)
	}
	switch name {
	case "cmp.Or":
		return firstSet(args)
	case "flag.String", "github.com/spf13/pflag.String":
		if len(args) > 1 && args[1].kind == fixed_ && args[1].text != "" {
			return &value{text: args[1].text, def: true}
		}
		return nil
	case "fmt.Sprintf":
		return sprintf(args)
	}
	if !fixed || len(args) == 0 {
		return nil
	}
	strs := make([]string, 0, len(args))
	for _, a := range args {
		if a.kind == list {
			break
		}
		strs = append(strs, a.text)
	}
	return stringFunc(name, args, strs)
}

func stringFunc(name string, args []*value, strs []string) *value {
	switch {
	case name == "strings.Join" && len(args) == 2 && args[0].kind == list && args[1].kind == fixed_:
		var parts []string
		for _, e := range args[0].list {
			if e.kind != fixed_ {
				return nil
			}
			parts = append(parts, e.text)
		}
		return text(strings.Join(parts, args[1].text))
	case len(strs) != len(args):
		return nil
	case name == "path.Join":
		return text(path.Join(strs...))
	case name == "fmt.Sprint" && len(strs) == 1, name == "strconv.Itoa" && len(strs) == 1:
		return text(strs[0])
	case name == "strings.ToLower" && len(strs) == 1:
		return text(strings.ToLower(strs[0]))
	case name == "strings.ToUpper" && len(strs) == 1:
		return text(strings.ToUpper(strs[0]))
	case name == "strings.TrimSpace" && len(strs) == 1:
		return text(strings.TrimSpace(strs[0]))
	case name == "strings.TrimPrefix" && len(strs) == 2:
		return text(strings.TrimPrefix(strs[0], strs[1]))
	case name == "strings.TrimSuffix" && len(strs) == 2:
		return text(strings.TrimSuffix(strs[0], strs[1]))
	case name == "strings.TrimRight" && len(strs) == 2:
		return text(strings.TrimRight(strs[0], strs[1]))
	case name == "strings.TrimLeft" && len(strs) == 2:
		return text(strings.TrimLeft(strs[0], strs[1]))
	case name == "strings.Trim" && len(strs) == 2:
		return text(strings.Trim(strs[0], strs[1]))
	case name == "strings.HasPrefix" && len(strs) == 2:
		return boolean(strings.HasPrefix(strs[0], strs[1]))
	case name == "strings.HasSuffix" && len(strs) == 2:
		return boolean(strings.HasSuffix(strs[0], strs[1]))
	case name == "strings.ReplaceAll" && len(strs) == 3:
		return text(strings.ReplaceAll(strs[0], strs[1], strs[2]))
	}
	return nil
}

// firstSet is cmp.Or.
func firstSet(args []*value) *value {
	for i, a := range args {
		if a.kind == fixed_ && a.text != "" {
			if i == 0 {
				return a
			}
			return &value{text: a.text, def: true}
		}
	}
	return nil
}

// sprintf is fmt.Sprintf of constants; of what is not one it keeps what the result begins with.
func sprintf(args []*value) *value {
	if len(args) == 0 || args[0].kind != fixed_ {
		return nil
	}
	def := false
	var operands []any
	for _, a := range args[1:] {
		switch {
		case a.def:
			def = true
			operands = append(operands, a.text)
		case a.kind != fixed_:
			before, _, _ := strings.Cut(args[0].text, "%")
			return &value{text: before}
		case a.str:
			operands = append(operands, a.text)
		default:
			if i, err := strconv.ParseInt(a.text, 10, 64); err == nil {
				operands = append(operands, i)
			} else {
				operands = append(operands, a.text)
			}
		}
	}
	s := fmt.Sprintf(strings.ReplaceAll(args[0].text, "%d", "%v"), operands...)
	if strings.Contains(s, "%!") {
		return nil
	}
	if def {
		return &value{text: s, def: true}
	}
	return text(s)
}
