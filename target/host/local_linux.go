package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"
)

// Local is this machine.
func Local() Host { return &local{proc: "/proc"} }

// local reads a Linux machine from its /proc. The folder is a value, so that tests can give one unpacked from an archive.
type local struct {
	proc string
}

func (l *local) path(parts ...string) string {
	return l.proc + "/" + strings.Join(parts, "/")
}

func (l *local) pidPath(pid int, name string) string {
	return l.path(strconv.Itoa(pid), name)
}

// OS implements Host.
func (l *local) OS() string { return "linux" }

// Self implements Host.
func (l *local) Self() int { return os.Getpid() }

// UID implements Host.
func (l *local) UID() int { return os.Geteuid() }

// ErrNoProc says that /proc is not there, so that nothing can be seen of this machine's processes.
var ErrNoProc = errors.New("/proc is not mounted, so the processes of this machine cannot be seen")

// mounted tells whether the folder is a proc filesystem that shows processes.
func (l *local) mounted() error {
	if _, err := os.Lstat(l.path("self")); err != nil {
		return ErrNoProc
	}
	return nil
}

// BuildInfo implements Host.
func (l *local) BuildInfo(_ context.Context, pid int) (*BuildInfo, error) {
	info, err := readBuildInfo(l.pidPath(pid, "exe"))
	return info, l.gone(pid, err)
}

// FileBuildInfo implements Host.
func (l *local) FileBuildInfo(_ context.Context, path string) (*BuildInfo, error) {
	return readBuildInfo(path)
}

// gone turns the error of a read below /proc/PID into ErrGone when the process has ended.
func (l *local) gone(pid int, err error) error {
	if err == nil || errors.Is(err, fs.ErrPermission) {
		return err
	}
	if _, missing := os.Lstat(l.path(strconv.Itoa(pid))); missing != nil {
		return ErrGone
	}
	return err
}

// Environ implements Host.
func (l *local) Environ(_ context.Context, pid int) (map[string]string, error) {
	p, err := l.procfs(pid)
	if err != nil {
		return nil, err
	}
	pairs, err := p.Environ()
	if err != nil {
		return nil, l.gone(pid, err)
	}
	return environ(pairs), nil
}

func (l *local) procfs(pid int) (procfs.Proc, error) {
	root, err := procfs.NewFS(l.proc)
	if err != nil {
		return procfs.Proc{}, fmt.Errorf("%w (%v)", ErrNoProc, err)
	}
	p, err := root.Proc(pid)
	if errors.Is(err, fs.ErrNotExist) {
		return p, ErrGone
	}
	return p, err
}

// Limits implements Host. The hard limit is not among what procfs parses, so the line is read here.
func (l *local) Limits(_ context.Context, pid int) (Limits, error) {
	text, err := os.ReadFile(l.pidPath(pid, "limits"))
	if err != nil {
		return Limits{}, l.gone(pid, err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "Max open files"); ok {
			return openFiles(strings.Fields(rest))
		}
	}
	return Limits{}, fmt.Errorf("%s names no open files", l.pidPath(pid, "limits"))
}

func openFiles(fields []string) (Limits, error) {
	var values [2]int64
	for i := range values {
		if i >= len(fields) {
			return Limits{}, fmt.Errorf("the line of open files is cut off")
		}
		if fields[i] == "unlimited" {
			values[i] = -1
			continue
		}
		n, err := strconv.ParseUint(fields[i], 10, 64)
		if err != nil || n > math.MaxInt64 {
			return Limits{}, fmt.Errorf("%q is no limit of open files", fields[i])
		}
		values[i] = int64(n)
	}
	return Limits{OpenFilesSoft: values[0], OpenFilesHard: values[1]}, nil
}

// Mounts implements Host.
func (l *local) Mounts(context.Context) ([]Mount, error) {
	root, err := procfs.NewFS(l.proc)
	if err != nil {
		return nil, fmt.Errorf("%w (%v)", ErrNoProc, err)
	}
	infos, err := root.GetMounts()
	if err != nil {
		return nil, err
	}
	mounts := make([]Mount, 0, len(infos))
	for _, info := range infos {
		m := Mount{Point: unescape(info.MountPoint), Type: info.FSType, Source: unescape(info.Source)}
		for name, value := range info.Options {
			if value != "" {
				name += "=" + value
			}
			m.Options = append(m.Options, name)
		}
		mounts = append(mounts, sortedOptions(m))
	}
	return mounts, nil
}

// unescape undoes the octal escapes of mountinfo: \040 is a blank (proc_pid_mountinfo(5)).
func unescape(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}

// UnprivilegedPortStart implements Host.
func (l *local) UnprivilegedPortStart(context.Context) (int, error) {
	values, err := l.numbers("sys/net/ipv4/ip_unprivileged_port_start", 1)
	if err != nil {
		return 0, err
	}
	return values[0], nil
}

// EphemeralPorts implements Host.
func (l *local) EphemeralPorts(context.Context) (low, high int, err error) {
	values, err := l.numbers("sys/net/ipv4/ip_local_port_range", 2)
	if err != nil {
		return 0, 0, err
	}
	return values[0], values[1], nil
}

func (l *local) numbers(name string, count int) ([]int, error) {
	text, err := os.ReadFile(filepath.Join(l.proc, name))
	if err != nil {
		return nil, err
	}
	fields := strings.Fields(string(text))
	if len(fields) != count {
		return nil, fmt.Errorf("%s holds %q, not %d numbers", name, text, count)
	}
	values := make([]int, count)
	for i, field := range fields {
		if values[i], err = strconv.Atoi(field); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return values, nil
}

// ReadFile implements Host.
func (l *local) ReadFile(_ context.Context, path string) ([]byte, error) { return readFile(path) }

// ReadDir implements Host.
func (l *local) ReadDir(_ context.Context, path string) ([]string, error) { return readDir(path) }

// Bind implements Host.
func (l *local) Bind(ctx context.Context, address string) error { return bind(ctx, address) }

// Probe implements Host.
func (l *local) Probe(ctx context.Context, in string) (*Probe, error) { return probe(ctx, in) }

// Ask implements Host.
func (l *local) Ask(ctx context.Context, at netip.AddrPort) (Reply, error) { return ask(ctx, at) }
