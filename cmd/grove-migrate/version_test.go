package main

import (
	"runtime/debug"
	"testing"
)

func TestVersionLine(t *testing.T) {
	const commit = "0123456789abcdef0123456789abcdef01234567"
	for _, c := range []struct {
		built []debug.BuildSetting
		want  string
	}{
		{nil, version},
		{[]debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.modified", Value: "true"}}, version},
		{[]debug.BuildSetting{{Key: "vcs.revision", Value: commit}, {Key: "vcs.modified", Value: "false"}}, version + " (commit 0123456789ab)"},
		{[]debug.BuildSetting{{Key: "vcs.revision", Value: commit}, {Key: "vcs.modified", Value: "true"}}, version + " (commit 0123456789ab, with changes)"},
	} {
		if got := versionLine(c.built); got != c.want {
			t.Errorf("%v: got %q, want %q", c.built, got, c.want)
		}
	}
}
