package venv

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	secretUser     = "joe"
	secretPassword = "hunter2-p4ss"
)

// index serves the wheelhouse as a package index that asks for a password.
func (w *world) index() *httptest.Server {
	files := http.FileServer(http.Dir(w.wheels))
	s := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		user, password, _ := in.BasicAuth()
		token := in.URL.Query().Get("private_token")
		if token != secretPassword && (user != secretUser || password != secretPassword) {
			out.Header().Set("WWW-Authenticate", `Basic realm="packages"`)
			http.Error(out, "who are you?", http.StatusUnauthorized)
			return
		}
		path, simple := strings.CutPrefix(in.URL.Path, "/simple/")
		if !simple {
			files.ServeHTTP(out, in)
			return
		}
		out.Header().Set("Content-Type", "text/html")
		found, _ := filepath.Glob(filepath.Join(w.wheels, strings.ReplaceAll(strings.Trim(path, "/"), "-", "_")+"-*.whl"))
		for _, f := range found {
			fmt.Fprintf(out, "<a href=\"/%s\">%s</a>\n", filepath.Base(f), filepath.Base(f))
		}
	}))
	w.t.Cleanup(s.Close)
	return s
}

// hidingPlace is one way in which a secret reaches an installer. setup is given
// URLs of an index that asks for a password, without and with it.
type hidingPlace struct {
	name  string
	setup func(w *world, k *Keeper, private string)
	fails bool
}

// inIndexes are secrets in the URLs of indexes.
func inIndexes() []hidingPlace {
	return []hidingPlace{
		{"index on the command line", func(w *world, k *Keeper, private string) {
			k.Flags.Index = private + "/simple/"
			w.require("alpha", "tutor==14.2.2")
		}, false},
		{"version that is not there", func(w *world, k *Keeper, private string) {
			k.Flags.Index = private + "/simple/"
			w.require("alpha", "tutor==99")
		}, true},
		{"index in the requirements", func(w *world, k *Keeper, private string) {
			w.require("alpha", "--index-url "+private+"/simple/", "tutor==14.2.2")
		}, false},
		{"index with a variable", func(w *world, k *Keeper, private string) {
			w.set("PACKAGES_TOKEN", secretPassword)
			w.require("alpha", "--index-url "+strings.Replace(private, secretPassword, "${PACKAGES_TOKEN}", 1)+"/simple/", "tutor==14.2.2")
		}, false},
		{"index that is a variable", func(w *world, k *Keeper, private string) {
			w.set("PACKAGES", private)
			w.require("alpha", "--index-url ${PACKAGES}/simple/", "tutor==14.2.2")
		}, false},
		{"index in pip's variable", func(w *world, k *Keeper, private string) {
			w.set("PIP_INDEX_URL", private+"/simple/")
			w.require("alpha", "tutor==14.2.2")
		}, false},
		{"index in uv's variable", func(w *world, k *Keeper, private string) {
			w.set("UV_DEFAULT_INDEX", private+"/simple/")
			w.require("alpha", "tutor==14.2.2")
		}, false},
		{"extra index", func(w *world, k *Keeper, private string) {
			k.Flags.Index = private + "/simple/"
			k.Flags.ExtraIndexes = []string{private + "/simple/"}
			w.require("alpha", "tutor==14.2.2")
		}, false},
		{"find-links in the requirements", func(w *world, k *Keeper, private string) {
			w.require("alpha", "--no-index", "--find-links "+private+"/", "tutor==14.2.2")
		}, false},
		{"find-links on the command line", func(w *world, k *Keeper, private string) {
			k.Flags.FindLinks = []string{private + "/"}
			w.require("alpha", "--no-index", "tutor==14.2.2")
		}, false},
	}
}

// inRequirements are secrets in what shall be installed, and in mistakes.
func inRequirements() []hidingPlace {
	return []hidingPlace{
		{"URL of a wheel", func(w *world, k *Keeper, private string) {
			k.Flags.Index = private + "/simple/"
			w.require("alpha", "tutor @ "+private+"/"+secretWheel)
		}, false},
		{"URL of a wheel with a variable", func(w *world, k *Keeper, private string) {
			k.Flags.Index = private + "/simple/"
			w.set("PACKAGES_TOKEN", secretPassword)
			w.require("alpha", "tutor @ "+strings.Replace(private, secretPassword, "${PACKAGES_TOKEN}", 1)+"/"+secretWheel)
		}, false},
		{"URL of a wheel with a token for a user", func(w *world, k *Keeper, private string) {
			w.require("alpha", "tutor @ "+strings.Replace(private, secretUser+":"+secretPassword, secretPassword, 1)+"/"+secretWheel)
		}, true},
		{"token in a query", func(w *world, k *Keeper, private string) {
			k.Flags.Index = private + "/simple/"
			w.require("alpha", "tutor @ "+strings.Replace(private, secretUser+":"+secretPassword+"@", "", 1)+"/"+secretWheel+"?private_token="+secretPassword)
		}, false},
		{"git URL that fails", func(w *world, k *Keeper, private string) {
			w.require("alpha", "git+"+private+"/tutor-forum.git@main#egg=tutor-forum")
		}, true},
		{"git URL with a variable that fails", func(w *world, k *Keeper, private string) {
			w.set("GIT_TOKEN", secretPassword)
			w.require("alpha", "git+"+strings.Replace(private, secretPassword, "${GIT_TOKEN}", 1)+"/tutor-forum.git@main#egg=tutor-forum")
		}, true},
		{"included file that is not there", func(w *world, k *Keeper, private string) {
			w.require("alpha", "-r "+private+"/more.txt")
		}, true},
		{"line that is no requirement", func(w *world, k *Keeper, private string) {
			w.require("alpha", "pip install "+private+"/x.whl")
		}, true},
	}
}

// inFiles are secrets in files that installers and requirements name; pip reads pip.conf, and uv uv.toml.
func inFiles() []hidingPlace {
	query := func(private string) string {
		return strings.Replace(private, secretUser+":"+secretPassword+"@", "", 1) + "/" + secretWheel + "?private_token=" + secretPassword
	}
	settings := func(w *world, address string) {
		home := w.environment("HOME")
		for name, text := range map[string]string{"pip/pip.conf": "[global]\nindex-url = " + address, "uv/uv.toml": "index-url = \"" + address + "\"\n"} {
			file := filepath.Join(home, ".config", name)
			w.must(os.MkdirAll(filepath.Dir(file), 0o777))
			w.must(os.WriteFile(file, []byte(text), 0o666))
		}
	}
	return []hidingPlace{
		{"index in a file of settings", func(w *world, k *Keeper, private string) {
			settings(w, private+"/simple/")
			w.require("alpha", "tutor==14.2.2")
		}, false},
		{"token of a query in a file of settings, and a version that is not there", func(w *world, k *Keeper, private string) {
			settings(w, strings.Replace(private, secretUser+":"+secretPassword+"@", "", 1)+"/simple/?private_token="+secretPassword)
			w.require("alpha", "tutor==99")
		}, true},
		{"index with a token in a query, and a version that is not there", func(w *world, k *Keeper, private string) {
			k.Flags.Index = strings.Replace(private, secretUser+":"+secretPassword+"@", "", 1) + "/simple/?private_token=" + secretPassword
			w.require("alpha", "tutor==99")
		}, true},
		{"constraint with a token in a query", func(w *world, k *Keeper, private string) {
			k.Flags.NoIndex = true
			w.write("instances/alpha/constraints.txt", "tutor @ "+query(private)+"\n")
			w.require("alpha", "-c constraints.txt", "tutor")
		}, false},
		{"included file with a token in a query", func(w *world, k *Keeper, private string) {
			k.Flags.NoIndex = true
			w.write("instances/alpha/more.txt", "tutor @ "+query(private)+"\n")
			w.require("alpha", "-r more.txt")
		}, false},
		{"query with a variable", func(w *world, k *Keeper, private string) {
			k.Flags.NoIndex = true
			w.set("PACKAGES_TOKEN", secretPassword)
			w.require("alpha", "tutor @ "+strings.Replace(query(private), secretPassword, "${PACKAGES_TOKEN}", 1))
		}, false},
		{"constraints that a variable names, and another version", func(w *world, k *Keeper, private string) {
			k.Flags.NoIndex = true
			file := filepath.Join(w.environment("HOME"), "constraints.txt")
			w.must(os.WriteFile(file, []byte("tutor @ "+query(private)+"\n"), 0o666))
			w.set("PIP_CONSTRAINT", file)
			w.set("UV_CONSTRAINT", file)
			w.require("alpha", "tutor==99")
		}, true},
	}
}

const secretWheel = "tutor-14.2.2-py3-none-any.whl"

func TestSecretsAreNowhere(t *testing.T) {
	for n, tt := range slices.Concat(inIndexes(), inRequirements(), inFiles()) {
		// pip is the one that leaks, and the one that takes long.
		for _, by := range []string{"pip", "uv"}[:long(1, 2)] {
			if long(n%4, 0) != 0 {
				by = quick()
			}
			t.Run(by+", "+tt.name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, by)
				k, inst := w.hide(tt)
				out, err := k.Update(t.Context(), inst, Wish{Lock: true})
				if (err != nil) != tt.fails {
					t.Fatalf("%+v, %v", out, err)
				}
				w.leaks(k, inst, out, err)
				if !tt.fails {
					// Again, now from the lock.
					out, err := k.Update(t.Context(), inst, Wish{Reset: true})
					if err != nil {
						t.Fatal(err)
					}
					w.leaks(k, inst, out, err)
				}
			})
		}
	}
}

// hide puts a secret where tt says, for the instance alpha.
func (w *world) hide(tt hidingPlace) (*Keeper, Instance) {
	w.t.Helper()
	private := strings.Replace(w.index().URL, "://", "://"+secretUser+":"+secretPassword+"@", 1)
	flags := w.keeper() // only to carry flags
	flags.Flags.Wheelhouse = ""
	tt.setup(w, flags, private)
	k := w.keeper()
	k.SetFlags(flags.Flags)
	inst, err := k.Workspace.Instance("alpha")
	w.must(err)
	return k, inst
}

// An installer that prints all that it was given, on both of its outputs and
// in pieces that cut a secret in two, does not make us tell.
func TestInstallerThatTells(t *testing.T) {
	for _, tt := range slices.Concat(inIndexes(), inRequirements()) {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "")
			bin := t.TempDir()
			w.must(os.WriteFile(filepath.Join(bin, "uv"), []byte(tellingUV), 0o777))
			w.set("PATH", bin+":"+realPath())
			k, inst := w.hide(tt)
			out, err := k.Update(t.Context(), inst, Wish{})
			if err == nil {
				t.Fatalf("it installed: %+v", out)
			}
			w.leaks(k, inst, out, err)
			if isUsage(err) {
				return // It was not run at all.
			}
			if told := read(w, inst.LogFile()); !strings.Contains(told, "***") {
				t.Errorf("it was given no secret: %s", told)
			}
		})
	}
}

const tellingUV = `#!/bin/sh
if [ "$1" = --version ]; then echo uv 0.9.0; exit; fi
all=$(echo "$@"; env | grep -v '^PACKAGES\|^GIT_TOKEN'; cat)
echo "$all"
echo "$all" >&2
half=${all%p4ss*}
printf %s "$half" >&2
printf %s "${all#"$half"}" >&2
exit 1
`

// leaks looks for the secret in everything that an update says and writes.
func (w *world) leaks(k *Keeper, inst Instance, out Outcome, err error) {
	w.t.Helper()
	said, _ := json.Marshal(out)
	v, checkErr := k.Check(w.t.Context(), inst, Question{CompareOptions: true, Verify: true})
	judged, _ := json.Marshal(v)
	events, _ := json.Marshal(w.events)
	for where, text := range map[string]string{"outcome": string(said), "verdict": string(judged), "events": string(events), "error": fmt.Sprint(err), "check": fmt.Sprint(checkErr)} {
		if strings.Contains(text, secretPassword) {
			w.t.Errorf("the secret is in the %s: %s", where, text)
		}
	}
	walkErr := filepath.WalkDir(inst.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Dir(path) == inst.Dir && strings.HasSuffix(path, ".txt") {
			return err // The person's own are the instance's text files.
		}
		text, err := os.ReadFile(path)
		if d.Type()&fs.ModeSymlink != 0 {
			var target string
			target, err = os.Readlink(path)
			text = []byte(target)
		}
		if strings.Contains(path+string(text), secretPassword) {
			w.t.Errorf("the secret is in %s", path)
		}
		return err
	})
	w.must(walkErr)
	info, statErr := os.Stat(inst.LogFile())
	if statErr == nil && info.Mode().Perm()&0o077 != 0 {
		w.t.Errorf("others may read the log: %s", info.Mode())
	}
}
