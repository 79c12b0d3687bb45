package plan_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
	return &edit.Fix{Rule: "test", Message: "insert", Applicability: edit.Safe, Site: edit.Place{File: f},
		Changes: []edit.Change{{File: f, Edits: []edit.Edit{{Start: off, End: off, New: text}}}}}
}

func TestMakeProvesThePlannedState(t *testing.T) {
	ws, report := files(t, map[string]string{"a.py": python, "run.sh": "#!/bin/sh\n"})
	o := only()
	o.Extra = []*edit.Fix{insertion("run.sh", 10, "tutor local start\n")}
	_, err := plan.Make(context.Background(), report, ws, o)
	var bug *plan.BugError
	if !errors.As(err, &bug) || len(bug.Faults) != 1 || !strings.Contains(bug.Faults[0], "run.sh:2:1") {
		t.Fatalf("a rule that adds a call of the global program is not caught: %v", err)
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
		if n < 2 || c.Decisions[n-2] != made[0] || c.Decisions[n-1] != made[1] || strings.Contains(before, "x.sh") && n != 3 {
			t.Errorf("%s: %+v", name, c.Decisions)
		}
		if !bytes.Contains(p.Files[0].After, []byte(strings.TrimSuffix(before, "\n"))) && !strings.Contains(before, "files:") {
			t.Errorf("%s: what stood there changed:\n%s", name, p.Files[0].After)
		}
	}
}
