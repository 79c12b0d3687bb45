package main

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/messages"
)

// TestMessagesOfWorkspace reads what is said of the fixture workspace: each reason, hint, step and note.
func TestMessagesOfWorkspace(t *testing.T) {
	r := newReader(t)
	var report struct {
		Occurrences []struct {
			Path, Reason, Suggestion, Instance string
			Argv                               []string
			Uses, Trace                        []struct{ What string }
		}
	}
	roots := []string{"grove", "grove-template", "my-cluster"}
	if err := json.Unmarshal(r.run(t, slices.Concat([]string{"scan", "--format", "json"}, roots)), &report); err != nil || len(report.Occurrences) < 500 {
		t.Fatalf("%d occurrences: %v", len(report.Occurrences), err)
	}
	for _, o := range report.Occurrences {
		said := []string{o.Reason, o.Suggestion, o.Instance}
		for _, s := range slices.Concat(o.Uses, o.Trace) {
			said = append(said, s.What)
		}
		if what := messages.Wrong(strings.Join(said, "\n")); what != "" || messages.Wrong(strings.Join(strings.Fields(strings.Join(o.Argv, " ")), " ")) != "" {
			t.Errorf("%s: %s: %q %q", o.Path, what, said, o.Argv)
		}
	}
	for line := range strings.Lines(string(r.run(t, slices.Concat([]string{"apply", "--show"}, roots)))) {
		if what := messages.Wrong(strings.TrimLeft(line, " ")); what != "" {
			t.Errorf("%s: %s", what, line)
		}
	}
}

// run is what the program prints, on both ways out.
func (r reader) run(t *testing.T, args []string) []byte {
	t.Helper()
	command := exec.Command(filepath.Join(filepath.Dir(r.dir), "bin/grove-migrate"), args...)
	command.Dir, command.Env = r.dir, r.env
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%q: %v\n%s", args, err, out)
	}
	return out
}
