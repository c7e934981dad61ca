//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// leftover is a server that nobody waits for.
type leftover struct{ process *os.Process }

// startDetached starts the server in a session of its own below a shell that ends at once, as `nohup ... &` in a terminal
// that is then closed would.
func startDetached(ctx context.Context, s *shop, log string) (*leftover, error) {
	sh := exec.CommandContext(ctx, "sh", "-c", `GIN_MODE=release SHOP_PORT="$1" nohup ./tmp/main >"$2" 2>&1 </dev/null & echo $!`, "sh", strconv.Itoa(s.port), log)
	sh.Dir = s.dir
	sh.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := sh.Output()
	if err != nil {
		return nil, fmt.Errorf("starting the sample: %w", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		return nil, fmt.Errorf("starting the sample: %w", err)
	}
	process, err := os.FindProcess(pid) // holds on to this very process: its pid may be given to another one later
	if err != nil {
		return nil, fmt.Errorf("starting the sample: %w", err)
	}
	return &leftover{process}, nil
}

// end makes sure that the server is gone, also when the demo failed half-way.
func (l *leftover) end() {
	_ = l.process.Kill() // it has ended already when all went well
}
