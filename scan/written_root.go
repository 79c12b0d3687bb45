package scan

import (
	"regexp"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// shellVariable is a variable of the shell, as a command names it.
var shellVariable = lazyregexp.New(`^"?\$\{?\w+\}?"?$`)

// unnamed is a place of a layout that is filled in order: what stands there cannot stand a second time.
var unnamed = lazyregexp.New(`%[-+ #0-9.]*[A-Za-z]|\{\}|\{:`)

// written is the root directory of a command as the literal that holds its program's word has it, for a place where no
// expression says the same: the text behind the root option, or the shell's variable. Only text that a shell reads has the latter.
func (c *codebase) written(cmd *flow.Command, occ site.Occurrence, where source.Place, slot *site.Slot) *site.Name {
	if slot.Form != site.Part || c.lang.kind == "go" || slot.Literal.Len() == 0 || !shellReads(cmd.Script, where) || cmd.Sink.Place != "" {
		return nil
	}
	there := occ.Slot
	switch {
	case there == nil:
		return nil
	case there.Root == nil && there.Place == "" && cmd.Way != nil && !cmd.Own:
		return c.shellRoot("$"+cmd.Way.Variable, there, where, slot)
	case there.Root == nil:
		return nil
	case shellVariable.MatchString(there.Root.Expr):
		if name := strings.Trim(there.Root.Expr, `"${}`); !slices.Contains(c.s.pack.Instance.RootEnv, name) && !setsVariable(cmd.Script.Text, name) {
			return nil // what it holds is not set here
		}
		return c.shellRoot(strings.Trim(there.Root.Expr, `"`), there, where, slot)
	}
	behind := c.src[where.File][where.End:slot.Literal.End]
	option := c.rootOption.FindSubmatch(behind)
	if option == nil || unnamed.Match(option[1]) && !namedVerb.Match(option[1]) || once.Match(option[1]) {
		return nil
	}
	return &site.Name{Expr: string(option[1]), How: "root", Raw: true}
}

// rootOption matches what stands behind the program's word when an option names its root directory, which is its group.
func rootOption(options []string) *regexp.Regexp {
	return regexp.MustCompile(`^\s+(?:` + strings.Join(options, "|") + `)(?:\s+|=)((?:[^\s"'\\;&|()]|%\(\w+\)s)+)\s`)
}

// setting is a word of a shell text that gives a variable a value.
var setting = lazyregexp.New(`\b(?:(\w+)=|(?:for|read|local) (\w+)\b)`)

// setsVariable reports whether a shell text gives the variable a value.
func setsVariable(text, name string) bool {
	return slices.ContainsFunc(setting.FindAllStringSubmatch(text, -1), func(m []string) bool { return m[1] == name || m[2] == name })
}

// shellReads reports whether a shell reads the text that a place writes: the whole command, or one word of it that is a
// command again.
func shellReads(g *source.Script, where source.Place) bool {
	for _, word := range g.Argv {
		if strings.ContainsAny(strings.TrimSpace(g.Text[word.Start:word.End]), " \n") {
			for i := word.Start; i < word.End; i++ {
				if at := g.Map.At(i); at.File == where.File && at.Start == where.Start {
					return true
				}
			}
		}
	}
	return len(g.Argv) == 0
}

// namedVerb is a place of a layout that a name fills, and no more.
var namedVerb = lazyregexp.New(`^[^%]*%\(\w+\)s[^%]*$`)

// shellRoot is a variable of the shell as it stands in a literal, between double quotes where the shell sees none yet.
func (c *codebase) shellRoot(variable string, there *site.Slot, where source.Place, slot *site.Slot) *site.Name {
	quote := `"`
	switch literal := strings.TrimLeft(string(c.src[where.File][slot.Literal.Start:slot.Literal.End]), "fFrRuU"); {
	case there.Quote == '"':
		quote = ""
	case there.Quote != 0:
		return nil
	case strings.HasPrefix(literal, quote) && (!strings.HasPrefix(literal, `"""`) || c.lang.kind == "ruby"):
		quote = `\"`
	}
	return &site.Name{Expr: quote + variable + quote, How: "root", Raw: true}
}
