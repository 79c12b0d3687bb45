package flow

import (
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

// shellStarted is the name of what a call gives that has started a shell, as receivers of the pack name it: what is
// written to it is run.
const shellStarted = "shell()"

// started is what a call that runs a command gives.
func (f *frame) started(x *external, args []argument) value {
	for _, sk := range f.s.sinks[x.name] {
		if !sk.Find && f.startsShell(sk, args) {
			return &external{name: shellStarted}
		}
	}
	return &external{name: x.name + "()"}
}

// input hands a sink's option for the standard input on as shell text, when the command is a shell that reads it.
func (f *frame) input(sk *rules.Sink, at Place, args []argument, root *root) {
	if sk.Input == "" {
		return
	}
	for _, a := range args {
		if a.name == sk.Input && a.val != nil && a.val.tainted() && f.startsShell(sk, args) {
			f.s.emitText(sk, at, a.val, root)
		}
	}
}

// startsShell reports whether the command of a call is a shell without a script: it reads its standard input.
func (f *frame) startsShell(sk *rules.Sink, args []argument) bool {
	var command value
	switch sk.Takes {
	case "words", "loose":
		command = f.wordsFrom(args, sk.At)
	case "argv", "auto", "text", "split":
		command = f.given(sk, args)
	}
	for _, o := range options(command) {
		if seq, ok := o.(*sequence); ok {
			if len(seq.elems) == 1 && sk.Takes == "loose" {
				o = seq.elems[0]
			} else if seq.open || !f.s.readsInput(plainWords(seq)) {
				continue
			} else {
				return true
			}
		}
		if s, ok := plainOf(o); ok && f.s.readsInput(strings.Fields(s)) {
			return true
		}
	}
	return false
}

// plainWords are the elements of a list; one that is not known is empty.
func plainWords(seq *sequence) []string {
	var out []string
	for _, e := range seq.elems {
		s, _ := plainOf(e)
		out = append(out, s)
	}
	return out
}

// readsInput reports whether words are a shell, or end with one after a command that runs commands, and name no script.
func (s *solver) readsInput(words []string) bool {
	shell := s.in.Pack.Shell
	for i, w := range words {
		if i > 0 && !s.wraps(words[0]) {
			return false
		}
		if !slices.Contains(shell.Shells, path.Base(w)) {
			continue
		}
		for _, rest := range words[i+1:] {
			option := strings.HasPrefix(rest, "-")
			if !option || !strings.HasPrefix(rest, "--") && strings.Contains(rest, "c") {
				return false // a script, or -c
			}
		}
		return true
	}
	return false
}

// wraps reports whether a command may run the command that its words hold.
func (s *solver) wraps(word string) bool {
	word = path.Base(word)
	return slices.ContainsFunc(s.in.Pack.Shell.Wrappers, func(w rules.Wrapper) bool {
		return slices.ContainsFunc(w.Names, func(name string) bool {
			head, _, _ := strings.Cut(name, " ")
			return head == word
		})
	})
}
