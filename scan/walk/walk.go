// Package walk lists the files of a repository that count: what git tracks or would track, hidden directories included.
package walk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/git"
)

// Listing is what a root holds. Paths are relative to the root, with slashes, sorted.
type Listing struct {
	Files   []string
	Links   []Link
	Skipped []Skip
	Git     bool // the root is part of a git checkout

	missing map[string][]string // tracked files that the work tree lacks, by directory
}

// Link is a symbolic link. It is noted and never followed.
type Link struct {
	Path   string
	Target string // the absolute path that the link leads to in the end; empty when it leads nowhere or round in a circle
}

// Skip is a path that was not looked at, and why.
type Skip struct {
	Path   string
	Reason string
	Nested bool // it is a repository of its own
	Minor  bool // nothing that could hold a call is missed: coverage is complete all the same
}

// List lists the root directory. In a git checkout git says which files count: those that it tracks and those that it
// does not ignore. Elsewhere git is asked as if the root were a checkout; without git every file counts, and a row of
// Skipped says so. It errs when root is no directory that can be read, with a message for a person.
func List(ctx context.Context, root string) (*Listing, error) {
	info, err := os.Stat(root)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: there is no such directory", root)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", root, reason(err))
	case !info.IsDir():
		return nil, fmt.Errorf("%s: is a file; give the directory of a repository", root)
	}
	if _, err := os.ReadDir(root); err != nil {
		return nil, fmt.Errorf("%s: %w", root, reason(err))
	}
	l := &Listing{}
	names, err := l.ask(ctx, root)
	if err != nil {
		return nil, err
	}
	kinds := newKinds(root)
	for _, name := range names {
		l.add(root, name, kinds)
	}
	l.skipAbsent()
	sort.Strings(l.Files)
	sort.Slice(l.Links, func(i, j int) bool { return l.Links[i].Path < l.Links[j].Path })
	sort.Slice(l.Skipped, func(i, j int) bool { return l.Skipped[i].Path < l.Skipped[j].Path })
	return l, nil
}

// reason is the part of a file system error that the place in front of it does not say already.
func reason(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// ask has git name the paths below root.
func (l *Listing) ask(ctx context.Context, root string) ([]string, error) {
	if _, err := exec.LookPath("git"); err != nil {
		l.Skipped = append(l.Skipped, Skip{Path: ".", Reason: "git is not installed: files that .gitignore names are looked at too", Minor: true})
		return every(root)
	}
	out, err := git.Output(ctx, root, "-c", "core.excludesFile="+os.DevNull, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ".")
	if err == nil {
		l.Git = true
		return split(out), nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if strings.Contains(err.Error(), "dubious ownership") {
		l.Skipped = append(l.Skipped, Skip{Path: ".", Reason: "git refuses a repository of another user, so tracked files that .gitignore names are not looked at: " +
			"run as its owner, or name it in git's safe.directory"})
	}
	// Outside a checkout, an empty repository in a directory of its own makes git read the .gitignore files of root.
	dir, err := os.MkdirTemp("", "grove-migrate-")
	if err != nil {
		return nil, fmt.Errorf("make a directory for git: %w", err)
	}
	defer os.RemoveAll(dir)
	if _, err := git.Output(ctx, root, "init", "--quiet", "--bare", dir); err != nil {
		return nil, fmt.Errorf("%s: git cannot list the files: %w", root, err)
	}
	out, err = git.Output(ctx, root, "-c", "core.excludesFile="+os.DevNull, "--git-dir="+dir, "--work-tree=.", "ls-files", "-z", "--others", "--exclude-standard", "--", ".")
	if err != nil {
		return nil, fmt.Errorf("%s: git cannot list the files: %w", root, err)
	}
	return split(out), nil
}

func split(out []byte) []string {
	var names []string
	last := ""
	for _, b := range bytes.Split(out, []byte{0}) {
		if name := string(b); name != "" && name != last {
			names = append(names, name)
			last = name
		}
	}
	return names
}

// journal begins the names of what an apply keeps in a root outside git.
const journal = ".grove-migrate"

// every is all paths below root, .git directories left out.
func every(root string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if d.IsDir() {
			if d.Name() == ".git" || strings.HasPrefix(d.Name(), journal) {
				return filepath.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(root, p)
		if err == nil {
			names = append(names, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", root, err)
	}
	return names, nil
}

// kinds knows what stands at a path. Each directory is read once, which is far less work than to ask for each of its files.
type kinds struct {
	root string
	dirs map[string]map[string]fs.FileMode
}

func newKinds(root string) *kinds { return &kinds{root, map[string]map[string]fs.FileMode{}} }

// of is the type of what stands at a path, without following a link. It errs as os.Lstat does.
func (k *kinds) of(name string) (fs.FileMode, error) {
	dir := path.Dir(name)
	in, ok := k.dirs[dir]
	if !ok {
		in = map[string]fs.FileMode{}
		k.dirs[dir] = in
		entries, err := os.ReadDir(filepath.Join(k.root, filepath.FromSlash(dir)))
		if err == nil {
			for _, e := range entries {
				in[e.Name()] = e.Type()
			}
		}
	}
	if mode, ok := in[path.Base(name)]; ok {
		return mode, nil
	}
	info, err := os.Lstat(filepath.Join(k.root, filepath.FromSlash(name)))
	if err != nil {
		return 0, err
	}
	return info.Mode().Type(), nil
}

// add sorts one path into files, links and what is skipped.
func (l *Listing) add(root, name string, kinds *kinds) {
	if strings.HasPrefix(path.Base(name), journal+"-") {
		return // left by an apply that was killed
	}
	mode, err := kinds.of(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.absent(name)
	case err != nil:
		l.Skipped = append(l.Skipped, Skip{Path: name, Reason: "cannot be read: " + reason(err).Error()})
	case mode&fs.ModeSymlink != 0:
		target, err := filepath.EvalSymlinks(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			l.Skipped = append(l.Skipped, deadLink(root, name))
		} else if target, err = filepath.Abs(target); err != nil {
			target = ""
		}
		l.Links = append(l.Links, Link{Path: name, Target: target})
	case mode.IsDir():
		l.Skipped = append(l.Skipped, nested(root, path.Clean(name)))
	case !mode.IsRegular():
		l.Skipped = append(l.Skipped, Skip{Path: name, Reason: "not a regular file", Minor: true})
	default:
		l.Files = append(l.Files, name)
	}
}

// nested is the row of a repository inside the root.
func nested(root, name string) Skip {
	s := Skip{Path: name, Nested: true, Reason: "a repository of its own: name it as a further root to have it looked at"}
	if entries, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(name))); err == nil && len(entries) == 0 {
		s.Reason = "a submodule that is not checked out: run git submodule update --init, and name it as a further root"
	}
	return s
}

// deadLink is the row of a link that leads nowhere: the content of a file that git-annex keeps was not looked at.
func deadLink(root, name string) Skip {
	target, err := os.Readlink(filepath.Join(root, filepath.FromSlash(name)))
	if err == nil && strings.Contains(filepath.ToSlash(target), ".git/annex/objects/") {
		return Skip{Path: name, Reason: "git-annex keeps its content elsewhere: get it with git annex get"}
	}
	return Skip{Path: name, Reason: "a link that leads nowhere", Minor: true}
}

// absent notes a tracked file that the work tree lacks: deleted there, or left out of a sparse checkout.
func (l *Listing) absent(name string) {
	if l.missing == nil {
		l.missing = map[string][]string{}
	}
	l.missing[path.Dir(name)] = append(l.missing[path.Dir(name)], name)
}

// skipAbsent makes a row of each absent file; of many in one directory, one for the directory.
func (l *Listing) skipAbsent() {
	const many = 5
	const reason = "tracked, but not in the work tree: check it out (git sparse-checkout disable, git restore), or remove it with git rm"
	for dir, names := range l.missing {
		if len(names) > many {
			l.Skipped = append(l.Skipped, Skip{Path: dir, Reason: fmt.Sprintf("%d files are %s", len(names), reason)})
			continue
		}
		for _, name := range names {
			l.Skipped = append(l.Skipped, Skip{Path: name, Reason: reason})
		}
	}
}
