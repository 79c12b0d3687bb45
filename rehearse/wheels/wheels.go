// Package wheels makes packages and repositories that installers take in the place of those that requirements ask for, without a network.
package wheels

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/library"
	"gitlab.com/opencraft/dev/grove-migrate/requirement"
)

// Index is a place with packages.
type Index struct {
	dir      string
	recorder string   // the script that the program of an environment becomes
	start    []string // how the rehearsal's own program is started
	made     map[string]bool
}

// New makes a place for packages. Recorder is what the program of an environment becomes; start is how the rehearsal's own
// program is started.
func New(dir, recorder string, start []string) (*Index, error) {
	x := &Index{dir, recorder, start, map[string]bool{}}
	if err := os.MkdirAll(filepath.Join(dir, "wheels"), 0o755); err != nil {
		return nil, fmt.Errorf("make packages: %w", err)
	}
	for _, common := range []string{"setuptools 80.0", "wheel 0.43", "click 8.1.7"} {
		name, version, _ := strings.Cut(common, " ")
		if err := x.wheel(name, version); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// Environment are the variables by which installers find the packages and nothing else.
func (x *Index) Environment() []string {
	return []string{
		"PIP_NO_INDEX=1", "PIP_FIND_LINKS=" + filepath.Join(x.dir, "wheels"), "PIP_DISABLE_PIP_VERSION_CHECK=1", "PIP_NO_CACHE_DIR=1", "PIP_PROGRESS_BAR=off",
		"UV_OFFLINE=1", "UV_FIND_LINKS=" + filepath.Join(x.dir, "wheels"), "GIT_CONFIG_SYSTEM=" + filepath.Join(x.dir, "gitconfig"),
	}
}

// Fill makes what the requirements files below a directory ask for.
func (x *Index) Fill(ctx context.Context, root string) error {
	hosts := map[string]bool{}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == ".venv"):
			return filepath.SkipDir
		case !d.Type().IsRegular() || !strings.HasSuffix(p, ".txt") || !strings.Contains(p, "requirements") && !strings.Contains(p, "constraints"):
			return nil
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		return x.file(ctx, src, hosts)
	})
	if err != nil {
		return fmt.Errorf("make packages: %w", err)
	}
	text := "[protocol \"file\"]\n\tallow = always\n[safe]\n\tdirectory = *\n[uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n[advice]\n\tdetachedHead = false\n"
	for _, host := range slices.Sorted(func(yield func(string) bool) {
		for h := range hosts {
			if !yield(h) {
				return
			}
		}
	}) {
		text += fmt.Sprintf("[url \"file://%s/\"]\n\tinsteadOf = https://%[2]s/\n\tinsteadOf = http://%[2]s/\n\tinsteadOf = ssh://git@%[2]s/\n", filepath.Join(x.dir, "mirror", host), host)
	}
	if err := os.WriteFile(filepath.Join(x.dir, "gitconfig"), []byte(text), 0o644); err != nil {
		return fmt.Errorf("make packages: %w", err)
	}
	return nil
}

// file makes what one requirements file asks for.
func (x *Index) file(ctx context.Context, src []byte, hosts map[string]bool) error {
	lines := requirement.Parse(src).Lines
	own := "1.0"
	for _, l := range lines {
		if l.Kind == requirement.Named && l.Key() == "tutor" {
			own = versions(l.Specifier)[0]
		}
	}
	for _, l := range lines {
		switch {
		case strings.HasPrefix(l.URL, "git+"):
			host, err := x.repository(ctx, l.Requirement, own)
			if err != nil {
				return err
			}
			hosts[host] = true
		case l.Kind == requirement.Named && l.Key() != "pip":
			for _, version := range versions(l.Specifier) {
				if err := x.wheel(l.Key(), version); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

var clause = lazyregexp.New(`(===?|~=|!=|<=|>=|<|>)([^,\s]+)`)

// versions are some that a specifier lets through, the best first.
func versions(specifier string) []string {
	var out []string
	for _, m := range clause.FindAllStringSubmatch(specifier, -1) {
		version := strings.TrimSuffix(m[2], ".*")
		first, rest, _ := strings.Cut(version, ".")
		number, err := strconv.Atoi(first)
		switch {
		case m[1] == "!=" || err != nil:
		case m[1] == ">":
			out = append(out, fmt.Sprintf("%d.9.9", number))
		case m[1] == "<" && strings.Trim(rest, "0.") == "":
			out = append(out, fmt.Sprintf("%d.9", max(number-1, 0)))
		case m[1] == "<":
			out = append(out, first+".0")
		default:
			out = append(out, version)
		}
	}
	if len(out) == 0 {
		return []string{"1.0"}
	}
	return out
}

// contents are the files of a package, without its record.
func (x *Index) contents(name, version string) ([][2]string, error) {
	module := strings.ReplaceAll(name, "-", "_")
	info := module + "-" + version + ".dist-info/"
	files := [][2]string{
		{info + "WHEEL", "Wheel-Version: 1.0\nGenerator: rehearsal\nRoot-Is-Purelib: true\nTag: py3-none-any\n"},
		{info + "METADATA", "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n"},
	}
	entry := func(text string) { files = append(files, [2]string{info + "entry_points.txt", text}) }
	plugin, isPlugin := strings.CutPrefix(name, "tutor-")
	stands := map[string]string{"typer": "typer.py", "pyyaml": "yaml.py", "jinja2": "jinja2.py"}[name]
	switch {
	case name == "tutor":
		entry("[console_scripts]\ntutor = tutor.commands.cli:main\n")
		for _, file := range []string{"tutor/commands/__init__.py", "tutor/plugins/__init__.py", "tutor/__init__.py"} {
			files = append(files, [2]string{file, ""})
		}
		files = append(files, [2]string{"tutor/__about__.py", "__version__ = " + strconv.Quote(version) + "\n"}, [2]string{"tutor/commands/cli.py", fmt.Sprintf(program, x.recorder)})
	case isPlugin:
		entry("[tutor.plugin.v1]\n" + strings.TrimPrefix(plugin, "contrib-") + " = " + module + ".plugin\n")
		files = append(files, [2]string{module + "/__init__.py", ""}, [2]string{module + "/plugin.py", ""})
	case stands != "":
		more, err := library.Module(stands, x.start)
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	default:
		entry("[console_scripts]\n" + name + " = " + module + "_stub:main\n")
		files = append(files, [2]string{module + "_stub.py", "def main():\n    return 0\n"})
	}
	return files, nil
}

// program is the program of an environment: it becomes the recorder, and says where it stands.
const program = `import os
import sys


def main():
    os.environ["GROVE_REHEARSAL_PROGRAM"] = os.path.join(sys.prefix, "bin", "tutor")
    os.execv("/bin/sh", ["/bin/sh", %q, *sys.argv[1:]])


if __name__ == "__main__":
    main()
`

// wheel writes a package, unless there is one.
func (x *Index) wheel(name, version string) error {
	file := filepath.Join(x.dir, "wheels", strings.ReplaceAll(name, "-", "_")+"-"+version+"-py3-none-any.whl")
	if x.made[file] {
		return nil
	}
	x.made[file] = true
	return x.write(file, name, version)
}

func (x *Index) write(file, name, version string) (err error) {
	files, err := x.contents(name, version)
	if err != nil {
		return err
	}
	record := ""
	for _, f := range files {
		sum := sha256.Sum256([]byte(f[1]))
		record += fmt.Sprintf("%s,sha256=%s,%d\n", f[0], base64.RawURLEncoding.EncodeToString(sum[:]), len(f[1]))
	}
	at := strings.ReplaceAll(name, "-", "_") + "-" + version + ".dist-info/RECORD"
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	z := zip.NewWriter(out)
	for _, f := range append(files, [2]string{at, record + at + ",,\n"}) {
		part, err := z.Create(f[0])
		if err == nil {
			_, err = part.Write([]byte(f[1]))
		}
		if err != nil {
			return err
		}
	}
	return z.Close()
}
