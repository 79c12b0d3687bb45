//go:build !linux && !darwin

package exchange

import "golang.org/x/sys/unix"

func swap(string, string) error { return unix.ENOTSUP }
