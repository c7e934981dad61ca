//go:build unix

package stage

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary is also what is started on stages, as this variable says.
const act = "STAGE_TEST_ACT"

func TestMain(m *testing.M) {
	ServeGuard()
	if play := os.Getenv(act); play != "" {
		os.Unsetenv(act)
		acts[play]()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var acts = map[string]func(){
	"serve":     func() { fail(http.ListenAndServe(":"+os.Getenv("PORT"), http.HandlerFunc(hello))) },
	"elsewhere": func() { l := listenAt("127.0.0.1:0"); fmt.Println(l.Addr()); select {} },
	"never":     func() { time.Sleep(time.Hour) },
	"silent":    func() { listenAt("127.0.0.1:" + os.Getenv("PORT")); select {} },
	"lan":       func() { listenAt(net.JoinHostPort(os.Getenv("LAN"), os.Getenv("PORT"))); select {} },
	"tls": func() {
		s := httptest.NewUnstartedServer(http.HandlerFunc(hello))
		s.Listener.Close()
		s.Listener = listenAt("127.0.0.1:" + os.Getenv("PORT"))
		s.StartTLS()
		select {}
	},
	"dies":    func() { fmt.Println("no database\npostgres://shop:hunter2@db/shop"); os.Exit(3) },
	"refused": func() { fail(http.ListenAndServe("127.0.0.1:"+os.Getenv("TAKEN"), nil)) },
	"family": func() { // children that leave: a session of its own, and one whose parent has ended
		another("stubborn", true)
		_ = another("leave", false).Wait()
		listenAt("127.0.0.1:" + os.Getenv("PORT"))
		fmt.Println("family", os.Getpid())
		select {}
	},
	"leave": func() { another("stubborn", true) },
	"stubborn": func() {
		signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
		fmt.Println("child", os.Getpid(), listenForChild().Addr())
		select {}
	},
	"crash":       func() { onStage("family"); select {} },
	"panic":       func() { onStage("family"); panic("on stage") },
	"interrupted": func() { defer onStage("family").Close(); waitSignal() },
}

func hello(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") }

func fail(err error) {
	fmt.Println(err)
	os.Exit(1)
}

func listenAt(address string) net.Listener {
	l, err := net.Listen("tcp", address)
	if err != nil {
		fail(err)
	}
	return l
}

// listenForChild takes one of the addresses that a test has reserved because it looks at them afterwards; else any.
func listenForChild() net.Listener {
	for _, address := range strings.Fields(os.Getenv("CHILDREN")) {
		if l, err := net.Listen("tcp", address); err == nil {
			return l
		}
	}
	return listenAt("127.0.0.1:0")
}

// another starts this binary in another act.
func another(play string, session bool) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		fail(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), act+"="+play)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if session {
		cmd.SysProcAttr = ownSession()
	}
	if err := cmd.Start(); err != nil {
		fail(err)
	}
	return cmd
}

func waitSignal() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	<-c
}

// part is the variable that has the test binary play a part; the environment of the tests' programs holds it.
func part(play string) string { return act + "=" + play }

func names(lines []Line) string {
	var out []string
	for _, l := range lines {
		out = append(out, l.Text)
	}
	return strings.Join(out, "\n")
}
