// Package step holds what the parts of the migration share: the workspace that they read, and the fixes and notes that they give.
package step

import (
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// Name is one part of the migration, as --only takes it.
type Name string

// The steps, in the order in which they are reported.
const (
	Invocations  Name = "invocations"
	Requirements Name = "requirements"
	Instances    Name = "instances"
	GitIgnore    Name = "gitignore"
	Container    Name = "container"
	Commands     Name = "commands"
	Pipelines    Name = "pipelines"
	Docs         Name = "docs"
)

// Names are all steps, in order.
func Names() []Name {
	return []Name{Invocations, Requirements, Instances, GitIgnore, Container, Commands, Pipelines, Docs}
}

// Root is one repository as it was read.
type Root struct {
	Key         string                            // as edit.File names it
	Dir         string                            // absolute path of the directory, for messages and for links out of the tree only: nothing is read through it
	Role        string                            // "grove", "template", "cluster" or "other"
	Files       []string                          // every file that counts, slash paths, sorted
	Links       map[string]string                 // symbolic links and where they lead: absolute, empty when they lead nowhere
	Read        func(file string) ([]byte, error) // a file's bytes as the scan read them
	Occurrences map[string][]site.Occurrence      // by file: every occurrence of the program's name, with its class
	Config      *rules.Config
}

// Holds reports whether the root holds a file or a directory.
func (r *Root) Holds(name string) bool {
	return slices.ContainsFunc(r.Files, func(f string) bool { return f == name || strings.HasPrefix(f, name+"/") })
}

// Has reports whether the root holds a file.
func (r *Root) Has(file string) bool {
	return slices.Contains(r.Files, file)
}

// Input is the whole workspace.
type Input struct {
	Pack    *rules.Pack
	Roots   []*Root
	Options Options
	// NoCommands says that Grove's command line will have no commands that keep environments.
	NoCommands bool
}

// RequirementsFile is what the workspace calls an instance's requirements.
func (in Input) RequirementsFile() string {
	name := rules.RequirementsFile
	for _, r := range in.Roots {
		if own := r.Config.RequirementsFile(); r.Role == "template" || own != rules.RequirementsFile {
			name = own
		}
		if r.Role == "template" {
			break
		}
	}
	return name
}

// Keeper is how people call the commands that keep environments.
func (in Input) Keeper() string {
	if in.NoCommands {
		return "grove-migrate venv"
	}
	return "./grove venv"
}

// Options are what the user may ask of the steps.
type Options struct {
	BumpImage bool // raise the tools container's image version instead of reporting that it has to be raised
	Unused    bool // list defaults that an instance does not enable as comments in its requirements
	// NoLauncher leaves the tools container without the script that stands in the program's place.
	NoLauncher bool
}

// NoteKind says what a note asks of a person.
type NoteKind string

// The kinds of notes.
const (
	Did    NoteKind = "done"   // the step did this; nothing to do
	Decide NoteKind = "decide" // a person must decide
	Raise  NoteKind = "raise"  // has to be raised or rebuilt by hand
	Kept   NoteKind = "kept"   // left as it is on purpose, with the reason
	Run    NoteKind = "run"    // a command to run when the change is merged, in order
)

// Note is one line of the checklist.
type Note struct {
	Step Name
	Kind NoteKind
	File edit.File // what it is about; the zero File for the whole workspace
	Line int       // 1-based; 0 for the whole file
	Text string    // a sentence for a person: what, why, what to do
	// Decision is the item for grove-migrate.yaml that settles it, with a word in capitals for what a person fills in; empty
	// where there is none.
	Decision string `json:",omitempty"`
}

// Refusal is a site that keeps its call for a person: the step found that what it would run is not there.
type Refusal struct {
	File   edit.File
	Offset int
	Reason string
}

// Output is what one step gives.
type Output struct {
	Fixes   []*edit.Fix
	Notes   []Note
	Refused []Refusal
}

// Fix adds a safe fix.
func (o *Output) Fix(rule, message string, at edit.Place, changes ...edit.Change) {
	at.Line, at.Column = max(at.Line, 1), max(at.Column, 1)
	o.Fixes = append(o.Fixes, &edit.Fix{Rule: rule, Message: message, Applicability: edit.Safe, Site: at, Changes: changes})
}

// Note adds a note that is not there yet.
func (o *Output) Note(of Name, kind NoteKind, file edit.File, line int, text string) {
	n := Note{Step: of, Kind: kind, File: file, Line: line, Text: text}
	if !slices.Contains(o.Notes, n) {
		o.Notes = append(o.Notes, n)
	}
}
