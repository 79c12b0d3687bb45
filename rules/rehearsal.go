package rules

import (
	"errors"
	"fmt"
	"path"
	"strings"
)

// Rehearsal is a command of the workspace, or one of its pipelines, that is run before and after the migration and compared.
type Rehearsal struct {
	Name      string            `yaml:"name"`      // what the report calls it; the command when empty
	Run       string            `yaml:"run"`       // the command, for a shell; with a pipeline, what a person does before the commit
	Pipeline  string            `yaml:"pipeline"`  // create, update or archive, or the path of a pipeline's file
	Directory string            `yaml:"directory"` // where it is started, relative to the root
	Env       map[string]string `yaml:"env"`       // variables that it is given; for a pipeline, its variables
	Instance  string            `yaml:"instance"`  // the instance of calls that name none; for a pipeline, the instance that it is for
	Stdin     string            `yaml:"stdin"`     // what it reads; nothing when empty
	Container bool              `yaml:"container"` // it runs in the tools container, with the cluster mounted
	Mounted   string            `yaml:"mounted"`   // with container: where the cluster is mounted; the image's own directory when empty
	Answers   map[string]string `yaml:"answers"`   // what the program prints, by its arguments
	Calls     []Wanted          `yaml:"calls"`     // the calls that it makes today; not compared when empty
	Needs     string            `yaml:"needs"`     // a program without which it cannot run
}

// Wanted is a call that a rehearsal is to make before the migration.
type Wanted struct {
	Instance string `yaml:"instance"` // of its root directory; empty for one without
	Args     string `yaml:"args"`     // without those that name the root directory, separated by blanks
}

// Title is what a report calls the rehearsal.
func (r Rehearsal) Title() string {
	switch {
	case r.Name != "":
		return r.Name
	case r.Pipeline != "":
		return strings.TrimSpace("pipeline " + r.Pipeline + " " + r.Instance)
	}
	return r.Run
}

func (r Rehearsal) check() error {
	switch {
	case r.Run == "" && r.Pipeline == "":
		return errors.New("runs nothing: give run (a command) or pipeline (create, update, archive or a file)")
	case path.IsAbs(r.Directory) || strings.HasPrefix(path.Clean(r.Directory)+"/", "../../"):
		return fmt.Errorf("directory %q must be relative to the root, or to the directory beside it", r.Directory)
	}
	return nil
}

// ParseRehearsals reads a list of rehearsals that stands in a file of its own. Name is for messages.
func ParseRehearsals(name string, src []byte) ([]Rehearsal, error) {
	var list []Rehearsal
	if err := load(name, src, &list); err != nil {
		return nil, err
	}
	return list, checkRehearsals(name, list)
}

func checkRehearsals(name string, list []Rehearsal) error {
	for i, r := range list {
		if err := r.check(); err != nil {
			return fmt.Errorf("%s: rehearsal %d: %w", name, i+1, err)
		}
	}
	return nil
}
