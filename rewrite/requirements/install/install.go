// Package install finds the commands in shell text that install Python packages, and takes packages out of them.
package install

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// Script is shell text that was read.
type Script struct {
	Text     string
	Commands []Command
	file     *syntax.File
}

// Command is one call of an installer.
type Command struct {
	source.Span               // of the call, in bytes of the text
	Program     string        // as it is written: "pip3", "/srv/venv/bin/pip"
	Packages    []Package     // in order
	Files       []string      // of -r and -c: they make the command one that installs more
	Constraints []string      // those of -c
	Indexes     []string      // options that say where packages come from, as a requirement file writes them
	Extra       []source.Span // the words, with the white space before them, of the options among these that add a place to others
	Elsewhere   string        // the directory of --target, --prefix or --root: not for the interpreter that runs the command
	call        *syntax.CallExpr
	stmt        *syntax.Stmt
	words       []word
}

// Package is one word of a command that asks for a package.
type Package struct {
	source.Span             // from its first word to its last, -e included
	requirement.Requirement //
	Kind                    requirement.Kind
	Text                    string   // the word without quotes; variables as they are written
	Vars                    []string // names of variables in it: what is installed depends on them
}

type word struct {
	source.Span
	text string   // without quotes
	vars []string // variables that stand in it
	odd  bool     // holds something that is no literal and no plain variable
}

// Parse reads shell text. It errs when it is no shell.
func Parse(text string) (*Script, error) {
	s := &Script{Text: text}
	p := syntax.NewParser(syntax.KeepComments(true), syntax.Variant(syntax.LangBash))
	f, err := p.Parse(strings.NewReader(text), "")
	if err != nil {
		return nil, err
	}
	s.file = f
	syntax.Walk(f, func(n syntax.Node) bool {
		if stmt, ok := n.(*syntax.Stmt); ok {
			if call, ok := stmt.Cmd.(*syntax.CallExpr); ok {
				if c, ok := s.command(stmt, call); ok {
					s.Commands = append(s.Commands, c)
				}
			}
		}
		return true
	})
	return s, nil
}

// command reads a call, if it is one of an installer.
func (s *Script) command(stmt *syntax.Stmt, call *syntax.CallExpr) (Command, bool) {
	c := Command{Span: source.Span{Start: int(call.Pos().Offset()), End: int(call.End().Offset())}, call: call, stmt: stmt}
	for _, w := range call.Args {
		c.words = append(c.words, s.word(w))
	}
	at := c.installer()
	if at < 0 {
		return Command{}, false
	}
	c.arguments(at)
	return c, true
}

// word reads one word of a command.
func (s *Script) word(w *syntax.Word) word {
	out := word{Span: source.Span{Start: int(w.Pos().Offset()), End: int(w.End().Offset())}}
	var b strings.Builder
	var parts func([]syntax.WordPart)
	parts = func(list []syntax.WordPart) {
		for _, p := range list {
			switch p := p.(type) {
			case *syntax.Lit:
				b.WriteString(unescape(p.Value))
			case *syntax.SglQuoted:
				b.WriteString(p.Value)
			case *syntax.DblQuoted:
				parts(p.Parts)
			case *syntax.ParamExp:
				if p.Param != nil {
					out.vars = append(out.vars, p.Param.Value)
				}
				b.WriteString(s.Text[p.Pos().Offset():p.End().Offset()])
			default:
				out.odd = true
				b.WriteString(s.Text[p.Pos().Offset():p.End().Offset()])
			}
		}
	}
	parts(w.Parts)
	out.text = b.String()
	return out
}

var escaped = lazyregexp.New(`\\(\n|.)`)

// unescape takes the backslashes out of a literal; one before a line break goes with it.
func unescape(lit string) string {
	return escaped.ReplaceAllStringFunc(lit, func(m string) string {
		if m == "\\\n" {
			return ""
		}
		return m[1:]
	})
}

var (
	pipName    = lazyregexp.New(`^pip(3(\.\d+)?)?$`)
	pythonName = lazyregexp.New(`^python(3(\.\d+)?)?$`)
)

// installer is the index of the first word after `pip install` or what does the same, or -1.
func (c *Command) installer() int {
	at := c.skipWrappers()
	next := func(want ...string) bool {
		for _, w := range want {
			if at < len(c.words) && c.words[at].text == w {
				at++
				return true
			}
		}
		return false
	}
	if at >= len(c.words) {
		return -1
	}
	c.Program = c.words[at].text
	name := path.Base(c.Program)
	at++
	switch {
	case pythonName.MatchString(name):
		for at < len(c.words) && strings.HasPrefix(c.words[at].text, "-") && c.words[at].text != "-m" {
			at++
		}
		if !next("-m") || !next("pip") {
			return -1
		}
	case name == "uv":
		if next("tool") {
			if next("install") {
				return at
			}
			return -1
		}
		if !next("pip") {
			return -1
		}
	case name == "pipx", pipName.MatchString(name):
	default:
		return -1
	}
	for at < len(c.words) && strings.HasPrefix(c.words[at].text, "-") {
		at += c.width(at)
	}
	if !next("install") {
		return -1
	}
	return at
}

// skipWrappers is the index of the program's own word, behind sudo, env and the like.
func (c *Command) skipWrappers() int {
	at := 0
	for at < len(c.words) {
		switch c.words[at].text {
		case "sudo", "env", "time", "command", "exec", "nice", "nohup", "retry":
			at++
			for at < len(c.words) && (strings.HasPrefix(c.words[at].text, "-") || strings.Contains(c.words[at].text, "=")) {
				if t := c.words[at].text; t == "-u" || t == "-g" || t == "-n" {
					at++
				}
				at++
			}
		default:
			return at
		}
	}
	return at
}

// takesValue reports whether an option of pip or uv is followed by a value in a word of its own.
func takesValue(flag string) bool {
	switch flag {
	case "-r", "--requirement", "--requirements", "-c", "--constraint", "--constraints", "-e", "--editable", "-t", "--target", "--prefix", "--root", "--src", "-i", "--index-url",
		"--pypi-url", "--extra-index-url", "-f", "--find-links", "--no-binary", "--only-binary", "--platform", "--python-version", "--implementation", "--abi",
		"--upgrade-strategy", "--trusted-host", "--proxy", "--retries", "--timeout", "--cert", "--client-cert", "--cache-dir", "--log", "--progress-bar", "--use-feature",
		"--use-deprecated", "--report", "-C", "--config-settings", "--config-setting", "--global-option", "--install-option", "--python", "-p", "--index", "--default-index",
		"--exists-action", "--root-user-action", "--keyring-provider", "--override", "--overrides", "--build-constraint", "--exclude-newer", "--link-mode",
		"--resolution", "--prerelease", "--index-strategy", "-P", "--upgrade-package", "--reinstall-package", "--refresh-package", "--with", "--spec", "--pip-args", "--suffix":
		return true
	}
	return false
}

// width is how many words an option takes.
func (c *Command) width(at int) int {
	if takesValue(c.words[at].text) && at+1 < len(c.words) {
		return 2
	}
	return 1
}

// arguments reads what follows `install`.
func (c *Command) arguments(at int) {
	for at < len(c.words) {
		w := c.words[at]
		if !strings.HasPrefix(w.text, "-") || w.text == "-" {
			c.addPackage(w, w.Span, false)
			at++
			continue
		}
		n := c.width(at)
		flag, value, _ := strings.Cut(w.text, "=")
		last := w
		if n == 2 {
			last = c.words[at+1]
			value = last.text
		}
		c.option(flag, value, w, last)
		if slices.Contains([]string{"--extra-index-url", "--index", "-f", "--find-links"}, flag) {
			c.Extra = append(c.Extra, source.Span{Start: c.words[at-1].End, End: last.End})
		}
		at += n
	}
}

func (c *Command) option(flag, value string, first, last word) {
	switch flag {
	case "-e", "--editable":
		last.text = value
		c.addPackage(last, source.Span{Start: first.Start, End: last.End}, true)
	case "-r", "--requirement", "--requirements":
		c.Files = append(c.Files, value)
	case "-c", "--constraint", "--constraints":
		c.Files, c.Constraints = append(c.Files, value), append(c.Constraints, value)
	case "-t", "--target", "--prefix", "--root":
		c.Elsewhere = value
	case "-i", "--index-url", "--pypi-url", "--default-index":
		c.Indexes = append(c.Indexes, "--index-url "+value)
	case "--extra-index-url", "--index":
		c.Indexes = append(c.Indexes, "--extra-index-url "+value)
	case "-f", "--find-links":
		c.Indexes = append(c.Indexes, "--find-links "+value)
	case "--trusted-host":
		c.Indexes = append(c.Indexes, "--trusted-host "+value)
	case "--pre":
		c.Indexes = append(c.Indexes, "--pre")
	default:
		if strings.HasPrefix(flag, "-r") && !strings.HasPrefix(flag, "--") && len(flag) > 2 {
			c.Files = append(c.Files, flag[2:])
		}
	}
}

// addPackage adds a word that asks for a package. A word with anything but literals and variables is kept as unknown.
func (c *Command) addPackage(w word, span source.Span, editable bool) {
	p := Package{Span: span, Text: w.text, Vars: w.vars}
	plain := w.text
	if len(w.vars) > 0 || w.odd {
		plain = variable.ReplaceAllString(w.text, "0")
	}
	r, kind, err := requirement.ParseRequirement(plain)
	if err != nil {
		kind = requirement.Foreign
	}
	p.Requirement, p.Kind = r, kind
	p.Editable = editable
	if w.odd && len(p.Vars) == 0 {
		p.Vars = []string{""}
	}
	c.Packages = append(c.Packages, p)
}

var variable = lazyregexp.New(`\$\{[^}]*\}|\$\([^)]*\)|\$[A-Za-z_][A-Za-z0-9_]*|` + "`[^`]*`")
