package fixes

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aymanbagabas/go-udiff"
)

func TestRenumbered(t *testing.T) {
	var lines []string
	for i := range 60 {
		lines = append(lines, "line "+strings.Repeat("x", i))
	}
	for name, c := range map[string]struct {
		edit  func(all []string) []string
		heads []string
	}{
		"one hunk": {func(all []string) []string { return slices.Delete(all, 9, 10) }, []string{"@@ -7,7 +7,6 @@"}},
		"two edits in the first hunk": {func(all []string) []string {
			all = slices.Delete(all, 49, 50)
			all[12], all[9] = "twelve", "nine"
			return all
		}, []string{"@@ -7,10 +7,10 @@", "@@ -47,7 +47,6 @@"}},
		"lines go, then come": {func(all []string) []string {
			all = slices.Insert(all, 50, "a", "b")
			all = slices.Delete(all, 30, 31)
			all = slices.Delete(all, 14, 15)
			return slices.Delete(all, 9, 12)
		}, []string{"@@ -7,12 +7,8 @@", "@@ -28,7 +24,6 @@", "@@ -48,6 +43,8 @@"}},
		"a file that is made": {func([]string) []string { return []string{"a"} }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			before := strings.Join(lines, "\n") + "\n"
			after := strings.Join(c.edit(slices.Clone(lines)), "\n") + "\n"
			if c.heads == nil {
				if before, c.heads = "", []string{"@@ -0,0 +1 @@"}; after != "a\n" {
					t.Fatal(after)
				}
			}
			got := regexp.MustCompile(`(?m)^@@.*$`).FindAllString(renumbered(udiff.Unified("a", "b", before, after)), -1)
			if !slices.Equal(got, c.heads) {
				t.Errorf("the heads are %q, and should be %q", got, c.heads)
			}
		})
	}
}
