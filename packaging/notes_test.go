package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestNotes holds the notes of a release to its section of the changelog, and a tag to the program's version.
func TestNotes(t *testing.T) {
	const changelog = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- new\n\n## [1.2.3] - 2026-12-01\n\n### Fixed\n\n- old\n\n## [1.2.2] - 2026-11-01\n\n- older\n"
	for _, c := range []struct{ version, tag, changelog, want string }{
		{"1.2.3", "v1.2.3", changelog, "\n### Fixed\n\n- old\n"},
		{"1.2.3", "v1.2.2", changelog, "the tag is v1.2.2, and cmd/grove-migrate/version.go says 1.2.3"},
		{"1.2.4", "v1.2.4", changelog, `no section "## [1.2.4] - DATE"`},
		{"1.2", "v1.2", changelog, `no section "## [1.2] - DATE"`},
		{"1.2.3", "v1.2.3", "# Changelog\n\n## [1.2.3] - 2026-12-01\n", "with text"},
	} {
		dir := t.TempDir()
		script, err := os.ReadFile("notes.sh")
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"packaging/notes.sh": string(script), "CHANGELOG.md": c.changelog,
			"cmd/grove-migrate/version.go": "package main\n\nconst version = \"" + c.version + "\"\n",
		} {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		out, err := exec.Command(filepath.Join(dir, "packaging/notes.sh"), c.tag).CombinedOutput()
		if good := strings.HasPrefix(c.want, "\n#"); (err == nil) != good || good && strings.TrimSpace(string(out)) != strings.TrimSpace(c.want) || !strings.Contains(string(out), strings.TrimSpace(c.want)) {
			t.Errorf("%s of %s: %v\n%s\nwant %s", c.tag, c.version, err, out, c.want)
		}
	}
}

// TestChangelog holds the changelog to the form of Keep a Changelog.
func TestChangelog(t *testing.T) {
	src, err := os.ReadFile("../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	section := regexp.MustCompile(`^## \[(Unreleased|\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d)`)
	for line := range strings.Lines(string(src)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "## ") && !section.MatchString(line) {
			t.Errorf("%q is no section", line)
		}
		if kind, ok := strings.CutPrefix(line, "### "); ok && !slices.Contains([]string{"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}, kind) {
			t.Errorf("%q is no kind of change", kind)
		}
	}
}

// TestSameTargets holds the pipeline of GitLab to run what .ci/run does, and more: it has a machine for each job.
func TestSameTargets(t *testing.T) {
	ours := regexp.MustCompile(`(?m)^    set -- (.*)$`).FindStringSubmatch(read(t, "../.ci/run"))
	if ours == nil {
		t.Fatal(".ci/run lists no targets")
	}
	want := strings.Fields(ours[1])
	var got []string
	for _, m := range regexp.MustCompile(`(?m)^  script: \.ci/run (.*)$`).FindAllStringSubmatch(read(t, "../.gitlab-ci.yml"), -1) {
		got = append(got, strings.Fields(m[1])...)
	}
	for _, target := range append(want, got...) {
		if !slices.Contains(got, target) {
			t.Errorf(".gitlab-ci.yml does not run %s, as .ci/run does", target)
		}
		if !strings.Contains(read(t, "../Makefile"), "\n"+target+":") {
			t.Errorf("the Makefile has no target %s", target)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}
