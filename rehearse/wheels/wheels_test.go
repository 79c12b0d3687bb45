package wheels

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	needs "gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
)

// Whatever the form in which a requirement names a repository, it can be cloned without a network; others cannot.
func TestFillMakesRepositories(t *testing.T) {
	needs.Runs(t, "git", "--version")
	source, dir := t.TempDir(), t.TempDir()
	text := `tutor==14.2.2
git+https://github.com/hastexo/tutor-contrib-s3.git@v1.2.0#egg=tutor-contrib-s3
tutor-contrib-retirement @ git+https://github.com/hastexo/tutor-contrib-retirement@v2.0
-e git+https://gitlab.com/opencraft/dev/tutor-contrib-grove.git@main#egg=tutor-contrib-grove
# git+https://github.com/hastexo/nobody.git
`
	if err := os.WriteFile(filepath.Join(source, "requirements.txt"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	x, err := New(dir, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Fill(t.Context(), source); err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]bool{
		"https://github.com/hastexo/tutor-contrib-s3.git":             true,
		"https://github.com/hastexo/tutor-contrib-retirement":         true,
		"https://gitlab.com/opencraft/dev/tutor-contrib-grove.git":    true,
		"file://" + dir + "/mirror/github.com/hastexo/nobody.git":     false,
		"file://" + dir + "/mirror/github.com/hastexo/tutor==14.2.2/": false,
	} {
		cmd := exec.Command("git", "clone", "--quiet", url, filepath.Join(t.TempDir(), "clone"))
		cmd.Env = append(os.Environ(), append(x.Environment(), "GIT_TERMINAL_PROMPT=0")...)
		if out, err := cmd.CombinedOutput(); (err == nil) != want {
			t.Errorf("clone %s: %v: %s", url, err, out)
		}
	}
}
