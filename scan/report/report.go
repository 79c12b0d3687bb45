// Package report shows what a scan found, to people and to machines.
package report

import (
	"cmp"
	"fmt"

	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// Tool is the name that machine-readable reports give.
const Tool = "grove-migrate"

// Options say what is shown and how.
type Options struct {
	Version  string              // of the tool, without its name
	Classes  map[site.Class]bool // the classes to list; nil lists sites and what is unexplained
	Explain  bool                // show each step from the definition to the call
	Width    int                 // of the terminal, for text; 0 when it is none
	Colour   bool                // mark text for a terminal
	Baseline Baseline            // what SARIF marks as known; the other formats are given Baseline.New

	// Name is a file as the reader finds it; nil: from the place that holds all roots. JSON has the path below its root.
	Name func(root *scan.Root, path string) string

	// What SARIF shows beside it, where they are given.
	Fix      func(*scan.File, *site.Occurrence) []Replacement // what the fix of a site replaces; nil without one
	Separate bool                                             // Name is below the top of a root's own repository: roots have bases
}

// Replacement are bytes of a file, and what a fix puts in their place.
type Replacement struct {
	Root       *scan.Root
	Path       string
	Start, End int
	New        string
}

// Says is what a report for machines says of an occurrence: what becomes of it, and why.
func Says(occ *site.Occurrence) string {
	switch {
	case occ.Class == site.Unexplained:
		return "nothing shows what this is, so a person has to look: " + occ.Reason
	case occ.Action == site.Review:
		return "a person has to decide: " + occ.Reason
	case occ.Action == site.Rewrite:
		return fmt.Sprintf("\"grove-migrate apply\" moves this to the environment of %s: %s", cmp.Or(occ.Instance, "each instance that uses it"), occ.Reason)
	}
	return fmt.Sprintf("%s, stays as it is: %s", occ.Class, occ.Reason)
}

// Summary counts what a scan found. The classes add up to Occurrences.
type Summary struct {
	Files       int                 // files that hold an occurrence
	Occurrences int                 // in all classes
	Classes     map[site.Class]int  // occurrences by class
	Actions     map[site.Action]int // sites by action
	Unexplained int                 // occurrences of that class
	Skipped     int                 // paths that were not looked at, or not fully
}

// Summarise counts the occurrences of a scan.
func Summarise(r *scan.Report) Summary {
	s := Summary{Files: len(r.Files), Classes: map[site.Class]int{}, Actions: map[site.Action]int{}, Skipped: len(r.Skipped)}
	for _, f := range r.Files {
		for _, occ := range f.Occurrences {
			s.Occurrences++
			s.Classes[occ.Class]++
			if occ.Class.Site() {
				s.Actions[occ.Action]++
			}
		}
	}
	s.Unexplained = s.Classes[site.Unexplained]
	return s
}

// shows reports whether an occurrence is listed.
func (o Options) shows(occ *site.Occurrence) bool {
	if o.Classes == nil {
		return occ.Class.Site() || occ.Class == site.Unexplained
	}
	return o.Classes[occ.Class]
}

// Classes are all classes in the order in which reports list them.
func Classes() []site.Class {
	return []site.Class{
		site.Invocation, site.Lookup, site.Wrapper, site.Import, site.Requirement, site.Install, site.Path,
		site.Identifier, site.Data, site.Message, site.Comment, site.Prose, site.Unexplained,
	}
}

// Actions are all actions in the order in which reports list them.
func Actions() []site.Action {
	return []site.Action{site.Rewrite, site.Review, site.Keep, site.Done}
}

// unused says what is wrong with a decision that settled no site.
func unused(u scan.Unused) string {
	about := u.Decision.Path
	if u.Decision.Line > 0 {
		about += fmt.Sprintf(" line %d", u.Decision.Line)
	}
	if u.Decision.Text != "" {
		about += fmt.Sprintf(" with %q", u.Decision.Text)
	}
	return "the decision about " + about + " matches no site"
}
