// Package reading holds what a reader is given, what it says of a text, and how several that speak of the same bytes are joined.
package reading

import (
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Input is one file to read.
type Input struct {
	Path string // slash path relative to the repository
	Src  []byte
	Pack *rules.Pack
	Load func(path string) ([]byte, bool) // another file of the repository; nil when there is none

	Document bool // an example in a document: an excerpt, whose kind only its text tells
}

// Result is what a reader says of a text.
//
// Every place that site.Find gives for the program's name is classified once: either an embedded script holds it (its map leads
// there from a place where the name is a whole word of the script's text), or Occurrences has it. One exception is
// on purpose: the value of a variable in Script.Env is an occurrence of class data as well, which gives way when
// the script's reader finds that the variable's value is run.
type Result struct {
	Scripts     []*source.Script
	Occurrences []site.Occurrence // in order of position
	Foreign     []Foreign
	Exports     []Export
	Problems    []Problem // in order of position
}

// Foreign is a definition outside the text that the text runs: in another file, or in a variable of the host.
type Foreign struct {
	File       string      // key of the other file; empty when Var is set
	Var        *source.Var // the host's variable
	Occurrence site.Occurrence
}

// Export is a name defined in the text whose value runs the program. A text that sources this one can run it, and so can
// a child process when the name is exported.
type Export struct {
	Name        string
	Kind        string // "variable", "function", "alias"
	source.Span        // the program's word in the value
	Exported    bool   // handed to child processes
	Run         bool   // run in this text already
}

// Problem is a part of a text that could not be read as its kind says, or a bound that was hit. What stands there is classified
// all the same.
type Problem struct {
	source.Span
	Text  string // lower case, without the place
	Total bool   // the rest of the text is not to be trusted either
}
