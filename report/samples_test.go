package report_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/report"
	"github.com/gindoctor/gindoctor/target"
)

// sample is a run worth looking at: what was found, and the files that the findings point into.
type sample struct {
	name   string
	report func() *report.Report
	files  map[string]string
}

// source reads the files of the sample.
func (s sample) source(file string) ([]byte, error) {
	if text, ok := s.files[file]; ok {
		return []byte(text), nil
	}
	return nil, &fs.PathError{Op: "open", Path: file, Err: fs.ErrNotExist}
}

// declare makes a check that is only a declaration.
func declare(id, title string, stage checks.Stage, severity checks.Severity, explains ...string) *checks.Check {
	return &checks.Check{
		ID: id, Title: title, Stage: stage, Severity: severity, Profiles: checks.Dev, Explains: explains,
		Run: func(context.Context, *target.Target, checks.Reporter) error { return nil },
	}
}

var (
	missing  = declare("mod/missing-require", "a package is imported that no required module provides", checks.Build, checks.Error, "run/stale-binary")
	unused   = declare("mod/unused-require", "a requirement that nothing imports", checks.Build, checks.Warning)
	comment  = declare("mod/indirect-comment", "an indirect comment that is wrong", checks.Build, checks.Info)
	stamp    = declare("env/vcs-stamp", "the version control stamp will be refused", checks.Build, checks.Error)
	value    = declare("env/bad-value", "a value that the program dies of", checks.Start, checks.Error)
	leftover = declare("port/leftover", "a leftover of this project holds the port", checks.Bind, checks.Error, "run/stale-binary")
	stale    = declare("run/stale-binary", "the running server was not built from the code on disk", checks.Start, checks.Error)
	twoAirs  = declare("watch/two-instances", "two watchers on the same project", checks.Bind, checks.Error)

	declared = []*checks.Check{missing, unused, comment, stamp, value, twoAirs, leftover, stale}
)

func head() report.Report {
	return report.Report{
		Tool: report.Tool{Name: "gindoctor", Version: "1.0.0"},
		Target: report.Target{
			Root: "/home/anna/src/shop-api", Module: "github.com/acme/shop", Profile: "dev", OS: "linux", Go: "1.26.8",
			Watcher: "air 1.67.4", Port: 8080,
		},
		Time: report.Time{Started: time.Date(2026, 11, 21, 9, 15, 0, 0, time.UTC), Duration: 312},
	}
}

func build(outcomes ...checks.Outcome) *report.Report {
	return report.Build(head(), outcomes, declared, report.Gate{FailOn: checks.Error})
}

// found is the outcome of a check with findings, completed as the runner does.
func found(c *checks.Check, findings ...checks.Finding) checks.Outcome {
	for i := range findings {
		f := &findings[i]
		f.Check = c.ID
		if f.Stage == "" {
			f.Stage = c.Stage
		}
		if f.Severity == 0 {
			f.Severity = c.Severity
		}
	}
	return checks.Outcome{Check: c, Status: checks.Found, Findings: findings, Duration: 7 * time.Millisecond}
}

func passed(c *checks.Check) checks.Outcome {
	return checks.Outcome{Check: c, Status: checks.Passed, Duration: 2 * time.Millisecond}
}

func unknown(c *checks.Check, format string, args ...any) checks.Outcome {
	return checks.Outcome{Check: c, Status: checks.Unknown, Reason: checks.Msg(format, args...), Duration: 120 * time.Millisecond}
}

func skipped(c *checks.Check, format string, args ...any) checks.Outcome {
	return checks.Outcome{Check: c, Status: checks.Skipped, Reason: checks.Msg(format, args...)}
}

func staleServer(pid int) checks.Finding {
	return checks.Finding{
		Message:  checks.Msg("the server (pid %d) is older than %s", pid, "internal/cart/cart.go"),
		Evidence: []checks.Message{checks.Msg("started 09:12, last change 09:40")},
		Subject:  &checks.Subject{Kind: checks.ProcessSubject, Name: "tmp/main", PID: pid},
		Service:  ".",
	}
}

const cartSource = "package cart\n\nimport (\n\t\"github.com/redis/go-redis/v9\"\n)\n"

// moduleBroken is the report that people see most: the build fails, so the old server goes on answering.
func moduleBroken() *report.Report {
	return build(
		found(missing, checks.Finding{
			Message:  checks.Msg("package %s is imported, and no module of go.mod provides it", "github.com/redis/go-redis/v9"),
			Why:      checks.Msg("The build stops here: air keeps the server that it built before, and your change does not show."),
			Help:     checks.Msg("go get %s", "github.com/redis/go-redis/v9"),
			Location: checks.Span("internal/cart/cart.go", 4, 2, 30),
			Service:  ".", Key: "github.com/redis/go-redis/v9",
		}),
		found(unused, checks.Finding{
			Message:  checks.Msg("go.mod requires %s, which nothing imports", "github.com/go-redis/redis/v8"),
			Help:     checks.Msg("go mod tidy"),
			Location: checks.Span("go.mod", 7, 2, 35), Service: ".", Key: "github.com/go-redis/redis/v8",
		}),
		found(comment, checks.Finding{
			Message:  checks.Msg("golang.org/x/sync is marked indirect, and main.go imports it"),
			Location: checks.Span("go.mod", 8, 2, 10), Service: ".", Key: "golang.org/x/sync",
		}),
		found(stale, staleServer(4711)),
		passed(leftover), passed(twoAirs),
		skipped(value, "no file sets variables here"),
		unknown(stamp, "git did not answer within 5 s"),
	)
}

func portLeftover() *report.Report {
	return build(
		found(leftover, checks.Finding{
			Message: checks.Msg("port %d is held by a leftover of this project (pid %d)", 8080, 4711),
			Why:     checks.Msg("The new server cannot bind and ends at once; the old code goes on answering."),
			Help:    checks.Msg("gindoctor fix --port %d", 8080),
			Evidence: []checks.Message{
				checks.Msg("pid 4711  tmp/main  since 09:12, bound to every address"),
				checks.Msg("an orphaned `sh -c` (pid 4705) is its parent: air is gone"),
			},
			Subject: &checks.Subject{Kind: checks.PortSubject, Name: "[::]:8080", PID: 4711, Port: 8080}, Service: ".",
			Fix: &plan.Plan{
				ID: "port/free", Title: "stops it and proves that the port is free", Safety: plan.Safe,
				Remedy: "gindoctor fix --port 8080", Port: 8080,
			},
		}),
		found(stale, staleServer(4711)),
		passed(missing), passed(unused), passed(comment), passed(twoAirs), passed(value), passed(stamp),
	)
}

func nothingWrong() *report.Report {
	return build(passed(missing), passed(unused), passed(comment), passed(stamp), passed(leftover), passed(twoAirs),
		skipped(stale, "no server of this project is running"), skipped(value, "no file sets variables here"))
}

func someUnknown() *report.Report {
	return build(passed(missing), passed(unused), unknown(stamp, "git did not answer within 5 s"),
		unknown(leftover, "/proc is not mounted: nobody can be asked who holds port 8080"), skipped(stale, "no server is running"))
}

func onlyUnknown() *report.Report {
	return build(unknown(stamp, "git did not answer within 5 s"), unknown(missing, "open go.mod: permission denied"))
}

func failedRun() *report.Report {
	r := head()
	r.Target = report.Target{Root: "/home/anna/nowhere", Profile: "dev", OS: "linux"}
	return report.Failed(r, errors.New("/home/anna/nowhere: no such folder"))
}

// injected is a project made by somebody who wants to write on our screen and read our secrets.
func injected() *report.Report {
	return build(
		found(value, checks.Finding{
			Message:  checks.Msg("%s is not a mode of Gin", "\x1b[2J\x1b]0;owned\x07release\u202egnp.exe"),
			Why:      checks.Msg("It panics:\r\n\x1b[31mpanic\x1b[0m at postgres://shop:hunter2@db:5432/shop"),
			Help:     checks.Msg("set GIN_MODE to release"),
			Evidence: []checks.Message{checks.Msg("%s", "DB_PASSWORD=hunter2 GIN_MODE=production"), checks.Msg("%s", "bad \xff byte")},
			Location: checks.Span("cfg/\x1b[8mmode.yaml", 2, 11, 12), Service: ".",
		}, checks.Finding{
			Message:  checks.Msg("API_TOKEN is quoted twice"),
			Location: checks.Span(".env", 1, 11, 9), Service: ".", Key: "API_TOKEN",
		}, checks.Finding{
			Message:  checks.Msg("the address is no address"),
			Location: checks.At("main.go", 1, 53), Service: ".", Key: "dsn",
		}),
	)
}

func chinese() *report.Report {
	r := build(
		found(missing, checks.Finding{
			Message:  checks.Msg("package %s is imported, and no module of go.mod provides it", "github.com/公司/购物车"),
			Why:      checks.Msg("构建在这里停止:air 保留之前构建的服务器,因此你的修改不会显示出来。浏览器里看到的仍然是旧的页面,直到构建再次成功为止。"),
			Help:     checks.Msg("go get %s", "github.com/公司/购物车"),
			Location: checks.Span("内部/购物车/购物车.go", 3, 31, 33), Service: ".",
		}),
	)
	r.Target.Root, r.Target.Module = "/home/anna/项目/商店", "example.org/商店"
	return r
}

// many is a project after a renamed module: thirty findings, and few lines.
func many() *report.Report {
	var imports, requires []checks.Finding
	for i := range 20 {
		imports = append(imports, checks.Finding{
			Message:  checks.Msg("package %s is imported, and no module of go.mod provides it", fmt.Sprintf("example.org/old/p%02d", i)),
			Why:      checks.Msg("The build stops here."),
			Help:     checks.Msg("put the module's path right in the import"),
			Location: checks.Span(fmt.Sprintf("internal/p%02d/p.go", i), 3, 8, 21), Service: ".", Key: fmt.Sprint(i),
		})
	}
	for i := range 10 {
		requires = append(requires, checks.Finding{
			Message:  checks.Msg("go.mod requires %s, which nothing imports", fmt.Sprintf("example.org/dep%d", i)),
			Help:     checks.Msg("go mod tidy"),
			Location: checks.At("go.mod", 5+i, 2), Service: fmt.Sprintf("services/s%d", i), Key: fmt.Sprint(i),
		})
	}
	return build(found(missing, imports...), found(unused, requires...))
}

// grouped has causes with several places each, which differ in what they do to the user and in what mends them.
func grouped() *report.Report {
	place := func(file string, line int, message, why, help checks.Message, seen ...checks.Message) checks.Finding {
		return checks.Finding{Message: message, Why: why, Help: help, Evidence: seen,
			Location: checks.At(file, line, 2), Service: ".", Key: file}
	}
	return build(
		found(missing,
			place("internal/cart/cart.go", 4, checks.Msg("%s is a package of this module, and is gone", "shop/cart/v1"),
				checks.Msg("Package %s does not build.", "cart"), checks.Msg("write shop/cart"), checks.Msg("git log: deleted on 20 November")),
			place("internal/pay/pay.go", 5, checks.Msg("no module of go.mod provides %s", "example.org/pay"),
				checks.Msg("Package %s does not build, nor do the %d that import it.", "pay", 3), checks.Msg("go get example.org/pay"),
				checks.Msg("shown with -v only"))),
		found(unused,
			place("go.mod", 6, checks.Msg("nothing imports %s", "gin"), checks.Message{}, checks.Msg("go mod tidy")),
			place("go.mod", 7, checks.Msg("nothing imports %s", "redis"), checks.Message{}, checks.Msg("keep it with a tool line, or go mod tidy"))),
	)
}

// longLine points into a line that is far wider than any screen.
func longLine() *report.Report {
	return build(found(value, checks.Finding{
		Message:  checks.Msg("the route %s is given twice", "/cart"),
		Why:      checks.Msg("Gin panics when it starts."),
		Location: checks.Span("routes.go", 1, 255, 7), Service: ".",
	}, checks.Finding{
		Message:  checks.Msg("the block never ends"),
		Location: checks.At("a/very/long/path/to/a/file/that/takes/more/than/half/of/the/screen/go.mod", 2, 10), Service: ".", Key: "end",
	}))
}

func onlyWarnings() *report.Report {
	return build(passed(missing), unknown(stamp, "git did not answer within 5 s"),
		found(unused, checks.Finding{
			Message:  checks.Msg("go.mod requires %s, which nothing imports", "example.org/dep"),
			Help:     checks.Msg("go mod tidy"),
			Location: checks.At("go.mod", 7, 2), Service: ".",
		}))
}

func onlyInfos() *report.Report {
	return build(passed(missing), found(comment, checks.Finding{
		Message:  checks.Msg("golang.org/x/sync is marked indirect, and main.go imports it"),
		Help:     checks.Msg("go mod tidy"),
		Location: checks.Span("go.mod", 8, 2, 10), Service: ".",
	}))
}

const goMod = "module github.com/acme/shop\n\ngo 1.26\n\nrequire (\n\tgithub.com/gin-gonic/gin v1.12.0\n" +
	"\tgithub.com/go-redis/redis/v8 v8.11.5\n\tgolang.org/x/sync v0.24.0 // indirect\n)\n"

var samples = []sample{
	{"module-broken", moduleBroken, map[string]string{"internal/cart/cart.go": cartSource, "go.mod": goMod}},
	{"port-leftover", portLeftover, nil},
	{"nothing-wrong", nothingWrong, nil},
	{"some-unknown", someUnknown, nil},
	{"watched-leak", watchedLeak, nil},
	{"watched-well", watchedWell, nil},
	{"watched-pool", watchedPool, nil},
	{"watched-briefly", watchedBriefly, nil},
	{"drill-reload", drillReload, map[string]string{".air.toml": strings.Repeat("#\n", 13) + "exclude_dir = [\"assets\", \"internal\"]\n"}},
	{"drill-shutdown", drillShutdown, map[string]string{"main.go": strings.Repeat("//\n", 30) + "\trouter.Run()\n"}},
	{"drill-leak", drillLeak, nil},
	{"only-unknown", onlyUnknown, nil},
	{"failed", failedRun, nil},
	{"injected", injected, map[string]string{
		"cfg/\x1b[8mmode.yaml": "port: 1\ngin_mode: \x1b[31mrelease\n",
		".env":                 "\ufeffAPI_TOKEN=\"hunter2\"\r\n",
		"main.go":              "dsn := \"shop:hunter2@tcp(db:3306)/shop\"\t; secret := x!\r\n",
	}},
	{"chinese", chinese, map[string]string{
		"内部/购物车/购物车.go": "package cart\n\n/* 购物车 的 代码 */ import \"github.com/公司/购物车\" // 旧的路径\n",
	}},
	{"many", many, map[string]string{"internal/p00/p.go": "package p\n\nimport \"example.org/old/p00\"\n"}},
	{"grouped", grouped, map[string]string{"internal/cart/cart.go": cartSource, "go.mod": goMod}},
	{"long-line", longLine, map[string]string{
		"routes.go": "package main; func routes() { " + strings.Repeat("r.GET(\"/a\", a); ", 14) +
			"\"/cart\"" + strings.Repeat(" r.GET(\"/b\", b);", 20) + "\n",
		"a/very/long/path/to/a/file/that/takes/more/than/half/of/the/screen/go.mod": "x\nrequire (",
	}},
	{"only-warnings", onlyWarnings, map[string]string{"go.mod": goMod}},
	{"only-infos", onlyInfos, map[string]string{"go.mod": goMod}},
}
