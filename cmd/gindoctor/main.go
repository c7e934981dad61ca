// Gindoctor finds out why the hot reload of a Gin service broke, and mends it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/gindoctor/gindoctor/drill/stage"
)

func main() {
	stage.ServeGuard()
	collectLate(os.Args[1:])
	os.Exit(untilSignalled(os.Args[1:]))
}

// untilSignalled runs the program with the real streams until it is done, or is told to end.
func untilSignalled(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, system(), args)
}
