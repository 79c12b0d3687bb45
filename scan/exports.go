package scan

import (
	"bytes"
	"path"
	"runtime"

	"golang.org/x/sync/errgroup"

	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// followExports reads the shell scripts that do not hold the word but use a name whose value runs the program, so that the
// definitions which they run are known to be run.
func (s *scanner) followExports(results []reading) error {
	var names []string
	for _, r := range results {
		names = append(names, r.exports...)
	}
	if len(names) == 0 {
		return nil
	}
	wanted := newNameSet(names)
	more := make([]reading, len(s.root.Tree.Files))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, file := range s.root.Tree.Files {
		if s.byPath[file] != nil || s.ignored(file) || !couldBeShell(file) {
			continue
		}
		g.Go(func() error {
			more[i] = s.follow(file, wanted)
			return s.ctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, file := range s.root.Tree.Files {
		s.take(&text{path: file}, more[i])
	}
	return nil
}

// follow reads one more script, if it is one and uses one of the names.
func (s *scanner) follow(file string, wanted *nameSet) reading {
	src, ok := s.loadFile(file)
	if !ok || !wanted.in(src) || bytes.IndexByte(src[:min(len(src), 8000)], 0) >= 0 {
		return reading{}
	}
	t := &text{path: file, src: src, kind: host.Detect(file, src)}
	if t.kind != host.Shell {
		return reading{}
	}
	r := newReader(s)
	defer r.close()
	return onlyForeign(r.file(t))
}

// onlyForeign is what a file that does not hold the word says about other files.
func onlyForeign(r reading) reading {
	return reading{foreign: r.foreign, findings: []site.Occurrence{}}
}

// couldBeShell reports whether a file's name allows that it is a shell script.
func couldBeShell(file string) bool {
	switch path.Ext(file) {
	case "", ".sh", ".bash", ".zsh", ".fish", ".ksh", ".command", ".env", ".inc", ".lib":
		return true
	}
	return false
}
