package scan

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/walk"
)

// Roles that a root can have when its markers, or the user, say so.
const (
	RoleGrove    = "grove"
	RoleTemplate = "template"
	RoleCluster  = "cluster"
	RoleOther    = "other"
)

// Roles are all of them.
func Roles() []string { return []string{RoleGrove, RoleTemplate, RoleCluster, RoleOther} }

// UsageError is a mistake in what the user gave: a root, a role or a configuration file.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }
func (e *UsageError) Unwrap() error { return e.Err }

// Open lists the directories as the roots of a workspace. Roles overrides what the markers of a directory say, by the
// directory as it was given. A directory that cannot be a root, and a malformed configuration, is a *UsageError.
func Open(ctx context.Context, pack *rules.Pack, dirs []string, roles map[string]string) (Workspace, error) {
	ws := Workspace{Pack: pack}
	for _, dir := range dirs {
		root, err := open(ctx, pack, dir)
		if err != nil {
			return ws, err
		}
		for _, other := range ws.Roots {
			if other.Dir == root.Dir {
				return ws, &UsageError{fmt.Errorf("%s: the same directory as %s; name each repository once", dir, other.Key)}
			}
		}
		if role, ok := roles[filepath.Clean(dir)]; ok {
			root.Role = role
		}
		ws.Roots = append(ws.Roots, root)
	}
	name(ws.Roots)
	return ws, separate(ws.Roots)
}

// separate drops the rows of nested repositories that are roots themselves. It errs when a file would belong to two roots.
func separate(roots []*Root) error {
	for _, outer := range roots {
		for _, inner := range roots {
			rel, err := filepath.Rel(outer.Dir, inner.Dir)
			if inner == outer || err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
				continue
			}
			rel = filepath.ToSlash(rel)
			for _, file := range outer.Tree.Files {
				if strings.HasPrefix(file, rel+"/") {
					return &UsageError{fmt.Errorf("%s: lies in the root %s, so its files would belong to both: give one of them", inner.Dir, outer.Dir)}
				}
			}
			outer.Tree.Skipped = slices.DeleteFunc(outer.Tree.Skipped, func(s walk.Skip) bool { return s.Nested && s.Path == rel })
		}
	}
	return nil
}

func open(ctx context.Context, pack *rules.Pack, dir string) (*Root, error) {
	listing, err := walk.List(ctx, dir)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &UsageError{err}
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	root := &Root{Key: filepath.ToSlash(filepath.Clean(dir)), Dir: abs}
	root.Tree = Tree{
		Listing: *listing,
		Read:    func(p string) ([]byte, error) { return readFile(abs, p, nil) },
		Mode: func(p string) (fs.FileMode, error) {
			info, err := os.Lstat(filepath.Join(abs, filepath.FromSlash(p)))
			if err != nil {
				return 0, bare(err)
			}
			return info.Mode() & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky), nil
		},
	}
	root.Tree.ReadInto = func(p string, memory []byte) ([]byte, error) { return readFile(abs, p, memory) }
	if root.Config, err = config(dir, abs); err != nil {
		return nil, &UsageError{err}
	}
	root.Role = root.Config.Role
	if root.Role == "" {
		root.Role = role(pack, root)
	}
	return root, nil
}

// readFile reads a regular file below a root; a link is not followed. Errors are a few words without the path. Memory
// is used for the bytes where it is large enough. It asks the system no more than it must: trees are large.
func readFile(root, p string, memory []byte) ([]byte, error) {
	full := filepath.Join(root, filepath.FromSlash(p))
	fd, err := again(func() (int, error) {
		return unix.Open(full, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	})
	switch {
	case errors.Is(err, unix.ELOOP):
		return nil, errIrregular
	case err != nil:
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	defer unix.Close(fd)
	var info unix.Stat_t
	switch err := unix.Fstat(fd, &info); {
	case err != nil:
		return nil, fmt.Errorf("cannot be read: %w", err)
	case info.Mode&unix.S_IFMT != unix.S_IFREG:
		return nil, errIrregular
	case info.Size > MaxFile:
		return nil, errTooLarge
	}
	src := memory[:0]
	if cap(src) < int(info.Size) {
		src = make([]byte, info.Size)
	}
	src = src[:info.Size]
	for n := 0; n < len(src); {
		got, err := again(func() (int, error) { return unix.Read(fd, src[n:]) })
		switch {
		case err != nil:
			return nil, fmt.Errorf("cannot be read: %w", err)
		case got == 0: // it was cut short meanwhile
			return src[:n], nil
		}
		n += got
	}
	return src, nil
}

// again repeats a system call that a signal interrupts.
func again(call func() (int, error)) (int, error) {
	for {
		if n, err := call(); !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

var errIrregular = errors.New("is no longer a regular file")

// bare is a file system error without the path that reports name anyway.
func bare(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

func config(dir, abs string) (*rules.Config, error) {
	src, err := os.ReadFile(filepath.Join(abs, rules.ConfigName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, rules.ConfigName), bare(err))
	}
	return rules.ParseConfig(filepath.Join(dir, rules.ConfigName), src)
}

// role is what the markers of a root say that it is.
func role(pack *rules.Pack, root *Root) string {
	for _, r := range pack.Roles {
		if matches(r, root) {
			return r.Name
		}
	}
	return RoleOther
}

func matches(r rules.Role, root *Root) bool {
	for _, p := range r.All {
		if !exists(root.Dir, p) {
			return false
		}
	}
	any := len(r.Any) == 0
	for _, p := range r.Any {
		any = any || exists(root.Dir, p)
	}
	like := len(r.Like) == 0
	for _, pattern := range r.Like {
		ok, _ := path.Match(pattern, strings.ToLower(filepath.Base(root.Dir)))
		like = like || ok
	}
	return any && like
}

func exists(dir, p string) bool {
	_, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(p)))
	return err == nil
}

// name gives each root the key by which reports name it: "." for a single one, else the last elements of its path that
// tell it from the others.
func name(roots []*Root) {
	if len(roots) == 1 {
		roots[0].Key = "."
		return
	}
	for n := 1; n < 32; n++ {
		seen := map[string]bool{}
		for _, r := range roots {
			parts := strings.Split(filepath.ToSlash(r.Dir), "/")
			r.Key = strings.Join(parts[max(0, len(parts)-n):], "/")
			seen[r.Key] = true
		}
		if len(seen) == len(roots) {
			return
		}
	}
}

// linksInto lists, for each root and file, the names of the links in the workspace that lead to it and bear the
// program's name.
func linksInto(ws Workspace) map[*Root]map[string][]string {
	out := map[*Root]map[string][]string{}
	for _, root := range ws.Roots {
		for _, l := range root.Tree.Links {
			if strings.ToLower(path.Base(l.Path)) != ws.Pack.Program.Name || l.Target == "" {
				continue
			}
			for _, to := range ws.Roots {
				rel, err := filepath.Rel(to.Dir, l.Target)
				if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
					continue
				}
				if out[to] == nil {
					out[to] = map[string][]string{}
				}
				rel = filepath.ToSlash(rel)
				out[to][rel] = append(out[to][rel], path.Base(l.Path))
			}
		}
	}
	return out
}
