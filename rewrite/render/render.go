// Package render decides where a site is written, at its word, where its value is read or through its caller, and has a language write it.
package render

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
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

// SiteOf is a site as the scan has decided it. Where its value is read, or its function called, the instance is named there.
func SiteOf(file string, occ *site.Occurrence) Site {
	s := Site{File: file, Occurrence: occ, ByRoot: occ.InstanceFrom == "root" || occ.InstanceFrom == "place" && occ.Slot.Root != nil}
	if len(occ.Takes) == 0 && occ.InstanceFrom != "name-at-uses" && occ.InstanceFrom != "single-caller" {
		s.Instance = site.Name{Expr: occ.Instance, How: occ.InstanceFrom}
	}
	return s
}

// TakenSomewhere reports whether a value has its instance at one of the places that read it, at the least.
func TakenSomewhere(occ *site.Occurrence) bool {
	return slices.ContainsFunc(occ.Takes, func(t site.Take) bool { return t.Action == site.Rewrite })
}

// Input is all the sites of one root that one language writes.
type Input struct {
	Pack  *rules.Pack
	Files []string                          // every file of the root that counts, slash paths, sorted
	Read  func(file string) ([]byte, error) // a file's bytes as the scan read them
	Sites []Site                            // in order of file, then position
}

// Refusal is a site for which no safe fix can be written, with the reason a person reads and what to do instead.
type Refusal struct {
	Site       Site
	Reason     string // empty when there is none that says more than the scan's own
	Suggestion string // the replacement as it could be written, or empty
}

// plainString is a string that holds a path, of characters that no language and no shell reads as anything else.
var plainString = lazyregexp.New(`^(?:"([\w./@:+-]+)"|'([\w./@:+-]+)')$`)

// InText is the directory that a site's root is, when it can stand in the word's own literal as it is: text of that literal, or a
// path that is written out.
func InText(slot *site.Slot, root string) (dir string, ok bool) {
	if slot.Root != nil && slot.Root.Raw {
		return root, true
	}
	m := plainString.FindStringSubmatch(root)
	if m == nil || slot.Literal.Len() == 0 || !slot.Literal.Covers(slot.Span) {
		return "", false
	}
	return strings.TrimRight(m[1]+m[2], "/"), true
}
