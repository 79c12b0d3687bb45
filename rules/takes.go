package rules

import (
	"fmt"
	"slices"
	"strings"
)

// checkTakes errs when an entry says how it takes its command in a word that no reader knows: the command would not be read.
func (p *Pack) checkTakes() error {
	check := func(where, takes string, known ...string) error {
		if slices.Contains(known, takes) {
			return nil
		}
		return fmt.Errorf("%s: takes is %q; it can be %s", where, takes, strings.Join(known, ", "))
	}
	for _, s := range p.Hosts.Settings {
		if err := check("hosts.settings, "+s.Key, s.Takes, "text", "lines", "script", "split", "splitlines", "argv", "auto", "program", "env", "envs", "requirement", "message", "path", "identifier", "data"); err != nil {
			return err
		}
	}
	for _, c := range p.Hosts.Calls {
		if err := check("hosts.calls, "+c.Call, c.Takes, "text", "words"); err != nil {
			return err
		}
	}
	for _, w := range slices.Concat(p.Shell.Wrappers, p.Shell.Installers) {
		if err := check("shell.wrappers, "+strings.Join(w.Names, ", "), w.Takes, "", "words", "text", "either", "first", "option"); err != nil {
			return err
		}
	}
	for _, k := range p.Hosts.YAML {
		for _, c := range k.Commands {
			if err := check("hosts.yaml, "+k.Name+", "+c.Key, c.Takes, "text", "each", "argv", "words", "shell", "free"); err != nil {
				return err
			}
		}
	}
	for name, l := range p.Languages {
		for _, s := range l.Sinks {
			if err := check("languages."+name+", "+s.Call, s.Takes, "argv", "words", "text", "auto", "loose", "program", "split", "member", "pipe"); err != nil {
				return err
			}
		}
	}
	return nil
}
