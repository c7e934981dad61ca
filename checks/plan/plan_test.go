package plan

import "testing"

func TestLine(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]Command{
		"go get m@v1.0.0":                     {Args: []string{"get", "m@v1.0.0"}},
		"git rm --cached -- tmp/main":         {Tool: Git, Args: []string{"rm", "--cached", "--", "tmp/main"}},
		`git rm 'a b' "it's" '*.log' '' '$x'`: {Tool: Git, Args: []string{"rm", "a b", "it's", "*.log", "", "$x"}},
	} {
		if got := c.Line(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if !c.Same(c) || c.Same(Command{Tool: c.Tool, Args: c.Args, Dir: "x"}) {
			t.Errorf("%s: not the same as itself, or as elsewhere", want)
		}
	}
}
