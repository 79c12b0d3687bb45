// Package render holds what the packages that write a fix in one language share: the sites they are given and the fixes they give back.
package render

import (
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// Site is one place to move to an instance's environment.
type Site struct {
	File       string // slash path relative to the root
	Occurrence *site.Occurrence
	Instance   site.Name // the expression that names the instance, or its directory when ByRoot; empty when it is in scope only where the value is used or the function is called
	ByRoot     bool      // Instance.Expr is the instance's directory (the call's own TUTOR_ROOT), not its name
}

// Input is all the sites of one root that one language writes.
type Input struct {
	Pack  *rules.Pack
	Files []string                          // every file of the root that counts, slash paths, sorted
	Read  func(file string) ([]byte, error) // a file's bytes as the scan read them
	Sites []Site                            // in order of file, then position

	// Decided is what a person has decided about the place at an offset, in bytes, of a file, where that is no site of its
	// own but uses one. Nil when nothing is decided.
	Decided func(file string, offset int) (rules.Decision, bool)
}

// Refusal is a site for which no safe fix can be written, with the reason a person reads and what to do instead.
type Refusal struct {
	Site       Site
	Reason     string // empty when there is none that says more than the scan's own
	Kept       bool   // what is left of the site stays by decision, so that there is nothing to do
	Suggestion string // the replacement as it could be written, or empty
}
