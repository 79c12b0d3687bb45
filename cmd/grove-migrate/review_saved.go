package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// savedReview are the answers of a review, kept outside of the workspace until it is done, so that one that is interrupted can
// be gone on with.
type savedReview struct {
	Answers map[string]string `json:"answers"` // by the identity of the fix
	path    string            // empty when there is no place for it
}

// readReview reads what an interrupted review of the same roots left.
func readReview(term *terminal, ws scan.Workspace) *savedReview {
	s := &savedReview{Answers: map[string]string{}}
	base := term.env("XDG_STATE_HOME")
	if base == "" && term.env("HOME") != "" {
		base = filepath.Join(term.env("HOME"), ".local/state")
	}
	if !filepath.IsAbs(base) {
		return s
	}
	sum := sha256.New()
	for _, root := range ws.Roots {
		sum.Write([]byte(root.Dir + "\x00"))
	}
	s.path = filepath.Join(base, "grove-migrate", "review-"+hex.EncodeToString(sum.Sum(nil))[:16]+".json")
	if src, err := os.ReadFile(s.path); err == nil && json.Unmarshal(src, s) != nil || s.Answers == nil {
		s.Answers = map[string]string{}
	}
	return s
}

// add keeps one answer. Where nothing can be written a review cannot be gone on with, which is no reason to end it.
func (s *savedReview) add(identity, answer string) {
	s.Answers[identity] = answer
	src, err := json.Marshal(s)
	if s.path == "" || err != nil || os.MkdirAll(filepath.Dir(s.path), 0o700) != nil {
		return
	}
	if next := s.path + ".new"; os.WriteFile(next, src, 0o600) == nil {
		_ = os.Rename(next, s.path)
	}
}

// forget drops all answers.
func (s *savedReview) forget() {
	s.Answers = map[string]string{}
	if s.path != "" {
		_ = os.Remove(s.path)
	}
}

// identity tells a fix from all others, and from itself once the code there is another.
func identity(f *edit.Fix) string {
	src, err := json.Marshal(f)
	if err != nil {
		return f.String()
	}
	sum := sha256.Sum256(src)
	return hex.EncodeToString(sum[:])
}
