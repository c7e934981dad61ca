//go:build linux

package env_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/env"
	"github.com/gindoctor/gindoctor/internal/quietgo"
	"github.com/gindoctor/gindoctor/target"
	"github.com/gindoctor/gindoctor/target/host"
)

var all = []*checks.Check{
	&env.GoMissing, &env.GO111ModuleOff, &env.GO111ModuleAuto, &env.InGOPATH, &env.GoModInGOPATHRoot, &env.GOROOT, &env.GOFLAGS,
	&env.GOPROXY, &env.VCSStamp, &env.CrossTarget, &env.Cgo, &env.GOBINPath, &env.CacheUnwritable,
}

const (
	goMod    = "-- go.mod --\nmodule example.org/shop\n\ngo 1.24\n"
	needsGin = goMod + "\nrequire github.com/gin-gonic/gin v1.10.1\n-- go.sum --\n" +
		"github.com/gin-gonic/gin v1.10.1 h1:T0ujvqyCSqRopADpgPgiTT63DUQVSfojyME59Ei63pQ=\n" +
		"github.com/gin-gonic/gin v1.10.1/go.mod h1:4PMNQiOhvDRa013RKVbsiNwoyezlm2rm0uX/T7kzp5Y=\n"
	bare     = "-- main.go --\npackage main\n\nfunc main() {}\n"
	imports  = "-- main.go --\npackage main\n\nimport _ \"example.org/shop/cart\"\n\nfunc main() {}\n-- cart/cart.go --\npackage cart\n"
	usesGin  = "-- main.go --\npackage main\n\nimport _ \"github.com/gin-gonic/gin\"\n\nfunc main() {}\n"
	network  = "-- main.go --\npackage main\n\nimport _ \"net\"\n\nfunc main() {}\n"
	cCode    = "-- main.go --\npackage main\n\nimport _ \"example.org/shop/clock\"\n\nfunc main() {}\n-- clock/clock.go --\npackage clock\n\nimport \"C\"\n"
	lambda   = "-- main.go --\n//go:build !lambda\n\npackage main\n\nfunc main() {}\n"
	work     = "-- go.work --\ngo 1.24\n\nuse .\n"
	lostGit  = "-- .git/description --\ncopied without its objects\n"
	vendored = "-- vendor/modules.txt --\n# github.com/gin-gonic/gin v1.10.1\n## explicit; go 1.20\ngithub.com/gin-gonic/gin\n" +
		"-- vendor/github.com/gin-gonic/gin/gin.go --\npackage gin\n"
)

// The go command is the judge: in each environment there is an error of this family exactly where a build, or the start of
// what was built, really fails.
func TestErrorsAreReal(t *testing.T) {
	for name, tt := range map[string]struct {
		files string
		env   []string
	}{
		"healthy":                        {goMod + bare, nil},
		"modules off, nothing imported":  {goMod + bare, []string{"GO111MODULE=off"}},
		"modules off, own package":       {goMod + imports, []string{"GO111MODULE=off"}},
		"modules off, found in GOPATH":   {goMod + imports + "-- ../gopath/src/example.org/shop/cart/cart.go --\npackage cart\n", []string{"GO111MODULE=off"}},
		"modules perhaps":                {goMod + bare, []string{"GO111MODULE=perhaps"}},
		"modules auto":                   {goMod + imports, []string{"GO111MODULE=auto"}},
		"modules auto, no go.mod":        {imports, []string{"GO111MODULE=auto"}},
		"modules auto, nothing imported": {bare, []string{"GO111MODULE=auto"}},
		"GOROOT gone":                    {goMod + bare, []string{"GOROOT=$WORK/nowhere"}},
		"GOROOT without Go":              {goMod + network, []string{"GOROOT=$WORK"}},
		"GOROOT right":                   {goMod + bare, []string{"GOROOT=$GOROOT"}},
		"GOROOT right through a link":    {goMod + bare, []string{"GOROOT=$WORK/goroot-link"}},
		"vendor, nothing required":       {goMod + bare, []string{"GOFLAGS=-mod=vendor"}},
		"vendor, no folder":              {needsGin + bare, []string{"GOFLAGS=-mod=vendor"}},
		"vendor, there":                  {needsGin + usesGin + vendored, []string{"GOFLAGS=-mod=vendor"}},
		"vendor in a workspace":          {needsGin + usesGin + work, []string{"GOFLAGS=-mod=vendor"}},
		"mod":                            {goMod + bare, []string{"GOFLAGS=-mod=mod"}},
		"mod in a workspace":             {goMod + bare + work, []string{"GOFLAGS=-mod=mod"}},
		"mod in a workspace that is off": {goMod + bare + work, []string{"GOFLAGS=-mod=mod", "GOWORK=off"}},
		"readonly in a workspace":        {goMod + bare + work, []string{"GOFLAGS=-mod=readonly"}},
		"mod misspelt":                   {goMod + bare, []string{"GOFLAGS=-mod=vendr"}},
		"no flag":                        {goMod + bare, []string{"GOFLAGS=vendor"}},
		"unknown flag":                   {goMod + bare, []string{"GOFLAGS=-tag=prod"}},
		"flag of a test":                 {goMod + bare, []string{"GOFLAGS=-count=1"}},
		"quoted flag":                    {goMod + bare, []string{"GOFLAGS='-ldflags=-s -w' -trimpath -tags=jsoniter"}},
		"quotes within":                  {goMod + bare, []string{`GOFLAGS=-ldflags="-s -w"`}},
		"tags":                           {goMod + lambda, []string{"GOFLAGS=-tags=prod"}},
		"tags that leave nothing":        {goMod + lambda, []string{"GOFLAGS=-tags=prod,lambda"}},
		"modfile gone":                   {goMod + bare, []string{"GOFLAGS=-modfile=other.mod"}},
		"modfile there":                  {goMod + bare + "-- other.mod --\nmodule example.org/shop\n", []string{"GOFLAGS=-modfile=other.mod"}},
		"modfile in a workspace":         {goMod + bare + work + "-- other.mod --\nmodule example.org/shop\n", []string{"GOFLAGS=-modfile=other.mod"}},
		"kept by go env -w":              {goMod + bare + "-- ../home/.config/go/env --\nGOFLAGS=-nonsense\n", []string{"GOFLAGS="}},
		"kept, but GOENV is off":         {goMod + bare + "-- ../home/.config/go/env --\nGOFLAGS=-nonsense\n", []string{"GOENV=off"}},
		"proxy off":                      {needsGin + usesGin, nil},
		"proxy off, vendored":            {needsGin + usesGin + vendored, nil},
		"proxy off, not imported":        {needsGin + bare, nil},
		"proxy no URL":                   {needsGin + usesGin, []string{"GOPROXY=proxy.example"}},
		"proxy gone":                     {needsGin + usesGin, []string{"GOPROXY=file://$WORK/nowhere"}},
		"other processor":                {goMod + bare, []string{"GOARCH=riscv64"}},
		"GOPATH relative":                {goMod + bare, []string{"GOPATH=go"}},
		"GOWORK relative":                {goMod + bare, []string{"GOWORK=go.work"}},
		"no such experiment":             {goMod + bare, []string{"GOEXPERIMENT=bogus"}},
		"no such toolchain":              {goMod + bare, []string{"GOTOOLCHAIN=bogus"}},
		"no such system":                 {goMod + bare, []string{"GOOS=linus"}},
		"cgo off, C code":                {goMod + cCode, []string{"CGO_ENABLED=0"}},
		"cgo off, standard library":      {goMod + network, []string{"CGO_ENABLED=0"}},
		"no compiler, C code":            {goMod + cCode, []string{"PATH=$WORK/only-go"}},
		"no compiler, standard library":  {goMod + network, []string{"PATH=$WORK/only-go"}},
		"no compiler, cgo demanded":      {goMod + network, []string{"PATH=$WORK/only-go", "CGO_ENABLED=1"}},
		"no compiler, nothing needs it":  {goMod + bare, []string{"PATH=$WORK/only-go", "CGO_ENABLED=1"}},
		"CC names nothing":               {goMod + cCode, []string{"CC=no-such-compiler"}},
		"no go":                          {goMod + bare, []string{"PATH=$WORK/nowhere"}},
		"go is no program":               {goMod + bare + "-- ../broken/go --\n#!/nonexistent/interpreter\n", []string{"PATH=$WORK/broken"}},
		"cache off":                      {goMod + bare, []string{"GOCACHE=off"}},
		"cache relative":                 {goMod + bare, []string{"GOCACHE=cache"}},
		"cache a file":                   {goMod + bare, []string{"GOCACHE=$WORK/project/go.mod"}},
		"cache nowhere":                  {goMod + bare, []string{"GOCACHE=", "HOME=", "XDG_CONFIG_HOME=$WORK"}},
		"GOTMPDIR gone":                  {goMod + bare, []string{"GOTMPDIR=$WORK/nowhere"}},
		"TMPDIR gone":                    {goMod + bare, []string{"TMPDIR=$WORK/nowhere"}},
		"TMPDIR is a file":               {goMod + bare, []string{"TMPDIR=$WORK/project/go.mod"}},
		"GOTMPDIR wins":                  {goMod + bare, []string{"TMPDIR=$WORK/nowhere", "GOTMPDIR=$WORK"}},
		"git refuses":                    {goMod + bare + lostGit, nil},
		"git refuses, not asked":         {goMod + bare + lostGit, []string{"GOFLAGS=-buildvcs=false"}},
		"git refuses, modules off":       {goMod + bare + lostGit, []string{"GO111MODULE=off"}},
		"git refuses, a worktree":        {goMod + bare + "-- .git --\ngitdir: ../gone\n", nil},
		"git missing":                    {goMod + bare + "-- .git/HEAD --\nref: x\n", []string{"PATH=$WORK/only-go"}},
		"git missing, demanded":          {goMod + bare + "-- .git/HEAD --\nref: x\n", []string{"PATH=$WORK/only-go", "GOFLAGS=-buildvcs=true"}},
		"git missing, bare flag":         {goMod + bare + "-- .git/HEAD --\nref: x\n", []string{"PATH=$WORK/only-go", "GOFLAGS=-buildvcs"}},
		"no repository, demanded":        {goMod + bare, []string{"GOFLAGS=-buildvcs=true"}},
		"stray go.mod at home":           {imports + "-- ../go.mod --\nmodule home\n", []string{"HOME=$WORK"}},
		"stray go.mod, own below":        {goMod + imports + "-- ../go.mod --\nmodule home\n", []string{"HOME=$WORK"}},
		"stray go.mod, nothing imported": {bare + "-- ../go.mod --\nmodule home\n", []string{"HOME=$WORK"}},
		"stray go.mod at GOPATH":         {imports + "-- ../go.mod --\nmodule home\n", []string{"GOPATH=$WORK"}},
		"stray go.mod at TMPDIR":         {bare + "-- ../go.mod --\nmodule try\n", []string{"TMPDIR=$WORK"}},
		"in GOPATH/src":                  {goMod + imports, []string{"GOPATH=$WORK/as-gopath"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := unpack(t, tt.files, tt.env)
			compare(t, p)
		})
	}
}

type playground struct {
	work, project string
	environ       []string
}

// unpack makes a project with a bare environment over which env is put.
func unpack(t *testing.T, files string, env []string) playground {
	t.Helper()
	w, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := playground{work: w, project: filepath.Join(w, "project")}
	for _, dir := range []string{"project", "home", "gopath", "modcache", "only-go", "as-gopath"} {
		must(t, os.MkdirAll(filepath.Join(w, dir), 0o755))
	}
	for _, f := range txtar.Parse([]byte(files)).Files {
		path := filepath.Join(p.project, filepath.FromSlash(f.Name))
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		mode := fs.FileMode(0o644)
		if strings.HasPrefix(string(f.Data), "#!") {
			mode = 0o755
		}
		must(t, os.WriteFile(path, f.Data, mode))
	}
	quietgo.Home(t, filepath.Join(w, "home"), w)
	command, err := exec.LookPath("go")
	must(t, err)
	goroot := ask(t, "GOROOT")
	must(t, os.Symlink(command, filepath.Join(w, "only-go", "go")))
	must(t, os.Symlink(goroot, filepath.Join(w, "goroot-link")))
	must(t, os.Symlink(w, filepath.Join(w, "as-gopath", "src")))
	p.environ = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(w, "home"), "XDG_CONFIG_HOME=" + filepath.Join(w, "home", ".config"),
		"GOPATH=" + filepath.Join(w, "gopath"), "GOMODCACHE=" + filepath.Join(w, "modcache"), "GOCACHE=" + ask(t, "GOCACHE"),
		"GOTOOLCHAIN=local", "GOPROXY=off", "GIT_CEILING_DIRECTORIES=" + w,
	}
	for _, kv := range env {
		p.environ = append(p.environ, strings.NewReplacer("$WORK", w, "$GOROOT", goroot).Replace(kv))
	}
	return p
}

func ask(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	must(t, err)
	return strings.TrimSpace(string(out))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// compare builds and starts the program, asks all checks of the family, and holds the one against the other.
func compare(t *testing.T, p playground) {
	t.Helper()
	said, failed := build(p)
	tg, err := target.Open(t.Context(), target.Options{
		Dir: p.project, Profile: "dev", Types: target.TypesIfWarm, Environ: p.environ, Host: &host.Fake{SelfUID: os.Geteuid()},
	})
	must(t, err)
	found := false
	for _, o := range checks.Run(t.Context(), tg, all, checks.RunOptions{}) {
		if o.Broken {
			t.Errorf("%s: %s %s", o.Check.ID, o.Reason, o.Stack)
		}
		for _, f := range o.Findings {
			found = found || f.Severity == checks.Error
			t.Logf("%s %s: %s", f.Severity, f.Check, f.Message)
		}
		if o.Status == checks.Unknown {
			t.Logf("unknown %s: %s", o.Check.ID, o.Reason)
		}
	}
	if found != failed {
		t.Errorf("an error was found: %t; it really fails: %t\n%s", found, failed, said)
	}
}

// build does what a watcher does: it builds the program and starts it, each from the environment given.
func build(p playground) (said string, failed bool) {
	binary := filepath.Join(p.work, "built")
	run := func(dir, name string, args ...string) (string, error) {
		cmd := exec.CommandContext(context.Background(), "env", append(append([]string{"-i"}, p.environ...), append([]string{"PWD=" + dir, name}, args...)...)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run(p.project, "go", "build", "-o", binary, "."); err != nil {
		return out, true
	}
	out, err := run(p.work, binary)
	var exit *exec.ExitError
	return out, errors.As(err, &exit)
}

// A repository of another user can be made by root only.
func TestDubiousOwnership(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	for name, trusted := range map[string]bool{"another user's": false, "another user's, trusted": true} {
		t.Run(name, func(t *testing.T) {
			p := unpack(t, goMod+bare, nil)
			init := exec.Command("git", "init", "-q", p.project)
			init.Env = p.environ
			must(t, init.Run())
			must(t, filepath.WalkDir(p.project, func(path string, _ fs.DirEntry, err error) error {
				if err != nil {
					return err
				}
				return os.Lchown(path, nobody, nobody)
			}))
			if trusted {
				must(t, os.WriteFile(filepath.Join(p.work, "home", ".gitconfig"), []byte("[safe]\n\tdirectory = "+p.project+"\n"), 0o644))
			}
			compare(t, p)
		})
	}
}

// nobody is a user id that owns nothing.
const nobody = 65534

// What rights refuse, root does not feel: as root, the test runs itself again as nobody.
func TestWithoutRights(t *testing.T) {
	if os.Geteuid() == 0 {
		asNobody(t)
		return
	}
	for name, env := range map[string][]string{
		"cache":               {"GOCACHE=/usr"},
		"cache to be made":    {"GOCACHE=/usr/cache"},
		"temporary":           {"GOCACHE=$WORK/cache", "TMPDIR=/usr"},
		"temporary of Go":     {"GOCACHE=$WORK/cache", "GOTMPDIR=/usr"},
		"cache below a file":  {"GOCACHE=$WORK/project/go.mod/cache"},
		"home cannot be made": {"GOCACHE=", "HOME=/usr/nobody"},
	} {
		t.Run(name, func(t *testing.T) { compare(t, unpack(t, goMod+bare, env)) })
	}
}

func asNobody(t *testing.T) {
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o777))
	must(t, os.Chmod(filepath.Dir(dir), 0o755)) // the testing package keeps it to ourselves
	self, err := os.ReadFile(os.Args[0])
	must(t, err)
	binary := filepath.Join(dir, "env.test")
	must(t, os.WriteFile(binary, self, 0o755))
	must(t, os.Chmod(binary, 0o755)) // the umask may keep it to ourselves
	cmd := exec.CommandContext(t.Context(), binary, "-test.run=^TestWithoutRights$", "-test.v")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_CACHE_HOME="+dir, "TMPDIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) || strings.Contains(string(out), "permission denied") && !strings.Contains(string(out), "=== RUN") {
		t.Skipf("cannot become another user here: %v", err)
	}
	if err != nil || !strings.Contains(string(out), "--- PASS: TestWithoutRights") {
		t.Fatalf("%v\n%s", err, out)
	}
}
