package project

import (
	"path"
	"slices"
	"strings"
)

// lenders are programs that lend variables to the command behind `--`, and leave PATH as it is.
var lenders = []string{"doppler", "op", "infisical", "dotenv", "dotenvx", "aws-vault", "chamber", "teller"}

// concurrent are the indices of the texts that concurrently (npm) gives to shells, all at a time.
func (c Command) concurrent() []int {
	first := 0
	switch path.Base(c.Name()) {
	case "npx", "bunx", "pnpx":
		first = 1
	case "pnpm", "yarn", "npm", "bun":
		if first = 1; len(c.Words) > 1 && slices.Contains([]string{"exec", "dlx", "x"}, c.Words[1]) {
			first = 2
		}
	}
	for first > 0 && first < len(c.Words) && strings.HasPrefix(c.Words[first], "-") { // npx -y
		first++
	}
	if first >= len(c.Words) || path.Base(c.Words[first]) != "concurrently" {
		return nil
	}
	var out []int
	for i := first + 1; i < len(c.Words); i++ {
		switch word := c.Words[i]; {
		case slices.Contains(valued, word):
			i++
		case !strings.HasPrefix(word, "-"):
			out = append(out, i)
		}
	}
	return out
}

// valued are the flags of concurrently that take the next word.
var valued = []string{"-n", "--names", "--name-separator", "-c", "--prefix-colors", "-p", "--prefix", "-l", "--prefix-length", "-t", "--timestamp-format",
	"-m", "--max-processes", "-s", "--success", "--restart-tries", "--restart-after", "--kill-signal", "--default-input-target", "--teardown", "--hide", "--kill-timeout"}
