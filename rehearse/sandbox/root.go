package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rehearse/record"
)

// Root is the file system of a container: this machine's, with what an image puts over it, and directories of this machine
// at other places. What is written to it outside of these is gone in the end.
type Root struct {
	Image  string   // a directory with what the image has
	Within string   // a directory in which it is put together
	Shared []string // directories of this machine whose changes are seen outside, at their own places
	Hidden []string // directories of this machine that are not seen in it
	Mounts []Mount
}

// Argv is a command that runs another one in the root, with an environment of its own. It needs Powers.Mounts.
func (r Root) Argv(env []string, dir string, command []string) []string {
	var s strings.Builder
	fmt.Fprintf(&s, "PATH=$PATH:/usr/sbin:/sbin:/usr/bin:/bin\nset -e\nover=$(mktemp -d %s/root-XXXXXX)\nroot=$over/root\n", record.Quote(r.Within))
	fmt.Fprintf(&s, "mount -t tmpfs none \"$over\"\nmkdir \"$over/work\" \"$root\"\ncp -a %s \"$over/upper\"\n", record.Quote(r.Image))
	s.WriteString("mount -t overlay overlay -o \"lowerdir=/,upperdir=$over/upper,workdir=$over/work\" \"$root\"\n")
	for _, p := range append(mountPoints(), r.Shared...) {
		fmt.Fprintf(&s, "mount --rbind %[1]s \"$root\"%[1]s 2>/dev/null || :\n", record.Quote(p))
	}
	for _, p := range r.Hidden {
		fmt.Fprintf(&s, "[ ! -d \"$root\"%[1]s ] || mount -t tmpfs none \"$root\"%[1]s\n", record.Quote(p))
	}
	mounts := slices.Clone(r.Mounts)
	slices.SortStableFunc(mounts, func(a, b Mount) int { return strings.Compare(a.Target, b.Target) })
	for _, m := range mounts {
		source, at := record.Quote(m.Source), "\"$root\""+record.Quote(m.Target)
		fmt.Fprintf(&s, "if [ -d %[1]s ]; then mkdir -p %[2]s; elif [ -e %[1]s ]; then mkdir -p \"$(dirname %[2]s)\"; [ -e %[2]s ] || : >%[2]s; fi\n", source, at)
		fmt.Fprintf(&s, "[ ! -e %[1]s ] || mount --rbind %[1]s %[2]s\n", source, at)
	}
	s.WriteString("exec chroot \"$root\" /usr/bin/env -i \"$@\"\n")
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

// Beside are the links at the top of a directory that lead beside it.
func Beside(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if link, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil && strings.HasPrefix(filepath.Clean(link), "../") {
			out = append(out, link)
		}
	}
	return out
}
