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
	export       string                           // what the application imports of the module with them
	registration string                           // how that is added: APP, GROUP, NAME
	stacks       bool                             // a function can be decorated as two commands
	words        []string                         // what stands for Typer's own names, in pairs
}

// frameworks are the libraries that the commands can be added to.
func frameworks() []framework {
	typer := framework{
		made: regexp.MustCompile(`(?m)^(\w+)(?:[ \t]*:[^=\n]*)?[ \t]*=[ \t]*(?:\w+\.)?Typer\(`),
		end:  statementEnd, source: "venv_typer", export: "app", registration: "APP.add_typer(GROUP, name=NAME)\n",
		stacks: true, words: []string{"{application}", "app = typer.Typer(help=\"Keep the Python environments of instances.\")\n", "{alias}", ""},
	}
	click := framework{
		made: regexp.MustCompile(`(?m)^@(?:click\.)?group\b[^\n]*\n(?:[@ \t)#][^\n]*\n)*def[ \t]+(\w+)\(`),
		end:  blockEnd, source: "venv_click", export: "app", registration: "\n\nAPP.add_command(GROUP, NAME)\n",
		words: []string{
			"{application}", "app = click.Group(\"venv\", help=\"Keep the Python environments of instances.\")\n", "import typer", "import click", "typer.Exit", "click.exceptions.Exit", "typer.", "click.", "(typer,", "(click,",
			"venv.update(", "venv.update.callback(", "venv.activate(", "venv.activate.callback(",
			"{alias}", "\n\napp.add_command(activate, \"shell\")\n",
		},
	}
	argparse := framework{
		made: regexp.MustCompile(`(?m)^[ \t]*(\w+)(?:[ \t]*:[^=\n]*)?[ \t]*=[ \t]*\w+\.add_subparsers\(`),
		end:  subparsersEnd, source: "venv_argparse", export: "add_venv", registration: "GROUP(APP)\n",
		words: []string{
			"{application}", "", "{alias}", "", "import typer\n\n", "", "typer.echo(", "print(", "err=True", "file=sys.stderr", "typer.Exit", "SystemExit", "typer.BadParameter", "SystemExit",
			`mock.patch.object(typer, "echo")`, `mock.patch("builtins.print")`, "error.exit_code", "error.code", "venv.update(", `venv.keep("update", `,
		},
	}
	return []framework{typer, click, argparse}
}

// subparsersEnd is the byte behind the statement that makes the commands of a parser, 0 where these are not the ones of the
// whole command line or have no functions.
func subparsersEnd(src []byte, open int) int {
	line := src[bytes.LastIndexByte(src[:open], '\n')+1 : open]
	parser := string(line[bytes.LastIndexAny(line, "= \t")+1 : bytes.LastIndexByte(line, '.')])
	if !regexp.MustCompile(`\b`+parser+`\b[^=\n]*=[ \t]*(?:argparse\.)?ArgumentParser\(`).Match(src) || handler(src) == "" {
		return 0
	}
	return statementEnd(src, open)
}

// handler is what a parser calls the function of a command, which is run with the parsed words behind whatever else it takes.
func handler(src []byte) string {
	for _, m := range regexp.MustCompile(`\.set_defaults\((\w+)=`).FindAllSubmatch(src, -1) {
		run := regexp.MustCompile(`(\w+)\.` + string(m[1]) + `\(((?:[^()\n]|\([^()\n]*\))*)\)`)
		for _, call := range run.FindAllSubmatch(src, -1) {
			given := strings.FieldsFunc(string(call[2]), func(r rune) bool { return r == ',' || r == ' ' })
			if len(given) > 0 && given[len(given)-1] == string(call[1]) {
				return string(m[1])
			}
		}
	}
	return ""
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
