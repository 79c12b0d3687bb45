// Package bare makes an environment with nothing but pip in it, in the time
// that it takes to write the files.
package bare

import (
	"archive/zip"
	"crypto/sha256"
	"embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"gitlab.com/opencraft/dev/grove-migrate/venv/installed"
	"gitlab.com/opencraft/dev/grove-migrate/venv/interpreter"
	"gitlab.com/opencraft/dev/grove-migrate/venv/launcher"
)

// scripts are for the shells that people activate an environment in. They find
// it from their own place.
//
//go:embed scripts
var scripts embed.FS

// Make creates the environment at dir, which must not exist, and returns its
// site-packages. Nothing in it holds its own path.
func Make(dir string, p interpreter.Python) (site string, err error) {
	minor := p.MinorName()
	site = filepath.Join(dir, "lib", minor, "site-packages")
	if err := os.Mkdir(dir, 0o777); err != nil {
		return "", err
	}
	for _, d := range []string{filepath.Join(dir, "bin"), site} {
		if err := os.MkdirAll(d, 0o777); err != nil {
			return "", err
		}
	}
	links := [][2]string{{p.Executable, "bin/python"}, {"python", "bin/python3"}, {"python", "bin/" + minor}}
	if strconv.IntSize == 64 && runtime.GOOS != "darwin" {
		links = append(links, [2]string{"lib", "lib64"})
	}
	for _, l := range links {
		if err := os.Symlink(l[0], filepath.Join(dir, l[1])); err != nil {
			return "", err
		}
	}
	for _, name := range []string{"activate", "activate.csh", "activate.fish"} {
		text, err := scripts.ReadFile("scripts/" + name)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "bin", name), text, 0o666)
		}
		if err != nil {
			return "", err
		}
	}
	config := fmt.Sprintf("home = %s\ninclude-system-site-packages = false\nversion = %s\nexecutable = %s\nrelocatable = true\n",
		filepath.Dir(p.Executable), p.Version, p.Executable)
	return site, os.WriteFile(filepath.Join(dir, "pyvenv.cfg"), []byte(config), 0o666)
}

// AddPip unpacks a wheel of pip as an installer would have.
func AddPip(dir, site, wheel string) error {
	z, err := zip.OpenReader(wheel)
	if err != nil {
		return fmt.Errorf("%s: %w", wheel, err)
	}
	defer z.Close()
	meta := ""
	dirs := map[string]bool{}
	for _, f := range z.File {
		if !filepath.IsLocal(f.Name) || strings.Contains(f.Name, `\`) {
			return fmt.Errorf("%s: holds the odd path %q", wheel, f.Name)
		}
		dirs[filepath.Dir(filepath.FromSlash(f.Name))] = true
		if d, ok := strings.CutSuffix(f.Name, ".dist-info/RECORD"); ok {
			meta = d + ".dist-info"
		}
	}
	if meta == "" {
		return fmt.Errorf("%s: is no wheel: it has no RECORD", wheel)
	}
	for d := range dirs {
		if err := os.MkdirAll(filepath.Join(site, d), 0o777); err != nil {
			return err
		}
	}
	var group errgroup.Group
	group.SetLimit(2 * runtime.GOMAXPROCS(0))
	for _, f := range z.File {
		if !f.FileInfo().IsDir() {
			group.Go(func() error { return unpack(f, filepath.Join(site, filepath.FromSlash(f.Name))) })
		}
	}
	if err := group.Wait(); err != nil {
		return fmt.Errorf("%s: %w", wheel, err)
	}
	return register(dir, site, meta)
}

func unpack(f *zip.File, name string) error {
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

// pipMain is how every pip can be entered, from version 18 to today's.
const pipMain = launcher.Head + `import sys
if __name__ == "__main__":
    from pip._internal.cli.main import main
    sys.exit(main())
`

const oldPipMain = launcher.Head + `import sys
if __name__ == "__main__":
    from pip._internal import main
    sys.exit(main())
`

// register writes the launchers and INSTALLER, and puts them into RECORD.
func register(dir, site, meta string) error {
	p := installed.Package{Meta: meta}
	records, err := installed.Records(site, p)
	if err != nil {
		return err
	}
	main := pipMain
	if _, err := os.Stat(filepath.Join(site, "pip", "_internal", "cli", "main.py")); err != nil {
		main = oldPipMain
	}
	for _, f := range []struct {
		rel, text string
		mode      os.FileMode
	}{
		{"../../../bin/pip", main, 0o777},
		{"../../../bin/pip3", main, 0o777},
		{meta + "/INSTALLER", "pip\n", 0o666},
	} {
		if err := os.WriteFile(filepath.Join(site, f.rel), []byte(f.text), f.mode); err != nil {
			return err
		}
		sum := sha256.Sum256([]byte(f.text))
		records = append(records, installed.Record{Path: f.rel, Hash: installed.HashOf(sum[:]), Size: int64(len(f.text))})
	}
	return installed.WriteRecords(filepath.Join(site, meta, "RECORD"), records)
}
