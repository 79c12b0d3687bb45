package installer

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/venv/installed"
)

// Pip installs with the pip that is in the environment.
type Pip struct{ Version string }

// Name is "pip 23.2.1".
func (p Pip) Name() string { return "pip " + p.Version }

// Settings are pip's own.
func (p Pip) Settings(environ []string) Settings { return PipSettings(environ) }

// Install resolves and installs in one go, or installs the lock in two: pip
// takes hashes for all of its requirements or for none, and has none for git.
func (p Pip) Install(ctx context.Context, job Job) ([]requirement.Pin, error) {
	if job.Locked != nil {
		return job.Locked, p.locked(ctx, job)
	}
	job.phase("resolving", "")
	if err := p.fit(ctx, job); err != nil {
		return nil, err
	}
	if !job.Pinned {
		return nil, nil
	}
	if p.reports() {
		return p.report(job)
	}
	return p.download(ctx, job)
}

// fit resolves with the versions to keep, and without them where they do not fit.
func (p Pip) fit(ctx context.Context, job Job) error {
	err := p.resolve(ctx, job, job.Keep)
	if err != nil && ctx.Err() == nil && len(job.Keep) > 0 {
		fmt.Fprintln(job.Log, "the versions that were there do not fit the requirements any more: resolving without them")
		err = p.resolve(ctx, job, nil)
	}
	return err
}

func (p Pip) reports() bool { return requirement.Within(p.Version, ">=22.2") }

func (p Pip) reportFile(job Job) string { return filepath.Join(job.Env, "report.json") }

func (p Pip) resolve(ctx context.Context, job Job, keep []requirement.Pin) error {
	args := []string{"install", "-r", "/dev/stdin", "--no-compile", "--no-warn-script-location"}
	if (job.Pinned || job.dry) && p.reports() {
		args = append(args, "--report", p.reportFile(job))
	}
	if job.dry {
		args = append(args, "--dry-run", "--ignore-installed")
	}
	wanted, places := job.wanted()
	bounds, boundPlaces := job.bounds()
	for _, k := range keep {
		if k.URL == "" && !excludes(job.Lines, k) {
			bounds, boundPlaces = append(bounds, k.String()), append(boundPlaces, "the version to keep")
		}
	}
	c := p.command(job, args...)
	if len(bounds) > 0 {
		c.argv = append(c.argv, "-c", c.give(text(bounds)))
	}
	c.stdin = text(wanted)
	out := &placer{out: c.out, wanted: places, bounds: boundPlaces}
	c.out = out
	err := c.run(ctx)
	out.flush()
	if err != nil {
		return failure("pip install", err)
	}
	return nil
}

// excludes tells whether the requirements themselves forbid a version that would be kept: what they say now wins.
func excludes(lines []requirement.Entry, k requirement.Pin) bool {
	return slices.ContainsFunc(lines, func(l requirement.Entry) bool {
		return l.Name == k.Name && (l.URL != "" || l.Local != "" || !requirement.Within(k.Version, l.Specifier))
	})
}

func (p Pip) locked(ctx context.Context, job Job) error {
	indexed, direct := job.exact(job.Locked)
	for _, part := range [][]requirement.Pin{indexed, direct} {
		if len(part) == 0 {
			continue
		}
		c := p.command(job, "install", "--no-deps", "-r", "/dev/stdin", "--no-compile", "--no-warn-script-location")
		if job.Hashed || !slices.ContainsFunc(part, unhashed) {
			c.argv = append(c.argv, "--require-hashes")
		}
		c.stdin = lines(part, named)
		if err := c.run(ctx); err != nil {
			return failure("pip install", err)
		}
	}
	return nil
}

// named is a pin as every pip reads it: some refuse "name @ git+file:///…".
func named(p requirement.Pin) string {
	if !strings.HasPrefix(p.URL, "git+") || p.Name == "" {
		return p.Line()
	}
	if strings.Contains(p.URL, "#") {
		return p.URL + "&egg=" + p.Name
	}
	return p.URL + "#egg=" + p.Name
}

func (p Pip) command(job Job, args ...string) command {
	set := job.Settings.values
	o := &job.Options
	o.Index, o.NoIndex = cmp.Or(o.Index, set["index-url"]), o.NoIndex || o.Offline || Truthy(set["no-index"])
	if len(o.ExtraIndexes) == 0 {
		o.ExtraIndexes = strings.Fields(set["extra-index-url"])
	}
	if len(o.FindLinks) == 0 {
		o.FindLinks = strings.Fields(set["find-links"])
	}
	where, others := job.sources()
	argv := append([]string{job.Env + "/bin/python", "-I", "-m", "pip", "--no-input", "--disable-pip-version-check", "--no-color"}, args...)
	for _, f := range others {
		if f.Flag != "--require-hashes" {
			argv = append(argv, strings.TrimSuffix(f.Flag+"="+f.Value, "="))
		}
	}
	if job.Hashed && args[0] == "install" && job.Locked == nil {
		argv = append(argv, "--require-hashes")
	}
	env := []string{"PIP_CONFIG_FILE=" + os.DevNull}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if v := strings.ToUpper(strings.ReplaceAll(name, "-", "_")); !replaced(v) {
			env = append(env, "PIP_"+v+"="+set[name])
		}
	}
	if where.Index != "" {
		env = append(env, "PIP_INDEX_URL="+where.Index)
	}
	if len(where.ExtraIndexes) > 0 {
		env = append(env, "PIP_EXTRA_INDEX_URL="+strings.Join(where.ExtraIndexes, " "))
	}
	dirs, urls := usable(where.FindLinks, job.Dir)
	for _, d := range dirs {
		argv = append(argv, "--find-links", d)
	}
	if len(urls) > 0 {
		env = append(env, "PIP_FIND_LINKS="+strings.Join(urls, " "))
	}
	if where.NoIndex {
		env = append(env, "PIP_NO_INDEX=1")
	}
	out := io.MultiWriter(job.Log, &listener{phase: job.phase})
	return command{argv: argv, env: job.environ(env...), dir: job.Dir, out: out}
}

// report makes pins of what pip says that it did.
func (p Pip) report(job Job) ([]requirement.Pin, error) {
	text, err := os.ReadFile(p.reportFile(job))
	if err != nil {
		return nil, err
	}
	defer os.Remove(p.reportFile(job))
	var report struct {
		Install []struct {
			Direct   bool `json:"is_direct"`
			Metadata struct {
				Name    string `json:"name"`
				Version string `json:"version"`
			} `json:"metadata"`
			Download struct {
				URL     string `json:"url"`
				Subdir  string `json:"subdirectory"`
				Archive struct {
					Hash   string            `json:"hash"`
					Hashes map[string]string `json:"hashes"`
				} `json:"archive_info"`
				VCS struct {
					Commit string `json:"commit_id"`
				} `json:"vcs_info"`
			} `json:"download_info"`
		} `json:"install"`
	}
	if err := json.Unmarshal(text, &report); err != nil {
		return nil, fmt.Errorf("pip's report: %w", err)
	}
	var pins []requirement.Pin
	for _, i := range report.Install {
		one := requirement.Pin{Name: requirement.Normalise(i.Metadata.Name)}
		hash := i.Download.Archive.Hashes["sha256"]
		if v, ok := strings.CutPrefix(i.Download.Archive.Hash, "sha256="); ok && hash == "" {
			hash = v
		}
		switch {
		case i.Download.VCS.Commit != "":
			one.URL = "git+" + requirement.Bare(i.Download.URL) + "@" + i.Download.VCS.Commit
			if i.Download.Subdir != "" {
				one.URL += "#subdirectory=" + i.Download.Subdir
			}
		case i.Direct:
			one.URL = requirement.Bare(i.Download.URL)
		default:
			one.Version = i.Metadata.Version
			if hash != "" {
				one.Hashes = []string{"sha256:" + hash}
			}
		}
		pins = append(pins, one)
	}
	return pins, nil
}

// download makes pins for a pip that cannot report: it fetches the archives
// again, from its cache, and hashes them.
func (p Pip) download(ctx context.Context, job Job) ([]requirement.Pin, error) {
	site, err := installed.Site(job.Env)
	if err != nil {
		return nil, err
	}
	packages, _, err := installed.Read(site)
	if err != nil {
		return nil, err
	}
	var pins []requirement.Pin
	var wanted strings.Builder
	for _, k := range packages {
		one := requirement.Pin{Name: k.Name, Version: k.Version}
		if direct := directOf(job.Lines, k); direct != "" {
			one.URL, one.Version = direct, ""
		} else if k.Name == "pip" && !requirement.Requires(job.Lines, "pip") {
			continue
		} else {
			wanted.WriteString(one.String() + "\n")
		}
		pins = append(pins, one)
	}
	dir, err := os.MkdirTemp(job.Env, "archives-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	c := p.command(job, "download", "--no-deps", "-d", dir, "-r", "/dev/stdin")
	c.stdin = wanted.String()
	if err := c.run(ctx); err != nil {
		return nil, failure("pip download", err)
	}
	return hashArchives(dir, pins)
}

func directOf(lines []requirement.Entry, k installed.Package) string {
	if k.Source != nil && k.Source.Commit != "" {
		return requirement.At("git+"+requirement.Bare(k.Source.Address()), k.Source.Commit)
	}
	for _, l := range lines {
		if l.Wanted() && l.Name == k.Name && l.URL != "" {
			return requirement.Bare(l.URL)
		}
	}
	return ""
}

func hashArchives(dir string, pins []requirement.Pin) ([]requirement.Pin, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for _, e := range entries {
		if sums[requirement.Normalise(e.Name())], err = requirement.FileDigest(filepath.Join(dir, e.Name())); err != nil {
			return nil, err
		}
	}
	for i, p := range pins {
		for file, s := range sums {
			if p.URL == "" && strings.HasPrefix(file, requirement.Normalise(p.Name+"-"+p.Version)) {
				pins[i].Hashes = append(pins[i].Hashes, s)
			}
		}
		sort.Strings(pins[i].Hashes)
	}
	return pins, nil
}
