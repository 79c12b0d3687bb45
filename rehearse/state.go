package rehearse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rehearse/image"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/library"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// state is the workspace before or after the migration.
type state struct {
	name      string
	source    string       // the copy that every run copies again
	image     *image.Image // the tools container; nil when there is none
	word      string       // by which its names are known
	instances []string
	python    string // the python of the container; empty when there is none
	base      string // the one that it is made of
}

// prepare makes the copy of a state and what its container has.
func (r *rehearsal) prepare(ctx context.Context, name string) (*state, error) {
	s := &state{name: name, source: filepath.Join(r.dir, name, "source")}
	if err := r.places.copyTo(ctx, s.source); err != nil {
		return nil, err
	}
	if name == after {
		if err := r.places.migrate(ctx, s.source, r.Ops); err != nil {
			return nil, err
		}
	}
	if err := r.places.checkIn(ctx, s.source); err != nil {
		return nil, err
	}
	for _, root := range r.Workspace.Roots {
		names, err := instances(r.places.in(s.source, root.Dir), r.Workspace.Pack.Instance.Dir)
		if err != nil {
			return nil, err
		}
		s.instances = append(s.instances, names...)
	}
	return s, r.container(ctx, s)
}

// instances are the names of the directories below a root's directory of instances.
func instances(root, dir string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(root, dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the instances: %w", err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// container builds the tools container of a state: from the Dockerfile in a directory that is called so.
func (r *rehearsal) container(ctx context.Context, s *state) error {
	for _, root := range r.Workspace.Roots {
		for _, file := range root.Tree.Files {
			if filepath.Base(file) != "Dockerfile" {
				continue
			}
			home := filepath.Base(filepath.Dir(file))
			if root.Role != scan.RoleGrove || !strings.Contains(home, "tools") {
				continue
			}
			name := filepath.Join(r.places.in(s.source, root.Dir), file)
			img, err := image.Build(name, r.Workspace.Pack.Program.Name, filepath.Join(r.dir, s.name, "image"))
			if err != nil {
				return err
			}
			s.image, s.word = img, strings.FieldsFunc(home, func(c rune) bool { return c == '-' || c == '_' })[0]
			wants := wantsLibrary(filepath.Dir(name), r.Workspace.Pack.Program.Packages)
			s.python, s.base, err = library.Python(ctx, filepath.Join(r.dir, s.name), r.Start, wants, r.Environ)
			return err
		}
	}
	return nil
}

// wantsLibrary reports whether something below the directory of the container still installs the program's package.
func wantsLibrary(dir string, packages []string) bool {
	var names []string
	for _, p := range packages {
		names = append(names, regexp.QuoteMeta(p))
	}
	name := `(?:` + strings.Join(names, "|") + `)`
	line := regexp.MustCompile(`(?m)^(?:git\+\S*/)?` + name + `(?:\.git\S*)?(?:\[[^\]]*\])?\s*(?:[=<>~!@;#].*)?$`)
	command := regexp.MustCompile(`(?m)pip3?\s+install\b[^\n]*[\s"'/]` + name + `(?:\.git|\[|[=<>~!@"']|\s|$)`)
	found := false
	_ = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error { // what cannot be read asks for nothing
		if err != nil || d.IsDir() || found {
			return nil
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return nil
		}
		base := filepath.Base(p)
		switch {
		case strings.Contains(base, "requirements") && strings.HasSuffix(base, ".txt"):
			found = line.Match(src)
		case base == "Dockerfile":
			found = command.Match(src)
		}
		return nil
	})
	return found
}

func contains(lists, all [][]string) bool {
	for _, one := range all {
		if !slices.ContainsFunc(lists, func(l []string) bool { return slices.Equal(l, one) }) {
			return false
		}
	}
	return true
}
