package toolchain

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// SplitFlags splits GOFLAGS into its flags as the go command does (cmd/internal/quoted, Split): at blanks, with quotes
// around a whole flag and no escapes.
func SplitFlags(goflags string) ([]string, error) {
	var flags []string
	const blanks = " \t\n\r"
	for s := strings.TrimLeft(goflags, blanks); s != ""; s = strings.TrimLeft(s, blanks) {
		if quote := s[0]; quote == '"' || quote == '\'' {
			flag, rest, closed := strings.Cut(s[1:], string(quote))
			if !closed {
				return flags, fmt.Errorf("unterminated %c string", quote)
			}
			flags, s = append(flags, flag), rest
			continue
		}
		end := strings.IndexAny(s, blanks)
		if end < 0 {
			end = len(s)
		}
		flags, s = append(flags, s[:end]), s[end:]
	}
	return flags, nil
}

// Flag finds a flag in GOFLAGS: its value ("" for a bare "-name"), the flag as it was written, and whether it is there. Of
// several the last counts.
func Flag(goflags, name string) (value, written string, ok bool) {
	flags, _ := SplitFlags(goflags)
	for _, f := range flags {
		if n, v := flagName(f); n == name {
			value, written, ok = v, f, true
		}
	}
	return value, written, ok
}

// WithoutFlag gives GOFLAGS as it reads when every flag of that name is taken out.
func WithoutFlag(goflags, name string) string {
	flags, _ := SplitFlags(goflags)
	var kept []string
	for _, f := range flags {
		if n, _ := flagName(f); n == name {
			continue
		}
		if strings.ContainsAny(f, " \t") {
			f = "'" + f + "'"
		}
		kept = append(kept, f)
	}
	return strings.Join(kept, " ")
}

// flagName takes -name=value or --name=value apart; what is no flag has no name.
func flagName(flag string) (name, value string) {
	body, ok := strings.CutPrefix(flag, "-")
	if !ok {
		return "", ""
	}
	name, value, _ = strings.Cut(strings.TrimPrefix(body, "-"), "=")
	return name, value
}

// Tags are the build tags of a GOFLAGS.
func Tags(goflags string) []string {
	value, _, _ := Flag(goflags, "tags")
	return strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
}

// FlagComplaint is what the go command says against the user's GOFLAGS as such, "" when it takes them. It is asked at the
// root of the filesystem, where no project can have a part in the answer.
func (g *Go) FlagComplaint(ctx context.Context) (string, error) {
	first, err := g.complaint(ctx, "GOTOOLCHAIN=local")
	if err != nil {
		return "", err
	}
	for _, sign := range []string{"parsing $GOFLAGS", "parsing %GOFLAGS%", "from $GOFLAGS", "from %GOFLAGS%", "-mod="} {
		if strings.Contains(first, sign) {
			return strings.TrimPrefix(first, "go: "), nil
		}
	}
	return "", nil // something else is wrong, which is not for GOFLAGS to answer for
}

// ToolchainComplaint is what the go command says against a GOTOOLCHAIN that is none, "" when it takes it. A toolchain that
// is only not on disk is no reason for one: it would be fetched.
func (g *Go) ToolchainComplaint(ctx context.Context) (string, error) {
	first, err := g.complaint(ctx, "GOFLAGS=-mod=mod")
	if err != nil || !strings.Contains(first, "invalid GOTOOLCHAIN") {
		return "", err
	}
	return strings.TrimPrefix(first, "go: "), nil
}

// complaint is the first line that the go command says where no project can be the reason, "" when it says nothing; setting takes the
// variable out of it that is not asked about.
func (g *Go) complaint(ctx context.Context, setting string) (string, error) {
	neutral := &Go{Dir: filepath.VolumeName(g.Dir) + string(filepath.Separator), Environ: g.Environ}
	_, err := neutral.run(ctx, []string{"GO111MODULE=on", "GOWORK=off", "GOPROXY=off", setting}, "list", "unsafe")
	failed, ok := errors.AsType[*CommandError](err)
	if !ok {
		return "", err
	}
	first, _, _ := strings.Cut(strings.TrimSpace(failed.Stderr), "\n")
	return first, nil
}
