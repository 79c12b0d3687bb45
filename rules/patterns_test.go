package rules

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestPatterns holds patterns to what git itself says of them.
func TestPatterns(t *testing.T) {
	paths := []string{"a.sh", "dir/a.sh", "dir/sub/a.sh", "dir/sub/.hidden", ".x/b", "docs/b.md", "docs/adr/1.md", "x/docs/c.md", "build", "x/build/y", "a*b", "vendor/keep/z"}
	for _, list := range [][]string{
		{"a.sh"},
		{"/a.sh"},
		{"dir/a.sh"},
		{"dir/*"},
		{"dir/**"},
		{"**/a.sh"},
		{"dir/**/a.sh"},
		{"*.md"},
		{"docs/*.md"},
		{"docs/"},
		{"build/"},
		{"build"},
		{"*"},
		{"?.sh"},
		{"[ab].sh"},
		{"**/docs/**"},
		{"vendor/*", "!vendor/keep"},
		{"*.md", "!b.md"},
		{".x"},
		{"sub"},
	} {
		dir := t.TempDir()
		if out, err := exec.Command("git", "init", "-q", dir).CombinedOutput(); err != nil {
			t.Fatalf("git: %v\n%s", err, out)
		}
		text := ""
		for _, p := range list {
			text += p + "\n"
		}
		if err := os.WriteFile(filepath.Join(dir, ".gitignore"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := ParsePatterns(list)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range paths {
			if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(p)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, p), nil, 0o644); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("git", "check-ignore", "-q", "--", p)
			cmd.Dir = dir
			if want := cmd.Run() == nil; got.Match(p) != want {
				t.Errorf("%q on %s: %v, git says %v", list, p, !want, want)
			}
		}
	}
	for _, bad := range []string{"", "/", "!", "[z-a]"} {
		if _, err := ParsePatterns([]string{bad}); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// TestPatternOf holds that the pattern of a path matches it alone.
func TestPatternOf(t *testing.T) {
	paths := []string{"a.sh", "dir/a.sh", "x/dir/a.sh", "a*b", "axb", "dir/[x].sh", "dir/x.sh", "!a.sh", "a?.sh", "ab.sh", `a\b`, "#a", "a b"}
	for _, path := range paths {
		p, err := ParsePatterns([]string{PatternOf(path)})
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, other := range paths {
			if p.Match(other) != (path == other) {
				t.Errorf("%s of %s: %s", PatternOf(path), path, other)
			}
		}
	}
}
