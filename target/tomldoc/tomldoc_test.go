package tomldoc_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/target/tomldoc"
)

const sample = "\xef\xbb\xbf" + "root = \".\" # here\r\n[build]\r\n  exclude_dir = [\"a\", 'b', # x\r\n    \"c\"]\r\n  opts = {deep = true}\r\n[[build.rules]]\r\nname = 'q'\r\n"

func TestEveryValueHasItsPlace(t *testing.T) {
	t.Parallel()
	d := tomldoc.Parse([]byte(sample))
	if d.Err != nil {
		t.Fatal(d.Err)
	}
	text := func(s tomldoc.Span) string { return sample[s.Start:s.End] }
	tests := []struct {
		path         []string
		key, value   string
		line, column int
	}{
		{[]string{"root"}, "root", `"."`, 1, 4},
		{[]string{"build", "exclude_dir"}, "exclude_dir", "[\"a\", 'b', # x\r\n    \"c\"]", 3, 3},
		{[]string{"build", "opts", "deep"}, "deep", "true", 5, 11},
		{[]string{"build", "rules", "name"}, "name", "'q'", 7, 1},
	}
	for _, tt := range tests {
		e, ok := d.Find(tt.path...)
		line, column := d.Position(e.Key.Start)
		if !ok || text(e.Key) != tt.key || text(e.Value.Span) != tt.value || line != tt.line || column != tt.column {
			t.Errorf("%v: key %q, value %q at %d:%d", tt.path, text(e.Key), text(e.Value.Span), line, column)
		}
	}
	list, _ := d.Find("build", "exclude_dir")
	if len(list.Value.Items) != 3 || list.Value.Items[1].Text != "b" || text(list.Value.Items[2].Span) != `"c"` {
		t.Errorf("items: %+v", list.Value.Items)
	}
	if len(d.Tables) != 2 || !d.Tables[1].Array || text(d.Tables[1].Name) != "build.rules" {
		t.Errorf("tables: %+v", d.Tables)
	}
}

func TestSyntaxErrorHasItsPlace(t *testing.T) {
	t.Parallel()
	d := tomldoc.Parse([]byte("root = \".\"\nbuild:\n  cmd: go build\n"))
	if d.Err == nil || d.Err.Line != 2 {
		t.Errorf("got %+v", d.Err)
	}
	if _, ok := d.Find("root"); !ok {
		t.Error("what stands before the error is lost")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("a = [1, {b = 2}]\n[[x]]\n"))
	f.Add([]byte("\x00\x7fELF"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d := tomldoc.Parse(data)
		for _, e := range d.Entries {
			for _, s := range []tomldoc.Span{e.Key, e.Whole, e.Value.Span} {
				if s.Start < 0 || s.End < s.Start || s.End > len(data) {
					t.Fatalf("span %+v of %+v lies outside", s, e)
				}
			}
		}
		if d.Err != nil && (d.Err.Line < 1 || d.Err.Column < 1) {
			t.Fatalf("no place: %+v", d.Err)
		}
	})
}
