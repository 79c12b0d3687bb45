// Package report shows what a scan found, to people and to machines.
package report

import (
	"sort"

	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// Tool is the name and version that machine-readable reports give.
const Tool = "grove-migrate"

// Options say what is shown and how.
type Options struct {
	Version string              // of the tool, without its name
	Classes map[site.Class]bool // the classes to list; nil lists sites and what is unexplained
	Explain bool                // show each step from the definition to the call
	Colour  bool
}

// Summary counts what a scan found. The classes add up to Occurrences.
type Summary struct {
	Files       int                 // files that hold an occurrence
	Occurrences int                 //
	Classes     map[site.Class]int  //
	Actions     map[site.Action]int // of sites
	Unexplained int                 //
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

// Left are the sites that still have to be rewritten or decided.
func (s Summary) Left() int { return s.Actions[site.Rewrite] + s.Actions[site.Review] }

// shows reports whether an occurrence is listed.
func (o Options) shows(occ *site.Occurrence) bool {
	if o.Classes == nil {
		return occ.Class.Site() || occ.Class == site.Unexplained
	}
	return o.Classes[occ.Class]
}

// Classes are all classes in the order in which reports list them.
func Classes() []site.Class {
	return []site.Class{site.Invocation, site.Lookup, site.Wrapper, site.Import, site.Requirement, site.Install, site.Path,
		site.Identifier, site.Data, site.Message, site.Comment, site.Prose, site.Unexplained}
}

// Actions are all actions in the order in which reports list them.
func Actions() []site.Action {
	return []site.Action{site.Rewrite, site.Review, site.Keep, site.Done}
}

// place is the position of a step in the words of reports.
type place struct {
	Path         string
	Line, Column int
}

// placeOf finds a step's position. File is the one that the step belongs to when it names none.
func placeOf(r *scan.Report, file *scan.File, st site.Step) place {
	if st.File == "" || st.File == file.Path {
		line, col := file.Lines.Position(st.Start)
		return place{file.Path, line, col}
	}
	i := sort.Search(len(r.Files), func(i int) bool {
		return !before(r, r.Files[i], file.Root, st.File)
	})
	if i < len(r.Files) && r.Files[i].Root == file.Root && r.Files[i].Path == st.File {
		line, col := r.Files[i].Lines.Position(st.Start)
		return place{st.File, line, col}
	}
	return place{Path: st.File}
}

// before reports whether a file of the report stands before the path of a root.
func before(r *scan.Report, f *scan.File, root *scan.Root, path string) bool {
	if f.Root != root {
		for _, o := range r.Roots {
			if o == f.Root {
				return true
			}
			if o == root {
				return false
			}
		}
	}
	return f.Path < path
}
