package stage

import (
	"bufio"
	"context"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

// Line is one line that a program has printed, without colours, and when it came.
type Line struct {
	At   time.Time
	Text string
}

// maxLines and maxLine bound what is kept of an output: the newest lines, each up to so many bytes.
const (
	maxLines = 5000
	maxLine  = 4096
)

// Output is what a program and all that it starts have printed. It is safe for concurrent use.
type Output struct {
	mu    sync.Mutex
	lines []Line
	first int           // number of the oldest line that is kept
	more  chan struct{} // closed, and made anew, when a line comes
	done  bool          // there will be no more
	ended chan struct{} // closed when there will be no more
}

// NewOutput is an empty one.
func NewOutput() *Output { return &Output{more: make(chan struct{}), ended: make(chan struct{})} }

var escapes = lazyregexp.New("\x1b(\\[[0-9;?]*[A-Za-z]|\\][^\a\x1b]*(\a|\x1b\\\\))")

func (o *Output) read(r io.ReadCloser) {
	defer r.Close()
	lines := bufio.NewReaderSize(r, maxLine)
	for {
		text, err := lines.ReadSlice('\n')
		if len(text) > 0 {
			o.add(string(text))
		}
		if err != nil && err != bufio.ErrBufferFull {
			break
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.done = true
	close(o.ended)
	close(o.more)
	o.more = make(chan struct{})
}

// Ended is closed when there will be no more: nothing that could print lives any more.
func (o *Output) Ended() <-chan struct{} { return o.ended }

func (o *Output) add(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lines = append(o.lines, Line{time.Now(), strings.TrimRight(escapes.ReplaceAllString(text, ""), " \r\n")})
	if len(o.lines) > maxLines {
		drop := len(o.lines) - maxLines
		o.lines, o.first = o.lines[drop:], o.first+drop
	}
	close(o.more)
	o.more = make(chan struct{})
}

// Mark is a place in the output: what is printed from now on comes after it.
func (o *Output) Mark() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.first + len(o.lines)
}

// Since are the lines after a mark.
func (o *Output) Since(mark int) []Line {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]Line(nil), o.since(mark)...)
}

func (o *Output) since(mark int) []Line { return o.lines[min(max(0, mark-o.first), len(o.lines)):] }

// Tail are the last n lines that are not empty, as text: what a person is shown of a program that failed.
func (o *Output) Tail(n int) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []string
	for i := len(o.lines) - 1; i >= 0 && len(out) < n; i-- {
		if text := o.lines[i].Text; strings.TrimSpace(text) != "" {
			out = append([]string{text}, out...)
		}
	}
	return out
}

// Until waits for a line after a mark that meets a condition. It is false where the output ended, or ctx did, before there was one.
func (o *Output) Until(ctx context.Context, mark int, met func(text string) bool) (Line, bool) {
	for {
		o.mu.Lock()
		lines, more, done := o.since(mark), o.more, o.done
		mark = o.first + len(o.lines)
		found := -1
		for i, l := range lines {
			if met(l.Text) {
				found = i
				break
			}
		}
		if found >= 0 {
			l := lines[found]
			o.mu.Unlock()
			return l, true
		}
		o.mu.Unlock()
		if done {
			return Line{}, false
		}
		select {
		case <-more:
		case <-ctx.Done():
			return Line{}, false
		}
	}
}
