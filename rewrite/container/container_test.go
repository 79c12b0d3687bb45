package container

import (
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/step"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
)

func TestNeeds(t *testing.T) {
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, in string
		lacks    []string
	}{
		{"Alpine", "FROM alpine\nRUN apk add --no-cache python3=3.11 py3-pip git build-base\n", nil},
		{"Debian", "FROM debian\nRUN apt-get update && apt-get install -y --no-install-recommends \\\n  python3 python3-venv \\\n  git gcc && rm x\n", nil},
		{"an image of Python", "FROM python:3.11\n", nil},
		{"a slim one", "FROM --platform=linux/amd64 python:3.11-slim AS x\n", []string{"git", "gcc"}},
		{"nothing", "FROM debian\n", []string{"python3", "venv", "git", "gcc"}},
		{"Debian without venv", "FROM debian\nRUN apt install -y python3 git gcc\n", []string{"venv"}},
		{"words of other commands", "FROM debian\nRUN echo python3 python3-venv git gcc\n# RUN apt-get install git\n", []string{"python3", "venv", "git", "gcc"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{"Dockerfile": tt.in, "ci_vars.yml": ""}
			root := &step.Root{Key: "g", Role: "grove", Config: &rules.Config{}, Files: []string{"Dockerfile", "ci_vars.yml"}, Read: func(f string) ([]byte, error) { return []byte(files[f]), nil }}
			out := Plan(step.Input{Pack: pack, Roots: []*step.Root{root}, Options: step.Options{NoLauncher: true}})
			var got []string
			for _, n := range out.Notes {
				if _, rest, ok := strings.Cut(n.Text, "may lack "); ok {
					name, _, _ := strings.Cut(rest, ",")
					got = append(got, name)
				}
			}
			if strings.Join(got, " ") != strings.Join(tt.lacks, " ") || len(out.Fixes) > 0 {
				t.Errorf("lacks %q, want %q", got, tt.lacks)
			}
		})
	}
}
