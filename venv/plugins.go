package venv

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/venv/installed"
)

// tutor checks what Tutor itself does not: it only warns about a plugin that
// is not there, and exits with 0.
func (i *inspection) tutor() error {
	enabled, err := i.enabled(i.inst)
	if err != nil {
		return err
	}
	reasons := i.judge(i.state, enabled, i.inst)
	if !i.held() {
		reasons = append(i.unsupported(i.state), reasons...)
	}
	for _, r := range reasons {
		i.verdict.add(r.Code, r.Text)
	}
	return nil
}

// held reports whether a quick look need not ask what releases need: this very program held these requirements to it when it built.
func (i *inspection) held() bool {
	return i.Quick && i.state.Tool == i.Tool && i.state.Requirements.Digest == i.set.Digest
}

// unsupported says whether the Tutor of a state does not run on its Python.
func (k *Keeper) unsupported(s State) []Reason {
	tutor := s.Packages["tutor"]
	if need := k.Facts().Release(tutor).Python; need != "" && !requirement.Within(s.Python.Version, need) {
		return []Reason{{"python-unsupported", fmt.Sprintf("Tutor %s needs Python %s, and this is %s", tutor, need, s.Python.Version)}}
	}
	return nil
}

// judge says what stands against running these plugins with this Tutor. It
// looks at what a state says is installed.
func (k *Keeper) judge(s State, enabled []string, inst Instance) []Reason {
	var out []Reason
	tutor := s.Packages["tutor"]
	loose := k.filePlugins(inst)
	for _, name := range enabled {
		provider, there := s.Plugins[name]
		switch {
		case !there && !slices.Contains(loose, name):
			out = append(out, Reason{"plugin-missing", fmt.Sprintf("config.yml enables the plugin %s, and no package in %s provides it", name, k.Workspace.requirements())})
		case there && tutor != "":
			if a, b := requirement.Major(s.Packages[provider]), requirement.Major(tutor); a != b && k.Facts().follows(a) && !slices.Contains(k.Facts().Unaligned, provider) {
				out = append(out, Reason{"plugin-major", fmt.Sprintf("the plugin %s is of %s %s, made for Tutor %d, and this is Tutor %s", name, provider, s.Packages[provider], a, tutor)})
			}
		}
	}
	return out
}

// enabled is the list PLUGINS of the instance's config.yml; nothing when the
// file or the key is missing.
func (k *Keeper) enabled(inst Instance) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(inst.Dir, "config.yml"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !strings.Contains(string(text), "PLUGINS") {
		return nil, nil
	}
	var config struct {
		Plugins []string `yaml:"PLUGINS"`
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		return nil, usage("instances/%s/config.yml: %s", inst.Name, strings.ReplaceAll(err.Error(), "\n", " "))
	}
	return config.Plugins, nil
}

// pluginsRoot is where Tutor looks for plugins that are single files.
func (k *Keeper) pluginsRoot(inst Instance) string {
	if dir := k.getenv("TUTOR_PLUGINS_ROOT"); dir != "" {
		return dir
	}
	return filepath.Join(inst.Dir, "plugins")
}

func (k *Keeper) filePlugins(inst Instance) []string {
	entries, err := os.ReadDir(k.pluginsRoot(inst))
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		for _, ext := range []string{".py", ".yml"} {
			if name, ok := strings.CutSuffix(e.Name(), ext); ok {
				out = append(out, name)
			}
		}
	}
	return out
}

// sources asks each git server whether what was asked for is still what is
// installed.
func (i *inspection) sources(ctx context.Context) error {
	for _, name := range slices.Sorted(maps.Keys(i.state.Sources)) {
		s := i.state.Sources[name]
		if s.Commit == "" || s.Commit == s.Requested {
			continue
		}
		now, err := i.remote(ctx, s)
		if err != nil {
			return fmt.Errorf("%s: asking %s for %s: %w", name, s.URL, orHead(s.Requested), err)
		}
		if len(now) > 0 && !slices.Contains(now, s.Commit) {
			i.verdict.add("source-moved", fmt.Sprintf("%s: %s of %s is at %.12s now, and it has %.12s", name, orHead(s.Requested), s.URL, now[0], s.Commit))
		}
	}
	return nil
}

func orHead(ref string) string {
	if ref == "" {
		return "HEAD"
	}
	return ref
}

// remote lists the commits that a reference stands for. The URL that git is
// given has no credentials; these go by the environment, which other users of
// the machine cannot see.
func (i *inspection) remote(ctx context.Context, s installed.Source) ([]string, error) {
	address := strings.TrimPrefix(s.URL, "git+")
	cmd := exec.CommandContext(ctx, "git", "ls-remote", "--", address)
	cmd.Env = append(slices.Clone(i.Environ), "GIT_TERMINAL_PROMPT=0")
	for _, l := range i.set.Lines {
		if l.Wanted() && l.URL != "" && requirement.Place(l.URL) == requirement.Place("git+"+strings.TrimPrefix(s.Address(), "git+")) {
			full, _ := requirement.Ref(strings.TrimPrefix(l.URL, "git+"))
			if full != address {
				cmd.Env = append(cmd.Env, "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url."+full+".insteadOf", "GIT_CONFIG_VALUE_0="+address)
			}
		}
	}
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return nil, fmt.Errorf("git ls-remote: %w: %s", err, strings.TrimSpace(string(exit.Stderr)))
		}
		return nil, err
	}
	var found []string
	for _, l := range strings.Split(string(out), "\n") {
		commit, ref, _ := strings.Cut(l, "\t")
		want := orHead(s.Requested)
		if ref == want || ref == "refs/heads/"+want || strings.TrimSuffix(ref, "^{}") == "refs/tags/"+want {
			found = append(found, commit)
		}
	}
	return found, nil
}
