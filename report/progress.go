package report

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/gindoctor/gindoctor/checks"
)

// Progress is one line on a terminal that says how far a run is and what it has found, drawn over and over in place, and
// gone at the end. A nil *Progress, for where there is no terminal, says nothing.
type Progress struct {
	w     io.Writer
	width int
	total int
	stop  chan struct{}
	ended sync.WaitGroup

	mu       sync.Mutex
	open     []*checks.Check // not answered yet, in the order of asking
	errors   int
	warnings int
	visible  bool
}

// ProgressAfter is how long a run may take before a person wonders; pass time.After(ProgressAfter) to NewProgress.
const ProgressAfter = 500 * time.Millisecond

// NewProgress makes the line for a run of these checks on a terminal of that width. It appears when show fires: a run that is
// over before that leaves no trace. Pass Finished as checks.RunOptions.OnFinish and call Done when the run is over.
func NewProgress(terminal io.Writer, width int, selected []*checks.Check, show <-chan time.Time) *Progress {
	p := &Progress{
		w: terminal, width: Options{Width: width}.width(), total: len(selected), open: append([]*checks.Check(nil), selected...),
		stop: make(chan struct{}),
	}
	p.ended.Go(func() {
		select {
		case <-show:
			p.mu.Lock()
			defer p.mu.Unlock()
			p.visible = true
			p.draw()
		case <-p.stop:
		}
	})
	return p
}

// Finished takes note of an outcome.
func (p *Progress) Finished(o checks.Outcome) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, c := range p.open {
		if c == o.Check {
			p.open = append(p.open[:i], p.open[i+1:]...)
			break
		}
	}
	for _, f := range o.Findings {
		switch f.Severity {
		case checks.Error:
			p.errors++
		case checks.Warning:
			p.warnings++
		}
	}
	if p.visible {
		p.draw()
	}
}

// Done takes the line off the screen.
func (p *Progress) Done() {
	if p == nil {
		return
	}
	close(p.stop)
	p.ended.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.visible {
		io.WriteString(p.w, eraseLine)
	}
	p.visible = false
}

// eraseLine goes to the first column and clears what follows; every terminal but a dumb one knows it.
const eraseLine = "\r\x1b[K"

// draw writes the line, one column short of the edge, where some terminals would begin a new one.
func (p *Progress) draw() {
	io.WriteString(p.w, eraseLine+ansi.Truncate(p.line(), p.width-1, ellipsis))
}

func (p *Progress) line() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %s answered", p.total-len(p.open), counted(p.total, "question"))
	var found []string
	if p.errors > 0 {
		found = append(found, counted(p.errors, "error"))
	}
	if p.warnings > 0 {
		found = append(found, counted(p.warnings, "warning"))
	}
	if len(found) > 0 {
		fmt.Fprintf(&b, ", %s so far", strings.Join(found, " and "))
	}
	if len(p.open) > 0 {
		fmt.Fprintf(&b, "; asking %s", p.open[0].ID)
	}
	return b.String()
}
