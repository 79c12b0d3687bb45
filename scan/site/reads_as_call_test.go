package site_test

import (
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

func TestReadsAsCall(t *testing.T) {
	p := &rules.Program{Name: "tutor", Commands: []string{"config", "dev", "local", "k8s"}, Before: []string{"sudo", "then"}}
	for _, c := range []struct {
		text string
		want bool
	}{
		{"tutor local start", true},
		{"  tutor --root=x local", true},
		{"a; tutor config save", true},
		{"$(tutor config printroot)", true},
		{"x = `tutor local status`", true},
		{`run("tutor local start")`, true},
		{`run('tutor', 'local', 'start')`, true},
		{"run(['tutor',\n  'local'])", true},
		{`["tutor", *args]`, true},
		{"[tutor, local, start]", true},
		{"- tutor local start", true},
		{"cmd: tutor local start", true},
		{"command = tutor local start", true},
		{"ExecStart=/usr/bin/tutor local start", true},
		{"{{ venv }}/bin/tutor local start", true},
		{`"$HOME/.local/bin/tutor" local start`, true},
		{"<string>tutor</string><string>local</string>", true},
		{"Run Process    tutor    local", true},
		{"sudo tutor local start", true},
		{"TUTOR_ROOT=/x tutor local start", true},
		{"$ tutor local start", true},
		{"\t@tutor local start", true},
		{"tutor \\\n  local start", true},
		{"tutor ...", true},
		{"tutor [dev|local|k8s] start", true},
		{`tutor "$@"`, true},
		{"tutor $COMMAND", true},
		{`"exe": "tutor", "exeArgs": ["local", "start"]`, true},
		{"program: tutor\nargs:\n  - local", true},
		{"bin = 'tutor'\narguments = [ '--version' ]", true},

		{"tutor", false},
		{"$tutor local start", false},
		{"Tutor local start", false},
		{"the tutor local to us", false},
		{"tutor is kind", false},
		{`"role": "tutor", "args": ["school", "local"]`, false},
		{`"role": "tutor", "place": ["local"]`, false},
		{"name: tutor\nargs: {}\nlocal: 1", false},
		{"tutor [the kind one]", false},
		{`{"tutor": "local"}`, false},
		{`name: "tutor", "local": 1`, false},
		{"https://example.org/tutor local", false},
		{"see `tutor local start` for more", false},
		{"a: b`tutor local`", false},
		{"'tutor' -eq $x", false},
		{"--name tutor local", false},
		{"mail me@tutor local", false},
		{"['tutor', 'teacher']", false},
		{`require("tutor", "-r more.txt")`, false},
		{`f("tutor", "local school")`, false},
		{"tutor - the teacher", false},
		{"<b>tutor</b> is <b>local</b>", false},
	} {
		at := site.Find([]byte(c.text), "tutor")[0]
		if got := site.ReadsAsCall([]byte(c.text), at, p); got != c.want {
			t.Errorf("%q: %v", c.text, got)
		}
	}
}

func FuzzReadsAsCall(f *testing.F) {
	f.Add("run('tutor', 'local')")
	f.Add("{{ x }}/tutor local")
	p := &rules.Program{Name: "tutor", Commands: []string{"local"}}
	f.Fuzz(func(_ *testing.T, text string) {
		for _, at := range site.Find([]byte(text), "tutor") {
			site.ReadsAsCall([]byte(text), at, p) // must end, whatever the bytes
		}
	})
}
