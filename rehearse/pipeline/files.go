package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// keep puts what patterns name in a checkout into a store. A pattern that ends at a directory takes all of it.
func keep(checkout, store string, patterns, excluded []string) error {
	var wanted, not []*regexp.Regexp
	for _, p := range patterns {
		wanted = append(wanted, glob(p))
	}
	for _, p := range excluded {
		not = append(not, glob(p))
	}
	matches := func(all []*regexp.Regexp, name string) bool {
		for p := name; p != "."; p = path.Dir(p) {
			for _, re := range all {
				if re.MatchString(p) {
					return true
				}
			}
		}
		return false
	}
	err := filepath.WalkDir(checkout, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == checkout {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(p, checkout+"/"))
		if name == ".git" {
			return filepath.SkipDir
		}
		if !matches(wanted, name) || matches(not, name) {
			return nil
		}
		return link(p, filepath.Join(store, name), d)
	})
	if err != nil {
		return fmt.Errorf("keep files of a job: %w", err)
	}
	return nil
}

// glob is a pattern of a pipeline as a regular expression: ** stands for any directories.
func glob(pattern string) *regexp.Regexp {
	pattern = strings.TrimSuffix(strings.TrimPrefix(pattern, "./"), "/")
	var b strings.Builder
	b.WriteString("^")
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case strings.HasPrefix(pattern[i:], "**/"):
			b.WriteString("(?:.*/)?")
			i += 2
		case strings.HasPrefix(pattern[i:], "**"):
			b.WriteString(".*")
			i++
		case c == '*':
			b.WriteString("[^/]*")
		case c == '?':
			b.WriteString("[^/]")
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	return regexp.MustCompile(b.String() + "$")
}

// link shows a file of a checkout that no job will see again in a store, over what is there, or makes its directory.
func link(from, to string, d fs.DirEntry) error {
	if d.IsDir() {
		return os.MkdirAll(to, 0o755)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if err := os.Remove(to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Link(from, to)
}

// restore copies all of a store into a checkout.
func restore(store, checkout string) error {
	if _, err := os.Stat(store); err != nil {
		return nil
	}
	if out, err := exec.Command("cp", "-a", store+"/.", checkout).CombinedOutput(); err != nil {
		return fmt.Errorf("copy %s: %w: %s", store, err, out)
	}
	return nil
}
