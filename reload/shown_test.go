//go:build reload && !windows

package reload

import (
	"strings"
	"testing"

	"github.com/gindoctor/gindoctor/internal/broken"
)

// A shown makes the real air show what is wrong, and says what was seen.
type shown func(t *testing.T, b *bench, p broken.Project) string

// unnoticed: the file is saved, and air says nothing of it. watched is a folder that air does watch.
func unnoticed(watched string) shown {
	return func(t *testing.T, b *bench, p broken.Project) string {
		a := b.startAir(t)
		defer a.stop(t)
		a.answers(t, b.says(t, p.Edited(), "one"), started)
		b.edit(t, p.Edited())
		a.settled(t, watched)
		if strings.Contains(a.said(), p.Edited()+" has changed") {
			t.Fatalf("air noticed %s\n%s", p.Edited(), a.said())
		}
		if want := b.says(t, p.Edited(), "one"); !strings.Contains(b.get(), want) {
			t.Fatalf("the page does not show %q any more\n%s", want, a.said())
		}
		return "the edit is not noticed"
	}
}

// says: air, the go command or the server complains.
func says(words string) shown {
	return func(t *testing.T, b *bench, p broken.Project) string {
		a := b.startAir(t)
		defer a.stop(t)
		a.until(t, words, func(said string) bool { return strings.Contains(said, words) })
		return words
	}
}

// stale: the edit is built, and the old answer is served by what air starts then.
func stale(t *testing.T, b *bench, p broken.Project) string {
	a := b.startAir(t)
	defer a.stop(t)
	a.answers(t, b.says(t, p.Edited(), "one"), started)
	b.edit(t, p.Edited())
	a.until(t, "a second start", func(said string) bool { return strings.Count(said, "running...") > 1 })
	a.answers(t, b.says(t, p.Edited(), "one"), reloaded)
	return "built, and the old answer stays"
}

// staleOnError: a broken save leaves the old server answering.
func staleOnError(t *testing.T, b *bench, p broken.Project) string {
	a := b.startAir(t)
	defer a.stop(t)
	a.answers(t, b.says(t, p.Edited(), "one"), started)
	broken.Write(t, b.Dir+"/"+p.Edited(), "package broken {", 0o644)
	a.until(t, "a second start", func(said string) bool { return strings.Count(said, "running...") > 1 })
	a.answers(t, b.says(t, p.Edited(), "one"), reloaded)
	return "the build fails, and the old server is started again"
}

// loops: air builds again and again, and nobody saves anything.
func loops(t *testing.T, b *bench, _ broken.Project) string {
	a := b.startAir(t)
	defer a.stop(t)
	a.until(t, "a fourth build", func(said string) bool { return strings.Count(said, "building...") > 3 })
	return "four builds without an edit"
}

// killed: the server is ended before its shutdown is through.
func killed(t *testing.T, b *bench, p broken.Project) string {
	a := b.startAir(t)
	defer a.stop(t)
	a.answers(t, b.says(t, p.Edited(), "one"), started)
	b.edit(t, p.Edited())
	a.answers(t, b.says(t, p.Edited(), "two"), reloaded)
	if strings.Contains(a.said(), peace) {
		t.Fatalf("the server was not killed\n%s", a.said())
	}
	return "the server is killed"
}

// peace is the server's last word when it is let.
const peace = "closed in peace"

// inPeace: the reload has let the server shut down.
func inPeace(t *testing.T, _ *bench, a *running) {
	a.until(t, "a graceful end of the server", func(said string) bool { return strings.Contains(said, peace) })
}

// atRest: what the build writes is not noticed any more.
func atRest(written, watched string) func(*testing.T, *bench, *running) {
	return func(t *testing.T, _ *bench, a *running) {
		a.settled(t, watched)
		if strings.Contains(a.said(), written+" has changed") {
			t.Errorf("air still reacts to %s\n%s", written, a.said())
		}
	}
}
