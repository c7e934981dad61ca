package bench

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/gindoctor/gindoctor/target/host"
)

// holderEnv makes the test binary a process that only holds descriptors.
const holderEnv = "GINDOCTOR_BENCH_HOLD"

// holdDescriptors opens that many descriptors, says so, and waits until its standard input is closed.
func holdDescriptors(count string) {
	n, err := strconv.Atoi(count)
	if err != nil {
		os.Exit(2)
	}
	var held []*os.File
	for range n {
		f, err := os.Open(os.DevNull)
		if err != nil {
			os.Exit(1)
		}
		held = append(held, f)
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	for _, f := range held {
		f.Close()
	}
}

// BenchmarkPortToProcess finds who holds a port among 300 more processes with 20,000 descriptors.
func BenchmarkPortToProcess(b *testing.B) {
	if _, err := exec.LookPath("ss"); err != nil {
		b.Skip("ss is not installed")
	}
	const processes, descriptors = 300, 20000
	for range processes {
		startHolder(b, descriptors/processes)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	machine := host.Local()
	race(b, row{what: "port to process, 300 processes, 20,000 descriptors", against: "ss -ltnp", aim: "≤ 1"},
		func() error {
			s, err := machine.Listeners(context.Background(), port)
			if err != nil {
				return err
			}
			if len(s.Listeners) != 1 || len(s.Listeners[0].Holders) != 1 || s.Listeners[0].Holders[0] != os.Getpid() {
				return fmt.Errorf("holders of %d: %+v", port, s.Listeners)
			}
			return nil
		},
		func() error { return exec.Command("ss", "-ltnp", fmt.Sprintf("sport = :%d", port)).Run() })
}

func startHolder(b *testing.B, descriptors int) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), holderEnv+"="+strconv.Itoa(descriptors), "GOMAXPROCS=1")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { stdin.Close(); _ = cmd.Wait() })
	if _, err := io.ReadFull(stdout, make([]byte, len("ready"))); err != nil {
		b.Fatal(err)
	}
}
