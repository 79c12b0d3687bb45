package venv

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Settings of the person's that would put packages elsewhere, or others there,
// are answered and named.
func TestSettingsThatDoNotHold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ by, file, text string }{
		{"pip", "home/.config/pip/pip.conf", "[install]\ntarget = ELSE\n"},
		{"pip", "home/.config/pip/pip.conf", "[install]\nprefix = ELSE\n"},
		{"pip", "home/.pip/pip.conf", "[global]\nroot = ELSE\n"},
		{"pip", "home/.config/pip/pip.conf", "[install]\nuser = yes\n"},
		{"pip", "home/.config/pip/pip.conf", "[install]\nno-deps = yes\n"},
		{"pip", "PIP_TARGET", "ELSE"},
		{"uv", "home/.config/uv/uv.toml", "[pip]\ntarget = \"ELSE\"\n"},
		{"uv", "home/.config/uv/uv.toml", "[pip]\nprefix = \"ELSE\"\n"},
		{"uv", "home/.config/uv/uv.toml", "override-dependencies = [\"tutor==15.0.0\"]\n"},
		{"uv", "home/.config/uv/uv.toml", "[pip]\nresolution = \"lowest\"\n"},
		{"uv", "UV_OVERRIDE", "OVERRIDE"},
		{"uv", "UV_RESOLUTION", "lowest"},
	} {
		w := newWorld(t, tt.by)
		base := filepath.Dir(w.root)
		w.tutor("15.0.0")
		w.wheel(wheel{name: "click", version: "8.0"})
		w.wheel(wheel{name: "click", version: "8.1"})
		w.wheel(wheel{name: "tutor-click", version: "1.0", requires: []string{"click"}})
		w.write("override.txt", "tutor==15.0.0\n")
		text := strings.NewReplacer("ELSE", filepath.Join(base, "else"), "OVERRIDE", filepath.Join(w.root, "override.txt")).Replace(tt.text)
		if strings.Contains(tt.file, "/") {
			w.write(filepath.Join("..", tt.file), text)
		} else {
			w.set(tt.file, text)
		}
		w.require("alpha", "tutor==14.2.2", "tutor-click")
		out := w.build("alpha", Wish{})
		s, err := ReadState(w.env("alpha"))
		if err != nil || s.Packages["tutor"] != "14.2.2" || s.Packages["click"] != "8.1" {
			t.Errorf("%s: %q: %v, %v", tt.by, text, s.Packages, err)
		}
		if notes := words(out.Notes); !strings.Contains(notes, "these settings do not hold") || !strings.Contains(notes, filepath.Base(tt.file)) {
			t.Errorf("%s: %q: it is not said: %s", tt.by, text, notes)
		}
		if _, err := os.Stat(filepath.Join(base, "else")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %q: something was written there", tt.by, text)
		}
	}
}

// Where packages come from, and what bounds them, is the person's.
func TestSettingsThatHold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ by, file, text string }{
		{"pip", "home/.config/pip/pip.conf", "[global]\nno-index = true\nfind-links = WHEELS\n[install]\nconstraint = BOUND\n"},
		{"uv", "home/.config/uv/uv.toml", "no-index = true\nfind-links = [\"WHEELS\"]\nconstraint-dependencies = [\"click<8.1\"]\n"},
		{"uv", "home/.config/uv/uv.toml", "constraint-dependencies = [\"click<8.1\"]\n[pip]\nno-index = true\nfind-links = [\n  \"../../../wheels\",\n]\n"},
	} {
		w := newWorld(t, tt.by)
		w.wheel(wheel{name: "click", version: "8.0"})
		w.wheel(wheel{name: "click", version: "8.1"})
		w.write("bound.txt", "click<8.1\n")
		w.write(filepath.Join("..", tt.file), strings.NewReplacer("WHEELS", w.wheels, "BOUND", filepath.Join(w.root, "bound.txt")).Replace(tt.text))
		w.require("alpha", "tutor==14.2.2", "click")
		k := w.keeper()
		k.Flags.Wheelhouse = ""
		out, err := k.Update(t.Context(), Instance{"alpha", w.dir("alpha")}, Wish{})
		w.must(err)
		if s, _ := ReadState(w.env("alpha")); s.Packages["click"] != "8.0" || len(out.Notes) > 0 {
			t.Errorf("%s: %q: %v, %+v", tt.by, tt.text, s.Packages, out.Notes)
		}
	}
}

// A project of the workspace's own says nothing about its environments.
func TestProjectOfTheWorkspace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uv")
	w.tutor("15.0.0")
	w.write("pyproject.toml", "[project]\nname = \"x\"\nversion = \"1\"\n[tool.uv]\noverride-dependencies = [\"tutor==15.0.0\"]\n")
	w.write("instances/alpha/uv.toml", "override-dependencies = [\"tutor==15.0.0\"]\n")
	w.require("alpha", "tutor==14.2.2")
	w.build("alpha", Wish{})
	if got := w.run("alpha", "tutor"); got != "tutor, version 14.2.2" {
		t.Errorf("it says %q", got)
	}
}

// Hash mode means the same with both installers, however it is asked for.
func TestHashMode(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, by string) {
		w := newWorld(t, by)
		hash := func(file string) string {
			sum := sha256.Sum256([]byte(read(w, file)))
			return " --hash=sha256:" + hex.EncodeToString(sum[:])
		}
		click := w.wheel(wheel{name: "click", version: "8.1"})
		tutor := w.wheel(wheel{name: "tutor", version: "15.0.0", requires: []string{"click"}})
		w.facts.Releases = []Release{{From: "15.0.0", Needs: []string{"setuptools<82"}}, {From: "16.0.0"}}
		setuptools := w.wheel(wheel{name: "setuptools", version: "81.0"})
		pinned := []string{"tutor==15.0.0" + hash(tutor), "click==8.1" + hash(click), "setuptools==81.0" + hash(setuptools)}
		for _, tt := range []struct {
			name  string
			lines []string
			want  string // of the error; empty when it is built
			usage bool
		}{
			{"all have one", pinned, "", false},
			{"and a lock of them", append([]string{"--require-hashes"}, pinned...), "", false},
			{"none has one", []string{"--require-hashes", "tutor==15.0.0"}, "grove-requirements.txt:2: tutor==15.0.0 has no hash, and --require-hashes in grove-requirements.txt:1 asks", true},
			{"one has none", []string{pinned[0], "click==8.1", pinned[2]}, "grove-requirements.txt:2: click==8.1 has no hash, and the hash in grove-requirements.txt:1 asks", true},
			{"a range", []string{"tutor>=15" + hash(tutor)}, "pin it with ==", true},
			{"git", append([]string{"git+https://h/x.git@v1"}, pinned...), "comes from git", true},
			{"what Tutor needs", pinned[:2], "Tutor 15.0.0 needs setuptools<82", true},
			{"what a package needs", []string{pinned[0], pinned[2]}, "click", false},
			{"another archive", []string{"tutor==15.0.0" + hash(click), pinned[1], pinned[2]}, "", false},
		} {
			w.require("alpha", tt.lines...)
			_, err := w.update("alpha", Wish{Lock: tt.name == "and a lock of them"})
			switch {
			case tt.name == "another archive":
				if err == nil {
					t.Errorf("%s: it was installed", tt.name)
				}
			case tt.want == "" && err != nil, tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)), isUsage(err) != tt.usage:
				t.Errorf("%s: %v", tt.name, err)
			}
		}
		w.must(os.Remove(filepath.Join(w.dir("alpha"), "grove-requirements.lock")))
		w.set(strings.ToUpper(by)+"_REQUIRE_HASHES", "1")
		w.require("alpha", "tutor==15.0.0", "setuptools")
		if _, err := w.update("alpha", Wish{}); !isUsage(err) || !strings.Contains(err.Error(), "a setting of "+by) {
			t.Errorf("a setting asks for it: %v", err)
		}
	})
}
