package bench

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"
	"time"
)

// socketsEnv makes the test binary a server that holds that many sockets: both ends of connections over loopback.
const socketsEnv = "GINDOCTOR_BENCH_SOCKETS"

// holdSockets opens the connections, says so, and waits until its standard input is closed.
func holdSockets(count string) {
	n, err := strconv.Atoi(count)
	if err != nil {
		os.Exit(2)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		os.Exit(2)
	}
	var held []net.Conn
	for len(held)+1 < n {
		out, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		in, err := l.Accept()
		if err != nil {
			os.Exit(1)
		}
		held = append(held, out, in)
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	for _, c := range held {
		c.Close()
	}
}

// startSockets starts a server with that many sockets.
func startSockets(b *testing.B, sockets int) (pid int) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), socketsEnv+"="+strconv.Itoa(sockets), "GOMAXPROCS=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { stdin.Close(); _ = cmd.Wait() })
	if _, err := io.ReadFull(stdout, make([]byte, len("ready"))); err != nil {
		b.Skip("so many sockets may not be opened here")
	}
	return cmd.Process.Pid
}

// BenchmarkMonitor watches a server with 19,000 sockets once a second, as a whole process with its metrics: what that takes of one
// core, its start included, and how much memory.
func BenchmarkMonitor(b *testing.B) {
	if runtime.GOOS != "linux" {
		b.Skip("sockets are looked at one by one on Linux only")
	}
	bin, err := doctor()
	if err != nil {
		b.Fatal(err)
	}
	const length = 20 * time.Second
	pid := startSockets(b, 19_000)
	forgetPeak()
	ended, err := process(b.TempDir(), nil, bin, "monitor", "--pid", strconv.Itoa(pid), "--for", length.String(), "--listen", "0", "--format", "json=report.json")
	if err != nil {
		b.Fatal(err)
	}
	share := (ended.UserTime() + ended.SystemTime()).Seconds() / length.Seconds()
	b.ReportMetric(100*share, "%/core")
	rows = append(rows,
		row{what: "monitor at 1 Hz, 19,000 sockets", against: "one core", ratio: fmt.Sprintf("%.3f", share), aim: "< 0.1"},
		row{what: "  peak memory of it", ratio: fmt.Sprintf("%d MiB", peak(ended)/1024)})
}
