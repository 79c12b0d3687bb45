package requirement

import (
	"crypto/sha256"
	"io"
	"os"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/venv/tree"
)

// localDigest is that of a local requirement's content, so that a change to
// it is a change of the requirements.
func localDigest(name string) (string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return "", err
	}
	if info.IsDir() {
		t, err := tree.Read(name, func(in, name string, dir bool) bool {
			return dir && (in == "" && (name == ".git" || name == "build") || strings.HasSuffix(name, ".egg-info"))
		})
		return t.Digest, err
	}
	return FileDigest(name)
}

// FileDigest is "sha256:" and the hex digest of a file's bytes.
func FileDigest(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return sum(h.Sum(nil)), nil
}
