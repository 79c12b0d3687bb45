package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
)

var update = flag.Bool("update", false, "write the figures of today into the documents; read what changed before you commit it")

var (
	block  = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")
	titled = regexp.MustCompile(`^# ([\w.-]+(?:/[\w.-]+)*\.\w+)\n`)
)

// TestDocuments runs the examples of each document, in order, in a copy of the fixture workspace. In a block of the kind
// "console" a line that begins with "$ " is a command, which has to end well; below it stands what it prints, with "…" for
// anything: a whole line for any lines, inside a line for any text. A block whose first line is a comment with a path is that file.
func TestDocuments(t *testing.T) {
	names, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(names) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	names = append(names, "../../README.md")
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		blocks := block.FindAllStringSubmatch(string(src), -1)
		if !slices.ContainsFunc(blocks, func(b []string) bool { return b[1] == "console" }) {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(name), ".md"), func(t *testing.T) {
			t.Parallel()
			r, text := newReader(t), string(src)
			for _, b := range blocks {
				if path := titled.FindStringSubmatch(b[2]); path != nil {
					r.write(t, path[1], strings.TrimPrefix(b[2], path[0]))
				} else if b[1] == "console" {
					text = strings.Replace(text, b[2], r.follow(t, b[2]), 1)
				}
			}
			if *update && text != string(src) {
				if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// reader is a person who tries what a document says.
type reader struct {
	dir string
	env []string
}

func newReader(t *testing.T) reader {
	t.Helper()
	python := program.Find(t, "python3")
	base := t.TempDir()
	r := reader{dir: filepath.Join(base, "workspace")}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(base, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	r.env = append(os.Environ(), "PATH="+filepath.Join(base, "bin")+":"+os.Getenv("PATH"), "HOME="+base, "GIT_CONFIG_GLOBAL="+os.DevNull,
		"GIT_AUTHOR_NAME=test", "GIT_AUTHOR_EMAIL=test@example.org", "GIT_COMMITTER_NAME=test", "GIT_COMMITTER_EMAIL=test@example.org",
		"PIP_NO_INDEX=1", "UV_NO_INDEX=1", "PIP_FIND_LINKS="+filepath.Join(base, "wheels"), "UV_FIND_LINKS="+filepath.Join(base, "wheels"))
	wheel, err := filepath.Abs("../../packaging/testdata/wheel.py")
	if err != nil {
		t.Fatal(err)
	}
	for _, argv := range [][]string{
		{"cp", self, filepath.Join(base, "bin/grove-migrate")}, // see TestMain; a rehearsal starts the program by its file
		{"cp", "-a", "../../fixtures/workspace", r.dir},
		{"git", "-C", r.dir, "init", "--quiet", "."},
		{"git", "-C", r.dir, "add", "--all"},
		{"git", "-C", r.dir, "commit", "--quiet", "--message", "all"},
		{"env", "-C", base, python, wheel, "20.0.3"},
		{"env", "-C", base, python, wheel, "21.0.0"},
	} {
		command := exec.Command(argv[0], argv[1:]...)
		command.Env = r.env
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%q: %v\n%s", argv, err, out)
		}
	}
	return r
}

func (r reader) write(t *testing.T, path, text string) {
	t.Helper()
	full := filepath.Join(r.dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// follow runs the commands of a block, and holds each to what is said below it. It gives the block with the figures of today.
func (r reader) follow(t *testing.T, text string) string {
	t.Helper()
	for _, part := range strings.Split("\n"+text, "\n$ ")[1:] {
		line, want, _ := strings.Cut(part, "\n")
		command := exec.Command("bash", "-c", line)
		command.Dir, command.Env = r.dir, r.env
		out, err := command.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
		if !printed(want).Match(out) {
			if now := counted(want, string(out)); *update && printed(now).Match(out) {
				text = strings.Replace(text, "$ "+part, "$ "+line+"\n"+now, 1)
				continue
			}
			t.Errorf("%s prints\n%s\nand the document says (go test ./cmd/grove-migrate -run TestDocuments -update writes its figures)\n%s", line, out, want)
		}
	}
	return text
}

var figure = regexp.MustCompile(` *[0-9]+`)

// counted is what a document says that a command prints, with the figures that it prints.
func counted(want, out string) string {
	rest := strings.Split(out, "\n")
	var lines []string
	for _, line := range strings.Split(want, "\n") {
		like := regexp.MustCompile("^" + figure.ReplaceAllString(regexp.QuoteMeta(line), ` *[0-9]+`) + "$")
		i := slices.Index(rest, line)
		if i < 0 {
			i = slices.IndexFunc(rest, like.MatchString)
		}
		if i >= 0 && !strings.Contains(line, "…") {
			line, rest = rest[i], rest[i+1:]
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// printed matches what a document says that a command prints.
func printed(want string) *regexp.Regexp {
	var b strings.Builder
	for line := range strings.Lines(want) {
		if line = strings.TrimRight(line, "\n"); line == "…" {
			b.WriteString(`(?:.*\n)*?`)
			continue
		}
		b.WriteString(strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*") + `\n`)
	}
	return regexp.MustCompile(`\A` + b.String() + `\z`)
}
