package python

import (
	"errors"
	"fmt"
)

// reason says why a site is not fixed.
type reason struct {
	text       string
	suggestion string
}

func (r *reason) Error() string { return r.text }

func refuse(format string, args ...any) error { return &reason{text: fmt.Sprintf(format, args...)} }

func asReason(err error, target **reason) bool { return errors.As(err, target) }
