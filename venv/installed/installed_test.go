package installed

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// site makes a site-packages of these files; RECORD is added to each
// dist-info that has none, unless its text is "-".
func site(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "lib", "python3.11", "site-packages")
	records := map[string]string{}
	for name, text := range files {
		first, _, _ := strings.Cut(name, "/")
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
			t.Fatal(err)
		}
		if text == "-" {
			records[first] = "-"
			continue
		}
		if err := os.WriteFile(full, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte(text))
		for meta := range files {
			d, _, _ := strings.Cut(meta, "/")
			if strings.HasSuffix(d, ".dist-info") && strings.HasPrefix(first, strings.SplitN(d, "-", 2)[0]) && meta == d+"/METADATA" && records[d] != "-" {
				records[d] += fmt.Sprintf("%s,%s,%d\n", name, HashOf(sum[:]), len(text))
			}
		}
	}
	for d, text := range records {
		if files[d+"/RECORD"] == "-" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, d, "RECORD"), []byte(text+d+"/RECORD,,\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const metadata = "Metadata-Version: 2.1\nName: Tutor_MFE\nVersion: 14.0.1\n\nVersion: no header\n"

func good() map[string]string {
	return map[string]string{
		"tutor_mfe/__init__.py":                       "x = 1\n",
		"tutor_mfe/plugin.py":                         "y = 2\n",
		"tutor_mfe-14.0.1.dist-info/METADATA":         metadata,
		"tutor_mfe-14.0.1.dist-info/entry_points.txt": "[console_scripts]\nx = y\n[tutor.plugin.v1]\nmfe = tutor_mfe.plugin\n# no = x\n[tutor.plugin.v0]\nold = z\n[other]\nnot = this\n",
		"tutor_mfe-14.0.1.dist-info/direct_url.json":  `{"url": "https://h/x.git", "vcs_info": {"vcs": "git", "commit_id": "abc", "requested_revision": "main"}}`,
	}
}

func TestRead(t *testing.T) {
	dir := site(t, good())
	packages, faults, err := Read(dir)
	if err != nil || len(faults) != 0 {
		t.Fatalf("%v, %v", faults, err)
	}
	want := []Package{{
		Name: "tutor-mfe", Version: "14.0.1", Meta: "tutor_mfe-14.0.1.dist-info", Plugins: []string{"mfe", "old"},
		Source: &Source{URL: "https://h/x.git", Requested: "main", Commit: "abc"},
	}}
	if d := cmp.Diff(want, packages); d != "" {
		t.Error(d)
	}
	for _, hashes := range []bool{false, true} {
		if faults, err := Verify(dir, packages, hashes); err != nil || len(faults) != 0 {
			t.Errorf("%v, %v", faults, err)
		}
	}
	if strays, err := Strays(dir, packages); err != nil || len(strays) != 0 {
		t.Errorf("%v, %v", strays, err)
	}
	if got, err := Site(filepath.Dir(filepath.Dir(filepath.Dir(dir)))); err != nil || got != dir {
		t.Errorf("%s, %v", got, err)
	}
}

func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name   string
		damage func(dir string) error
		code   string
		text   string
		hashes bool
	}{
		{"nothing", func(string) error { return nil }, "", "", true},
		{"missing", func(d string) error { return os.Remove(d + "/tutor_mfe/plugin.py") }, "files-missing", "tutor-mfe 14.0.1 lacks tutor_mfe/plugin.py", false},
		{"larger", func(d string) error { return os.WriteFile(d+"/tutor_mfe/plugin.py", []byte("longer text"), 0o666) }, "files-changed", "altered: tutor_mfe/plugin.py", false},
		{"same size, looked at", func(d string) error { return os.WriteFile(d+"/tutor_mfe/plugin.py", []byte("y = 3\n"), 0o666) }, "files-changed", "altered", true},
		{"same size, not looked at", func(d string) error { return os.WriteFile(d+"/tutor_mfe/plugin.py", []byte("y = 3\n"), 0o666) }, "", "", false},
		{"tilde", func(d string) error { return os.Mkdir(d+"/~utor_mfe", 0o777) }, "leftovers", "~utor_mfe", false},
		{"no RECORD", func(d string) error { return os.Remove(d + "/tutor_mfe-14.0.1.dist-info/RECORD") }, "leftovers", "has no RECORD", false},
		{"twice", func(d string) error {
			return os.CopyFS(d+"/Tutor.MFE-13.0.0.dist-info", os.DirFS(d+"/tutor_mfe-14.0.1.dist-info"))
		}, "duplicate-metadata", "tutor-mfe is there twice", false},
		{"stray", func(d string) error { return os.WriteFile(d+"/patch.py", nil, 0o666) }, "stray", "patch.py", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := site(t, good())
			if err := tt.damage(dir); err != nil {
				t.Fatal(err)
			}
			packages, faults, err := Read(dir)
			if err != nil {
				t.Fatal(err)
			}
			more, err := Verify(dir, packages, tt.hashes)
			if err != nil {
				t.Fatal(err)
			}
			strays, err := Strays(dir, packages)
			if err != nil {
				t.Fatal(err)
			}
			all := append(faults, more...)
			for _, name := range strays {
				all = append(all, Fault{Code: "stray", Text: name})
			}
			if tt.code == "" {
				if len(all) != 0 {
					t.Errorf("%v", all)
				}
				return
			}
			found := false
			for _, f := range all {
				found = found || f.Code == tt.code && strings.Contains(f.Text, tt.text)
			}
			if !found {
				t.Errorf("%v", all)
			}
		})
	}
}

func TestLegacyPackagesAreReadAndNotBlamed(t *testing.T) {
	dir := site(t, map[string]string{"old_thing-1.2.egg-info/PKG-INFO": "Name: old-thing\nVersion: 1.2\n\n", "old_thing.py": "", "flat-3.egg-info": "Name: flat\n"})
	packages, faults, err := Read(dir)
	if err != nil || len(faults) != 0 || len(packages) != 2 || packages[1].Version != "1.2" || packages[0].Name != "flat" {
		t.Errorf("%v, %v, %v", packages, faults, err)
	}
	if more, err := Verify(dir, packages, true); err != nil || len(more) != 0 {
		t.Errorf("%v, %v", more, err)
	}
}

func TestRerecord(t *testing.T) {
	dir := site(t, good())
	packages, _, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "tutor_mfe", "plugin.py")
	if err := os.WriteFile(file, []byte("rewritten, with another size"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Rerecord(dir, packages, []string{file}); err != nil {
		t.Fatal(err)
	}
	if faults, err := Verify(dir, packages, true); err != nil || len(faults) != 0 {
		t.Errorf("%v, %v", faults, err)
	}
}

func TestPathsWithCommasAndQuotes(t *testing.T) {
	dir := t.TempDir()
	want := []Record{{Path: `a,b "c".py`, Hash: "sha256=x", Size: 3}, {Path: "d.py", Size: -1}}
	if err := os.Mkdir(filepath.Join(dir, "m.dist-info"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := WriteRecords(filepath.Join(dir, "m.dist-info", "RECORD"), want); err != nil {
		t.Fatal(err)
	}
	got, err := Records(dir, Package{Meta: "m.dist-info"})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestSome(t *testing.T) {
	for want, list := range map[string][]string{"a, b, c": {"a", "b", "c"}, "a, b, c and 2 more": {"a", "b", "c", "d", "e"}, "a, b, c and 1 more": {"a", "b", "c", "d"}} {
		if got := some(list); got != want {
			t.Errorf("%v: %q", list, got)
		}
	}
}
