package tomledit

import (
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/target/tomldoc"
)

const config = `# air
root = "."

[build]
  # what runs
  bin = "./tmp/main" # here
  exclude_dir = ["assets", "tmp"]
  include_ext = [
    "go", # ours
    "html"
  ]

[log]
time = true
`

func TestEdits(t *testing.T) {
	t.Parallel()
	find := func(f File, path string) tomldoc.Entry { e, _ := f.Doc.Find(strings.Split(path, ".")...); return e }
	swap := func(old, text string) string { return strings.Replace(config, old, text, 1) }
	tests := []struct {
		name, src string
		edit      func(f File) plan.Edit
		want      string
	}{
		{"a value", config, func(f File) plan.Edit { return f.Set(Quote("./tmp/app"), "build", "bin") }, swap("./tmp/main", "./tmp/app")},
		{"a key", config, func(f File) plan.Edit { return f.Rename(find(f, "build.bin"), "entrypoint") }, swap("bin =", "entrypoint =")},
		{"a key less", config, func(f File) plan.Edit { return f.Remove(find(f, "build.bin")) }, swap("  bin = \"./tmp/main\" # here\n", "")},
		{"a key less, of many lines", config, func(f File) plan.Edit { return f.Remove(find(f, "build.include_ext")) }, swap("  include_ext = [\n    \"go\", # ours\n    \"html\"\n  ]\n", "")},
		{"a key more", config, func(f File) plan.Edit { return f.Set("true", "build", "send_interrupt") }, swap("  ]\n\n", "  ]\n  send_interrupt = true\n\n")},
		{"a key more on top", config, func(f File) plan.Edit { return f.Set(Quote("tmp"), "tmp_dir") }, swap("root = \".\"\n", "root = \".\"\ntmp_dir = \"tmp\"\n")},
		{"a table more", config, func(f File) plan.Edit { return f.Set("true", "misc", "clean_on_exit") }, config + "\n[misc]\nclean_on_exit = true\n"},
		{"a table more, no line end", "a = 1", func(f File) plan.Edit { return f.Set("2", "t", "b") }, "a = 1\n\n[t]\nb = 2"},
		{"the first table", "", func(f File) plan.Edit { return f.Set("2", "t", "b") }, "[t]\nb = 2\n"},
		{"into an empty table", "[t]\n[u]\n", func(f File) plan.Edit { return f.Set("2", "t", "b") }, "[t]\nb = 2\n[u]\n"},
		{"beside dotted keys", "t.a = 1\n", func(f File) plan.Edit { return f.Set("2", "t", "b") }, "t.a = 1\nt.b = 2\n"},
		{"into an inline table", "t = { a = 1 }\n", func(f File) plan.Edit { return f.Set("2", "t", "b") }, "t = { a = 1, b = 2 }\n"},
		{"into an empty inline table", "t = {}\n", func(f File) plan.Edit { return f.Set("2", "t", "b") }, "t = { b = 2}\n"},
		{"out of an inline table", "t = { a = 1, b = 2 }\n", func(f File) plan.Edit { return f.Remove(find(f, "t.a")) }, "t = { b = 2 }\n"},
		{"the last out of an inline table", "t = { a = 1, b = 2 }\n", func(f File) plan.Edit { return f.Remove(find(f, "t.b")) }, "t = { a = 1 }\n"},
		{"CRLF", "[t]\r\na = 1\r\n", func(f File) plan.Edit { return f.Set("2", "t", "b") }, "[t]\r\na = 1\r\nb = 2\r\n"},
		{"BOM", "\xef\xbb\xbfa = 1\n", func(f File) plan.Edit { return f.Set("2", "b") }, "\xef\xbb\xbfa = 1\nb = 2\n"},
		{"the first item goes", config, func(f File) plan.Edit { return item(f.RemoveItem(find(f, "build.exclude_dir"), 0)) }, swap(`"assets", "tmp"`, `"tmp"`)},
		{"the last item goes", config, func(f File) plan.Edit { return item(f.RemoveItem(find(f, "build.exclude_dir"), 1)) }, swap(`"assets", "tmp"`, `"assets"`)},
		{"the only item goes", "a = [ 1, ]\n", func(f File) plan.Edit { return item(f.RemoveItem(find(f, "a"), 0)) }, "a = [  ]\n"},
		{"an item of its own line goes", config, func(f File) plan.Edit { return item(f.RemoveItem(find(f, "build.include_ext"), 0)) }, swap("    \"go\", # ours\n", "")},
		{"the last of them goes", config, func(f File) plan.Edit { return item(f.RemoveItem(find(f, "build.include_ext"), 1)) }, swap("    \"html\"\n", "")},
		{"an item more", config, func(f File) plan.Edit { return item(f.AppendItem(find(f, "build.exclude_dir"), `"vendor"`)) }, swap(`"tmp"]`, `"tmp", "vendor"]`)},
		{"an item more, comma behind", "a = [1,]\n", func(f File) plan.Edit { return item(f.AppendItem(find(f, "a"), "2")) }, "a = [1, 2,]\n"},
		{"an item more, the first", "a = []\n", func(f File) plan.Edit { return item(f.AppendItem(find(f, "a"), "2")) }, "a = [2]\n"},
		{"an item more, a line", config, func(f File) plan.Edit { return item(f.AppendItem(find(f, "build.include_ext"), `"tmpl"`)) }, swap("    \"html\"\n", "    \"html\",\n    \"tmpl\"\n")},
		{"an item more, a line, comma behind", "a = [\n\t1, # one\n]\n", func(f File) plan.Edit { return item(f.AppendItem(find(f, "a"), "2")) }, "a = [\n\t1, # one\n\t2,\n]\n"},
		{"an item more, a line, comment behind", "a = [\n\t1 # one\n]\n", func(f File) plan.Edit { return item(f.AppendItem(find(f, "a"), "2")) }, "a = [\n\t1, # one\n\t2\n]\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := File{".air.toml", tomldoc.Parse([]byte(tt.src))}
			got, err := plan.Apply([]byte(tt.src), []plan.Edit{tt.edit(f)})
			if err != nil || string(got) != tt.want {
				t.Fatalf("%v\n%q, want\n%q", err, got, tt.want)
			}
			var v map[string]any
			if err := toml.Unmarshal([]byte(strings.TrimPrefix(string(got), "\xef\xbb\xbf")), &v); err != nil {
				t.Error(err)
			}
		})
	}
}

func item(e plan.Edit, _ bool) plan.Edit { return e }

func TestQuote(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"tmp": `"tmp"`, `_test\.go`: `'_test\.go'`, `it's \`: `"it's \\"`} {
		if got := Quote(s); got != want {
			t.Errorf("%s: %s", s, got)
		}
	}
}

// Whatever TOML it is given, an edit leaves TOML behind.
func FuzzEdits(f *testing.F) {
	f.Add(config)
	f.Add("a.b = 1\n[a.c]\nd = [1,\n2]\n")
	f.Add("t = { a = { b = 1 } }\r\n[[x]]\ny = 1\n[x.z]\n")
	f.Fuzz(func(t *testing.T, src string) {
		var v map[string]any
		if toml.Unmarshal([]byte(src), &v) != nil {
			return
		}
		file := File{"f", tomldoc.Parse([]byte(src))}
		if file.Doc.Err != nil {
			return
		}
		for _, e := range file.Doc.Entries {
			edits := []plan.Edit{file.Replace(e, "7"), file.Remove(e)}
			if e.Value.Kind == tomldoc.Array {
				if edit, ok := file.AppendItem(e, "7"); ok {
					edits = append(edits, edit)
				}
				for i := range e.Value.Items {
					if edit, ok := file.RemoveItem(e, i); ok {
						edits = append(edits, edit)
					}
				}
			}
			for _, edit := range edits {
				got, err := plan.Apply([]byte(src), []plan.Edit{edit})
				if err != nil {
					t.Fatal(err)
				}
				if err := toml.Unmarshal(got, &v); err != nil && !strings.Contains(err.Error(), "already") {
					t.Fatalf("%q becomes %q: %v", src, got, err)
				}
			}
		}
	})
}
