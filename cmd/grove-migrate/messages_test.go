package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"golang.org/x/tools/txtar"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

var (
	// unusual are words that a newcomer stops at. Each has a plain one in the table of words that the project keeps to.
	unusual = regexp.MustCompile(`(?i)\b(ladder|rungs?|climb\w*|guests?|claims?|spell(s|ed|ing)?|rooms?|houses?|heed(s|ed)?|below-bar|stands where)\b`)
	// placeholder is what a reader puts in the place of an expression.
	placeholder = regexp.MustCompile(`__[a-z]+\d+__`)
	doubled     = regexp.MustCompile(`[\pL\d,;:.)"]  +[\pL\d("]`)
	// set out begins a row of a table or an example.
	setOut = regexp.MustCompile(`^(\s|\S+  )`)
	said   = regexp.MustCompile(`^(?:! )?std(?:out|err) '?\^?(.*?)\$?'?\n`)
	verb   = regexp.MustCompile(`%[-+# 0-9.*\[\]]*[a-zA-Z]`)
)

// wrong says what is wrong with a message, or nothing.
func wrong(text string) string {
	if found := unusual.FindString(text); found != "" {
		return "has the word " + strconv.Quote(found)
	}
	if found := placeholder.FindString(text); found != "" {
		return "has the placeholder " + found
	}
	for line := range strings.Lines(text) {
		if found := doubled.FindString(line); found != "" && !setOut.MatchString(line) {
			return "has a double space: " + strconv.Quote(found)
		}
	}
	return ""
}

// TestMessages reads every text that the program can print: the strings of its source, its rules and its help, and what the
// tests of commands and readers expect.
func TestMessages(t *testing.T) {
	for place, text := range messages(t) {
		if what := wrong(text); what != "" {
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
		if got := wrong(text); (got != "") != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// messages are all texts by their place.
func messages(t *testing.T) map[string]string {
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
	help(newRootCommand(&terminal{}), out)
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
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
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

// help adds what each command says of itself.
func help(cmd *cobra.Command, out map[string]string) {
	out[cmd.CommandPath()+" --help"] = cmd.Short + "\n" + cmd.Long
	for _, sub := range cmd.Commands() {
		help(sub, out)
	}
}

// expectations adds what scripts and fixtures expect to be printed.
func expectations(t *testing.T, out map[string]string) {
	t.Helper()
	for _, pattern := range []string{"script", "migrate", "rules/steps"} {
		paths, err := filepath.Glob("../../fixtures/" + pattern + "/*.txtar")
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
		if what := wrong(strings.Join(said, "\n")); what != "" || placeholder.MatchString(strings.Join(o.Argv, " ")) {
			t.Errorf("%s: %s: %q %q", o.Path, what, said, o.Argv)
		}
	}
	for line := range strings.Lines(string(r.run(t, slices.Concat([]string{"apply", "--show"}, roots)))) {
		if what := wrong(strings.TrimLeft(line, " ")); what != "" {
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
