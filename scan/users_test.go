package scan_test

import (
	"context"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// TestUsers holds which files without the word are followed: those that can see a name whose value can be a command. That a
// file is followed shows in the row of its mistake.
func TestUsers(t *testing.T) {
	const values = "RUN = \"tutor local start\"\nWORDS = [\"sudo\", \"/opt/bin/tutor\"]\nBACKUP = \"tutor-backup\"\nSITE = \"https://tutor.example.org/\"\n" +
		"\n\nclass Tool:\n    def words(self):\n        return RUN\n\n    def home(self):\n        return \"/tutor/files\"\n"
	const goValues = "package tool\n\nconst Run = \"tutor local start\"\n"
	for name, c := range map[string]struct {
		defined, text string // the file of the values and its text
		file, user    string // the other file and its text, in front of a mistake
		between       string // a package that hands on what the values' file defines
		followed      bool
	}{
		"import":             {"app/values.py", values, "app/use.py", "from .values import RUN\n", "", true},
		"module":             {"values.py", values, "use.py", "import os, values as v\nv.WORDS\n", "", true},
		"in brackets":        {"app/values.py", values, "use.py", "from app import (  # all (of it)\n    other,\n    values,\n)\nvalues.RUN\n", "", true},
		"on one line":        {"values.py", values, "use.py", "if x: import values; values.RUN\n", "", true},
		"through another":    {"app/values.py", values, "use.py", "import app\napp.RUN\n", "from .values import *\n", true},
		"method":             {"values.py", values, "use.py", "def f(tool):\n    tool.words()\n", "", true},
		"no import":          {"values.py", values, "use.py", "RUN = 1\n", "", false},
		"another module":     {"values.py", values, "use.py", "import other\nother.RUN\n", "", false},
		"another program":    {"values.py", values, "use.py", "from values import BACKUP\n", "", false},
		"address":            {"values.py", values, "use.py", "from values import SITE\n", "", false},
		"method of a path":   {"values.py", values, "use.py", "def f(tool):\n    tool.home()\n", "", false},
		"Go package":         {"tool/tool.go", goValues, "main.go", "package main\n\nimport \"example.org/x/tool\"\n\nvar _ = tool.Run\n", "", true},
		"same Go package":    {"tool/tool.go", goValues, "tool/run.go", "package tool\n\nvar _ = Run\n", "", true},
		"another Go package": {"tool/tool.go", goValues, "main.go", "package main\n\nfunc Run() {}\n", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			ws := workspace(t, c.defined, c.text)
			files := map[string]string{c.defined: c.text, c.file: c.user + "\n)(\n"}
			if c.between != "" {
				files["app/__init__.py"] = c.between
			}
			root := ws.Roots[0]
			root.Tree.Files = nil
			for _, p := range []string{"app/__init__.py", "app/use.py", "app/values.py", "main.go", "tool/run.go", "tool/tool.go", "use.py", "values.py"} {
				if _, ok := files[p]; ok {
					root.Tree.Files = append(root.Tree.Files, p)
				}
			}
			root.Tree.Read = func(p string) ([]byte, error) { return []byte(files[p]), nil }
			report, err := scan.Scan(context.Background(), ws)
			if err != nil {
				t.Fatal(err)
			}
			followed := false
			for _, s := range report.Skipped {
				followed = followed || s.Path == c.file
			}
			if followed != c.followed {
				t.Errorf("followed is %v; skipped: %v", followed, report.Skipped)
			}
		})
	}
}
