//go:build !linux

package transaction

import (
	"errors"
	"os"
)

// exchange is not to be had on this system.
func exchange(*os.Root, string, string) error { return errors.ErrUnsupported }
