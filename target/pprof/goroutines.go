package pprof

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

// The bounds on what a profile unpacks to. Parsed it takes some ten times of that.
const (
	maxUnpacked = 16 << 20 // bytes
	maxMessages = 1 << 18  // samples, places, functions and names
)

var (
	errNoProfile = errors.New("what it sends is no profile of goroutines")
	errWebPage   = errors.New("it sends a web page, not a profile")
)

// Goroutines asks for all goroutines.
func (s *Server) Goroutines(ctx context.Context) (Profile, error) {
	p, err := s.profile(ctx, "goroutine", "0")
	if err == nil || errors.Is(err, ErrAbsent) || !errors.Is(err, errNoProfile) {
		return p, err
	}
	if p, textErr := s.profile(ctx, "goroutine", "1"); textErr == nil {
		return p, nil
	}
	return p, err
}

// Leaked asks the runtime which goroutines it can prove to be leaked. The server collects its garbage for the answer. ErrAbsent
// where the program was not built with that (GOEXPERIMENT=goroutineleakprofile), or a route leads to other profiles only.
func (s *Server) Leaked(ctx context.Context) (Profile, error) {
	p, err := s.profile(ctx, "goroutineleak", "0")
	p.Leaked = true
	return p, err
}

func (s *Server) profile(ctx context.Context, name, debug string) (Profile, error) {
	u := s.base.JoinPath(name)
	query := u.Query()
	query.Set("debug", debug)
	u.RawQuery = query.Encode()
	data, err := s.ask(ctx, u, MaxAnswer)
	if err != nil {
		return Profile{}, err
	}
	p, err := Parse(data)
	if err != nil {
		return Profile{}, fmt.Errorf("%s: %w", show(u), err)
	}
	p.Source, p.Taken = s.String(), time.Now()
	return p, nil
}

// Parse reads a profile of goroutines: what net/http/pprof sends for debug=0, packed or not, or for debug=1.
func Parse(data []byte) (Profile, error) {
	if p, ok, err := parseText(data); ok {
		return p, err
	}
	if webPage(data) {
		return Profile{}, errWebPage
	}
	data, err := unpack(data)
	if err != nil {
		return Profile{}, err
	}
	if err := measure(data); err != nil {
		return Profile{}, err
	}
	parsed, err := profile.ParseUncompressed(data)
	if err != nil {
		return Profile{}, errNoProfile
	}
	return group(parsed)
}

func webPage(data []byte) bool {
	start := bytes.ToLower(bytes.TrimSpace(data[:min(len(data), 512)]))
	return bytes.HasPrefix(start, []byte("<!doctype")) || bytes.HasPrefix(start, []byte("<html"))
}

func unpack(data []byte) ([]byte, error) {
	if !bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		if len(data) > maxUnpacked {
			return nil, fmt.Errorf("it is a profile of more than %d MiB", maxUnpacked>>20)
		}
		return data, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, errNoProfile
	}
	out, err := io.ReadAll(io.LimitReader(z, maxUnpacked+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the profile breaks off: %w", err)
	case len(out) > maxUnpacked:
		return nil, fmt.Errorf("it unpacks to more than %d MiB", maxUnpacked>>20)
	}
	return out, nil
}

// measure refuses what would take far more memory than room on the wire, before it is parsed: empty messages are two bytes each.
// All that a profile holds stands in fields of its outermost message (perftools.profiles.Profile).
func measure(data []byte) error {
	for messages := 0; len(data) > 0; messages++ {
		if messages >= maxMessages {
			return fmt.Errorf("it holds more than %d entries", maxMessages)
		}
		tag, n := binary.Uvarint(data)
		if n <= 0 {
			return errNoProfile
		}
		data = data[n:]
		value, n := binary.Uvarint(data)
		switch tag & 7 {
		case 0: // a number
			if n <= 0 {
				return errNoProfile
			}
			data = data[n:]
		case 2: // that many bytes
			if n <= 0 || value > uint64(len(data)-n) {
				return errNoProfile
			}
			data = data[n+int(value):]
		default:
			return errNoProfile
		}
	}
	return nil
}

// group makes a Profile of one of goroutines; other kinds are refused.
func group(parsed *profile.Profile) (Profile, error) {
	at := -1
	for i, t := range parsed.SampleType {
		if t.Type == "goroutine" || t.Type == "goroutineleak" {
			at = i
		}
	}
	if at < 0 {
		return Profile{}, errNoProfile
	}
	var stacks gathered
	for _, sample := range parsed.Sample {
		if at >= len(sample.Value) || sample.Value[at] <= 0 || sample.Value[at] > maxGoroutines {
			return Profile{}, errNoProfile
		}
		stacks.add(int(sample.Value[at]), calls(sample))
	}
	return stacks.profile(), nil
}

// maxGoroutines is more than any process holds: each takes two kilobytes and more.
const maxGoroutines = 1 << 32

// calls are the frames of a sample, those of inlined functions too, the innermost first.
func calls(sample *profile.Sample) []Frame {
	var out []Frame
	for _, location := range sample.Location {
		for _, line := range location.Line {
			if line.Function != nil {
				out = append(out, Frame{Func: line.Function.Name, File: line.Function.Filename, Line: int(line.Line)})
			}
		}
	}
	return out
}

// waits tells by the runtime's frames and those that stand for it what a goroutine waits for (runtime/chan.go, select.go, sema.go,
// netpoll.go, time.go).
var waits = map[string]Wait{
	"runtime.chansend": Send, "runtime.chansend1": Send,
	"runtime.chanrecv": Receive, "runtime.chanrecv1": Receive, "runtime.chanrecv2": Receive,
	"runtime.selectgo": Select, "runtime.block": Forever,
	"runtime.semacquire1": Lock, "sync.runtime_Semacquire": Lock, "sync.runtime_notifyListWait": Lock,
	"runtime.netpollblock": IO, "internal/poll.runtime_pollWait": IO,
	"time.Sleep": Sleep, "runtime.notetsleepg": Syscall, "syscall.Syscall": Syscall, "syscall.Syscall6": Syscall,
}

func waitOf(frames []Frame) Wait {
	for _, f := range frames {
		if w, ok := waits[f.Func]; ok {
			return w
		}
		if strings.Contains(f.Func, ".runtime_Semacquire") { // of sync and internal/sync, by many names
			return Lock
		}
		if !ofRuntime(f.Func) {
			break
		}
	}
	return Unknown
}

func ofRuntime(function string) bool {
	return strings.HasPrefix(function, "runtime.") || strings.HasPrefix(function, "internal/runtime/")
}
