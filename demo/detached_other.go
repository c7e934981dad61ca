//go:build !unix

package main

import (
	"context"
	"errors"
)

// leftover is a server that nobody waits for.
type leftover struct{}

func startDetached(context.Context, *shop, string) (*leftover, error) {
	return nil, errors.New("the demo needs a Unix shell")
}

func (l *leftover) end() {}
