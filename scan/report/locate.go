package report

import (
	"path"

	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// place is the position of a step in the words of reports: a path below its root, a 1-based line and a 1-based column in
// bytes. Line and column are 0 when the file cannot be read any more.
type place struct {
	Path         string
	Line, Column int
}

// Atlas finds the places of steps. Files that hold no occurrence are read once each.
type Atlas struct {
	read map[fileKey]text
}

// text is a file that was read; nil when it cannot be any more.
type text struct {
	src   []byte
	lines source.Lines
}

type fileKey struct {
	root *scan.Root
	path string
}

// NewAtlas knows the files of a report.
func NewAtlas(r *scan.Report) *Atlas {
	a := &Atlas{map[fileKey]text{}}
	for _, f := range r.Files {
		a.read[fileKey{f.Root, f.Path}] = text{f.Src, f.Lines}
	}
	return a
}

// place finds a step's position. File is the one that the step belongs to when it names none.
func (a *Atlas) place(file *scan.File, st site.Step) place {
	name := st.File
	if name == "" {
		name = file.Path
	}
	lines := a.text(file, name).lines
	if lines == nil {
		return place{Path: name}
	}
	line, col := lines.Position(st.Start)
	return place{name, line, col}
}

// Source is the content of a file beside the given one; nil when it cannot be read any more.
func (a *Atlas) Source(file *scan.File, name string) []byte { return a.text(file, name).src }

// text is a file beside the given one.
func (a *Atlas) text(file *scan.File, name string) text {
	if name == file.Path {
		return text{file.Src, file.Lines}
	}
	key := fileKey{file.Root, name}
	found, ok := a.read[key]
	if !ok && file.Root.Tree.Read != nil {
		if src, err := file.Root.Tree.Read(name); err == nil {
			found = text{src, source.NewLines(src)}
		}
		a.read[key] = found
	}
	return found
}

// below is a path of a root as it is seen from the place that holds all roots.
func below(r *scan.Report, root *scan.Root, name string) string {
	if len(r.Roots) == 1 {
		return name
	}
	return path.Join(root.Key, name)
}

// name is a file as the reader of the report finds it.
func (o Options) name(r *scan.Report, root *scan.Root, path string) string {
	if o.Name == nil {
		return below(r, root, path)
	}
	return o.Name(root, path)
}
