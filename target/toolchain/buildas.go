package toolchain

import (
	"slices"
	"strings"
)

// BuildAs are the flags and variables of somebody's `go build` command that decide what is compiled and under which name
// it lies in the build cache.
type BuildAs struct {
	Flags   []string
	Environ []string
}

// deciding are the flags of `go build` that count here, and whether they take a value. -mod is not among them: see forced.
var deciding = map[string]bool{
	"tags": true, "gcflags": true, "asmflags": true,
	"race": false, "msan": false, "asan": false, "trimpath": false,
}

// ParseBuildAs takes them from the words of a command such as `go build -tags prod -o ./tmp/main .` and the variables set
// for it. A word that only a shell could tell is "". ok tells whether it is such a command.
func ParseBuildAs(words, assigns []string) (b BuildAs, ok bool) {
	if len(words) < 2 || words[0] != "go" || !slices.Contains([]string{"build", "run", "install"}, words[1]) {
		return b, false
	}
	for _, a := range assigns {
		name, value, _ := strings.Cut(a, "=")
		if value != "" && (strings.HasPrefix(name, "GO") || strings.HasPrefix(name, "CGO_")) && name != "GOPROXY" {
			b.Environ = append(b.Environ, a)
		}
	}
	for i := 2; i < len(words); i++ {
		word := words[i]
		if !strings.HasPrefix(word, "-") || word == "-" || word == "--" {
			break // the packages, and after them what the program is given
		}
		name, value, hasValue := strings.Cut(strings.TrimLeft(word, "-"), "=")
		takes, counts := deciding[name]
		switch {
		case counts && takes && !hasValue && i+1 < len(words):
			i++
			value = words[i]
			fallthrough
		case counts && takes:
			if value != "" {
				b.Flags = append(b.Flags, "-"+name+"="+value)
			}
		case counts:
			b.Flags = append(b.Flags, "-"+strings.TrimLeft(word, "-"))
		case !hasValue && takesValue[name]:
			i++
		}
	}
	return b, true
}

// takesValue are the other flags whose value is the next word.
var takesValue = map[string]bool{
	"o": true, "p": true, "mod": true, "modfile": true, "ldflags": true, "gccgoflags": true, "buildmode": true, "compiler": true,
	"installsuffix": true, "overlay": true, "pkgdir": true, "pgo": true, "toolexec": true, "exec": true, "C": true,
	"coverpkg": true, "covermode": true,
}

// forTypes is the same build without what has no bearing on types: what nobody has compiled yet is most likely there without it.
func (b BuildAs) forTypes() BuildAs {
	b.Flags = slices.DeleteFunc(slices.Clone(b.Flags), func(flag string) bool {
		name, _, _ := strings.Cut(flag, "=")
		return slices.Contains([]string{"-gcflags", "-asmflags", "-trimpath"}, name)
	})
	return b
}

// Tags are the build tags that the flags set.
func (b BuildAs) Tags() []string {
	var tags []string
	for _, f := range b.Flags {
		if value, ok := strings.CutPrefix(f, "-tags="); ok {
			tags = strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
		}
	}
	return tags
}

// settings are the user's with those of the build command over them.
func (g *Go) settings() *Settings { return ReadSettings(slices.Concat(g.Environ, g.As.Environ)) }
