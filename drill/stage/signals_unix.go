//go:build unix

package stage

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// SignalName is the full name of a signal that a person has written: TERM and sigterm are SIGTERM.
func SignalName(name string) (string, error) {
	full := strings.ToUpper(name)
	if !strings.HasPrefix(full, "SIG") {
		full = "SIG" + full
	}
	if unix.SignalNum(full) == 0 {
		return "", fmt.Errorf("%q is no signal; SIGTERM, SIGINT and SIGHUP are", name)
	}
	return full, nil
}
