package report

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/gindoctor/gindoctor/target/mask"
)

// Doing says on a terminal what is being done and for how long, in one line that is gone at the end; elsewhere each thing gets a line
// of its own. A nil *Doing says nothing. It is safe for concurrent use.
type Doing struct {
	w        io.Writer
	width    int
	terminal bool

	mu    sync.Mutex
	what  string
	since time.Time
	stop  chan struct{} // ends the redrawing; nil while nothing is shown
	ended sync.WaitGroup
}

// NewDoing makes one; width is that of the terminal.
func NewDoing(w io.Writer, width int, terminal bool) *Doing {
	return &Doing{w: w, width: Options{Width: width}.width(), terminal: terminal}
}

// Tell says what is done from now on.
func (d *Doing) Tell(what string) {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.what, d.since = oneLine(mask.Message(what)), time.Now()
	if !d.terminal {
		fmt.Fprintf(d.w, "gindoctor: %s\n", d.what)
		return
	}
	d.draw()
	if d.stop == nil {
		stop := make(chan struct{})
		d.stop = stop
		d.ended.Go(func() { d.redraw(stop) })
	}
}

// redraw counts the seconds.
func (d *Doing) redraw(stop chan struct{}) {
	for tick := time.NewTicker(time.Second); ; {
		select {
		case <-stop:
			tick.Stop()
			return
		case <-tick.C:
			d.mu.Lock()
			d.draw()
			d.mu.Unlock()
		}
	}
}

func (d *Doing) draw() {
	text := d.what
	if passed := time.Since(d.since); passed >= 2*time.Second {
		text += fmt.Sprintf("  %d s", int(passed.Seconds()))
	}
	io.WriteString(d.w, eraseLine+ansi.Truncate(text, d.width-1, ellipsis))
}

// Done takes the line off the screen; a later Tell brings it back.
func (d *Doing) Done() {
	if d == nil {
		return
	}
	d.mu.Lock()
	stop := d.stop
	d.stop = nil
	d.mu.Unlock()
	if stop == nil {
		return
	}
	close(stop)
	d.ended.Wait()
	io.WriteString(d.w, eraseLine)
}
