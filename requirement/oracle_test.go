package requirement

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
)

// oracle reads requirements, one a line, with the library that pip carries.
const oracle = `
import json, sys
from pip._vendor.packaging.requirements import Requirement
out = []
for text in json.load(sys.stdin):
    try:
        r = Requirement(text)
        out.append({"name": r.name, "extras": sorted(r.extras), "clauses": sorted(str(s) for s in r.specifier), "url": r.url or "", "marker": bool(r.marker)})
    except Exception as e:
        out.append({"error": str(e)})
json.dump(out, sys.stdout)
`

type answer struct {
	Name    string   `json:"name"`
	Extras  []string `json:"extras"`
	Clauses []string `json:"clauses"`
	URL     string   `json:"url"`
	Marker  bool     `json:"marker"`
	Error   string   `json:"error"`
}

// python is the interpreter, or the test is skipped. With CI=true its absence is a failure.
func python(t *testing.T) string {
	t.Helper()
	p := program.Find(t, "python3")
	if err := exec.Command(p, "-c", "import pip._vendor.packaging.requirements").Run(); err != nil {
		program.Missing(t, fmt.Sprintf("python3 has no pip: %v", err))
	}
	return p
}

func TestAgainstPackaging(t *testing.T) {
	names := []string{"tutor", "Tutor_MFE", "a.b-c_d", "x", "tutor[full]", "tutor[ a , b ]", "tutor[]", "-x", "x-", "tutör", "tutor[-]", "tutor[x"}
	specs := []string{"", "==14.2.2", " >= 14, < 15", "~=14.1", "==14.*", "===14.2", "(>=14)", " (>=14,<15) ", "!=1", "=14", "==", ">=14 <15", "== 14 15", ">=14,,<15", "==14+local.1", "==1!2.0", "()", "(>=14", "==14,", "==a=b", "==14.0rc1", "<15;", " @ git+https://h/x.git@v1", "@https://h/x.whl", " @ nowhere"}
	markers := []string{"", " ; python_version < '3.9'", ";os_name == \"nt\" and (extra == 'x' or sys_platform != 'win32')", "; 'x' in sys_platform", "; python_version not in '3.6'", "; nonsense", "; python_version <", "; (os_name == 'x'", "; python_version == \"3'", " ;"}
	var texts []string
	for _, n := range names {
		for _, s := range specs {
			for _, m := range markers {
				texts = append(texts, n+s+m)
			}
		}
	}
	in, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python(t), "-W", "ignore", "-c", oracle)
	cmd.Stdin = strings.NewReader(string(in))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []answer
	if err := json.Unmarshal(out, &answers); err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		compare(t, text, answers[i])
	}
}

// differs lists the forms on which releases of packaging themselves do not agree: old ones read "==" and "==a=b" as
// legacy versions, take what follows === up to the next white space, and refuse empty parentheses and a last comma.
func differs(text string) bool {
	bare, _, _ := strings.Cut(strings.TrimSpace(text), ";")
	bare = strings.TrimSpace(bare)
	return strings.Contains(text, "==a=b") || strings.HasSuffix(bare, "==") || strings.Contains(text, "===14.2;") ||
		strings.HasSuffix(bare, "()") || strings.HasSuffix(bare, ",")
}

func compare(t *testing.T, text string, want answer) {
	t.Helper()
	r, kind, err := ParseRequirement(text)
	if kind != Named {
		if want.Error == "" {
			t.Errorf("%q is %s, and packaging reads a name", text, kind)
		}
		return
	}
	if (err != nil) != (want.Error != "") {
		if !differs(text) {
			t.Errorf("%q: %v, packaging: %q", text, err, want.Error)
		}
		return
	}
	if err != nil || want.Error != "" {
		return
	}
	got := answer{Name: r.Package, Extras: append([]string{}, r.Extras...), URL: r.URL, Marker: r.Marker != "", Clauses: []string{}}
	if r.Specifier != "" {
		got.Clauses = strings.Split(r.Specifier, ",")
	}
	slices.Sort(got.Extras)
	slices.Sort(got.Clauses)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%q: %s", text, d)
	}
}
