package edit

import (
	"cmp"
	"fmt"
	"io/fs"
)

// Applicability says how far a fix may be trusted. The zero value is Display.
type Applicability int

// The applicabilities, from the least to the most trusted.
const (
	Display Applicability = iota // shown as a suggestion, never applied
	Unsafe                       // probably right, a person should look
	Safe                         // meaning is kept and nothing is lost
)

var applicabilities = [...]string{Display: "display", Unsafe: "unsafe", Safe: "safe"}

// String returns the word that reports use: display, unsafe or safe.
func (a Applicability) String() string {
	if a < Display || a > Safe {
		return fmt.Sprintf("applicability(%d)", int(a))
	}
	return applicabilities[a]
}

// MarshalText returns the word of String, or an error for a value that is
// none of the constants.
func (a Applicability) MarshalText() ([]byte, error) {
	if a < Display || a > Safe {
		return nil, fmt.Errorf("%v is not display, unsafe or safe", a)
	}
	return []byte(a.String()), nil
}

// UnmarshalText accepts the words that MarshalText writes and nothing else.
func (a *Applicability) UnmarshalText(text []byte) error {
	for i, word := range applicabilities {
		if word == string(text) {
			*a = Applicability(i)
			return nil
		}
	}
	return fmt.Errorf("applicability %q is not display, unsafe or safe", text)
}

// File names a file of a workspace. It can be compared and used as a key.
type File struct {
	Root string // the root as reports name it; "." or empty when it is the only one
	Path string // relative to the root, with slashes, clean
}

// String returns the path from the workspace: the root's name and the path.
func (f File) String() string {
	if f.Root == "" || f.Root == "." {
		return f.Path
	}
	return f.Root + "/" + f.Path
}

// Compare orders files by root, then path, by bytes.
func (f File) Compare(o File) int {
	return cmp.Or(cmp.Compare(f.Root, o.Root), cmp.Compare(f.Path, o.Path))
}

// Place is a point in a file's content as it was read.
type Place struct {
	File   File `json:"file"`
	Offset int  `json:"offset"` // in bytes, from 0
	Line   int  `json:"line"`   // from 1
	Column int  `json:"column"` // in bytes, from 1
}

// String returns the place as "path:line:col", or the path when no line is
// known.
func (p Place) String() string {
	if p.Line == 0 {
		return p.File.String()
	}
	return fmt.Sprintf("%v:%d:%d", p.File, p.Line, p.Column)
}

// Creation is the content of a file that does not exist yet.
type Creation struct {
	Content string
	Mode    fs.FileMode // permission bits; 0 means 0644
}

// Perm returns the permission bits to create the file with.
func (c Creation) Perm() fs.FileMode {
	if c.Mode == 0 {
		return 0o644
	}
	return c.Mode.Perm()
}

// Change is what one fix, or all of them together, does to one file: it
// creates it, deletes it, or edits its content and sets its mode.
type Change struct {
	File   File        `json:"file"`
	Edits  []Edit      `json:"edits,omitempty"`
	Create *Creation   `json:"create,omitempty"`
	Delete bool        `json:"delete,omitempty"`
	Mode   fs.FileMode `json:"mode,omitempty"` // new permission bits; 0 keeps them
}

// Result returns the file's content after the change, and whether there is a
// file at all then. before is the content as it was read.
func (c Change) Result(before []byte) (after []byte, exists bool, err error) {
	switch {
	case c.Delete:
		return nil, false, nil
	case c.Create != nil:
		return []byte(c.Create.Content), true, nil
	}
	after, err = Apply(before, c.Edits)
	if err != nil {
		return nil, false, fmt.Errorf("%v: %w", c.File, err)
	}
	return after, true, nil
}

// NewMode returns the file's mode after the change: of the mode before, only
// the permission bits change, if any do.
func (c Change) NewMode(before fs.FileMode) fs.FileMode {
	switch {
	case c.Delete:
		return 0
	case c.Create != nil:
		return c.Create.Perm()
	case c.Mode != 0:
		return before&^fs.ModePerm | c.Mode.Perm()
	}
	return before
}

// Fix is a set of changes, possibly to several files, that belong together:
// all of them are made or none is.
type Fix struct {
	Rule          string        `json:"rule"`    // for example "tutor/python-command"
	Message       string        `json:"message"` // a verb phrase: "run the instance's tutor"
	Applicability Applicability `json:"applicability"`
	Site          Place         `json:"site"` // where reports show the fix
	Changes       []Change      `json:"changes"`
}

// String returns "place: rule", which is how a fix is named in messages.
func (f *Fix) String() string { return f.Site.String() + ": " + f.Rule }

// Reason says why a fix was dropped.
type Reason string

// The reasons. Merge itself gives Conflict and Invalid, Select gives
// BelowBar; the others are for those who plan and write.
const (
	Conflict Reason = "conflict"         // another fix changes the same bytes or file
	Invalid  Reason = "invalid"          // the fix contradicts itself or the content
	BelowBar Reason = "not asked for"    // its applicability is not asked for
	Parse    Reason = "would-not-parse"  // the changed file would parse worse
	Changed  Reason = "changed-on-disk"  // the file is not what was read
	Outside  Reason = "outside-the-root" // a change would leave its root
	Declined Reason = "declined"         // a person said no
	Unproved Reason = "unproved"         // the planned state would have a site that is not done
)

// Dropped is a fix that is not applied, and why.
type Dropped struct {
	Fix    *Fix
	Reason Reason
	Detail string // a sentence for a person: what, why
	Other  *Fix   // for Conflict: the fix that came first; otherwise nil
}

// Why says for a person why the fix is not applied.
func (d Dropped) Why() string {
	if d.Reason == BelowBar {
		return "not applied: " + d.Detail
	}
	return fmt.Sprintf("not applied (%s): %s", d.Reason, d.Detail)
}

// Select splits fixes by whether they reach the bar; the order is kept. A
// Display fix never does.
func Select(fixes []*Fix, bar Applicability) (selected []*Fix, dropped []Dropped) {
	for _, f := range fixes {
		if f.Applicability >= bar && f.Applicability > Display {
			selected = append(selected, f)
			continue
		}
		detail := "unsafe, give --unsafe"
		if f.Applicability == Display {
			detail = "only shown, write it by hand"
		}
		dropped = append(dropped, Dropped{Fix: f, Reason: BelowBar, Detail: detail})
	}
	return selected, dropped
}
