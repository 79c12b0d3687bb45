package rules

import (
	"errors"
	"fmt"
	"strings"
)

// ConfigName is the file in a root that holds the workspace's decisions.
const ConfigName = "grove-migrate.yaml"

// Config is what a grove-migrate.yaml says. The zero Config decides nothing.
type Config struct {
	Role      string          `yaml:"role"`      // the root's role, when its markers say something else
	Instance  InstanceConfig  `yaml:"instance"`  // further names that hold the instance
	Files     FilesConfig     `yaml:"files"`     // names of files that the migration writes
	Container ContainerConfig `yaml:"container"` // what the tools container does not get
	Ignore    []string        `yaml:"ignore"`    // patterns of paths that are left out, each with everything below it
	Decisions []Decision      `yaml:"decisions"` // what a person has decided about single sites, and what cannot be read

	Rehearse []Rehearsal       `yaml:"rehearse"` // what "rehearse" runs when it is given no command
	StandIns map[string]string `yaml:"standIns"` // further programs that a rehearsal must not reach, with what they print

	ignored Patterns // Ignore, parsed
}

// InstanceConfig adds to the pack's idea of how a call names its instance.
type InstanceConfig struct {
	Names       []string `yaml:"names"`       // of variables, parameters and attributes, lower case: "tenant"
	Environment []string `yaml:"environment"` // environment variables that every job has: "TENANT"
}

// FilesConfig renames what the migration writes.
type FilesConfig struct {
	Requirements string `yaml:"requirements"` // of each instance; "grove-requirements.txt" when empty
}

// RequirementsFile is what the requirements of an instance are called unless the workspace says otherwise.
const RequirementsFile = "grove-requirements.txt"

// RequirementsFile is what a workspace calls the requirements of an instance. A nil config decides nothing.
func (c *Config) RequirementsFile() string {
	if c == nil || c.Files.Requirements == "" {
		return RequirementsFile
	}
	return c.Files.Requirements
}

// ContainerConfig says what the tools container does not get.
type ContainerConfig struct {
	NoLauncher bool `yaml:"noLauncher"` // leave out the script that stands in the program's place
}

// Decision settles the sites of one file, what is unexplained in it, and the file when it is skipped. Line and Text narrow
// it to sites; without them it holds for all of the file.
type Decision struct {
	Path     string `yaml:"path"`     // the files, as a pattern of .gitignore, relative to the root
	Line     int    `yaml:"line"`     // 1-based; 0 for any
	Text     string `yaml:"text"`     // a part of the site's line; empty for any
	Note     string `yaml:"note"`     // a part of what "apply" says is to be decided about the file, in place of sites; "." is the path of the root itself
	Keep     string `yaml:"keep"`     // the reason for which the site stays as it is
	Instance string `yaml:"instance"` // the expression that names the instance there, as its language writes it; a plain name in a language that quotes is quoted by the tool

	paths *Patterns // Path, parsed; nil for a decision that was not read from a file
}

// ParseConfig reads a grove-migrate.yaml. Name is for messages. Unknown keys, and decisions that decide nothing, are errors.
func ParseConfig(name string, src []byte) (*Config, error) {
	c := &Config{}
	if len(src) == 0 {
		return c, nil
	}
	if err := load(name, src, c); err != nil {
		return nil, err
	}
	var err error
	if c.ignored, err = ParsePatterns(c.Ignore); err != nil {
		return nil, fmt.Errorf("%s: ignore: %w", name, err)
	}
	for i := range c.Decisions {
		d := &c.Decisions[i]
		if err := d.check(); err != nil {
			return nil, fmt.Errorf("%s: decision %d: %w", name, i+1, err)
		}
		paths, err := ParsePatterns([]string{d.Path})
		if err != nil {
			return nil, fmt.Errorf("%s: decision %d: path %w", name, i+1, err)
		}
		d.paths = &paths
	}
	return c, checkRehearsals(name, c.Rehearse)
}

// Ignored reports whether a slash path is left out.
func (c *Config) Ignored(file string) bool { return c.ignored.Match(file) }

func (d Decision) check() error {
	switch {
	case d.Path == "":
		return errors.New("path is missing: say which file it is about")
	case d.Keep == "" && d.Instance == "":
		return errors.New("decides nothing: give keep (a reason) or instance (an expression)")
	case d.Keep != "" && d.Instance != "":
		return errors.New("has both keep and instance: give one")
	case d.Line < 0:
		return errors.New("line must be 1 or more")
	case d.Note != "" && (d.Keep == "" || d.Line != 0 || d.Text != ""):
		return errors.New("note goes with path and keep, and with nothing else")
	case d.Keep == "WHY":
		return errors.New("keep: write the reason in place of WHY")
	case d.Instance == "NAME":
		return errors.New("instance: write the instance in place of NAME")
	}
	return nil
}

// Matches reports whether the decision is about the site at a 1-based line of a file.
func (d Decision) Matches(file string, line int, contains func(text string) bool) bool {
	return d.Note == "" && d.about(file) && (d.Line == 0 || d.Line == line) && (d.Text == "" || contains(d.Text))
}

// Accepts reports whether the decision says why a file that cannot be read may be left out.
func (d Decision) Accepts(file string) bool {
	return d.Keep != "" && d.Line == 0 && d.Text == "" && d.Note == "" && d.about(file)
}

// Settles reports whether the decision is about what is said of a file.
func (d Decision) Settles(file, said string) bool {
	return d.Note != "" && strings.Contains(said, d.Note) && d.about(file)
}

func (d Decision) about(file string) bool {
	return d.Path == file || d.paths != nil && d.paths.Match(file)
}
