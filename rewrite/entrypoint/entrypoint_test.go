package entrypoint

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
)

func TestWiden(t *testing.T) {
	for src, want := range map[string]string{
		"[ \"$1\" = \"tutor\" ] && a\nexec \"$@\"\n":                   "[ \"${1##*/}\" = \"tutor\" ] && a\nexec \"$@\"\n",
		"[ \"${1:-}\" = tutor ] && a\n\"$@\"\n":                        "[ \"$(basename -- \"${1:-}\")\" = tutor ] && a\n\"$@\"\n",
		"[[ $1 == 'tutor' ]] && a\nexec gosu x \"$@\"\n":               "[[ \"${1##*/}\" == 'tutor' ]] && a\nexec gosu x \"$@\"\n",
		"test tutor = $1 && a\nexec \"$@\"\n":                          "test tutor = \"${1##*/}\" && a\nexec \"$@\"\n",
		"case \"${1:-}\" in\ntutor) a ;;\nb | tutor) ;;\nesac\n\"$@\"": "case \"${1:-}\" in\ntutor | */tutor) a ;;\nb | tutor | */tutor) ;;\nesac\n\"$@\"",
		"[ \"$1\" != tutor ] || a\nexec \"$@\"\n":                      "[ \"${1##*/}\" != tutor ] || a\nexec \"$@\"\n",

		"[ \"$1\" != tutor ] || a\nx=\"$(id)\" b \"$(gosu x \"$@\")\"\n":  "[ \"${1##*/}\" != tutor ] || a\nx=\"$(id)\" b \"$(gosu x \"$@\")\"\n",
		"[ \"$1\" = \"tutor\" ] && a\n":                                   "", // what it is given is not run
		"[ \"$1\" = tutor ] && shift && exec tutor \"$@\"\nexec \"$@\"\n": "",
		"[ \"$2\" = tutor ] && a\nexec \"$@\"\n":                          "",
		"[ \"$1\" = tutors ] && a\nexec \"$@\"\n":                         "",
		"[ \"$1\" != x ] && echo tutor\nexec \"$@\"\n":                    "",
		"[ \"${1##*/}\" = tutor ] && a\nexec \"$@\"\n":                    "",
		"case $1 in\n*/tutor | tutor) a ;;\nesac\nexec \"$@\"\n":          "",
		"f() { [ \"$1\" = tutor ]; }\nexec \"$@\"\n":                      "",
		"f() { \"$@\"; }\n[ \"$1\" = tutor ] && f x\n":                    "",
		"case $x in tutor) a ;; esac\nexec \"$@\"\n":                      "",
		"[ \"${1:-tutor}\" = tutor ] && a\nexec \"$@\"\n":                 "",
		"echo \"$@\" [ \"$1\" = tutor\n":                                  "",
	} {
		edits := widen([]byte(src), "tutor")
		got := ""
		if len(edits) > 0 {
			after, err := edit.Apply([]byte(src), edits)
			if err != nil {
				t.Fatal(err)
			}
			got = string(after)
			if more := widen(after, "tutor"); len(more) > 0 {
				t.Errorf("%q: a second time it changes %v", src, more)
			}
		}
		if got != want {
			t.Errorf("%q\n got %q\nwant %q", src, got, want)
		}
	}
}

// TestWidenedScriptMeetsBoth runs what is written with the name, with a path, and with neither.
func TestWidenedScriptMeetsBoth(t *testing.T) {
	for _, src := range []string{
		"set -eu\nif [ \"${1:-}\" = tutor ]; then printf 'met '; fi\n\"$@\"\n",
		"set -e\ncase \"$1\" in tutor) printf 'met ' ;; esac\n\"$@\"\n",
	} {
		after, err := edit.Apply([]byte(src), widen([]byte(src), "tutor"))
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		program := filepath.Join(dir, "tutor")
		if err := os.WriteFile(program, []byte("#!/bin/sh\necho ran\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		for command, want := range map[string]string{"tutor": "met ran\n", program: "met ran\n", "echo": "\n"} {
			cmd := exec.Command("sh", "-c", string(after), "entry", command)
			cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
			if out, err := cmd.CombinedOutput(); err != nil || string(out) != want {
				t.Errorf("%q with %s: %q, %v", after, command, out, err)
			}
		}
	}
}
