package pprof

import (
	"bufio"
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// parseText reads the text form (debug=1):
//
//	goroutine profile: total 57
//	50 @ 0x43e8ee 0x406bcd
//	#	0x6f1a25	example.org/shop/dispatch.Deliver.func1+0x45	/src/dispatch/dispatch.go:14
//
// It gives no frame of the runtime. ok is false for what does not begin so.
func parseText(data []byte) (p Profile, ok bool, err error) {
	head, rest, _ := bytes.Cut(data, []byte("\n"))
	name, total, found := strings.Cut(string(bytes.TrimRight(head[:min(len(head), 100)], "\r")), " profile: total ")
	if !found || name != "goroutine" && name != "goroutineleak" {
		return Profile{}, false, nil
	}
	var stacks gathered
	count := 0
	var frames []Frame
	done := func() {
		if count > 0 {
			stacks.add(count, frames)
		}
		count, frames = 0, nil
	}
	lines := bufio.NewScanner(bytes.NewReader(rest))
	lines.Buffer(nil, 1<<20) // a stack of many frames has a long first line
	for lines.Scan() {
		line := lines.Text()
		if n, isStack := stackLine(line); isStack {
			done()
			count = n
			continue
		}
		if f, isFrame := frameLine(line); isFrame {
			frames = append(frames, f)
		}
	}
	done()
	if lines.Err() != nil {
		return Profile{}, true, fmt.Errorf("%w: a line of it has no end", errNoProfile)
	}
	p = stacks.profile()
	if n, err := strconv.Atoi(strings.TrimSpace(total)); err != nil || n != p.Total {
		return Profile{}, true, fmt.Errorf("the profile breaks off: it has %d goroutines of %q", p.Total, strings.TrimSpace(total))
	}
	return p, true, nil
}

func stackLine(line string) (count int, ok bool) {
	digits, _, found := strings.Cut(line, " @")
	if !found || strings.HasPrefix(line, "#") {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n > 0 && n <= maxGoroutines
}

// frameLine reads "#	0x6f1a25	FUNCTION+0x45	FILE:LINE"; the columns are aligned with further tabs.
func frameLine(line string) (Frame, bool) {
	fields := strings.FieldsFunc(line, func(r rune) bool { return r == '\t' })
	if len(fields) != 4 || fields[0] != "#" {
		return Frame{}, false
	}
	function := fields[2]
	if i := strings.LastIndex(function, "+0x"); i > 0 {
		function = function[:i]
	}
	colon := strings.LastIndex(fields[3], ":")
	if colon < 0 {
		return Frame{}, false
	}
	n, err := strconv.Atoi(fields[3][colon+1:])
	if err != nil {
		return Frame{}, false
	}
	return Frame{Func: function, File: fields[3][:colon], Line: n}, true
}
