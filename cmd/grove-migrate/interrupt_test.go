package main

import (
	"context"
	"errors"
	"testing"
)

func TestUnlessEnded(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	failed := errors.New("failed")
	if err := unlessEnded(ctx, func() error { return failed }); err != failed {
		t.Errorf("%v, want the error of the work", err)
	}
	never := make(chan struct{}) // work that does not look at its context, as a parser does not
	defer close(never)
	started := make(chan struct{})
	go func() { <-started; stop() }()
	err := unlessEnded(ctx, func() error { close(started); <-never; return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
}
