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
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/record"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/standin"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// state is the workspace before or after the migration.
type state struct {
	name      string
	source    string       // the copy that every run copies again
	image     *image.Image // the tools container; nil when there is none
	word      string       // by which its names are known
	instances []string
	python    library.Interpreter
	bin       string // the directory of the stand-ins, and of the program that all instances share
}

// prepare makes the copy of a state and what its container has.
func (r *rehearsal) prepare(ctx context.Context, name string) (*state, error) {
	s := &state{name: name, source: filepath.Join(r.dir, name, "source"), bin: filepath.Join(r.dir, name, "bin")}
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
	if err := r.container(ctx, s); err != nil {
		return nil, err
	}
	return s, r.furnish(s)
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
			img, err := image.Build(name, r.Workspace.Pack.Program.Name, r.runDir(), filepath.Join(r.dir, s.name, "image"), s.bin)
			if err != nil {
				return err
			}
			s.image, s.word = img, strings.FieldsFunc(home, func(c rune) bool { return c == '-' || c == '_' })[0]
			wants := wantsLibrary(filepath.Dir(name), r.Workspace.Pack.Program.Packages)
			s.python, err = library.Python(ctx, filepath.Join(r.dir, s.name), r.Start, wants, r.Environ)
			return err
		}
	}
	return nil
}

// furnish puts recorders and stand-ins where programs are looked for: on the path, in the container, and the program of each
// instance in its environment.
func (r *rehearsal) furnish(s *state) error {
	pack := r.Workspace.Pack
	rec := record.Recorder{Program: pack.Program.Name, State: r.runDir(), RootEnv: pack.Instance.RootEnv, RootOptions: pack.Instance.RootOptions}
	var further []string
	for _, root := range r.Workspace.Roots {
		for name := range root.Config.StandIns {
			further = append(further, name)
		}
	}
	if err := standin.Install(s.bin, r.runDir(), r.Start, further); err != nil {
		return err
	}
	shared := rec
	shared.Who, shared.Trip = record.Global, s.name == after && !r.Lenient
	if err := program(filepath.Join(s.bin, rec.Program), shared.Script()); err != nil {
		return err
	}
	if err := program(filepath.Join(r.dir, recorderName), rec.Script()); err != nil {
		return err
	}
	for _, root := range r.Workspace.Roots {
		place := r.places.in(s.source, root.Dir)
		names, err := instances(place, pack.Instance.Dir)
		if err != nil {
			return err
		}
		for _, name := range names {
			rec.Who = name
			if err := s.environment(filepath.Join(place, pack.Instance.Dir, name, pack.Instance.Env), rec); err != nil {
				return err
			}
		}
	}
	return s.furnishImage()
}

// recorderName is the recorder that environments use which are built in a rehearsal.
const recorderName = "recorder"

// environment makes an environment with nothing but a recorder and an interpreter in it.
func (s *state) environment(dir string, r record.Recorder) error {
	if _, err := os.Lstat(dir); err == nil {
		return nil
	}
	activate := "VIRTUAL_ENV=$(cd \"$(dirname \"${BASH_SOURCE:-$0}\")/..\" && pwd)\nexport VIRTUAL_ENV\nPATH=\"$VIRTUAL_ENV/bin:$PATH\"\nexport PATH\ndeactivate() { PATH=\"${PATH#*:}\"; unset VIRTUAL_ENV; }\n"
	for name, text := range map[string]string{
		"bin/" + r.Program: r.Script(), "bin/activate": activate, "pyvenv.cfg": "home = " + filepath.Dir(s.python.Base) + "\ninclude-system-site-packages = false\n",
	} {
		if err := program(filepath.Join(dir, name), text); err != nil {
			return err
		}
	}
	if s.python.Base == "" {
		return nil
	}
	for _, name := range []string{"python", "python3"} {
		if err := os.Symlink(s.python.Base, filepath.Join(dir, "bin", name)); err != nil {
			return fmt.Errorf("prepare a run: %w", err)
		}
	}
	return nil
}

func program(name, text string) error {
	err := os.MkdirAll(filepath.Dir(name), 0o755)
	if err == nil {
		err = os.WriteFile(name, []byte(text), 0o755)
	}
	if err != nil {
		return fmt.Errorf("prepare a run: %w", err)
	}
	return nil
}

// furnishImage gives the container the stand-ins and its Python, where the image has no programs of these names.
func (s *state) furnishImage() error {
	if s.image == nil {
		return nil
	}
	inside := filepath.Join(s.image.Dir, "usr/local/bin")
	if s.python.Program != "" {
		python := "#!/bin/sh\nexec " + record.Quote(s.python.Program)
		for name, text := range map[string]string{"python3": python, "python": python, "pip": python + " -m pip", "pip3": python + " -m pip"} {
			if err := program(filepath.Join(inside, name), text+" \"$@\"\n"); err != nil {
				return err
			}
		}
	}
	entries, err := os.ReadDir(s.bin)
	if err != nil {
		return fmt.Errorf("prepare a run: %w", err)
	}
	for _, e := range entries {
		target := filepath.Join(inside, e.Name())
		if _, err := os.Lstat(target); err == nil {
			continue
		}
		if err := image.Tree(filepath.Join(s.bin, e.Name()), target, 0); err != nil {
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
