package container

import (
	"cmp"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

// planned is what a Dockerfile becomes, and the launcher that comes with it.
func planned(t *testing.T, dockerfile string, more ...string) (after string, launcher *edit.Change) {
	t.Helper()
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	files := append([]string{"tools/Dockerfile", "tools/ci_vars.yml"}, more...)
	slices.Sort(files)
	root := &step.Root{Key: "g", Role: "grove", Config: &rules.Config{}, Files: files, Read: func(f string) ([]byte, error) {
		if f == "tools/Dockerfile" {
			return []byte(dockerfile), nil
		}
		return nil, nil
	}}
	out := Plan(step.Input{Pack: pack, Roots: []*step.Root{root}})
	after = dockerfile
	for _, f := range out.Fixes {
		for _, c := range f.Changes {
			if c.Create != nil {
				launcher = &c
				continue
			}
			text, err := edit.Apply([]byte(dockerfile), c.Edits)
			if err != nil {
				t.Fatal(err)
			}
			after = string(text)
		}
	}
	return after, launcher
}

const copied = "\n# In place of a tutor for all instances: runs the one of the instance that is named.\n" +
	"COPY SOURCE /usr/local/libexec/grove-launcher/tutor\nENV PATH=/usr/local/libexec/grove-launcher:$PATH\n"

func TestLauncherInDockerfile(t *testing.T) {
	for name, tt := range map[string]struct {
		before, after string // what stands in front of the launcher, and behind it
		source, file  string
		more          []string
	}{
		"at the end":                      {"FROM alpine\nRUN true\n", "", "tutor-launcher.sh", "", nil},
		"before how the image is started": {"FROM alpine\nENV PATH=/opt/x:$PATH\n", "WORKDIR /workspace\nHEALTHCHECK CMD tutor \\\n  --version\nENTRYPOINT [\"/e\"]\nCMD [\"bash\"]\n", "tutor-launcher.sh", "", nil},
		"behind a later path":             {"FROM alpine\nWORKDIR /w\nENV A=1 \\\n    # a comment\n    PATH=/opt/x:$PATH\n", "CMD bash\n", "tutor-launcher.sh", "", nil},
		"in the last stage":               {"FROM alpine AS a\nCMD x\nFROM a\nRUN <<EOF\nCMD y\nEOF\n", "CMD z\n", "tutor-launcher.sh", "", nil},
		"beside other scripts":            {"FROM alpine\nCOPY scripts/ /opt/scripts\n", "CMD z\n", "scripts/tutor-launcher.sh", "tools/scripts/tutor-launcher.sh", []string{"tools/scripts/a.sh"}},
		"with the repository as context":  {"FROM alpine\nCOPY --chown=a tools/requirements.txt /opt/\n", "", "tools/tutor-launcher.sh", "", []string{"tools/requirements.txt"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, launcher := planned(t, tt.before+tt.after, tt.more...)
			if want := tt.before + strings.Replace(copied, "SOURCE", tt.source, 1) + tt.after; got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if launcher == nil || launcher.File.Path != cmp.Or(tt.file, "tools/tutor-launcher.sh") || launcher.Create.Perm() != 0o755 {
				t.Errorf("the launcher is %+v", launcher)
			}
			if again, more := planned(t, got, tt.more...); again != got || more != nil {
				t.Errorf("a second time it becomes\n%s", again)
			}
		})
	}
	if got, _ := planned(t, "FROM alpine\r\nRUN true\r\n"); strings.Count(got, "\n") != strings.Count(got, "\r\n") {
		t.Errorf("line breaks are mixed: %q", got)
	}
	if got, _ := planned(t, "# nothing\n"); got != "# nothing\n" {
		t.Errorf("a file without a stage becomes %q", got)
	}
}

// shells are those of this machine that a tools container may have.
func shells(t *testing.T) [][]string {
	t.Helper()
	var out [][]string
	for _, s := range [][]string{{"sh"}, {"dash"}, {"busybox", "sh"}, {"bash", "--posix"}, {"ksh"}} {
		if _, err := exec.LookPath(s[0]); err == nil {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		t.Fatal("there is no shell")
	}
	return out
}

func TestLauncherRuns(t *testing.T) {
	_, launcher := planned(t, "FROM alpine\n")
	text := launcher.Create.Content
	if n := strings.Count(text, "\n"); n > 40 {
		t.Errorf("it has %d lines", n)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
		return name
	}
	script := write("launcher/tutor", text)
	for _, name := range []string{"alpha", "be ta"} {
		write("instances/"+name+"/.venv/bin/tutor", "#!/bin/sh\necho \"${0#"+dir+"/}\"\nprintf '<%s>' \"$@\"\nexit 5\n")
	}
	write("instances/gamma/config.yml", "")
	for _, sh := range shells(t) {
		for _, tt := range []struct {
			root, args, out string // arguments apart by |
			status          int
		}{
			{"", "--root|instances/alpha|config|save", "instances/alpha/.venv/bin/tutor\n<--root><instances/alpha><config><save>", 5},
			{"", "--root=instances/be ta|k8s|exec|a  b", "instances/be ta/.venv/bin/tutor\n<--root=instances/be ta><k8s><exec><a  b>", 5},
			{"", "-r|instances/alpha|--help", "instances/alpha/.venv/bin/tutor\n<-r><instances/alpha><--help>", 5},
			{"", "-rinstances/alpha|local", "instances/alpha/.venv/bin/tutor\n<-rinstances/alpha><local>", 5},
			{"instances/be ta", "local|start|-d", "instances/be ta/.venv/bin/tutor\n<local><start><-d>", 5},
			{"instances/gamma", "--root|instances/alpha|local|--root=nowhere", "instances/alpha/.venv/bin/tutor\n<--root><instances/alpha><local><--root=nowhere>", 5},
			{"", "config|save|--root|instances/alpha", "tutor: which instance?", 127},
			{"", "--version", "tutor: which instance?", 127},
			{"", "", "tutor: which instance?", 127},
			{"", "--root", "tutor: which instance?", 127},
			{"instances/gamma", "local|start", "run `./grove venv update gamma`", 127},
			{"instances/nobody/", "local|start", "there is no environment in instances/nobody/", 127},
		} {
			c := exec.Command(sh[0], append(slices.Clone(sh[1:]), append([]string{script}, strings.FieldsFunc(tt.args, func(r rune) bool { return r == '|' })...)...)...)
			c.Dir, c.Env = dir, []string{"PATH=" + filepath.Dir(script) + ":" + os.Getenv("PATH"), "TUTOR_ROOT=" + tt.root}
			out, err := c.CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != tt.status || !strings.HasPrefix(string(out), tt.out) && !strings.Contains(string(out), tt.out) {
				t.Errorf("%v: TUTOR_ROOT=%s tutor %s: %v, %s", sh, tt.root, tt.args, err, out)
			}
		}
	}
}
