// Command leaky is a gin server that leaks in one way, or works in one way that only looks like it. A request to /work?leak=1 leaks,
// one to /work does the same and cleans up.
package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/redis/go-redis/v9"
)

var (
	kind     = flag.String("kind", "none", "in which way it leaks")
	upstream = flag.String("upstream", "", "URL of an HTTP server with a long answer")
	postgres = flag.String("postgres", "", "of the database")
	cache    = flag.String("redis", "", "address of the cache")
	file     = flag.String("file", "", "a file to open")
)

// kept keeps what is leaked from being collected.
var kept struct {
	sync.Mutex
	things []any
}

func keep(thing any) {
	kept.Lock()
	defer kept.Unlock()
	kept.things = append(kept.things, thing)
}

func main() {
	flag.Parse()
	gin.SetMode(gin.ReleaseMode)
	works := map[string]func(*gin.Context, bool){
		"none": none, "slow": slow, "body": body, "bodytransport": transport, "rows": rows, "rowspool": rows, "poolbig": query, "sqlopen": sqlOpen, "redis": redisClient, "file": openFile,
		"fileretain": openFile, "block": block, "hijack": hijack, "goroutine": goroutine,
		"pool25": queries, "cache": cached, "burst": burst, "buffers": buffers, "logfile": logged, "worker": worker, "poll": poll,
	}
	work := works[*kind]
	if work == nil {
		log.Fatalf("there is no kind %q", *kind)
	}
	if *postgres != "" {
		var err error
		if db, err = sql.Open("pgx", *postgres); err != nil {
			log.Fatal(err)
		}
		switch *kind {
		case "rowspool":
			db.SetMaxOpenConns(10)
		case "poolbig":
			db.SetMaxIdleConns(60)
		case "pool25":
			db.SetMaxOpenConns(25)
			db.SetMaxIdleConns(25)
		}
	}
	if *kind == "worker" {
		go polling()
	}
	r := gin.New()
	r.GET("/work", func(c *gin.Context) { work(c, c.Query("leak") != "") })
	debug, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go http.Serve(debug, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(l.Addr(), debug.Addr())
	log.Fatal(http.Serve(l, r))
}

var db *sql.DB

func none(c *gin.Context, _ bool) { c.String(http.StatusOK, "ok") }

// slow goes on for a while although its client may be gone.
func slow(c *gin.Context, _ bool) {
	time.Sleep(600 * time.Millisecond)
	c.String(http.StatusOK, "ok")
}

func body(c *gin.Context, leak bool) {
	res, err := http.Get(*upstream)
	if err != nil {
		c.Status(http.StatusBadGateway)
		return
	}
	io.ReadFull(res.Body, make([]byte, 10))
	if !leak {
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
}

// transport makes a client of its own for each request.
func transport(c *gin.Context, leak bool) {
	client := http.DefaultClient
	if leak {
		client = &http.Client{Transport: &http.Transport{}}
	}
	res, err := client.Get(*upstream)
	if err != nil {
		c.Status(http.StatusBadGateway)
		return
	}
	io.Copy(io.Discard, res.Body)
	res.Body.Close()
}

const many = "select repeat('x', 1000) from generate_series(1, 2000)"

func rows(c *gin.Context, leak bool) {
	found, err := db.QueryContext(context.Background(), many)
	if err != nil {
		c.Status(http.StatusBadGateway)
		return
	}
	found.Next()
	if leak {
		keep(found)
		return
	}
	found.Close()
}

func query(c *gin.Context, _ bool) {
	if _, err := db.ExecContext(c.Request.Context(), "select pg_sleep(0.3)"); err != nil {
		c.Status(http.StatusBadGateway)
	}
}

func sqlOpen(c *gin.Context, leak bool) {
	own, err := sql.Open("pgx", *postgres)
	if err == nil {
		err = own.Ping()
	}
	if err != nil {
		c.Status(http.StatusBadGateway)
	}
	if !leak {
		own.Close()
	}
}

func redisClient(c *gin.Context, leak bool) {
	client := redis.NewClient(&redis.Options{Addr: *cache})
	if err := client.Ping(context.Background()).Err(); err != nil {
		c.Status(http.StatusBadGateway)
	}
	if !leak {
		client.Close()
	}
}

func openFile(c *gin.Context, leak bool) {
	f, err := os.Open(*file)
	switch {
	case err != nil:
		c.Status(http.StatusInternalServerError)
	case !leak:
		f.Close()
	case *kind == "fileretain":
		keep(f)
	}
}

func block(c *gin.Context, leak bool) {
	if leak {
		<-make(chan int)
	}
}

func hijack(c *gin.Context, leak bool) {
	conn, _, err := c.Writer.Hijack()
	if err != nil {
		return
	}
	fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: talk\r\n\r\n")
	if leak {
		keep(conn)
		return
	}
	conn.Close()
}

var results = make(chan int)

func goroutine(c *gin.Context, leak bool) {
	if leak {
		go func() { results <- 1 }()
	}
}

// queries asks for five things at the same time, so that the pool grows to its 25 connections.
func queries(c *gin.Context, _ bool) {
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() { db.ExecContext(c.Request.Context(), "select pg_sleep(0.02)") })
	}
	all.Wait()
}

// entries is a cache that is filled and bounded, and swept by a goroutine that the first request starts.
var entries struct {
	sync.Mutex
	sync.Once
	kept map[int64][]byte
}

func cached(c *gin.Context, _ bool) {
	entries.Do(func() {
		go func() {
			for range time.Tick(time.Minute) {
				entries.Lock()
				clear(entries.kept)
				entries.Unlock()
			}
		}()
	})
	entries.Lock()
	defer entries.Unlock()
	if len(entries.kept) >= 50 || entries.kept == nil {
		entries.kept = map[int64][]byte{}
	}
	entries.kept[time.Now().UnixNano()] = make([]byte, 64<<10)
}

// calls keeps up to fifty connections for the next burst.
var calls = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 50}}

// burst asks the upstream for as many things at the same time as the clock says.
func burst(c *gin.Context, _ bool) {
	var all sync.WaitGroup
	for range 1 + time.Now().UnixMicro()%20 {
		all.Go(func() {
			if res, err := calls.Get(*upstream); err == nil {
				io.Copy(io.Discard, res.Body)
				res.Body.Close()
			}
		})
	}
	all.Wait()
}

var pages = sync.Pool{New: func() any { return new([1 << 20]byte) }}

func buffers(c *gin.Context, _ bool) {
	page := pages.Get().(*[1 << 20]byte)
	defer pages.Put(page)
	page[0] = 1
	c.Data(http.StatusOK, "application/octet-stream", page[:])
}

// journal is a log that the first request opens, and that goes on in a second file after thirty.
var journal struct {
	sync.Mutex
	files []*os.File
	lines int
}

func logged(c *gin.Context, _ bool) {
	journal.Lock()
	defer journal.Unlock()
	if journal.lines%30 == 0 && len(journal.files) < 2 {
		f, err := os.CreateTemp("", "leaky-log-")
		if err != nil {
			c.Status(http.StatusInternalServerError)
			return
		}
		os.Remove(f.Name())
		journal.files = append(journal.files, f)
	}
	journal.lines++
	fmt.Fprintln(journal.files[len(journal.files)-1], c.Request.URL)
}

// polling asks the cache again and again, on its own account.
func polling() {
	client := redis.NewClient(&redis.Options{Addr: *cache})
	for range time.Tick(300 * time.Millisecond) {
		client.Ping(context.Background())
	}
}

func worker(c *gin.Context, _ bool) { c.String(http.StatusOK, "ok") }

// poll answers after two seconds, or when its client is gone.
func poll(c *gin.Context, _ bool) {
	select {
	case <-time.After(2 * time.Second):
	case <-c.Request.Context().Done():
	}
}
