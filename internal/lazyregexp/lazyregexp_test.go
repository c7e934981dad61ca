package lazyregexp

import (
	"regexp"
	"testing"
)

func TestNew(t *testing.T) {
	inTest = false // as in the program
	t.Cleanup(func() { inTest = true })
	r := New(`a(b+)`)
	if !r.MatchString("xabb") || r.MatchString("xb") || r.String() != `a(b+)` {
		t.Errorf("%v does not match as it should", r)
	}
	if got := r.FindStringSubmatch("xabb"); len(got) != 2 || got[1] != "bb" {
		t.Errorf("FindStringSubmatch: %q", got)
	}
	broken := New(`a(`) // nobody has needed it yet
	defer func() {
		if recover() == nil {
			t.Error("an expression that does not compile was used")
		}
	}()
	broken.MatchString("a")
}

func TestOf(t *testing.T) {
	if r := Of(regexp.MustCompile(`^a$`)); !r.MatchString("a") || r.String() != `^a$` {
		t.Errorf("%v is not what it was made of", r)
	}
}

func TestCompiledInTests(t *testing.T) {
	if !inTest {
		t.Fatal("this is a test, and not known as one")
	}
	defer func() {
		if recover() == nil {
			t.Error("an expression that does not compile was taken in a test")
		}
	}()
	New(`a(`)
}
