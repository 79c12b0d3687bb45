package commands

import (
	"bytes"
	"regexp"
	"strings"
)

// framework is a library that command lines are made with.
type framework struct {
	made         *regexp.Regexp                   // the definition of an application: its name, and the parenthesis behind it at the end
	end          func(src []byte, behind int) int // byte behind the definition, 0 when it does not end
	source       string                           // the pack's file with the commands
	registration string                           // how a group is added: APP, GROUP, NAME
	stacks       bool                             // a function can be decorated as two commands
	words        []string                         // what stands for Typer's own names, in pairs
}

// frameworks are the libraries that the commands can be added to.
func frameworks() []framework {
	typer := framework{
		made: regexp.MustCompile(`(?m)^(\w+)(?:[ \t]*:[^=\n]*)?[ \t]*=[ \t]*(?:\w+\.)?Typer\(`),
		end:  statementEnd, source: "venv_typer", registration: "APP.add_typer(GROUP, name=NAME)\n",
		stacks: true, words: []string{"{application}", "app = typer.Typer(help=\"Keep the Python environments of instances.\")\n"},
	}
	click := framework{
		made: regexp.MustCompile(`(?m)^@(?:click\.)?group\b[^\n]*\n(?:[@ \t)#][^\n]*\n)*def[ \t]+(\w+)\(`),
		end:  blockEnd, source: "venv_click", registration: "\n\nAPP.add_command(GROUP, NAME)\n",
		words: []string{
			"{application}", "app = click.Group(\"venv\", help=\"Keep the Python environments of instances.\")\n", "import typer", "import click", "typer.Exit", "click.exceptions.Exit", "typer.", "click.", "(typer,", "(click,",
			"venv.update(", "venv.update.callback(", "venv.activate(", "venv.activate.callback(",
		},
	}
	return []framework{typer, click}
}

// text is a template of the pack for this framework.
func (f framework) text(template string) string {
	return strings.NewReplacer(f.words...).Replace(template)
}

// blockEnd is the byte behind the body of the function whose parameters begin at open.
func blockEnd(src []byte, open int) int {
	end := statementEnd(src, open)
	for at := end; at > 0 && at < len(src); {
		line, _, _ := bytes.Cut(src[at:], []byte("\n"))
		next := min(at+len(line)+1, len(src))
		switch blank := len(bytes.TrimSpace(line)) == 0; {
		case !blank && line[0] != ' ' && line[0] != '\t':
			return end
		case !blank:
			end = next
		}
		at = next
	}
	return end
}
