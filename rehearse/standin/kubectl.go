package standin

import (
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/rehearse/sandbox"
)

// kubectl runs a command in a pod that is the tools container's, and is silent otherwise.
func (p process) kubectl(args []string) int {
	args = options(args, func(string, string) {})
	if len(args) == 0 || args[0] != "exec" || p.Image == nil {
		return 0
	}
	args = options(args[1:], func(string, string) {})
	if len(args) < 2 || !p.named(args[0]) {
		return 0
	}
	if at := slices.Index(args, "--"); at >= 0 {
		args = append(args[:1], args[at+1:]...)
	}
	return p.contain(Container{
		Entrypoint: []string{}, Command: args[1:],
		Mounts: []sandbox.Mount{{Source: p.Cluster, Target: p.Image.Workdir}},
	})
}
