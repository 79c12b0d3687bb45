// Package host finds the texts in other languages that a file holds, and says what every other mention of the program in it is.
package host

import (
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
	"gitlab.com/opencraft/dev/grove-migrate/scan/yaml"
)

// Kind is the kind of a file, as reports name it. It says nothing of the program that is looked for.
type Kind string

// The kinds that this package reads itself.
const (
	CodeOwners   Kind = "codeowners"
	Crontab      Kind = "crontab"
	CSV          Kind = "csv"
	Dockerfile   Kind = "dockerfile"
	Env          Kind = "env" // NAME=value lines that a program loads
	ERB          Kind = "erb"
	Groovy       Kind = "groovy" // Jenkinsfile, Gradle
	HCL          Kind = "hcl"
	HTML         Kind = "html"
	Ignore       Kind = "ignore" // patterns of paths: .gitignore, .dockerignore, MANIFEST.in
	INI          Kind = "ini"
	JavaScript   Kind = "javascript" // TypeScript too
	Jinja        Kind = "jinja"
	JSON         Kind = "json"
	Justfile     Kind = "justfile"
	Lock         Kind = "lock" // what an installer wrote down
	Makefile     Kind = "makefile"
	Markdown     Kind = "markdown"
	Notebook     Kind = "notebook" // ipynb
	Patch        Kind = "patch"
	PO           Kind = "po"
	Procfile     Kind = "procfile"
	Puppet       Kind = "puppet"
	Requirements Kind = "requirements"
	RST          Kind = "rst"
	Systemd      Kind = "systemd"
	Text         Kind = "text" // running text: README, LICENSE, *.txt
	TOML         Kind = "toml"
	Vagrantfile  Kind = "vagrantfile"
	XML          Kind = "xml"
	Other        Kind = "other" // nothing is known of it
)

// The kinds that other packages read: for these, Read gives one script that is the whole file.
const (
	Go     Kind = "go"
	Python Kind = "python"
	Ruby   Kind = "ruby"
	Shell  Kind = "shell"
	YAML   Kind = "yaml"
)

// Read finds the embedded scripts of in and classifies what is outside them. It never fails: what is not understood is a Problem,
// and mentions of the program there are of class unexplained.
func Read(kind Kind, in reading.Input) reading.Result {
	if kind == YAML {
		return yaml.Read(in)
	}
	r := newReader(kind, in)
	if r.Program == "" {
		return reading.Result{}
	}
	r.read()
	return r.Classify(r.occurrence)
}

func (r *reader) read() {
	if dialects := r.dialects(); dialects != nil && !r.masked {
		r.template(dialects)
		return
	}
	if r.kind == "batch" || r.kind == "powershell" {
		r.windows()
		return
	}
	if lex, ok := notationOf(r.kind); ok {
		r.code(lex)
		return
	}
	switch r.kind {
	case Shell, Python, Ruby, Go, YAML:
		r.whole(string(r.kind))
	case Markdown:
		r.markdown()
		r.paragraphs()
	case RST:
		r.rst()
		r.paragraphs()
	case JSON:
		r.json()
	case INI, Systemd:
		r.ini()
	case HCL:
		r.hcl()
	case Vagrantfile:
		r.vagrantfile()
	case Notebook:
		r.notebook()
	case Crontab:
		r.crontab()
	case Procfile:
		r.procfile()
	case Env:
		r.env()
	case Justfile:
		r.justfile()
	case TOML:
		r.toml()
	case Makefile:
		r.makefile()
	case Dockerfile:
		r.dockerfile()
	default:
		r.plain()
	}
}
