package interpreter

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
)

// Finder looks for interpreters and remembers what each said, so that many
// instances ask once. Use one for a run; its zero value searches nowhere.
type Finder struct {
	Path    string   // as the variable PATH
	Environ []string // for the interpreters that are asked

	mu    sync.Mutex
	known map[string]answer
}

type answer struct {
	python Python
	err    error
}

// Want says which interpreter is wanted.
type Want struct {
	Pin   string // "", a version ("3.11"), a command ("python3.11") or a path
	From  string // who pinned it: "--python", ".python-version"
	Range string // versions that will do, ">=3.8"; empty for any from 3.6 on
	Why   string // who sets the range: "Tutor 16.1.8"
}

// Ask is [Ask], remembered.
func (f *Finder) Ask(ctx context.Context, executable string) (Python, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a, ok := f.known[executable]; ok {
		return a.python, a.err
	}
	p, err := Ask(ctx, executable, f.Environ)
	if ctx.Err() != nil {
		return Python{}, ctx.Err()
	}
	if f.known == nil {
		f.known = map[string]answer{}
	}
	f.known[executable] = answer{p, err}
	return p, err
}

// Find returns the first interpreter that will do, and why it was chosen. A
// pin is obeyed or an error; without one the order is python3, python, then
// python3.N from the newest down, each along the path.
func (f *Finder) Find(ctx context.Context, w Want) (Python, string, error) {
	if w.Range == "" {
		w.Range = ">=3.6"
	}
	var seen, odd []string
	for _, c := range f.candidates(w.Pin) {
		p, err := f.Ask(ctx, c)
		if ctx.Err() != nil {
			return Python{}, "", ctx.Err()
		}
		if err != nil {
			odd = append(odd, err.Error())
			seen = append(seen, c+" does not run as Python 3")
			continue
		}
		if isVersion(w.Pin) && !requirement.Matches(p.Version, w.Pin) {
			continue
		}
		if !requirement.Within(p.Version, w.Range) {
			seen = append(seen, fmt.Sprintf("%s is %s", c, p.Version))
			continue
		}
		why := reason(w, c)
		if len(odd) > 0 {
			why += ", passing over " + strings.Join(odd, ", ")
		}
		return p, why, nil
	}
	return Python{}, "", f.none(w, seen)
}

func reason(w Want, candidate string) string {
	if w.Pin != "" {
		return "named by " + w.From
	}
	name := filepath.Base(candidate)
	if w.Why != "" {
		return fmt.Sprintf("%s on the path; %s needs %s", name, w.Why, w.Range)
	}
	return name + " on the path"
}

func (f *Finder) none(w Want, seen []string) error {
	found := "none was found on the path"
	if len(seen) > 0 {
		found = strings.Join(seen, ", ")
	}
	if w.Pin != "" {
		return fmt.Errorf("no Python %s (%s) that will do (%s): %s; install it, or name another with --python", w.Pin, w.From, w.needs(), found)
	}
	return fmt.Errorf("no Python that will do (%s): %s; install one, or name one with --python", w.needs(), found)
}

func (w Want) needs() string {
	if w.Why == "" {
		return "needed: " + w.Range
	}
	return w.Why + " needs " + w.Range
}

func isVersion(pin string) bool { return pin != "" && pin[0] >= '0' && pin[0] <= '9' }

// candidates are the paths to try, best first, none twice.
func (f *Finder) candidates(pin string) []string {
	switch {
	case strings.ContainsRune(pin, '/'):
		return []string{pin}
	case pin != "" && !isVersion(pin):
		return f.named(pin)
	}
	names := []string{"python3", "python"}
	if n := requirement.Numbers(pin); len(n) >= 2 {
		names = append([]string{fmt.Sprintf("python%d.%d", n[0], n[1])}, names...)
	}
	var all, out []string
	for _, n := range names {
		all = append(all, f.named(n)...)
	}
	for _, p := range append(all, f.minors()...) {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// named finds an executable of this name in each directory of the path. A
// shim that picks a version by the current directory is replaced by what it
// stands for: first what it picks itself, then every version beside it.
func (f *Finder) named(name string) []string {
	var out []string
	for _, dir := range filepath.SplitList(f.Path) {
		p := filepath.Join(dir, name)
		if !Executable(p) {
			continue
		}
		out = append(out, p)
		if filepath.Base(dir) == "shims" {
			beside, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), "versions", "*", "bin", name))
			newestFirst(beside)
			out = append(out, beside...)
		}
	}
	return out
}

// minors are the python3.N of the path, the newest first.
func (f *Finder) minors() []string {
	var out []string
	for _, dir := range filepath.SplitList(f.Path) {
		if filepath.Base(dir) == "shims" {
			dir = filepath.Join(filepath.Dir(dir), "versions", "*", "bin")
		}
		found, _ := filepath.Glob(filepath.Join(dir, "python3.[0-9]*"))
		for _, p := range found {
			if !strings.ContainsRune(filepath.Base(p), '-') && Executable(p) {
				out = append(out, p)
			}
		}
	}
	newestFirst(out)
	return out
}

func newestFirst(paths []string) {
	number := func(p string) string {
		if v := strings.TrimPrefix(filepath.Base(p), "python"); strings.ContainsRune(v, '.') {
			return v
		}
		return filepath.Base(filepath.Dir(filepath.Dir(p)))
	}
	sort.SliceStable(paths, func(i, j int) bool { return requirement.Compare(number(paths[i]), number(paths[j])) > 0 })
}

// Executable tells whether a path is a program.
func Executable(p string) bool {
	info, err := os.Stat(p)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
