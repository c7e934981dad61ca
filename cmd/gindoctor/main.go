// Gindoctor finds out why the hot reload of a Gin service broke, and mends it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	collectLate(os.Args[1:])
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, system(), os.Args[1:])
	stop()
	os.Exit(code)
}
