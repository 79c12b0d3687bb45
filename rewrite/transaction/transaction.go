// Package transaction changes files in several directories all or nothing, survives being killed, and takes the last change back.
//
// What it promises and what it does not is written in docs/transaction.md.
package transaction

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strings"
	"time"
)

// Op is what becomes of one file: created if Before does not exist, deleted if
// After does not, replaced otherwise.
type Op struct {
	Root   string      // a directory, absolute or from the working directory
	Path   string      // relative to Root, with slashes, clean
	Before Fingerprint // what the file has to be still
	After  State
}

// State is a file or, as the zero value, that there is none.
type State struct {
	Exists  bool
	Content []byte
	Mode    fs.FileMode // permission, setuid, setgid and sticky bits; 0 keeps those there were, or means 0644 for a new file
}

// Fingerprint is how a file is recognised. The zero value says that there is
// no file. Fingerprints can be compared with ==.
type Fingerprint struct {
	Exists bool        `json:"exists"`
	Size   int64       `json:"size,omitempty"`   // bytes
	Mode   fs.FileMode `json:"mode,omitempty"`   // the bits of modeBits
	SHA256 string      `json:"sha256,omitempty"` // of the content, in lower-case hexadecimal digits
}

// modeBits are the bits of a mode that belong to a file and are kept.
const modeBits = fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky

// Take returns the fingerprint of an existing file with this content and mode;
// of the mode only the permission, setuid, setgid and sticky bits count.
func Take(content []byte, mode fs.FileMode) Fingerprint {
	sum := sha256.Sum256(content)
	return Fingerprint{Exists: true, Size: int64(len(content)), Mode: mode & modeBits, SHA256: hex.EncodeToString(sum[:])}
}

// fingerprint returns what the file will be recognised by after the op.
func (o Op) fingerprint() Fingerprint {
	if !o.After.Exists {
		return Fingerprint{}
	}
	mode := o.After.Mode & modeBits
	if mode == 0 {
		mode = 0o644
		if o.Before.Exists {
			mode = o.Before.Mode
		}
	}
	return Take(o.After.Content, mode)
}

// Phase says how far a transaction came.
type Phase string

// The phases, in their order. Until Committing no file but temporary ones was
// touched; a Done one can be rolled back.
const (
	Staging    Phase = "staging"    // the new contents are being written beside their targets
	Committing Phase = "committing" // all are written and are being renamed into place
	Done       Phase = "done"       // every file is new
	Undoing    Phase = "undoing"    // the old contents are being put back
)

// Transaction is an apply that left a journal.
type Transaction struct {
	ID      string
	Phase   Phase
	Started time.Time
	PID     int      // the process that started it
	Running bool     // some process holds its lock: it is not abandoned
	Journal string   // the directory with the journal and the old contents
	Roots   []string // the directories it changes files in
	Files   []string // the files it changes, as full paths
}

// Outcome says what became of the files of a transaction.
type Outcome struct {
	ID      string
	Journal string    // the directory with the journal and the old contents; empty when nothing is kept
	New     int       // files that are as the apply wanted them
	Old     int       // files that are as they were before
	Refused []Refusal // files that were left as they are, because they are neither
}

// Refusal is a file that is not touched, and why.
type Refusal struct {
	Path   string // the full path
	Reason string // "changed since it was read", ...
	Old    string // the path of the kept old content, if there is one
}

// String returns "path: reason", with the place of the old content.
func (r Refusal) String() string {
	if r.Old == "" {
		return r.Path + ": " + r.Reason
	}
	return fmt.Sprintf("%s: %s; its old content is kept in %s", r.Path, r.Reason, r.Old)
}

// RefusedError says which files stand in the way. Nothing was written.
type RefusedError struct{ Files []Refusal }

func (e *RefusedError) Error() string {
	lines := make([]string, len(e.Files))
	for i, f := range e.Files {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// LockedError says who is at work in one of the roots.
type LockedError struct {
	PID   int       // 0 if it is not known
	Since time.Time // zero if it is not known
	Lock  string    // the lock's path
}

func (e *LockedError) Error() string {
	who := "another process"
	if e.PID != 0 {
		who = fmt.Sprintf("process %d, since %s,", e.PID, e.Since.Format(time.DateTime))
	}
	return fmt.Sprintf("%s: %s is changing these files; wait until it has finished", e.Lock, who)
}

// UnfinishedError says that an earlier transaction has to be finished or
// undone first.
type UnfinishedError struct{ Transactions []Transaction }

func (e *UnfinishedError) Error() string {
	t := e.Transactions[0]
	return fmt.Sprintf("%s: an apply that process %d began on %s was interrupted while %s; finish or undo it with rollback first",
		t.Journal, t.PID, t.Started.Format(time.DateTime), t.Phase)
}

// FailedError is an apply that failed on its way.
type FailedError struct {
	Cause   error
	Undo    error     // why it could not be undone; nil if it was
	Journal string    // what is left of it, if Undo is set or files were refused
	Refused []Refusal // files that someone else changed in between
}

func (e *FailedError) Error() string {
	switch {
	case e.Undo != nil:
		return fmt.Sprintf("%v; undoing it failed as well (%v): every file is either old or new, and rollback puts them right, from %s", e.Cause, e.Undo, e.Journal)
	case len(e.Refused) > 0:
		return fmt.Sprintf("%v; undone but for files that were changed meanwhile:\n%v", e.Cause, &RefusedError{e.Refused})
	}
	return fmt.Sprintf("%v; every file is as it was before", e.Cause)
}

// Unwrap returns the cause.
func (e *FailedError) Unwrap() error { return e.Cause }
