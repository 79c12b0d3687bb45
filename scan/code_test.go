package scan_test

import (
	"context"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// TestCodeReasons holds why a command in a program is for a person: what the shell's reader knows of it counts, and a place
// that is shared by commands that run here and elsewhere is no place for the path of either.
func TestCodeReasons(t *testing.T) {
	const run = "import subprocess\n\n\ndef go(instance_name, root):\n    subprocess.run("
	for name, c := range map[string]struct {
		call   string
		action site.Action
		reason string // a part of it
		place  string
	}{
		"here":                 {`["tutor", "local", "start"])`, site.Rewrite, "subprocess.run runs it", ""},
		"container":            {`["docker", "exec", "tools", "tutor", "local", "start"])`, site.Review, "inside a container", "container"},
		"machine":              {`["ssh", "staging", "tutor local start"])`, site.Review, "on another machine", "machine"},
		"machine with a root":  {`f"ssh staging tutor --root {root} local start", shell=True)`, site.Rewrite, "subprocess.run runs it", "machine"},
		"root of this machine": {`["docker", "exec", "tools", "tutor", "start"], env={"TUTOR_ROOT": root})`, site.Review, "inside a container", "container"},
		"root of its shell":    {`["docker", "exec", "tools", "sh", "-c", "tutor --root $PWD local start"])`, site.Review, "$PWD", "container"},
		"entered directory":    {`["docker", "exec", "tools", "sh", "-c", "cd /w; tutor --root $PWD local start"])`, site.Review, "\"/w\" is not an instance's", "container"},
		"another's directory":  {`["docker", "exec", "tools", "tutor", "--root", "/opt/tutor", "config"])`, site.Review, "is not an instance's", "container"},
		"another environment":  {`["uv", "run", "tutor", "local", "start"])`, site.Review, "uv run", ""},
		"either":               {`["echo"])` + "\n    c = [\"tutor\", \"local\"]\n    subprocess.run(c)\n    subprocess.run([\"ssh\", \"staging\", *c])", site.Review, "more than one place", ""},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := scan.Scan(context.Background(), workspace(t, "a.py", run+c.call+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			for _, occ := range report.Files[0].Occurrences {
				if occ.Class != site.Invocation {
					continue
				}
				if occ.Action != c.action || !strings.Contains(occ.Reason, c.reason) || c.place != "" && occ.Slot.Place != c.place {
					t.Errorf("%s: %s in %q, want %s: …%s… in %q", occ.Action, occ.Reason, occ.Slot.Place, c.action, c.reason, c.place)
				}
				return
			}
			t.Error("no invocation was found")
		})
	}
}
