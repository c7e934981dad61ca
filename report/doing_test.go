package report_test

import (
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/report"
)

func TestDoing(t *testing.T) {
	var terminal, file strings.Builder
	for _, d := range []*report.Doing{nil, report.NewDoing(&terminal, 40, true), report.NewDoing(&file, 40, false)} {
		d.Tell("copying the project")
		d.Tell("building postgres://shop:hunter2@db/shop")
		d.Done()
		d.Done()
	}
	if got, want := file.String(), "gindoctor: copying the project\ngindoctor: building postgres://shop:***@db/shop\n"; got != want {
		t.Errorf("in a file: %q, want %q", got, want)
	}
	if got := terminal.String(); strings.Contains(got, "\n") || !strings.HasSuffix(got, "\r\x1b[K") || strings.Contains(got, "hunter2") {
		t.Errorf("on a terminal: %q, want one line that is gone at the end", got)
	}
}
