package venv

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// edit changes the state of an environment as a newer or older world would
// have written it.
func (w *world) edit(instance string, change func(*State)) {
	w.t.Helper()
	s, err := ReadState(w.env(instance))
	w.must(err)
	change(&s)
	w.must(s.write(w.env(instance)))
}

// damage is one way to spoil a real environment, and what the status says then.
type damage struct {
	name   string
	do     func(w *world)
	status Status
	code   string
	words  string
	after  Question
	stays  bool // an update cannot mend it
}

// interpreterDamage is what happens to the interpreter.
func interpreterDamage() []damage {
	return []damage{
		{"missing", func(w *world) { w.must(os.RemoveAll(w.env("alpha"))) }, Missing, "missing", "there is no .venv", Question{}, false},
		{"interpreter gone", func(w *world) {
			relink(w, "/nonexistent/python3")
		}, Broken, "interpreter-gone", "is gone", Question{}, false},
		{"other version", func(w *world) {
			w.edit("alpha", func(s *State) { s.Python.Version, s.Python.Size = "3.4.1", 1 })
		}, Broken, "interpreter-changed", "was built with Python 3.4.1", Question{}, false},
		{"other ABI", func(w *world) {
			w.edit("alpha", func(s *State) { s.Python.ABI, s.Python.Mtime = "cpython-311d-other", 1 })
		}, Broken, "interpreter-changed", "was built for the ABI cpython-311d-other", Question{}, false},
		{"other libc", func(w *world) {
			w.edit("alpha", func(s *State) { s.Python.Libc, s.Python.Mtime = "musl", 1 })
		}, Broken, "interpreter-changed", "was built for musl, and this system has", Question{}, false},
		{"older libc", func(w *world) {
			w.edit("alpha", func(s *State) { s.Python.Libc, s.Python.Mtime = "glibc 99.9", 1 })
		}, Broken, "interpreter-changed", "the older", Question{}, false},
	}
}

// placeDamage is what happens to the environment as a whole.
func placeDamage() []damage {
	return []damage{
		{"copied", func(w *world) {
			w.must(os.RemoveAll(w.env("alpha")))
			w.require("beta", "tutor==14.2.2", "tutor-mfe==14.0.1")
			w.build("beta", Wish{})
			w.must(exec.Command("cp", "-a", w.env("beta"), w.env("alpha")).Run())
		}, Drifted, "copied", "it was copied from the instance beta", Question{}, false},
		{"moved from another instance", func(w *world) {
			w.edit("alpha", func(s *State) { s.Instance = "old" })
		}, Drifted, "moved", "it was built for the instance old and moved here", Question{}, false},
		{"moved stock environment", func(w *world) {
			w.must(os.RemoveAll(w.env("alpha")))
			other := filepath.Join(w.root, "other")
			w.must(exec.Command(realPython(w), "-m", "venv", "--without-pip", other).Run())
			w.must(os.WriteFile(filepath.Join(other, "bin", "tutor"), []byte("#!"+other+"/bin/python\n"), 0o777))
			w.must(os.Rename(other, w.env("alpha")))
		}, Broken, "foreign-launcher", "moved or copied: bin/tutor runs ", Question{}, false},
		{"half-built", func(w *world) {
			w.must(os.Remove(filepath.Join(w.env("alpha"), stateFile)))
		}, Broken, "half-built", "its build never ended", Question{}, false},
		{"state of a newer tool", func(w *world) {
			w.edit("alpha", func(s *State) { s.Version = 2 })
		}, Broken, "state-unreadable", "another version", Question{}, false},
		{"state that is no JSON", func(w *world) {
			w.must(os.WriteFile(filepath.Join(w.env("alpha"), stateFile), []byte("{"), 0o666))
		}, Broken, "state-unreadable", "unexpected end", Question{}, false},
	}
}

// fileDamage is what happens to installed files.
func fileDamage() []damage {
	return []damage{
		{"file missing", func(w *world) {
			w.must(os.Remove(filepath.Join(w.site("alpha"), "tutor", "cli.py")))
		}, Broken, "files-missing", "tutor 14.2.2 lacks tutor/cli.py", Question{}, false},
		{"file of another size", func(w *world) {
			replaceFile(w, filepath.Join(w.site("alpha"), "tutor", "cli.py"), "short")
		}, Broken, "files-changed", "tutor 14.2.2 was altered: tutor/cli.py", Question{}, false},
		{"file of the same size", func(w *world) {
			name := filepath.Join(w.site("alpha"), "tutor", "__init__.py")
			replaceFile(w, name, strings.Replace(read(w, name), "14.2.2", "14.2.3", 1))
		}, Broken, "files-changed", "tutor 14.2.2 was altered: tutor/__init__.py", Question{Verify: true}, false},
		{"launcher missing", func(w *world) {
			w.must(os.Remove(filepath.Join(w.env("alpha"), "bin", "tutor")))
		}, Broken, "files-missing", "bin/tutor", Question{}, false},
		{"duplicate metadata", func(w *world) {
			from := filepath.Join(w.site("alpha"), "tutor-14.2.2.dist-info")
			w.must(exec.Command("cp", "-a", from, filepath.Join(w.site("alpha"), "tutor-14.0.0.dist-info")).Run())
		}, Broken, "duplicate-metadata", "tutor is there twice", Question{}, false},
		{"leftover of a killed pip", func(w *world) {
			w.must(os.Rename(filepath.Join(w.site("alpha"), "tutor_mfe_marker.py"), filepath.Join(w.site("alpha"), "~utor_mfe_marker.py")))
		}, Broken, "leftovers", "~utor_mfe_marker.py was left by an installer", Question{}, false},
		{"metadata without RECORD", func(w *world) {
			w.must(os.Remove(filepath.Join(w.site("alpha"), "tutor-14.2.2.dist-info", "RECORD")))
		}, Broken, "leftovers", "has no RECORD", Question{}, false},
	}
}

// wishDamage is what people change by hand or in what they ask for.
func wishDamage() []damage {
	return []damage{
		{"installed by hand", func(w *world) {
			w.wheel(wheel{name: "extra", version: "1.0"})
			w.run("alpha", "pip", "install", "-q", "--no-index", "--find-links", w.wheels, "extra")
		}, Drifted, "by-hand", "extra 1.0 was installed by hand", Question{}, false},
		{"changed by hand", func(w *world) {
			w.wheel(wheel{name: "tutor-mfe", version: "14.0.9", plugins: []string{"mfe"}})
			w.run("alpha", "pip", "install", "-q", "--no-index", "--find-links", w.wheels, "tutor-mfe==14.0.9")
		}, Drifted, "by-hand", "tutor-mfe was changed by hand from 14.0.1 to 14.0.9", Question{}, false},
		{"removed by hand", func(w *world) {
			w.run("alpha", "pip", "uninstall", "-q", "-y", "tutor-mfe")
		}, Drifted, "by-hand", "tutor-mfe 14.0.1 was removed by hand", Question{}, false},
		{"script that cannot be executed", func(w *world) {
			w.must(os.Chmod(filepath.Join(w.env("alpha"), "bin", "tutor"), 0o644))
		}, Broken, "not-executable", "bin/tutor cannot be executed", Question{}, false},
		{"file that became a link", func(w *world) {
			name := filepath.Join(w.site("alpha"), "tutor", "cli.py")
			w.must(os.Rename(name, filepath.Join(w.root, "cli.py")))
			w.must(os.Symlink(filepath.Join(w.root, "cli.py"), name))
		}, Broken, "files-outside", "tutor 14.2.2 stands outside of the environment: tutor/cli.py", Question{}, false},
		{"file that became a link to nothing", func(w *world) {
			name := filepath.Join(w.site("alpha"), "tutor", "cli.py")
			w.must(os.Remove(name))
			w.must(os.Symlink("/nowhere/cli.py", name))
		}, Broken, "files-missing", "tutor 14.2.2 lacks tutor/cli.py", Question{}, false},
		{"module copied in", func(w *world) {
			w.must(os.WriteFile(filepath.Join(w.site("alpha"), "patch.py"), nil, 0o666))
		}, Drifted, "by-hand", "patch.py belongs to no package", Question{}, false},
		{"requirements changed", func(w *world) {
			w.require("alpha", "tutor==14.2.2", "tutor-mfe", "-r more.txt")
		}, Drifted, "requirements-changed", "requirements changed: grove-requirements.txt", Question{}, false},
		{"included file changed", func(w *world) {
			w.write("instances/alpha/more.txt", "tutor-mfe>=14\n")
		}, Drifted, "requirements-changed", "requirements changed: more.txt", Question{}, false},
		{"lock changed", func(w *world) {
			w.write("instances/alpha/grove-requirements.lock", "tutor==14.2.2\n")
		}, Drifted, "lock-changed", "grove-requirements.lock", Question{}, false},
		{"flags changed", func(w *world) {
			w.edit("alpha", func(s *State) { s.Options.Flags = []string{"index-url=https://elsewhere/simple"} })
		}, Drifted, "options-changed", "installer options changed: now wheelhouse=", Question{CompareOptions: true}, false},
		{"environment changed", func(w *world) {
			w.set("PIP_EXTRA_INDEX_URL", "https://joe:hunter22@elsewhere/simple")
		}, Drifted, "options-changed", "now PIP_EXTRA_INDEX_URL=https://***@elsewhere/simple", Question{CompareOptions: true}, false},
	}
}

// fitDamage is what does not fit together, and what is not ours.
func fitDamage() []damage {
	return []damage{
		{"Python that this Tutor does not support", func(w *world) {
			w.facts.Releases = []Release{{From: "14.0.0", Python: ">=3.99"}}
		}, Drifted, "python-unsupported", "Tutor 14.2.2 needs Python >=3.99", Question{}, true},
		{"plugin that nobody provides", func(w *world) {
			w.write("instances/alpha/config.yml", "PLUGINS: [mfe, forum]\n")
		}, Drifted, "plugin-missing", "config.yml enables the plugin forum", Question{}, true},
		{"plugin of another major", func(w *world) {
			w.edit("alpha", func(s *State) { s.Packages["tutor-mfe"] = "16.1.3" })
		}, Drifted, "plugin-major", "made for Tutor 16, and this is Tutor 14.2.2", Question{}, false},
		{"pin of another Python", func(w *world) {
			w.write("instances/alpha/.python-version", "# what runs there\n\n3.4 # not 3.5\n3.11\n")
		}, Drifted, "python-pin", ".python-version wants Python 3.4", Question{}, true},
		{"a link", func(w *world) {
			w.must(os.Rename(w.env("alpha"), w.env("alpha")+"x"))
			w.must(os.Symlink(".venvx", w.env("alpha")))
		}, Broken, "not-an-environment", ".venv is a link", Question{}, true},
		{"somebody's directory", func(w *world) {
			w.must(os.RemoveAll(w.env("alpha")))
			w.write("instances/alpha/.venv/thesis.txt", "")
		}, Broken, "not-an-environment", "it has no pyvenv.cfg, and holds thesis.txt", Question{}, true},
		{"a file", func(w *world) {
			w.must(os.RemoveAll(w.env("alpha")))
			w.write("instances/alpha/.venv", "")
		}, Broken, "not-an-environment", ".venv is a file", Question{}, true},
		{"no requirements", func(w *world) {
			w.must(os.Remove(filepath.Join(w.dir("alpha"), "grove-requirements.txt")))
		}, Missing, "no-requirements", "there is no grove-requirements.txt", Question{}, true},
	}
}

// Each case damages a real environment in one way; the status names it, and
// where a build can mend it, the next update does.
func TestDetects(t *testing.T) {
	t.Parallel()
	for _, tt := range slices.Concat(interpreterDamage(), placeDamage(), fileDamage(), wishDamage(), fitDamage()) {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := detectable(t)
			tt.do(w)
			v := w.status("alpha", tt.after)
			if v.Status != tt.status || !v.Has(tt.code) || !strings.Contains(v.Why(), tt.words) {
				t.Fatalf("got %s, %+v; want %s, %s, %q", v.Status, v.Reasons, tt.status, tt.code, tt.words)
			}
			if strings.Contains(v.Why(), "hunter22") {
				t.Errorf("a secret in %s", v.Why())
			}
			out, err := w.update("alpha", Wish{Question: tt.after})
			if tt.stays {
				if err == nil {
					t.Errorf("an update mended it: %+v", out)
				}
				return
			}
			if err != nil || !out.Changed {
				t.Fatalf("update: %+v, %v", out, err)
			}
			if v := w.status("alpha", tt.after); v.Status != InSync {
				t.Errorf("after an update it is %s: %s", v.Status, v.Why())
			}
		})
	}
}

func detectable(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, "")
	w.require("alpha", "tutor==14.2.2", "-r more.txt")
	w.write("instances/alpha/more.txt", "tutor-mfe\n")
	w.write("instances/alpha/config.yml", "PLUGINS: [mfe]\n")
	w.build("alpha", Wish{})
	w.synced("alpha")
	w.remembered("alpha")
	return w
}

// remembered saves the tree of an instance as an update does when it has rested, and fails unless the next look compares
// with that alone.
func (w *world) remembered(instance string) {
	w.t.Helper()
	k := w.keeper()
	inst, err := k.Workspace.Instance(instance)
	w.must(err)
	i, err := k.inspect(context.Background(), inst, Question{})
	w.must(err)
	i.tree.Began = i.tree.Began.Add(time.Hour)
	i.remember()
	if i, err = k.inspect(context.Background(), inst, Question{}); err != nil || i.verdict.Status != InSync || i.tree.Digest != "" {
		w.t.Errorf("it is %s, and the whole tree was read again: %v", i.verdict.Status, err)
	}
}

func relink(w *world, target string) {
	w.t.Helper()
	link := filepath.Join(w.env("alpha"), "bin", "python")
	w.must(os.Remove(link))
	w.must(os.Symlink(target, link))
}

func realPython(w *world) string {
	w.t.Helper()
	s, err := ReadState(w.env("alpha"))
	if err == nil {
		return s.Python.Executable
	}
	return "python3"
}

func read(w *world, name string) string {
	w.t.Helper()
	text, err := os.ReadFile(name)
	w.must(err)
	return string(text)
}

// replaceFile writes a new file, and not into one that a cache shares.
func replaceFile(w *world, name, text string) {
	w.t.Helper()
	w.must(os.Remove(name))
	w.must(os.WriteFile(name, []byte(text), 0o666))
}

// What is no fault must not be called one.
func TestNoFalseAlarm(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(w *world)
		after  Question
	}{
		{"bytecode", func(w *world) { w.run("alpha", "python", "-m", "compileall", "-q", w.site("alpha")) }, Question{Verify: true}},
		{"comments in .python-version", func(w *world) {
			w.write("instances/alpha/.python-version", "# as before\n  # 3.4\n")
		}, Question{}},
		{"comments", func(w *world) {
			w.require("alpha", "# why", "tutor==14.2.2   # this", "", "-r more.txt")
		}, Question{}},
		{"same interpreter, touched", func(w *world) {
			w.edit("alpha", func(s *State) { s.Python.Mtime = 1 })
		}, Question{}},
		{"flags not given", func(w *world) {
			w.edit("alpha", func(s *State) { s.Options.Environment = []string{"PIP_INDEX_URL=https://x"} })
		}, Question{}},
		{"unknown keys of the state", func(w *world) {
			name := filepath.Join(w.env("alpha"), stateFile)
			var m map[string]any
			w.must(json.Unmarshal([]byte(read(w, name)), &m))
			m["later"] = true
			text, err := json.Marshal(m)
			w.must(err)
			w.must(os.WriteFile(name, text, 0o666))
		}, Question{}},
		{"plugin that is a file", func(w *world) {
			w.write("instances/alpha/plugins/theme.yml", "")
			w.write("instances/alpha/config.yml", "PLUGINS: [mfe, theme]\n")
		}, Question{}},
		{"plugin with numbers of its own", func(w *world) {
			w.edit("alpha", func(s *State) { s.Packages["tutor-mfe"] = "1.2.0" })
		}, Question{}},
		{"plugin that is installed and not enabled", func(w *world) { w.write("instances/alpha/config.yml", "PLUGINS: []\n") }, Question{}},
		{"a data file inside a package", func(w *world) {
			w.must(os.WriteFile(filepath.Join(w.site("alpha"), "tutor", "cache.db"), nil, 0o666))
		}, Question{}},
		{"pin of this Python", func(w *world) {
			s, _ := ReadState(w.env("alpha"))
			w.write("instances/alpha/.python-version", strings.Join(strings.Split(s.Python.Version, ".")[:2], ".")+"\n")
		}, Question{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := detectable(t)
			tt.change(w)
			if v := w.status("alpha", tt.after); v.Status != InSync {
				t.Errorf("%s: %s", v.Status, v.Why())
			}
			if tt.name == "flags not given" {
				return
			}
			if out, err := w.update("alpha", Wish{}); err != nil || out.Changed {
				t.Errorf("update: %+v, %v", out, err)
			}
		})
	}
}

// exec refuses what cannot work and passes what merely drifted.
func TestUnusable(t *testing.T) {
	v := Verdict{}
	v.add("requirements-changed", "a")
	if len(v.Unusable()) != 0 || v.Status != Drifted {
		t.Errorf("%+v", v)
	}
	for _, code := range []string{"missing", "half-built", "files-missing", "plugin-missing", "plugin-major", "python-unsupported"} {
		v := Verdict{}
		v.add(code, "b")
		if len(v.Unusable()) != 1 {
			t.Errorf("%s can be used", code)
		}
	}
}

// Every code that the contract names is one that the program can say, and the
// other way round.
func TestContractNamesEveryCode(t *testing.T) {
	doc, err := os.ReadFile("../docs/environments.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(doc), "## 10.")
	var named []string
	for _, l := range strings.Split(table, "\n") {
		cells := strings.Split(l, "|")
		if len(cells) < 4 {
			continue
		}
		for _, c := range strings.Split(cells[2], ",") {
			if c = strings.Trim(strings.TrimSpace(c), "`"); c != "" && c != "code" && !strings.HasPrefix(c, "-") {
				named = append(named, c)
			}
		}
	}
	var said []string
	for _, file := range []string{"check.go", "plugins.go", "side.go", "unmet.go", "audit/audit.py", "installed/installed.go", "installed/record.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range codePattern.FindAllStringSubmatch(string(text), -1) {
			said = append(said, m[1])
		}
	}
	slices.Sort(named)
	slices.Sort(said)
	if a, b := slices.Compact(named), slices.Compact(said); !slices.Equal(a, b) {
		t.Errorf("the contract names\n%v\nthe program says\n%v", a, b)
	}
}

var codePattern = regexp.MustCompile(`(?:add\(|fault\(|Reason\{|Fault\{(?:Code: )?|\{)"([a-z]+(?:-[a-z]+)*)", `)
