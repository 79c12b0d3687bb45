package plan

import (
	"cmp"
	"fmt"
	"path"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// elsewhere tells a person of the commands that run in a container: their environments are built there, and not by what
// this plan changes.
func elsewhere(files []*scan.File) []step.Note {
	var out []step.Note
	for _, f := range files {
		for _, occ := range f.Occurrences {
			if occ.Action != site.Rewrite || occ.Slot == nil || occ.Slot.Place != "container" {
				continue
			}
			line, _ := f.Lines.Position(occ.Start)
			out = append(out, step.Note{
				Step: step.Invocations, Kind: step.Raise, File: edit.File{Root: f.Root.Key, Path: f.Path}, Line: line,
				Text: fmt.Sprintf("runs the environment of %s inside a container: see that the workspace, with the environment in it, is mounted there", cmp.Or(occ.Instance, "the instance that it is given")),
			})
		}
	}
	return out
}

// expected tells a person of the tests that compare a command with how it was, where programs of their language change.
func expected(files []*scan.File) []step.Note {
	changed := map[string]bool{}
	for _, f := range files {
		for _, occ := range f.Occurrences {
			if occ.Action == site.Rewrite && occ.Host == "" {
				changed[f.Root.Key+" "+occ.Language] = true
			}
		}
	}
	var out []step.Note
	for _, f := range files {
		name := path.Base(f.Path)
		if !strings.HasPrefix(name, "test_") && !strings.Contains(name, "_test.") && !strings.Contains(name, "_spec.") {
			continue
		}
		for _, occ := range f.Occurrences {
			if occ.Class == site.Data && strings.Contains(occ.Reason, "compared with something") && changed[f.Root.Key+" "+occ.Language] {
				line, _ := f.Lines.Position(occ.Start)
				out = append(out, step.Note{
					Step: step.Invocations, Kind: step.Raise, File: edit.File{Root: f.Root.Key, Path: f.Path}, Line: line,
					Text: "a test compares a command with how it was: see whether it now begins with the path of the instance's program",
				})
				break
			}
		}
	}
	return out
}
