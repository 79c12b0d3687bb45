package python

import "fmt"

// refuse says why a site is not fixed.
func refuse(format string, args ...any) error { return fmt.Errorf(format, args...) }
