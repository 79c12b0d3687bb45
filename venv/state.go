package venv

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/venv/installed"
	"gitlab.com/opencraft/dev/grove-migrate/venv/interpreter"
	"gitlab.com/opencraft/dev/grove-migrate/venv/tree"
)

// StateVersion is the version of the state's format.
const StateVersion = 1

// stateFile is the last file written into an environment: one without it was
// never finished.
const stateFile = "grove-venv.json"

// State is what an environment was built from. Section 4 of
// docs/environments.md says how each field is computed.
type State struct {
	Version      int                         `json:"version"`
	Tool         string                      `json:"tool"`
	ID           string                      `json:"id"`
	Instance     string                      `json:"instance"`
	Path         string                      `json:"path"`
	Built        string                      `json:"built"`
	Installer    string                      `json:"installer"`
	Python       interpreter.Python          `json:"python"`
	Requirements Digested                    `json:"requirements"`
	Contents     map[string]string           `json:"contents"` // by path: what both programs compute in the same way
	Added        []string                    `json:"added"`
	Options      RecordedOptions             `json:"options"`
	Lock         string                      `json:"lock"`
	Packages     map[string]string           `json:"packages"`
	Plugins      map[string]string           `json:"plugins"`
	Sources      map[string]installed.Source `json:"sources"`
	Tree         string                      `json:"tree"`
	Side         string                      `json:"side,omitempty"`
}

// Digested is the requirements' digest and that of each file.
type Digested struct {
	Digest string                 `json:"digest"`
	Files  []requirement.Digested `json:"files"`
}

// RecordedOptions are installer options as "name=value", sorted, masked.
type RecordedOptions struct {
	Flags       []string `json:"flags"`
	Environment []string `json:"environment"`
}

// errNewer is a state that another version of the tool wrote.
var errNewer = errors.New("it has another version")

// ReadState reads the state of the environment at env. The error wraps
// fs.ErrNotExist when there is none.
func ReadState(env string) (State, error) {
	var s State
	text, err := os.ReadFile(filepath.Join(env, stateFile))
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return State{}, fmt.Errorf("%s: %w", stateFile, err)
	}
	if s.Version != StateVersion {
		return State{}, fmt.Errorf("%s: %w: %d, not %d", stateFile, errNewer, s.Version, StateVersion)
	}
	return s, nil
}

// fill notes what is installed.
func (s *State) fill(packages []installed.Package, set *requirement.Set) {
	s.Packages, s.Plugins, s.Sources = map[string]string{}, map[string]string{}, map[string]installed.Source{}
	for _, p := range packages {
		s.Packages[p.Name] = p.Version
		for _, name := range p.Plugins {
			s.Plugins[name] = p.Name
		}
		if p.Source != nil && p.Source.Commit != "" {
			s.Sources[p.Name] = asked(*p.Source, set)
		}
	}
}

// asked notes what the requirements ask a source for: an installer that was
// given a commit knows nothing of the branch.
func asked(s installed.Source, set *requirement.Set) installed.Source {
	for _, l := range set.Lines {
		if l.Direct() && l.URL != "" && requirement.Place(l.URL) == requirement.Place("git+"+strings.TrimPrefix(s.Address(), "git+")) {
			_, s.Requested = requirement.Ref(l.URL)
		}
	}
	return s
}

// write finishes an environment.
func (s State) write(env string) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		return err
	}
	return writeDurably(filepath.Join(env, stateFile), b.Bytes())
}

// writeDurably writes name.tmp, syncs it and renames it to name. A link called
// name.tmp is not followed.
func writeDurably(name string, text []byte) (err error) {
	tmp := name + ".tmp"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(tmp, name)
	}
	if err != nil {
		os.Remove(tmp)
	}
	return err
}

// treeOf is the digest of an environment without its state.
func treeOf(env string) (string, error) {
	t, err := readTree(env)
	return t.Digest, err
}

func readTree(env string) (tree.Tree, error) {
	return tree.Read(env, func(in, name string, dir bool) bool {
		return in == "" && !dir && (name == stateFile || name == stateFile+".tmp")
	})
}

// treeFile holds the names and sizes of the tree that an update found as it was built, for the next to compare with. It
// stands among the bytecode, for it is a cache too: no program counts what is there.
const treeFile = "__pycache__/grove-venv.tree"

// remember saves the tree for the next update, where that can be done.
func (i *inspection) remember() {
	name := filepath.Join(i.inst.Env(), treeFile)
	if saved := i.tree.Saved(); saved != nil && os.MkdirAll(filepath.Dir(name), 0o777) == nil {
		_ = writeDurably(name, saved) // Without it the next update reads the tree again.
	}
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b)
	return hex.EncodeToString(b)
}
