// Package rules holds what the tool knows of programs and of the places that run them, as data.
package rules

import (
	"path"
	"slices"
	"strings"
)

// Pack is everything that is known of one program, merged from the common files and the program's own.
type Pack struct {
	Program   Program             `yaml:"program"`   // the executable that is moved
	Instance  Instance            `yaml:"instance"`  // how a call names its instance, and where its environment is
	Roles     []Role              `yaml:"roles"`     // in the order in which they are tried
	Rules     []Rule              `yaml:"rules"`     // what reports and "rules explain" say of each rule; a pack can add its own
	Shell     Shell               `yaml:"shell"`     // commands that run, find, show or install other commands
	Hosts     Hosts               `yaml:"hosts"`     // which parts of which files hold commands
	Languages map[string]Language `yaml:"languages"` // by "python", "ruby", "go"
}

// Program is the executable that is moved.
type Program struct {
	Name     string   `yaml:"name"`     // lower case, as it is typed
	Packages []string `yaml:"packages"` // names of the Python packages that provide it
	Modules  []string `yaml:"modules"`  // import names: `python -m` and `import`
	Commands []string `yaml:"commands"` // known first subcommands: "local", "config", …
	Wrappers []string `yaml:"wrappers"` // paths of the host-side wrapper: "./tutor"
	Before   []string `yaml:"before"`   // words after which a command begins, in whatever language: "sudo", "then"
}

// Instance is how a call names its instance.
type Instance struct {
	Names       []string `yaml:"names"`       // names of variables, parameters and attributes that hold the instance's name, lower case
	Environment []string `yaml:"environment"` // environment variables that hold it in every job: "INSTANCE_NAME"
	RootOptions []string `yaml:"rootOptions"` // options of the program that take the instance's root directory: "--root"
	RootEnv     []string `yaml:"rootEnv"`     // environment variables that hold that directory: "TUTOR_ROOT"
	Roots       []string `yaml:"roots"`       // names of attributes that hold it, in an object that a name of the list above holds
	Dir         string   `yaml:"dir"`         // the directory of the instances: "instances"
	Env         string   `yaml:"env"`         // the environment's directory inside an instance's: ".venv"
	Build       string   `yaml:"build"`       // the command by which a job builds the environments of the instances that it is given
	Workspace   Variable `yaml:"workspace"`   // the environment variable that holds the workspace's root
}

// Role says how a repository of one role is known.
type Role struct {
	Name string   `yaml:"name"` // "grove", "template", "cluster"
	Any  []string `yaml:"any"`  // one of these paths exists in the root
	All  []string `yaml:"all"`  // all of these exist
	Like []string `yaml:"like"` // patterns of the root's own name, or of an instance's; empty: any name
}

// Variable is an environment variable and the value that stands for it when it is unset.
type Variable struct {
	Name    string `yaml:"name"`    // as a shell names it, without "$"
	Default string `yaml:"default"` // its value where nothing sets it
}

// Rule documents one decision that reports name.
type Rule struct {
	Name    string `yaml:"name"`    // "tutor/python-command"
	Step    string `yaml:"step"`    // the part of the migration it belongs to; empty for one that only explains
	Summary string `yaml:"summary"` // one sentence
	Detail  string `yaml:"detail"`  // paragraphs
	Before  string `yaml:"before"`  // an example
	After   string `yaml:"after"`   // what becomes of it; empty when it stays
	Since   string `yaml:"since"`   // the version that has it first
	Shown   bool   `yaml:"shown"`   // what it says of a place is shown by the place itself, and is no default
}

// Holds reports whether a name, as a variable, parameter, attribute or template writes it, is one that holds the instance's
// name: one of Names (patterns as path.Match takes them) in any case, one that ends with "_" and one of them, or one of
// Environment.
func (i Instance) Holds(name string) bool {
	lower := strings.ToLower(strings.TrimLeft(name, "@$:_"))
	for _, n := range i.Names {
		if ok, err := path.Match(n, lower); ok && err == nil || strings.HasSuffix(lower, "_"+n) {
			return true
		}
	}
	return slices.Contains(i.Environment, name)
}
