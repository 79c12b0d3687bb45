package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
)

// Manners at the terminal: standard output is data, standard error is talk. Colour and progress only where a person
// watches, and never when NO_COLOR is set. Nothing is asked when standard input is no terminal.

// terminal is what a command may read and write, so that commands have no globals.
type terminal struct {
	in               io.Reader
	out, err         io.Writer
	env              func(string) string
	environ          []string
	dir              string // the working directory
	colour, progress bool   // colour on standard output; progress on standard error
	interactive      bool   // a person can answer questions
	width, height    int    // columns and lines of standard output; 0 when it is no terminal
	errWidth         int    // columns of standard error; 0 when it is no terminal
}

func newTerminal() (*terminal, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	t := &terminal{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv, environ: os.Environ(), dir: dir}
	plain := os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	t.colour = term.IsTerminal(int(os.Stdout.Fd())) && !plain
	t.progress = term.IsTerminal(int(os.Stderr.Fd())) && os.Getenv("TERM") != "dumb"
	t.interactive = term.IsTerminal(int(os.Stdin.Fd()))
	if term.IsTerminal(int(os.Stdout.Fd())) {
		if w, h, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
			t.width, t.height = w, h
		}
	}
	if w, _, err := term.GetSize(int(os.Stderr.Fd())); err == nil {
		t.errWidth = w
	}
	return t, nil
}

var (
	escapes   = lazyregexp.New("\x1b\\[[0-9;]*m")
	ofCommand = lazyregexp.New(`^ +(\d+\.|and \d+ more:) (\(cd|grove-migrate) `) // a line that is a command
)

// fold breaks the lines of text that are longer than a terminal's width between words, and sets what follows in below the
// line's own text. An item of YAML stays one when it is broken so, and a command too. A width of 0 folds nothing.
func fold(text string, width int) string {
	const least = 40
	if width < least {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		body := strings.TrimLeft(line, " -")
		indent, end := strings.Repeat(" ", min(width/2, len(line)-len(body)+2)), "\n"
		if ofCommand.MatchString(line) {
			end = " \\\n"
		}
		b.WriteString(line[:len(line)-len(body)])
		at := len(line) - len(body)
		for i, word := range strings.Split(body, " ") {
			long := utf8.RuneCountInString(escapes.ReplaceAllString(strings.TrimSuffix(word, "\n"), ""))
			switch {
			case i == 0:
			case at+1+long+len(end)-1 > width && at > len(indent):
				b.WriteString(end + indent)
				at = len(indent)
			default:
				b.WriteByte(' ')
				at++
			}
			b.WriteString(word)
			at += long
		}
	}
	return b.String()
}

// The exit statuses.
const (
	exitOK       = 0 // done, nothing to say
	exitFindings = 1 // --check: a site is left, a change would be made, an environment has drifted, a rehearsal differs
	exitUsage    = 2 // the command line or a configuration is wrong
	exitFailure  = 3 // something failed, or coverage is incomplete
)

// exits lists the exit statuses of a command for its help; one that it does not end with is left empty.
func exits(done, findings, usage, failure string) string {
	out := "Exit status:"
	for status, when := range []string{exitOK: done, exitFindings: findings, exitUsage: usage, exitFailure: failure} {
		if when != "" {
			out += fmt.Sprintf("\n  %d  %s", status, strings.ReplaceAll(when, "\n", "\n     "))
		}
	}
	return out
}

// wrongUsage is when every command ends with exitUsage.
const wrongUsage = "the command line or grove-migrate.yaml is wrong"

// exitError ends the program with a status. Its err may be nil: then nothing is printed.
type exitError struct {
	status int
	err    error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// complaint is how an error is printed: prefixed with the tool's name, hints on lines of their own.
func complaint(err error) string {
	return "grove-migrate: " + strings.TrimSuffix(err.Error(), "\n") + "\n"
}
