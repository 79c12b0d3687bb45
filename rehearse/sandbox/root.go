package sandbox

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rehearse/record"
)

// Root is the file system of a container: this machine's, with what an image puts over it, and directories of this machine
// at other places. What is written to it outside of these is gone in the end.
type Root struct {
	Image  string   // a directory with what the image has
	Over   string   // an empty directory that is used to put it together
	Shared []string // directories of this machine whose changes are seen outside, at their own places
	Hidden []string // directories of this machine that are not seen in it
	Mounts []Mount
}

// Argv is a command that runs another one in the root, with an environment of its own. It needs Powers.Mounts.
func (r Root) Argv(env []string, dir string, command []string) []string {
	var s strings.Builder
	over := record.Quote(r.Over)
	root := record.Quote(r.Over + "/root")
	fmt.Fprintf(&s, "PATH=$PATH:/usr/sbin:/sbin:/usr/bin:/bin\nset -e\nmount -t tmpfs none %s\nmkdir %s/work %s\ncp -a %s %s/upper\n", over, over, root, record.Quote(r.Image), over)
	fmt.Fprintf(&s, "mount -t overlay overlay -o lowerdir=/,upperdir=%s/upper,workdir=%s/work %s\n", over, over, root)
	for _, p := range append(mountPoints(), r.Shared...) {
		fmt.Fprintf(&s, "mount --rbind %s %s 2>/dev/null || :\n", record.Quote(p), record.Quote(r.Over+"/root"+p))
	}
	for _, p := range r.Hidden {
		at := record.Quote(r.Over + "/root" + p)
		fmt.Fprintf(&s, "[ ! -d %s ] || mount -t tmpfs none %s\n", at, at)
	}
	mounts := slices.Clone(r.Mounts)
	slices.SortStableFunc(mounts, func(a, b Mount) int { return strings.Compare(a.Target, b.Target) })
	for _, m := range mounts {
		at := record.Quote(r.Over + "/root" + m.Target)
		fmt.Fprintf(&s, "if [ -d %[1]s ]; then mkdir -p %[2]s; elif [ -e %[1]s ]; then mkdir -p \"$(dirname %[2]s)\"; [ -e %[2]s ] || : >%[2]s; fi\n", record.Quote(m.Source), at)
		fmt.Fprintf(&s, "[ ! -e %[1]s ] || mount --rbind %[1]s %[2]s\n", record.Quote(m.Source), at)
	}
	s.WriteString("exec chroot " + root + " /usr/bin/env -i \"$@\"\n")
	argv := append([]string{"unshare"}, append(user(), "-m", "--", "sh", "-c", s.String(), "sh")...)
	argv = append(argv, env...)
	return append(append(argv, "/bin/sh", "-c", `cd "$0" && exec "$@"`, dir), command...)
}

// mountPoints are the places at the top of what is mounted below this machine's root.
func mountPoints() []string {
	src, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil
	}
	var all []string
	for line := range strings.Lines(string(src)) {
		if f := strings.Fields(line); len(f) > 4 && f[4] != "/" {
			all = append(all, strings.ReplaceAll(f[4], `\040`, " "))
		}
	}
	slices.Sort(all)
	var top []string
	for _, p := range all {
		if !slices.ContainsFunc(top, func(t string) bool { return p == t || strings.HasPrefix(p, t+"/") }) {
			top = append(top, p)
		}
	}
	return top
}
