package shutdown_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gindoctor/gindoctor/target/shutdown"
)

func TestWriteTimeout(t *testing.T) {
	t.Parallel()
	tests := []struct {
		code string
		want time.Duration
	}{
		{"srv := &http.Server{Addr: addr, WriteTimeout: 15 * time.Second}; srv.ListenAndServe()", 15 * time.Second},
		{"srv := &http.Server{WriteTimeout: long}; srv.ListenAndServeTLS(a, b)", 2 * time.Minute},
		{"srv := &http.Server{Addr: addr}; srv.ListenAndServe()", 0},
		{"srv := &http.Server{WriteTimeout: wait()}", 0},
		{"srv := &http.Server{WriteTimeout: time.Minute}; srv.WriteTimeout = wait()", 0},
		{"a, b := &http.Server{WriteTimeout: time.Minute}, &http.Server{WriteTimeout: time.Minute}", time.Minute},
		{"a, b := &http.Server{WriteTimeout: time.Minute}, &http.Server{WriteTimeout: time.Second}", 0},
		{"a, b := &http.Server{WriteTimeout: time.Minute}, &http.Server{}", 0},
		{"a := &http.Server{WriteTimeout: time.Minute}; r.Run(addr)", 0},
		{"a := &http.Server{WriteTimeout: time.Minute}; go http.ListenAndServe(addr, nil)", 0},
		{"rdb := redis.Options{WriteTimeout: time.Minute}", 0},
	}
	for _, tt := range tests {
		got, at := shutdown.WriteTimeout(files(t, "package main\n\nimport (\n\t\"net/http\"\n\t\"time\"\n)\n\nconst long = 2 * time.Minute\n\nfunc main() {\n"+strings.ReplaceAll(tt.code, "; ", "\n")+"\n}\n"))
		if got != tt.want || (at.Line > 0) != (tt.want > 0) {
			t.Errorf("%s: %v at line %d, want %v", tt.code, got, at.Line, tt.want)
		}
	}
}
