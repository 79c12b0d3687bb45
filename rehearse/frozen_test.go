package rehearse

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

// wrong are the programs of a migration that was wrong, each with a command that shows it: a script that dies when it is started, an
// entry point that no longer knows its own word, and programs that are taken from another directory than their root.
var wrong = []struct {
	name    string
	verdict Verdict
	command rules.Rehearsal
}{
	{"a script that dies", Lost, rules.Rehearsal{Run: "../grove/scripts/backup.rb beta", Directory: "my-cluster", Needs: "ruby"}},
	{"an entry point", Lost, rules.Rehearsal{Run: "./tutor alpha k8s status", Directory: "my-cluster/control", Needs: "ruby"}},
	{"a task", Lost, rules.Rehearsal{Run: "rake config:alpha", Directory: "grove", Needs: "rake"}},
	{"a task with an argument", Lost, rules.Rehearsal{Run: "rake 'plugins[beta]'", Directory: "grove", Needs: "rake"}},
	{"a list", Lost, rules.Rehearsal{Run: "python3 scripts/export_tutors.py alpha", Directory: "my-cluster"}},
	{"an attribute and a constant", Lost, rules.Rehearsal{Run: "python3 scripts/status.py alpha", Directory: "my-cluster"}},
	{"a function of a script", Lost, rules.Rehearsal{Run: "scripts/upgrade-all.sh maple", Directory: "my-cluster"}},
	{"a variable of make", Lost, rules.Rehearsal{Run: "make help", Directory: "grove", Needs: "make"}},
	{"a module", Lost, rules.Rehearsal{Run: "../grove/scripts/rotate_secrets.rb alpha ONE", Directory: "my-cluster", Env: map[string]string{"PAUSE": "0"}, Needs: "ruby"}},
}

// TestFrozen holds that a rehearsal shows what was wrong.
func TestFrozen(t *testing.T) {
	t.Parallel()
	w := unpack(t, "testdata/frozen.txtar", "grove", "my-cluster")
	for link, target := range map[string]string{"my-cluster/grove": "../grove", "my-cluster/control/tutor": "../../grove/wrapper-script.rb"} {
		name := filepath.Join(w.dir, link)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
	}
	w.open(t, "grove", "my-cluster")
	var list []rules.Rehearsal
	for _, c := range wrong {
		c.command.Name = c.name
		list = append(list, c.command)
	}
	report := w.rehearse(t, powers(t), list...)
	for i := range report.Commands {
		c := &report.Commands[i]
		if c.Missing != "" {
			t.Logf("not rehearsed, for want of %s: %s", c.Missing, c.Title)
			continue
		}
		if !c.Differs() || !slices.ContainsFunc(c.Pairs, func(p Pair) bool { return p.Verdict == wrong[i].verdict }) {
			t.Errorf("%s%s", summary(&Report{Commands: report.Commands[i : i+1]}), c.After.Output)
		}
	}
}
