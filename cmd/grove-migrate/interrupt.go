package main

import "context"

// unlessEnded is what work gives, or the context's error as soon as the context ends. It is for work that only reads,
// computes and prints: it is not waited for, because the program ends and there is nothing to take back.
func unlessEnded(ctx context.Context, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
