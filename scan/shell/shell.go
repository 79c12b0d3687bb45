// Package shell reads shell text and command lines, and says which of their words run, find or only name the program.
package shell

import (
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// Options say how a text is read. Pack must be set.
type Options struct {
	Pack   *rules.Pack
	Parser *syntax.Parser // of this goroutine; nil makes one for the text

	// Load answers with a file that the text sources. The path is as it is written, with Computed in the place of leading
	// parts that are computed ("$(dirname "$0")/"); the answer holds the file's key. Nil loads nothing.
	Load func(path string) (file string, src []byte, ok bool)

	// Links are the names of links that point to the script, for one that runs the name it was called by.
	Links []string

	// Names are the names that the host has in scope and that could hold the instance, nearest first.
	// They come after the names of the text.
	Names []site.Name

	// Roots are the root directories that the host gives the text's commands, as it writes them.
	Roots []string
}

// Computed begins the path of a sourced file whose directory is not known.
const Computed = "*/"

// Word is one word of a command, as the command gets it.
type Word struct {
	Text  string        // with a placeholder of word characters for each unknown part
	Holes []source.Hole // the unknown parts, in bytes of Text
	Map   source.Map    // from Text to the caller's bytes
	Many  bool          // stands for any number of words, none of which is known

	// Render is how the caller's language writes text in place of the bytes of Text at at; see source.Script. Nested shell
	// text carries it on. Nil: as it is.
	Render func(at source.Span, text string) (string, error)
}

// Use is what a command does with one occurrence of the program in its words.
type Use struct {
	Class  site.Class
	Action site.Action // Rewrite when only the instance is left to find; empty when the class is no site
	Kind   string      // the shape: "shell-command", "module", "lookup", …
	Rule   string
	Reason string
	Word   int         // index of the word that holds it
	At     source.Span // the program's name in that word's Text
	Whole  source.Span // the bytes of that word's Text that name the executable: At, or the path that ends with it
	From   int         // the first of the words that a fix replaces; Word, but for `python -m`
	Argv   []string    // the program's words, for an invocation; an unknown part is shown as its source
	Root   *Root       // the root directory that the command names
	Place  string      // "container" or "machine" when the command does not run here
	Own    string      // the tool that runs shell text in an environment of its own: "uv run"
	Env    bool        // the command is to be run by env when its first word is to hold what xargs reads
	Shown  bool        // for a harmless class: the command is known to run none of its words

	// Text is set, and Class is empty, for shell text in the words: read it with Read. Its map leads to the caller's
	// bytes. Args is the index of the first word that becomes a positional parameter of it ($0), or the number of words.
	Text    *source.Script
	Args    int
	Cleared bool // the text gets none of the caller's variables
}

// Root is where the words of a command hold the program's root directory.
type Root struct {
	Word int
	At   source.Span // the directory in that word's Text
}
