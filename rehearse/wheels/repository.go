package wheels

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/git"
	"gitlab.com/opencraft/dev/grove-migrate/requirement"
)

var (
	address  = lazyregexp.New(`^git\+\w+://(?:[^/@]*@)?([^/]+)/(.+)$`)
	numbered = lazyregexp.New(`^v?(\d+(?:\.\d+)*)$`)
	folder   = lazyregexp.New(`subdirectory=([^&]+)`)
)

// backend builds a wheel that lies beside it.
const backend = `import os
import shutil

HERE = os.path.dirname(os.path.abspath(__file__))


def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = next(n for n in os.listdir(HERE) if n.endswith(".whl"))
    shutil.copy(os.path.join(HERE, name), directory)
    return name


build_editable = build_wheel


def get_requires_for_build_wheel(config_settings=None):
    return []
`

// repository makes a git repository that a requirement names, with the branch or tag, and returns its host. Own is the version
// of what has none.
func (x *Index) repository(ctx context.Context, r requirement.Requirement, own string) (host string, err error) {
	base, ref := requirement.Ref(r.URL)
	m := address.FindStringSubmatch(base)
	if m == nil {
		return "", nil
	}
	bare := filepath.Join(x.dir, "mirror", m[1], m[2])
	work := bare + ".work"
	key := bare + "@" + ref + "/" + r.Key()
	if x.made[key] {
		return m[1], nil
	}
	x.made[key] = true
	version := own
	if n := numbered.FindStringSubmatch(ref); n != nil {
		version = n[1]
	}
	dir := work
	if sub := folder.FindStringSubmatch(r.URL); sub != nil {
		dir = filepath.Join(work, sub[1])
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	old, err := filepath.Glob(filepath.Join(dir, "*.whl"))
	if err != nil {
		return "", err
	}
	for _, name := range old {
		if err := os.Remove(name); err != nil {
			return "", err
		}
	}
	project := "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n"
	for name, text := range map[string]string{"pyproject.toml": project, "backend.py": backend} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	if err := x.write(filepath.Join(dir, strings.ReplaceAll(r.Key(), "-", "_")+"-"+version+"-py3-none-any.whl"), r.Key(), version); err != nil {
		return "", err
	}
	return m[1], publish(ctx, work, bare, ref)
}

// publish commits a directory and puts the commit into a bare repository: as its main branch, and under a name.
func publish(ctx context.Context, work, bare, ref string) error {
	steps := [][]string{{"init", "--quiet", "--initial-branch=main"}, {"add", "--all"}, {"commit", "--quiet", "--allow-empty", "--message", "package"}}
	if _, err := os.Stat(bare); err != nil {
		steps = append(steps, []string{"init", "--quiet", "--bare", "--initial-branch=main", bare})
	}
	steps = append(steps, []string{"push", "--quiet", "--force", bare, "HEAD:refs/heads/main"})
	if numbered.MatchString(ref) {
		steps = append(steps, []string{"push", "--quiet", "--force", bare, "HEAD:refs/tags/" + ref})
	} else if ref != "" {
		steps = append(steps, []string{"push", "--quiet", "--force", bare, "HEAD:refs/heads/" + ref})
	}
	for _, args := range steps {
		if err := git.Run(ctx, work, []string{"GIT_CEILING_DIRECTORIES=" + filepath.Dir(work)}, args...); err != nil {
			return err
		}
	}
	return nil
}
