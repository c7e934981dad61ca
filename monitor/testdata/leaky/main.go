// Leaky is a server for tests. It is its own client: it listens on loopback, prints its address, and asks itself for something
// twenty times a second, in one of two ways.
//
//	leaky close-wait   its handlers never return, and its clients lose patience
//	leaky well         everything is answered and closed
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr())
	time.AfterFunc(5*time.Minute, func() { os.Exit(1) }) // should the test break off, it does not stay for ever
	leaks := len(os.Args) > 1 && os.Args[1] == "close-wait"
	go func() {
		for range time.Tick(50 * time.Millisecond) {
			go ask(l.Addr().String(), leaks)
		}
	}()
	err = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if leaks {
			select {}
		}
		io.WriteString(w, "well")
	}))
	panic(err)
}

// ask sends a request, and hangs up: after the answer, or without waiting for it.
func ask(address string, impatient bool) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer c.Close()
	fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", address)
	if impatient {
		time.Sleep(10 * time.Millisecond)
		return
	}
	io.Copy(io.Discard, c)
}
