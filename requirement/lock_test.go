package requirement

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const commit = "0123456789012345678901234567890123456789"

func TestRoundTrip(t *testing.T) {
	want := Lock{Requirements: "sha256:aa", Python: "3.11", Pins: []Pin{
		{Name: "a", URL: "git+https://h/x/a.git@" + commit + "#subdirectory=d"},
		{Name: "tutor", Version: "14.2.2", Hashes: []string{"sha256:11", "sha256:22"}},
	}}
	got, err := ParseLock(want.Text())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(string(want.Text()), string(got.Text())); d != "" {
		t.Error(d)
	}
}

func TestParseLock(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []Pin
	}{
		{"", nil},
		{"# only words\n\n--index-url https://h/simple\n", nil},
		{"Tutor_MFE[x]==1.0 ; python_version > '3'", []Pin{{Name: "tutor-mfe", Version: "1.0"}}},
		{"a==1 \\\r\n    --hash=sha256:bb \\\r\n    --hash=sha256:aa # via b", []Pin{{Name: "a", Version: "1", Hashes: []string{"sha256:aa", "sha256:bb"}}}},
		{"a @ https://h/a-1.whl#sha256=00", []Pin{{Name: "a", URL: "https://h/a-1.whl#sha256=00"}}},
		{"./plugins/x", []Pin{{URL: "./plugins/x"}}},
	} {
		got, err := ParseLock([]byte(tt.in))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tt.want, got.Pins); d != "" {
			t.Errorf("%q: %s", tt.in, d)
		}
	}
	for _, bad := range []string{"tutor>=14", "pip install tutor", "tutor"} {
		if _, err := ParseLock([]byte(bad)); err == nil {
			t.Errorf("%q was taken for a lock", bad)
		}
	}
}

func TestURLs(t *testing.T) {
	if a, b := Place("git+https://u:p@H/x.git@b/c#egg=x&subdirectory=d"), Place("git+https://h/x.git@"+commit+"#subdirectory=d"); a != b {
		t.Errorf("%q is not %q", a, b)
	}
	if a, b := Place("git+https://h/x.git#subdirectory=d"), Place("git+https://h/x.git#subdirectory=e"); a == b {
		t.Error("another subdirectory is the same place")
	}
	if a, b := Place("https://h/x.whl?private_token=hunter22"), Place("https://h/x.whl?private_token=***"); a != b {
		t.Errorf("%q is not %q", a, b)
	}
	if a, b := Place("https://h/x.whl?v=1"), Place("https://h/x.whl?v=2"); a == b {
		t.Error("another query is the same place")
	}
	if got := At("git+https://${T}@h/x@branch/a#egg=x&subdirectory=d", commit); got != "git+https://${T}@h/x@"+commit+"#subdirectory=d" {
		t.Error(got)
	}
	for in, want := range map[string]string{
		"git+https://u:p@h/x@v1":  "git+https://h/x@v1",
		"git+ssh://git@h/x@v1":    "git+ssh://git@h/x@v1",
		"git+file:///a/b@c":       "git+file:///a/b@c",
		"https://to:k@en@h/x.whl": "https://h/x.whl",
	} {
		if got := Bare(in); got != want {
			t.Errorf("Bare(%q) = %q", in, got)
		}
	}
}

func FuzzParseLock(f *testing.F) {
	f.Add("a==1 \\\n --hash=sha256:00\nb @ git+https://h/x@1")
	f.Fuzz(func(t *testing.T, text string) {
		one, err := ParseLock([]byte(text))
		if err != nil {
			t.Skip()
		}
		if two, err := ParseLock(one.Text()); err == nil && len(two.Pins) != len(one.Pins) {
			t.Errorf("%d pins became %d", len(one.Pins), len(two.Pins))
		}
	})
}
