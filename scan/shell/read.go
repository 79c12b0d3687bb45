package shell

import "gitlab.com/opencraft/dev/grove-migrate/scan/source"

// Read reads one shell text: a whole script or a guest.
func Read(g *source.Guest, opt Options) Reading {
	return Reading{}
}
