package plan

import (
	"cmp"
	"fmt"

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
