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
		}
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
