package report_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/catalogue"
	"github.com/gindoctor/gindoctor/docs"
	"github.com/gindoctor/gindoctor/report"
)

func explain(t *testing.T, arg string, all []*checks.Check, o report.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Explain(&b, arg, all, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestExplainPage(t *testing.T) {
	page, _ := docs.Page("mod/parse")
	if got := explain(t, "mod/parse", catalogue.All(), report.Options{}); got != page {
		t.Errorf("piped, the page is changed:\n%s", got)
	}
	for _, arg := range []string{"parse", " MOD/Parse ", "go: errors parsing go.mod:"} {
		if got := explain(t, arg, []*checks.Check{catalogueCheck(t, "mod/parse")}, report.Options{}); got != page {
			t.Errorf("%q does not lead to the page:\n%s", arg, got)
		}
	}
	plain := explain(t, "mod/parse", catalogue.All(), report.Options{Terminal: true})
	if strings.Contains(plain, "\x1b") {
		t.Errorf("colour where there is none:\n%q", plain)
	}
	if styled := explain(t, "mod/parse", catalogue.All(), report.Options{Terminal: true, Color: true}); !strings.Contains(styled, "\x1b[") {
		t.Errorf("no style on a terminal:\n%s", styled)
	}
}

func catalogueCheck(t *testing.T, id string) *checks.Check {
	t.Helper()
	for _, c := range catalogue.All() {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("%s is not in the catalogue", id)
	return nil
}

// Every page can be set for a terminal.
func TestExplainEveryPage(t *testing.T) {
	for _, id := range docs.IDs() { // that every check has one is tested in docs
		got := explain(t, id, []*checks.Check{{ID: id}}, report.Options{Terminal: true, Color: true})
		if !strings.Contains(got, "Sources") {
			t.Errorf("%s:\n%s", id, got)
		}
	}
}

func TestExplainList(t *testing.T) {
	all := append([]*checks.Check{declare("port/taken", "another program holds the port", checks.Bind, checks.Error)}, declared...)
	golden(t, "explain-error.txt", []byte(explain(t, "listen tcp :8080: bind: address already in use", all, report.Options{})))
	golden(t, "explain-family.txt", []byte(explain(t, "port/*", all, report.Options{})))
	golden(t, "explain-nothing.txt", []byte(explain(t, "", all, report.Options{})))
}

func TestExplainUnknown(t *testing.T) {
	for arg, want := range map[string]string{
		"port/leftovr": `nothing is known about "port/leftovr"; did you mean port/leftover?`,
		"leftofer":     `nothing is known about "leftofer"; did you mean port/leftover?`,
		"the weather":  "nothing is known about \"the weather\"; `gindoctor checks` lists what is checked",
	} {
		err := report.Explain(&bytes.Buffer{}, arg, declared, report.Options{})
		if _, ok := errors.AsType[*report.NothingKnown](err); !ok || err.Error() != want {
			t.Errorf("%q: %v, want %s", arg, err, want)
		}
	}
}

func TestCatalogue(t *testing.T) {
	for file, width := range map[string]int{"catalogue.txt": 80, "catalogue-wide.txt": 120} {
		var b bytes.Buffer
		if err := report.Catalogue(&b, declared, report.Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		golden(t, file, b.Bytes())
	}
}
