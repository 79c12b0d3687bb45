// Package site holds the words of a report: occurrences, their classes, and what a fix needs to know of a site.
package site

import (
	"cmp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Class says what an occurrence of the program's name is.
type Class string

// The classes. Every occurrence has exactly one.
const (
	Invocation  Class = "invocation"  // runs the program, or defines the value that is later run
	Lookup      Class = "lookup"      // finds the executable without running it
	Wrapper     Class = "wrapper"     // calls the host-side wrapper, which takes the instance itself
	Import      Class = "import"      // uses the program's package as a library
	Requirement Class = "requirement" // names the package in a requirements file
	Install     Class = "install"     // a command that installs the package
	Path        Class = "path"        // a file path
	Identifier  Class = "identifier"  // a name in code
	Data        Class = "data"        // a value that is neither run nor shown
	Message     Class = "message"     // text shown to a person
	Comment     Class = "comment"     // a comment
	Prose       Class = "prose"       // running text of a document
	Unexplained Class = "unexplained" // none of the above could be shown
)

// Site reports whether an occurrence of this class has to be rewritten, decided or classified with an action.
func (c Class) Site() bool { return c == Invocation || c == Lookup }

// Action says what happens to a site. It is empty for an occurrence that is no site.
type Action string

// The actions.
const (
	Rewrite Action = "rewrite" // a safe fix exists
	Review  Action = "review"  // a person must decide
	Keep    Action = "keep"    // right as it is
	Done    Action = "done"    // runs an instance's environment already
)

// Occurrence is one place where the program's name stands, or that runs the program without naming it, in the bytes of
// one file.
type Occurrence struct {
	source.Span           // the program's word; for a place that does not name it, the expression that runs it
	Language     string   // the language that the word is written in: the script's, for an embedded script
	Host         string   // what holds the script; empty when there is none
	Class        Class    //
	Kind         string   // the shape, as a short term: "argv-list", "shell-command", "fstring-command"
	Action       Action   // empty unless Class.Site()
	Argv         []string // the words of the command as far as they are known; an unknown word is shown as its source
	Instance     string   // the expression that names the instance, as the slot's language writes it; empty when none is known
	InstanceFrom string   // the source of the resolution order that held: "decision", "root", "name-in-scope", "single-caller", "place"
	Suggestion   string   // for a site that a person must decide: what could be written there
	Rule         string   // the rule that decided
	Reason       string   // why, for a person
	Shown        bool     // for a harmless class: the place itself shows it, it is no default of the reader
	Uses         []Step   // for a value that is run elsewhere: where
	Trace        []Step   // from the definition to the place that runs it
	Slot         *Slot    // what a fix needs; nil when no fix can be thought of
	Takes        []Take   // for a value that a name is given: the places that read the name to run it, as far as they can be told
	Caller       *Take    // the one call of the function that holds the site, when the instance is known there only
}

// CommandLine is the command for a person, in one line; an empty word is shown as "".
func (o *Occurrence) CommandLine() string {
	words := slices.Clone(o.Argv)
	for i := range words {
		words[i] = cmp.Or(words[i], `""`)
	}
	return strings.Join(words, " ")
}

// Step is one place on the way from a definition to the call that runs it.
type Step struct {
	File string // key of the file; empty for the occurrence's own
	source.Span
	What string // "defined here", "passed to run()", "run by subprocess.run"
}

// Take is a place that reads a name to run its value, and where the path of an instance's program can stand in its stead.
type Take struct {
	File     string   // empty for the occurrence's own
	Slot     *Slot    // what a fix needs there; its span is the expression that reads the name
	Instance Name     // the instance there, or its directory when How is "root"; empty when none is known
	Action   Action   // Rewrite, Review or Keep
	Reason   string   // why a person has to decide, or has decided
	Class    Class    // what the place does with the value; empty for an invocation
	Argv     []string // the words of the command there, as far as they are known
}

// DispatchByName is the kind of a site that runs the name which its script was called by.
const DispatchByName = "dispatch-by-name"

// Form says in what kind of text the program's word stands, which decides how a path can be put in its place.
type Form string

// The forms.
const (
	ShellWord Form = "shell-word" // shell text that stands in a file as it is or through a script's map
	Whole     Form = "whole"      // a string literal of a programming language that is the program's name and nothing else
	Part      Form = "part"       // a piece of a longer string literal, or of an interpolated one
	Element   Form = "element"    // one string of a list in a data file (exec form), where nothing is expanded
	Word      Form = "word"       // one word of a word-list literal such as Ruby's %w[…]
)

// Slot is what a fix needs to know: which bytes to replace, how they are written, and which names are at hand there.
type Slot struct {
	Form         Form
	Language     string         // whose form: "shell", "python", "ruby", "go"
	Span         source.Span    // the bytes of the file to replace
	Literal      source.Span    // the literal that holds them, prefix and quotes included; zero in shell text
	Script       *source.Script // for shell text inside a host
	At           source.Span    // the word in Script.Text
	Quote        byte           // the shell quoting at the word: 0, '"' or '\''
	Env          bool           // env is to run the path: a part of it is filled in only behind the name of a command
	Root         *Name          // the call's own root directory, when it names one
	Foreign      string         // the call's own root directory, when it is written and no instance's
	Names        []Name         // names in scope that could hold the instance, nearest first
	Owner        string         // the function that holds the site, as "Class.method" or "function"; empty at top level
	OwnerAt      source.Span    // that function's bytes; zero at top level
	Place        string         // where the command runs: empty for here, "container", "pod", "service", or "machine" for another one; "job" for a pipeline's that the code writes
	UnsafeReason string         // empty, or why a fix here would not be safe
}

// Name is an expression in scope, written in the slot's language.
type Name struct {
	Expr string // `instance_name`, `self.instance_name`, `$INSTANCE_NAME`, `#{name}` without delimiters
	How  string // where it comes from: "parameter", "loop variable", "attribute", "variable", "environment", "argument", "root"

	// Raw says that Expr is text of the word's own literal or of the shell that reads it, which stands before the program's
	// path as it is, and no expression of the language.
	Raw bool

	// Value is what a root directory's variable holds, as far as it is known, with what is not known as its source writes
	// it; empty when nothing is known.
	Value string
}
