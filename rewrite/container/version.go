package container

import (
	"fmt"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/container/image"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
)

// version reports that the image's version has to be raised: every change of the container needs that. Where it was asked
// for, the fixes that take packages out of the container raise it with them, so that it rises once.
func (p *planner) version(root *step.Root, dockerfile edit.File, raised bool) {
	settings := image.Settings(root, p.plugins.Image)
	if len(settings) == 0 {
		p.note(step.Raise, dockerfile, 0, fmt.Sprintf("the container changes, and no file sets %s: raise the image's version where it is set, and have the image built", p.plugins.Image))
	}
	for _, s := range settings {
		switch {
		case s.Raise == nil:
			p.note(step.Raise, s.File, s.Line, fmt.Sprintf("the container changes, so %s (%s) has to be raised: it ends in no number, so do it by hand, and have the image built", p.plugins.Image, s.Raw))
		case raised && p.in.Options.BumpImage:
			p.note(step.Raise, s.File, s.Line, fmt.Sprintf("%s is raised from %s with the container's requirements: have the image built before anything else is merged", p.plugins.Image, s.Raw))
		default:
			how := map[bool]string{true: " (--bump-image does it)"}[raised]
			p.note(step.Raise, s.File, s.Line, fmt.Sprintf("the container changes: raise %s from %s%s, and have the image built before anything else is merged", p.plugins.Image, s.Raw, how))
		}
	}
}
