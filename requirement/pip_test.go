package requirement

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitlab.com/opencraft/dev/grove-migrate/fixtures/program"
)

// pipReader reads requirement files with pip's own reader: of each requirement its text, without what belongs to it alone.
const pipReader = `
import json, sys
from pip._internal.req.req_file import parse_requirements
from pip._internal.network.session import PipSession
out = []
for name in sys.argv[1:]:
    try:
        out.append([{"text": r.requirement.strip(), "editable": r.is_editable, "hashes": sorted(h for v in (r.options or {}).get("hashes", {}).values() for h in v)} for r in parse_requirements(name, session=PipSession())])
    except Exception as e:
        out.append(None)
json.dump(out, sys.stdout)
`

// files are requirement files as they stand in the field, and what could trip a reader of lines.
func files() []string {
	return []string{
		"tutor==14.2.2\ntutor-mfe==14.0.1  # MFEs\n\n# comment\nboto3\n",
		"tutor \\\n  ==14.2.2 \\\n  --hash=sha256:" + strings.Repeat("a", 64) + " \\\n  --hash=sha256:" + strings.Repeat("b", 64) + "\nx==1\n",
		"tutor==1 \\\n# a comment ends it\n==2\n",
		"tutor==1 # \\\nboto3\n",
		"\\\n\\\ntutor\n",
		"tutor\\\n-mfe==1\n",
		"\ufefftutor==1\r\nx==2\r\n",
		"git+https://h/x/tutor-forum.git@branch/with-slash # comment\ngit+https://h/x#egg=name&subdirectory=dir\n",
		"-e git+https://h/x#egg=y\n--editable ./p\n--editable=git+https://h/z#egg=z\n",
		"--index-url https://h/simple\n--extra-index-url=https://h2\n-i https://h3\n--pre\ntutor\n",
		"tutor ; python_version < '4' # c\ntutor[full] >= 14 , < 15;os_name=='posix'\n",
		"  tutor==1  \n\tx\n",
		"tutor#not a comment\n",
		"tutor # a # b\n#\n ##\n",
		"tutor==1 \\",
		"git+https://${USER_X}:${TOKEN_X}@h/x.git\n",
		"tutor @ https://h/tutor.whl # c\n",
		"a\n\n\n\nb",
	}
}

// TestAgainstPip holds the reading of lines, comments, continuations and options against pip's.
func TestAgainstPip(t *testing.T) {
	p := python(t)
	dir := t.TempDir()
	args := []string{"-W", "ignore", "-c", pipReader}
	for i, text := range files() {
		name := filepath.Join(dir, string(rune('a'+i))+".txt")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	out, err := exec.Command(p, args...).Output()
	if err != nil {
		program.Missing(t, fmt.Sprintf("this pip's reader of files cannot be called: %v", err))
	}
	type line struct {
		Text     string   `json:"text"`
		Editable bool     `json:"editable"`
		Hashes   []string `json:"hashes"`
	}
	var want [][]line
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	for i, text := range files() {
		var got []line
		foreign := false
		for _, l := range Parse([]byte(text)).Lines {
			foreign = foreign || l.Kind == Foreign
			if l.Kind == Blank || l.Kind == Comment || l.Kind == Option {
				continue
			}
			body, options := splitOptions(l.Text)
			one := line{Text: body, Editable: l.Editable, Hashes: []string{}}
			if l.Editable {
				_, one.Text = splitFlag(l.Text)
			}
			for _, o := range options {
				_, hash, _ := strings.Cut(o, ":")
				one.Hashes = append(one.Hashes, hash)
			}
			slices.Sort(one.Hashes)
			got = append(got, one)
		}
		if want[i] == nil && !foreign {
			t.Errorf("pip refuses %q, and it is read as %+v", text, got)
		}
		if d := cmp.Diff(want[i], got); want[i] != nil && d != "" {
			t.Errorf("%q: %s", text, d)
		}
	}
}
