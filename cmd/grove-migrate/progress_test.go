package main

import (
	"bytes"
	"testing"
	"time"

	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/walk"
)

// TestProgressLine holds what is shown of a step on a terminal, that it fits, and that nothing of it stays.
func TestProgressLine(t *testing.T) {
	var out bytes.Buffer
	term := &terminal{err: &out, progress: true, width: 80}
	p := newProgress(term)
	root := &scan.Root{Key: "grove", Tree: scan.Tree{
		Listing: walk.Listing{Files: []string{"a", "b", "c"}},
		Read:    func(path string) ([]byte, error) { return []byte(path), nil },
	}}
	ws := scan.Workspace{Roots: []*scan.Root{root}}
	p.at("scan")
	p.follow(ws)
	for _, path := range []string{"a", "b", "a"} {
		if src, err := root.Tree.Read(path); err != nil || string(src) != path {
			t.Errorf("%s: %q, %v", path, src, err)
		}
	}
	p.draw(p.began.Add(2 * time.Second))
	p.at("plan")
	if _, err := root.Tree.Read("c"); err != nil {
		t.Error(err)
	}
	p.draw(p.began.Add(3 * time.Second))
	term.width = 5
	p.draw(p.began.Add(4 * time.Second))
	p.end()
	p.end()
	if got, want := out.String(), "\rscan: 2 of 3 files, 2 s\x1b[K\rplan, 3 s\x1b[K\rplan\x1b[K\r\x1b[K"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestNoProgress holds that nothing is written where nobody watches.
func TestNoProgress(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&terminal{err: &out})
	p.at("scan")
	p.follow(scan.Workspace{Roots: []*scan.Root{{}}})
	p.end()
	if out.Len() > 0 {
		t.Errorf("%q", out.String())
	}
}
