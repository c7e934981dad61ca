package stage

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestOutput(t *testing.T) {
	o := NewOutput()
	r, w := io.Pipe()
	go o.read(r)
	fmt.Fprint(w, "one\n\x1b[31mtwo\x1b[0m \r\n\n")
	if l, ok := o.Until(t.Context(), 0, func(text string) bool { return text == "two" }); !ok || l.At.IsZero() {
		t.Error(l, ok)
	}
	mark := o.Mark()
	fmt.Fprint(w, "three\n"+strings.Repeat("x", 3*maxLine)+"\nlast without an end")
	w.Close()
	<-o.Ended()
	if got := o.Since(mark)[len(o.Since(mark))-1].Text; got != "last without an end" {
		t.Error(got)
	}
	for _, l := range o.Since(0) {
		if len(l.Text) > maxLine {
			t.Error("a line of", len(l.Text))
		}
	}
	if got := o.Tail(1); len(got) != 1 || got[0] != "last without an end" {
		t.Error(got)
	}
	if _, ok := o.Until(t.Context(), 0, func(string) bool { return false }); ok {
		t.Error("found what is not there")
	}
}

func TestOutputIsBounded(t *testing.T) {
	o := NewOutput()
	for i := range 2 * maxLines {
		o.add(fmt.Sprint(i, "\n"))
	}
	all := o.Since(0)
	if len(all) != maxLines || all[0].Text != fmt.Sprint(maxLines) || o.Mark() != 2*maxLines {
		t.Error(len(all), all[0], o.Mark())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, ok := o.Until(ctx, o.Mark(), func(string) bool { return true }); ok {
		t.Error("a line that never came")
	}
}
