package docs

import (
	"slices"
	"strings"
)

// ErrorText is something that people see on their screen, and the checks that find out why it is there.
type ErrorText struct {
	// Text is what stands in the message, in lower case; " * " is anything. The likeliest check comes first.
	Text   string
	Checks []string
}

// errorTexts holds the words of the go command 1.26, the kernel, air 1.67 and Gin 1.12, each as it is printed. A check may
// stand here before it is in the catalogue: whoever asks leaves out what is not there yet.
var errorTexts = []ErrorText{
	// ports (net, syscall)
	{"address already in use", []string{"port/leftover", "port/taken", "run/two-servers", "watch/two-instances", "port/clash", "port/inherited"}},
	{"only one usage of each socket address", []string{"port/leftover", "port/taken", "run/two-servers"}}, // Windows
	{"eaddrinuse", []string{"port/leftover", "port/taken"}},
	{"port * is already allocated", []string{"port/taken", "port/clash"}}, // docker
	{"listen tcp * bind: permission denied", []string{"port/privileged"}},
	{"bind: permission denied", []string{"port/privileged"}},
	{"cannot assign requested address", []string{"src/address", "deploy/loopback"}},
	{"too many colons in address", []string{"env/bad-value", "src/address"}},
	{"missing port in address", []string{"src/address", "env/bad-value"}},
	{"invalid port", []string{"env/bad-value", "src/address"}},
	{"unknown port", []string{"env/bad-value", "src/address"}},
	{"connection refused", []string{"port/split-address", "run/unresponsive", "deploy/loopback", "deploy/port-agreement", "dep/unreachable"}},
	{"connection reset by peer", []string{"run/unresponsive", "watch/hard-kill"}},
	{"502 bad gateway", []string{"deploy/port-agreement", "run/unresponsive", "deploy/nginx"}},

	// which module
	{"go.mod file not found", []string{"mod/no-go-mod", "mod/wrong-root", "env/go111module-off", "env/go111module-auto", "watch/compose-mount"}},
	{"cannot find main module", []string{"mod/no-go-mod", "mod/wrong-root", "env/go111module-off"}},
	{"no go files in", []string{"mod/wrong-root", "watch/wrong-package", "mod/build-tags"}},
	{"$gopath/go.mod exists but should not", []string{"env/gomod-in-gopath-root"}},
	{"go.mod exists but should not", []string{"env/gomod-in-gopath-root"}},
	{"ignoring go.mod in", []string{"env/gomod-in-gopath-root"}},
	{"modules disabled by go111module=off", []string{"env/go111module-off"}},
	{"cannot find package * in any of", []string{"env/go111module-off", "env/go111module-auto", "env/in-gopath"}},
	{"cannot use path@version syntax in gopath mode", []string{"env/go111module-off", "env/go111module-auto"}},
	{"current directory outside modules listed in go.work", []string{"mod/workspace"}},
	{"directory prefix * does not contain modules listed in go.work", []string{"mod/workspace"}},
	{"is contained in a module that is not one of the workspace modules", []string{"mod/workspace"}},
	{"cannot load module * listed in go.work file", []string{"mod/workspace"}},
	{"listed in go.work file requires go", []string{"mod/workspace", "mod/go-directive"}},

	// go.mod, go.sum, vendor
	{"errors parsing go.mod", []string{"mod/parse"}},
	{"errors parsing go.work", []string{"mod/parse", "mod/workspace"}},
	{"unknown directive", []string{"mod/parse"}},
	{"no required module provides package", []string{"mod/missing-require", "mod/module-path"}},
	{"cannot find module providing package", []string{"mod/missing-require", "mod/module-path", "env/goproxy"}},
	{"is not in std", []string{"mod/module-path", "mod/package-missing", "env/goroot", "env/go111module-off"}},
	{"is not in goroot", []string{"mod/module-path", "mod/package-missing", "env/goroot"}},
	{"does not contain package", []string{"mod/package-missing", "mod/missing-require"}},
	{"found, but does not contain package", []string{"mod/package-missing", "mod/missing-require"}},
	{"missing go.sum entry", []string{"mod/missing-sum"}},
	{"checksum mismatch", []string{"mod/sum-mismatch"}},
	{"security error", []string{"mod/sum-mismatch"}},
	{"verifying module", []string{"mod/sum-mismatch", "mod/private-module"}},
	{"updates to go.mod needed", []string{"mod/missing-require", "mod/indirect-comment", "mod/go-directive"}},
	{"inconsistent vendoring", []string{"mod/vendor-drift", "env/goflags"}},
	{"cannot find module providing package * import lookup disabled by -mod=vendor", []string{"mod/vendor-drift", "env/goflags"}},
	{"is explicitly required in go.mod, but not marked as explicit in vendor/modules.txt", []string{"mod/vendor-drift"}},
	{"import lookup disabled by -mod=", []string{"env/goflags", "mod/missing-require", "mod/vendor-drift"}},
	{"go: go.mod requires go >=", []string{"mod/go-directive", "deploy/go-version"}},
	{"requires go >=", []string{"mod/go-directive", "deploy/go-version", "watch/tool-version"}},
	{"invalid go version", []string{"mod/go-directive"}},
	{"unknown block type: toolchain", []string{"mod/go-directive", "deploy/go-version"}},
	{"toolchain not available", []string{"mod/go-directive", "env/goproxy"}},
	{"replacement directory * does not exist", []string{"mod/local-replace"}},
	{"parsing path for replacement module", []string{"mod/local-replace"}},
	{"module declares its path as", []string{"mod/module-path", "mod/import-case"}},
	{"case-insensitive import collision", []string{"mod/import-case"}},
	{"case-insensitive file name collision", []string{"mod/import-case", "fs/case"}},
	{"import cycle not allowed", []string{"mod/import-cycle"}},
	{"use of internal package", []string{"mod/internal-import"}},
	{"is a program, not an importable package", []string{"mod/main-import"}},
	{"build constraints exclude all go files", []string{"mod/build-tags", "env/cross-target", "env/cgo", "env/goflags"}},
	{"is relative, but relative import paths are not supported in module mode", []string{"mod/relative-import"}},
	{"local import * in non-local package", []string{"mod/relative-import"}},
	{"malformed import path", []string{"mod/relative-import", "mod/package-missing"}},
	{"pattern * no matching files found", []string{"mod/embed-missing", "mod/not-in-git"}},
	{"contains no embeddable files", []string{"mod/embed-missing"}},
	{"terminal prompts disabled", []string{"mod/private-module"}},
	{"could not read username", []string{"mod/private-module"}},
	{"410 gone", []string{"mod/private-module", "mod/retracted-gin"}},
	{"module lookup disabled by goproxy=off", []string{"env/goproxy", "mod/missing-require"}},
	{"goproxy list is not the empty string, but contains no entries", []string{"env/goproxy"}},
	{"invalid proxy url", []string{"env/goproxy"}},
	{"retracted by module author", []string{"mod/retracted-gin"}},

	// compiling
	{"undefined: ", []string{"mod/compile-error", "env/cgo", "mod/build-tags"}},
	{"imported and not used", []string{"mod/compile-error"}},
	{"declared and not used", []string{"mod/compile-error"}},
	{"syntax error: ", []string{"mod/compile-error"}},
	{"cannot use * as * value in", []string{"mod/compile-error"}},
	{"redeclared in this block", []string{"mod/compile-error"}},
	{"failed to build, error: exit status 1", []string{"mod/compile-error", "run/stale-binary", "watch/stale-on-error"}}, // air
	{"found packages * and * in", []string{"mod/compile-error"}},

	// toolchain and environment
	{"exec format error", []string{"env/cross-target", "deploy/platform"}},
	{"cannot execute binary file", []string{"env/cross-target", "deploy/platform", "watch/wrong-package"}},
	{"error obtaining vcs status", []string{"env/vcs-stamp"}},
	{"dubious ownership", []string{"env/vcs-stamp"}},
	{"use -buildvcs=false to disable vcs stamping", []string{"env/vcs-stamp"}},
	{`exec: "go": executable file not found`, []string{"env/go-missing"}},
	{"go: command not found", []string{"env/go-missing"}},
	{"go: not found", []string{"env/go-missing"}},
	{"cannot find goroot directory", []string{"env/goroot"}},
	{"does not match go tool version", []string{"env/goroot"}},
	{"package * is not in goroot", []string{"env/goroot", "mod/module-path"}},
	{`exec: "air": executable file not found`, []string{"env/gobin-path", "watch/not-installed"}},
	{"air: command not found", []string{"env/gobin-path", "watch/not-installed"}},
	{"air: not found", []string{"env/gobin-path", "watch/not-installed"}},
	{"executable file not found in $path", []string{"env/gobin-path", "env/go-missing", "watch/not-installed"}},
	{"command not found", []string{"env/gobin-path", "env/go-missing", "watch/not-installed"}},
	{"parsing $goflags", []string{"env/goflags"}},
	{"-mod may only be set to readonly or vendor when in workspace mode", []string{"env/goflags", "mod/workspace"}},
	{"-mod may only be set to", []string{"env/goflags"}},
	{"unsupported goos/goarch pair", []string{"env/cross-target"}},
	{"cgo: c compiler * not found", []string{"env/cgo"}},
	{`exec: "gcc": executable file not found`, []string{"env/cgo"}},
	{"gcc failed", []string{"env/cgo", "env/cross-target"}},
	{"gcc: error: unrecognized command-line option", []string{"env/cgo", "env/cross-target"}},
	{"fatal error: * no such file or directory * compilation terminated", []string{"env/cgo"}},
	{"binary was compiled with 'cgo_enabled=0'", []string{"env/cgo", "deploy/sqlite-stub"}},
	{"requires cgo to work", []string{"env/cgo", "deploy/sqlite-stub"}},
	{"build cache is required, but could not be located", []string{"env/cache-unwritable"}},
	{"failed to initialize build cache", []string{"env/cache-unwritable"}},
	{"go: creating work dir", []string{"env/cache-unwritable"}},
	{"read-only file system", []string{"env/cache-unwritable"}},
	{"gin mode unknown", []string{"env/bad-value"}},
	{"error loading .env file", []string{"env/dotenv"}},
	{"open .env: no such file or directory", []string{"env/dotenv"}},

	// the watcher and the running program
	{"failed to parse .air.toml", []string{"watch/config-syntax", "watch/wrong-type"}},
	{"failed to parse .config/air.toml", []string{"watch/config-syntax", "watch/wrong-type"}},
	{"can't convert * to", []string{"watch/wrong-type"}}, // go-toml, through air
	{"failed to compile regex", []string{"watch/bad-regex"}},
	{"missing argument to repetition operator", []string{"watch/bad-regex"}},
	{"build.bin is deprecated", []string{"watch/deprecated-key"}},
	{"/tmp/main: not found", []string{"watch/bin-mismatch", "watch/wrong-package", "watch/config-ignored"}},
	{"sh: * / * : not found", []string{"watch/bin-mismatch", "watch/wrong-package", "watch/config-ignored"}},
	{"tmp/main: permission denied", []string{"watch/wrong-package"}},
	{"flag provided but not defined", []string{"watch/old-path", "watch/unknown-key"}},
	{"process exit with code: 127", []string{"watch/bin-mismatch", "watch/debugger", "watch/platform"}},
	{"process exit with code: 126", []string{"watch/wrong-package"}},
	{"unable to reach app", []string{"watch/proxy-port"}},
	{"build cache is disabled by gocache=off", []string{"watch/slow-build"}},
	{"text file busy", []string{"run/two-servers", "watch/two-instances", "run/stale-binary"}},
	{"too many open files", []string{"limit/open-files", "limit/inotify-instances", "leak/fd-growth", "leak/close-wait"}},
	{"inotify_init * too many open files", []string{"limit/inotify-instances", "limit/open-files"}},
	{"number of inotify instances has been reached", []string{"limit/inotify-instances"}},
	{"inotify_add_watch: no space left on device", []string{"limit/inotify-watches"}},
	{"no space left on device", []string{"limit/inotify-watches", "env/cache-unwritable"}},
	{"user limit on the total number of inotify watches was reached", []string{"limit/inotify-watches"}},
	{"too many levels of symbolic links", []string{"fs/symlink-loop"}},
	{"file name too long", []string{"fs/deep-tree"}},
	{"failed to watch * permission denied", []string{"fs/unreadable"}},
	{"outside main module or its selected dependencies", []string{"fs/root-symlink"}},
	{"html/template: pattern matches no files", []string{"src/templates", "run/wrong-cwd", "deploy/files-missing"}},
	{"handlers are already registered for path", []string{"src/route-conflict"}},
	{"conflicts with existing wildcard", []string{"src/route-conflict"}},
	{"conflicts with existing", []string{"src/route-conflict"}},
	{"x509: certificate signed by unknown authority", []string{"deploy/ca-certs"}},
	{"unknown time zone", []string{"deploy/tzdata"}},
}

// Match finds the checks that an error text leads to: the text may be a whole line of a log, or only a part of what is
// printed. What matches most words comes first; known leaves out checks that do not exist.
func Match(text string, known func(id string) bool) []string {
	line := normal(text)
	type hit struct {
		weight int
		checks []string
	}
	var hits []hit
	for _, e := range errorTexts {
		if weight := weigh(line, e.Text); weight > 0 {
			hits = append(hits, hit{weight, e.Checks})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return b.weight - a.weight })
	var ids []string
	for _, h := range hits {
		for _, id := range h.checks {
			if known(id) && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// weigh tells how much of a known text a line holds, in letters; 0 means that it is something else.
func weigh(line, text string) int {
	rest, weight := line, 0
	for part := range strings.SplitSeq(text, "*") {
		part = strings.TrimSpace(part)
		_, after, found := strings.Cut(rest, part)
		if !found {
			return partOf(line, text)
		}
		rest, weight = after, weight+len(part)
	}
	return weight
}

// leastPart is how much of a text must be typed: a word or two of it say little.
const leastPart = 10

func partOf(line, text string) int {
	if len(line) >= leastPart && strings.Contains(line, " ") && strings.Contains(text, line) {
		return len(line)
	}
	return 0
}

// normal makes what was pasted comparable: lower case, single blanks, straight quotes.
func normal(text string) string {
	text = strings.NewReplacer("“", `"`, "”", `"`, "‘", "'", "’", "'", "`", "'").Replace(strings.ToLower(text))
	return strings.Join(strings.Fields(text), " ")
}
