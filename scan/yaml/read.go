package yaml

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
	Load func(path string) ([]byte, bool) // another file of the repository, for includes; nil when there is none
}

// Reading is what a file holds.
//
// Every place that site.Find gives for the program's name is accounted for once: either a guest holds it (its map leads
// there from a place where the name is a whole word of the guest's text), or Occurrences has it. One exception is
// on purpose: the value of a variable in Guest.Env is an occurrence of class data as well, which gives way when
// the guest's reader finds that the variable's value is run.
type Reading struct {
	Guests      []*source.Guest   // in order of position
	Occurrences []site.Occurrence // in order of position
	Problems    []Problem         // in order of position
}

// Problem is a part of the file that could not be read as YAML. What stands there is accounted for all the same.
type Problem struct {
	source.Span
	Text string // lower case, without the place
}

// Read finds the guests of a YAML file and classifies what is outside of them. It never fails: what is not understood
// is a Problem, and mentions of the program there are of class unexplained.
func Read(in Input) Reading {
	return Reading{}
}
