package main

import (
	"context"
	"time"
)

// grace is how long work that was told to end may take to clean up after itself.
const grace = time.Second

// unlessEnded is what work gives, or the context's error when the context ends. It is for work that only reads, computes
// and prints: it may clean up after itself, and is not waited for when it takes no notice, because there is nothing to
// take back.
func unlessEnded(ctx context.Context, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case <-done:
	case <-time.After(grace):
	}
	return ctx.Err()
}
