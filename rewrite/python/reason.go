package python

import (
	"errors"
	"fmt"
)

// reason says why a site is not fixed.
type reason struct {
	text       string
	suggestion string
	kept       bool // a person has decided so
}

func (r *reason) Error() string { return r.text }

func refuse(format string, args ...any) error { return &reason{text: fmt.Sprintf(format, args...)} }

// keep says that a site stays as a person has decided.
func keep(why string) error { return &reason{text: "kept by decision: " + why, kept: true} }

func asReason(err error, target **reason) bool { return errors.As(err, target) }
