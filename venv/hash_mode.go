package venv

import (
	"fmt"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
)

// hashMode is what in requirements asks for every package to be pinned with a hash: one hash, or --require-hashes. It is
// empty when nothing does.
func hashMode(lines []requirement.Entry) string {
	for _, l := range lines {
		switch {
		case l.Kind == requirement.Option && strings.HasPrefix(l.Text, "--require-hashes"):
			return fmt.Sprintf("--require-hashes in %s:%d", l.File, l.Number)
		case l.Wanted() && len(l.Hashes()) > 0:
			return fmt.Sprintf("the hash in %s:%d", l.File, l.Number)
		}
	}
	return ""
}

// checkHashes refuses in hash mode what the two installers would take in different ways, or blame on lines that nobody
// wrote.
func (b *build) checkHashes() error {
	if b.hashed == "" {
		return nil
	}
	for _, l := range b.set.Lines {
		why := unhashable(l)
		if why != "" {
			return usage("instances/%s/%s:%d: %s %s, and %s asks for one for every package", b.inst.Name, l.File, l.Number, l.Public, why, b.hashed)
		}
	}
	if len(b.added) == 0 {
		return nil
	}
	return usage("instances/%s/%s: Tutor %s needs %s and does not say so, and it cannot be added without a hash, because %s asks for one for every package: write it there, such as `%s`",
		b.inst.Name, b.Workspace.requirements(), b.tutor, strings.Join(b.added, " and "), b.hashed, b.example(b.added[0]))
}

// unhashable says why a line cannot be installed in hash mode, or nothing.
func unhashable(l requirement.Entry) string {
	if !l.Wanted() || l.Marker != "" {
		return "" // Only the installer knows whether the marker holds.
	}
	pinned := strings.HasPrefix(l.Specifier, "==") && !strings.ContainsAny(l.Specifier, ",*")
	switch {
	case strings.HasPrefix(l.URL, "git+"):
		return "comes from git and can have no hash"
	case len(l.Hashes()) == 0:
		return "has no hash"
	case l.URL == "" && l.Local == "" && !pinned:
		return "has a hash and no version: pin it with =="
	}
	return ""
}

// example is how a requirement looks in hash mode.
func (b *build) example(need string) string {
	name := need[:strings.IndexAny(need+"<", "<>=!~")]
	version := "VERSION"
	if was, ok := b.state.Packages[name]; ok {
		version = was
	}
	return name + "==" + version + " --hash=sha256:…"
}
