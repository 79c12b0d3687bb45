// Package installed reads what an environment holds from the metadata of its
// packages, and says what is wrong with it.
package installed

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"

	"golang.org/x/sync/errgroup"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
)

// Package is one installed package.
type Package struct {
	Name    string // normalised
	Version string
	Meta    string   // name of its metadata directory in site-packages
	Plugins []string // entry points of tutor.plugin.v1 and tutor.plugin.v0
	Source  *Source  // what it came from, when that was no index
	Legacy  bool     // an egg-info of old pips: it has no RECORD
}

// Source is where a package came from, as direct_url.json tells it.
type Source struct {
	URL          string `json:"url"`       // without credentials
	Requested    string `json:"requested"` // branch, tag or commit that was asked for
	Commit       string `json:"commit"`    // 40 hex digits; empty for what is not git
	Subdirectory string `json:"subdirectory,omitempty"`
}

// Address is the URL with the subdirectory, as a requirement names both.
func (s Source) Address() string {
	if s.Subdirectory == "" {
		return s.URL
	}
	return s.URL + "#subdirectory=" + s.Subdirectory
}

// Fault is something wrong with what is installed.
type Fault struct {
	Code string // see section 10 of docs/environments.md
	Text string // in words, for people

	Package string // whose files are at fault; empty when it is no one package's
}

// Site is the site-packages directory of an environment, or the error of
// there being none.
func Site(env string) (string, error) {
	found, err := filepath.Glob(filepath.Join(glob(env), "lib", "python3.*", "site-packages"))
	if err != nil || len(found) != 1 {
		return "", &os.PathError{Op: "find", Path: filepath.Join(env, "lib", "python3.*", "site-packages"), Err: os.ErrNotExist}
	}
	return found[0], nil
}

// glob quotes a path for use in a pattern.
func glob(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// Read lists the packages in site-packages, sorted by name and metadata
// directory, with the faults that their names show: leftovers of a killed
// installer, metadata without RECORD, two metadata of one package.
func Read(site string) ([]Package, []Fault, error) {
	entries, err := os.ReadDir(site)
	if err != nil {
		return nil, nil, err
	}
	var faults []Fault
	var metas []string
	for _, e := range entries {
		switch name := e.Name(); {
		case strings.HasPrefix(name, "~"):
			faults = append(faults, Fault{Code: "leftovers", Text: "site-packages/" + name + " was left by an installer that was killed"})
		case strings.HasSuffix(name, ".dist-info"), strings.HasSuffix(name, ".egg-info"):
			metas = append(metas, name)
		}
	}
	packages := make([]Package, len(metas))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, meta := range metas {
		group.Go(func() (err error) {
			packages[i], err = read(site, meta)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	sort.SliceStable(packages, func(i, j int) bool { return packages[i].Name < packages[j].Name })
	for i, p := range packages {
		if i > 0 && p.Name == packages[i-1].Name {
			faults = append(faults, Fault{"duplicate-metadata", p.Name + " is there twice: " + packages[i-1].Meta + " and " + p.Meta, p.Name})
		}
		if _, err := os.Stat(filepath.Join(site, p.Meta, "RECORD")); err != nil && !p.Legacy {
			faults = append(faults, Fault{"leftovers", p.Meta + " has no RECORD: its installation or removal was cut short", p.Name})
		}
	}
	return packages, faults, nil
}

// Named are the packages in site-packages as far as the names of their metadata tell, which is their name and version.
func Named(site string) ([]Package, error) {
	entries, err := os.ReadDir(site)
	var out []Package
	for _, e := range entries {
		if p := named(e.Name()); p.Name != "" {
			out = append(out, p)
		}
	}
	return out, err
}

func named(meta string) Package {
	base, wheel := strings.CutSuffix(meta, ".dist-info")
	base, legacy := strings.CutSuffix(base, ".egg-info")
	if !wheel && !legacy {
		return Package{}
	}
	name, ver, _ := strings.Cut(base, "-")
	return Package{Meta: meta, Legacy: legacy, Name: requirement.Normalise(name), Version: ver}
}

func read(site, meta string) (Package, error) {
	p := named(meta)
	dir := filepath.Join(site, meta)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return p, err
	}
	for _, file := range []string{"METADATA", "PKG-INFO"} {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			continue
		}
		n, v := headers(text)
		if n != "" && v != "" {
			p.Name, p.Version = requirement.Normalise(n), v
		}
		break
	}
	text, err := os.ReadFile(filepath.Join(dir, "entry_points.txt"))
	if err == nil {
		p.Plugins = plugins(text)
	} else if !os.IsNotExist(err) {
		return p, err
	}
	p.Source, err = source(filepath.Join(dir, "direct_url.json"))
	return p, err
}

// headers are Name and Version of a METADATA or PKG-INFO file.
func headers(text []byte) (name, version string) {
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() && lines.Text() != "" {
		key, value, _ := strings.Cut(lines.Text(), ":")
		switch strings.ToLower(key) {
		case "name":
			name = strings.TrimSpace(value)
		case "version":
			version = strings.TrimSpace(value)
		}
	}
	return name, version
}

// plugins are the names in the two groups that Tutor looks into.
func plugins(entryPoints []byte) []string {
	var out []string
	in := false
	for _, l := range strings.Split(string(entryPoints), "\n") {
		l = strings.TrimSpace(l)
		if strings.HasPrefix(l, "[") {
			in = l == "[tutor.plugin.v1]" || l == "[tutor.plugin.v0]"
			continue
		}
		name, _, found := strings.Cut(l, "=")
		if in && found && !strings.HasPrefix(l, "#") && !strings.HasPrefix(l, ";") {
			out = append(out, strings.TrimSpace(name))
		}
	}
	sort.Strings(out)
	return out
}

func source(file string) (*Source, error) {
	text, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var direct struct {
		URL          string `json:"url"`
		Subdirectory string `json:"subdirectory"`
		VCS          struct {
			Requested string `json:"requested_revision"`
			Commit    string `json:"commit_id"`
		} `json:"vcs_info"`
	}
	if err := json.Unmarshal(text, &direct); err != nil {
		return nil, nil // Not ours to judge: the package works without it.
	}
	return &Source{direct.URL, direct.VCS.Requested, direct.VCS.Commit, direct.Subdirectory}, nil
}
