package endless

import (
	"net/http"
	"os"
	"time"
)

var DefaultReadTimeOut time.Duration
var DefaultWriteTimeOut time.Duration
var DefaultMaxHeaderBytes int
var DefaultHammerTime time.Duration

func ListenAndServe(addr string, handler http.Handler) error
func ListenAndServeTLS(addr string, certFile string, keyFile string, handler http.Handler) error
func NewServer(addr string, handler http.Handler) (srv *endlessServer)

type endlessServer struct {
	http.Server
	EndlessListener any
	SignalHooks     map[int]map[os.Signal][]func()
	BeforeBegin     func(add string)
}

func (*endlessServer) ListenAndServe() (err error)
func (*endlessServer) ListenAndServeTLS(certFile string, keyFile string) (err error)
func (*endlessServer) Serve() (err error)
func (*endlessServer) RegisterSignalHook(ppFlag int, sig os.Signal, f func()) (err error)
