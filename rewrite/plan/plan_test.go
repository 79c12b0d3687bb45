package plan_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/plan"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// files is a workspace of one root with the given files.
func files(t *testing.T, content map[string]string) (scan.Workspace, *scan.Report) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range content {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	ws, err := scan.Open(context.Background(), pack, []string{dir}, nil)
	if err != nil {
		t.Fatal(err)
	}
	report, err := scan.Scan(context.Background(), ws)
	if err != nil {
		t.Fatal(err)
	}
	return ws, report
}

func only() plan.Options {
	return plan.Options{Bar: edit.Safe, Only: map[step.Name]bool{step.Invocations: true}}
}

const python = "import os\n\n\ndef f(instance_name):\n    os.system(\"tutor config save\")\n"

// insertion is a fix that puts text before the byte at off of a file.
func insertion(file string, off int, text string) *edit.Fix {
	f := edit.File{Root: ".", Path: file}
	return &edit.Fix{
		Rule: "test", Message: "insert", Applicability: edit.Safe, Site: edit.Place{File: f},
		Changes: []edit.Change{{File: f, Edits: []edit.Edit{{Start: off, End: off, New: text}}}},
	}
}

// TestMakeWithdraws holds that a fix after which a site is not done is taken out, whether it writes a call or spoils a
// site, and that all other fixes stay.
func TestMakeWithdraws(t *testing.T) {
	const script = "#!/bin/sh\ntutor local start\n"
	elsewhere := insertion("run.sh", 10, "/opt/tools/.venv/bin/")
	elsewhere.Changes[0].Edits[0].End += len("tutor")
	elsewhere.Changes[0].Edits[0].New += "tutor"
	elsewhere.Site = edit.Place{File: elsewhere.Site.File, Offset: 10, Line: 2, Column: 1}
	created := &edit.Fix{Rule: "test", Message: "create", Applicability: edit.Safe, Changes: []edit.Change{
		{File: edit.File{Root: ".", Path: "new.sh"}, Create: &edit.Creation{Content: script}},
	}}
	for name, bad := range map[string]*edit.Fix{
		"a call is added":                    insertion("run.sh", len(script), "tutor local stop\n"),
		"a file with a call":                 created,
		"a site is moved to no instance's":   elsewhere,
		"a call comes about from both parts": insertion("half.sh", 10, "tut"),
	} {
		ws, report := files(t, map[string]string{"a.py": python, "run.sh": script, "half.sh": "#!/bin/sh\nor local start\n"})
		o := only()
		o.Extra = []*edit.Fix{insertion("half.sh", 0, "#\n"), bad}
		p, err := plan.Make(context.Background(), report, ws, o)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if gone := p.Withdrawn(); len(gone) != 1 || gone[0].Fix != bad || gone[0].Reason != edit.Unproved {
			t.Errorf("%s: withdrawn: %+v", name, gone)
		}
		if len(p.Files) != 2 || !bytes.Contains(p.Files[0].After, []byte("_instance_tutor(instance_name)")) {
			t.Errorf("%s: the good fixes are gone: %+v", name, p.Files)
		}
		if len(p.Notes) != 1 || p.Notes[0].Line != 2 || p.Notes[0].File.Path != "run.sh" {
			t.Errorf("%s: notes: %+v", name, p.Notes)
		}
		var b bytes.Buffer
		if err := plan.Save(&b, p, "test"); err != nil {
			t.Fatal(err)
		}
		if saved, err := plan.Load(b.Bytes()); err != nil || saved.Withdrawn != 1 || len(saved.Left) != 1 {
			t.Errorf("%s: saved %+v, %v", name, saved, err)
		}
	}
}

// TestMakeWithdrawsADecision holds that a decision which cannot be written where it stands keeps nothing else back.
func TestMakeWithdrawsADecision(t *testing.T) {
	for _, instance := range []string{"a b", `") ; x`, "{{ x }", "${", `a'b"c`, "f(", "$(", "#{", "\n", "alpha"} {
		content := map[string]string{"a.py": python}
		var decisions strings.Builder
		decisions.WriteString("decisions:\n")
		for file, text := range map[string]string{
			"b.py":           "import os\n\nos.system('tutor local start')\n",
			"c.rb":           "system('tutor', 'local', 'start')\nsystem(\"tutor local stop\")\n",
			"d.go":           "package main\n\nimport \"os/exec\"\n\nfunc main() {\n\t_ = exec.Command(\"tutor\", \"local\").Run()\n}\n",
			"e.sh":           "#!/bin/sh\nbash -c 'tutor local start'\n",
			"compose.yml":    "services:\n  a:\n    image: x\n    command: [tutor, local, start]\n",
			".gitlab-ci.yml": "deploy:\n  script: tutor local start\n",
			"Makefile":       "all:\n\ttutor local start\n",
		} {
			content[file] = text
			fmt.Fprintf(&decisions, "  - {path: %q, instance: %q}\n", file, instance)
		}
		content[rules.ConfigName] = decisions.String()
		ws, report := files(t, content)
		p, err := plan.Make(context.Background(), report, ws, only())
		if err != nil {
			t.Fatalf("%q: %v", instance, err)
		}
		if len(p.Files) == 0 || p.Files[slices.IndexFunc(p.Files, func(f plan.File) bool { return f.Path == "a.py" })].Edits == nil {
			t.Errorf("%q: the plan leaves a site that is not decided: %+v", instance, p.Files)
		}
		for _, d := range p.Withdrawn() {
			t.Errorf("%q: %s: %s", instance, d.Fix, d.Detail)
		}
	}
}

func TestMakeDropsWhatWouldNotParse(t *testing.T) {
	ws, report := files(t, map[string]string{"a.py": python})
	o := only()
	o.Extra = []*edit.Fix{insertion("a.py", 0, "def (:\n")}
	p, err := plan.Make(context.Background(), report, ws, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Dropped) != 1 || p.Dropped[0].Reason != edit.Parse || p.Dropped[0].Fix != o.Extra[0] {
		t.Errorf("dropped: %+v", p.Dropped)
	}
	if len(p.Files) != 1 || !bytes.Contains(p.Files[0].After, []byte("_instance_tutor(instance_name)")) {
		t.Errorf("the good fix of the same file is gone: %+v", p.Files)
	}
}

func TestMakeDropsTheSecondOfTwoThatConflict(t *testing.T) {
	ws, report := files(t, map[string]string{"a.txt": "hello\n"})
	o := only()
	first, second := insertion("a.txt", 0, "x"), insertion("a.txt", 0, "y")
	o.Extra = []*edit.Fix{first, second}
	p, err := plan.Make(context.Background(), report, ws, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Dropped) != 1 || p.Dropped[0].Fix != second || p.Dropped[0].Other != first || p.Dropped[0].Reason != edit.Conflict {
		t.Errorf("dropped: %+v", p.Dropped)
	}
}

func TestMakeAsks(t *testing.T) {
	ws, report := files(t, map[string]string{"a.py": python})
	o := only()
	asked := 0
	o.Keep = func(*edit.Fix) bool { asked++; return false }
	p, err := plan.Make(context.Background(), report, ws, o)
	if err != nil || asked != 1 || len(p.Files) != 0 || len(p.Dropped) != 1 || p.Dropped[0].Reason != edit.Declined {
		t.Errorf("asked %d times, %+v, %v", asked, p, err)
	}
}

func TestSaveAndLoad(t *testing.T) {
	ws, report := files(t, map[string]string{"a.py": python})
	p, err := plan.Make(context.Background(), report, ws, only())
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := plan.Save(&b, p, "test"); err != nil {
		t.Fatal(err)
	}
	saved, err := plan.Load(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	ops := p.Ops()
	if len(saved.Ops) != len(ops) || saved.Ops[0].Before != ops[0].Before || !bytes.Equal(saved.Ops[0].After.Content, ops[0].After.Content) {
		t.Errorf("saved %+v, planned %+v", saved.Ops, ops)
	}
	for name, text := range map[string]string{
		"another version": strings.Replace(b.String(), `"version": 1`, `"version": 2`, 1),
		"an unknown key":  strings.Replace(b.String(), `"version": 1`, `"version": 1, "extra": 1`, 1),
		"another root":    strings.Replace(b.String(), `"dir": "`, `"dir": "/elsewhere`, 1),
		"no JSON":         "hello",
	} {
		if _, err := plan.Load([]byte(text)); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestDecide(t *testing.T) {
	made := []rules.Decision{{Path: `a "b".sh`, Line: 3, Keep: "because: of # this"}, {Path: "c.sh", Line: 4, Instance: "$X"}}
	for name, before := range map[string]string{
		"no file":            "",
		"a list":             "decisions:\n  - path: x.sh # mine\n    keep: y\n",
		"a list, not last":   "decisions:\n- path: x.sh\n  keep: y\nfiles:\n  requirements: r.txt\n",
		"no newline":         "decisions:\n  - path: x.sh\n    keep: y",
		"nothing about them": "role: grove\n",
	} {
		content := map[string]string{"run.sh": "#!/bin/sh\n"}
		if before != "" {
			content[rules.ConfigName] = before
		}
		ws, report := files(t, content)
		o := only()
		o.Extra = []*edit.Fix{plan.Decide(ws.Roots[0], made)}
		p, err := plan.Make(context.Background(), report, ws, o)
		if err != nil || len(p.Files) != 1 {
			t.Fatalf("%s: %+v, %v", name, p, err)
		}
		c, err := rules.ParseConfig(name, p.Files[0].After)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, p.Files[0].After)
		}
		n := len(c.Decisions)
		want := slices.Clone(made)
		for i := range want {
			want[i].Path = "/" + want[i].Path // it is about this one file
		}
		same := cmpopts.IgnoreUnexported(rules.Decision{})
		if n < 2 || !cmp.Equal(c.Decisions[n-2], want[0], same) || !cmp.Equal(c.Decisions[n-1], want[1], same) || strings.Contains(before, "x.sh") && n != 3 {
			t.Errorf("%s: %+v", name, c.Decisions)
		}
		if !bytes.Contains(p.Files[0].After, []byte(strings.TrimSuffix(before, "\n"))) && !strings.Contains(before, "files:") {
			t.Errorf("%s: what stood there changed:\n%s", name, p.Files[0].After)
		}
	}
}
