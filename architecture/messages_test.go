package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/messages"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

var (
	said = regexp.MustCompile(`^(?:! )?std(?:out|err) '?\^?(.*?)\$?'?\n`)
	verb = regexp.MustCompile(`%[-+# 0-9.*\[\]]*[a-zA-Z]`)
)

// TestMessages reads every text that the program can print: the strings of its source and its rules, and what the
// tests of commands and readers expect.
func TestMessages(t *testing.T) {
	for place, text := range texts(t) {
		if what := messages.Wrong(text); what != "" {
			t.Errorf("%s: %s\n%.300s", place, what, text)
		}
	}
}

// TestWrong holds what the test of messages looks for.
func TestWrong(t *testing.T) {
	for text, want := range map[string]bool{
		"a.sh:3: the text spells a command": true, "Ladder": true, "make room": true, "a list stands where a text must stand": true,
		"runs the environment of  inside a container": true, "command: tutor __hole1__ save": true, "ok\nalpha, and  beta": true, "alpha  missing  no .venv": false, "not applied (below-bar)": true,
		"no-one-claims": true, "the warehouse": false, "a guesthouse": false, "__init__ and __main__": false, "  scan    report": false,
		"it stands, where it can": false, "brooms": false, "expected a list, got 5": false,
	} {
		if got := messages.Wrong(text); (got != "") != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// texts are all texts by their place.
func texts(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	literals(t, out)
	if n := len(out); n < 3000 {
		t.Fatalf("only %d strings in the source", n)
	}
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range pack.Rules {
		out["rule "+r.Name] = r.Summary + "\n" + r.Detail
	}
	before := len(out)
	expectations(t, out)
	if len(out) < before+60 {
		t.Fatalf("only %d expectations of tests", len(out)-before)
	}
	return out
}

// literals adds the strings of all packages, without those of tests and imports.
func literals(t *testing.T, out map[string]string) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", "fixtures", "testdata"}, d.Name()):
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Errorf("%s: %v", set.Position(lit.Pos()), err)
			}
			if !strings.HasPrefix(text, "__") { // The name of a placeholder, or of something in Python.
				out[set.Position(lit.Pos()).String()] = verb.ReplaceAllString(text, "x")
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// expectations adds what scripts and fixtures expect to be printed.
func expectations(t *testing.T, out map[string]string) {
	t.Helper()
	for _, pattern := range []string{"script", "migrate", "rules/steps"} {
		paths, err := filepath.Glob("../fixtures/" + pattern + "/*.txtar")
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(archive.Comment)) {
				if printed := said.FindStringSubmatch(line); printed != nil {
					out[path] += printed[1] + "\n"
				}
			}
			for _, f := range archive.Files {
				if f.Name == "scan" || f.Name == "notes" {
					out[path+" "+f.Name] = string(f.Data)
				}
			}
		}
	}
}
