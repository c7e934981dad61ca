//go:build unix

package stage

import "testing"

func TestReplacePath(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"/src/shop", "/copy/shop"},
		{"/src/shop/config.yaml", "/copy/shop/config.yaml"},
		{"/src/shopping", "/src/shopping"},
		{"/usr/src/shop", "/usr/src/shop"},
		{"/bin:/src/shop/bin:/usr/bin", "/bin:/copy/shop/bin:/usr/bin"},
		{`root = "/src/shop"`, `root = "/copy/shop"`},
		{"file:///src/shop/x", "file:///copy/shop/x"},
		{"-modfile=/src/shop/go.dev.mod -v", "-modfile=/copy/shop/go.dev.mod -v"},
		{"", ""},
	} {
		if got := replacePath(tt.text, "/src/shop", "/copy/shop"); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.text, got, tt.want)
		}
	}
	if got := replacePath("/etc", "/", "/copy"); got != "/etc" {
		t.Errorf("a project at the root of the filesystem: %s", got)
	}
}

func TestCommon(t *testing.T) {
	for _, tt := range []struct {
		paths []string
		want  string
	}{
		{[]string{"/a/shop"}, "/a/shop"},
		{[]string{"/a/shop", "/a/lib"}, "/a"},
		{[]string{"/a/shop", "/a/shop/x"}, "/a/shop"},
		{[]string{"/a/b/shop", "/c"}, "/"},
		{[]string{"/a/shop", "/a/shopping"}, "/a"},
	} {
		if got := common(tt.paths); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.paths, got, tt.want)
		}
	}
}
