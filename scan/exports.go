package scan

import (
	"bytes"
	"path"

	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/reading"
)

// followExports reads the shell scripts that do not hold the word but use a name whose value runs the program, so that the
// definitions which they run are known to be run.
func (s *scanner) followExports(results []reading.Result) error {
	var names []string
	for _, r := range results {
		for _, e := range r.Exports {
			names = append(names, e.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	wanted := newNameSet(names)
	files := s.root.Tree.Files
	more := make([]reading.Result, len(files))
	err := s.each(func() (func(int), func()) {
		var memory []byte
		r := newReader(s)
		return func(i int) {
			if s.byPath[files[i]] == nil && !s.root.Config.Ignored(files[i]) && couldBeShell(files[i]) {
				more[i] = r.follow(files[i], wanted, &memory)
			}
		}, r.close
	}, len(files))
	if err != nil {
		return err
	}
	for i, file := range s.root.Tree.Files {
		s.take(&text{path: file}, more[i])
	}
	return nil
}

// follow reads one more script, if it is one and uses one of the names.
func (r *reader) follow(file string, wanted *nameSet, memory *[]byte) reading.Result {
	src, err := r.s.readInto(file, memory)
	if err != nil || !wanted.in(src) || bytes.IndexByte(src[:min(len(src), 8000)], 0) >= 0 {
		return reading.Result{}
	}
	src = bytes.Clone(src)
	t := &text{path: file, src: src, kind: host.Detect(file, src)}
	if t.kind != host.Shell {
		return reading.Result{}
	}
	return reading.Result{Foreign: r.file(t).Foreign}
}

// couldBeShell reports whether a file's name allows that it is a shell script.
func couldBeShell(file string) bool {
	switch path.Ext(file) {
	case "", ".sh", ".bash", ".zsh", ".fish", ".ksh", ".command", ".env", ".inc", ".lib":
		return true
	}
	return false
}
