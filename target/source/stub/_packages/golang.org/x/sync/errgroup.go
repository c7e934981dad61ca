package errgroup

import (
	"context"
)

type Group struct {
	_ int
}

func (*Group) Wait() error
func (*Group) Go(f func() error)
func (*Group) TryGo(f func() error) bool
func (*Group) SetLimit(n int)
func WithContext(ctx context.Context) (*Group, context.Context)
