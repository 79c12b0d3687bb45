package scan

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/shell"
)

// sourced is the file that a shell script sources: beside it or below the root, as it may be run from either, or in another
// root, by a link or a submodule. Below a directory that is computed, or lies in an image, it can also be the only file with
// that end in the root, or else in the others.
func (s *scanner) sourced(from, name string) (string, []byte, bool) {
	name, computed := strings.CutPrefix(name, shell.Computed)
	absolute := !computed && strings.HasPrefix(name, "/")
	name = strings.TrimPrefix(name, "/")
	for _, p := range []string{path.Join(path.Dir(from), name), path.Clean(name)} {
		if src, ok := s.loadFile(p); ok && p != from {
			return p, src, true
		}
		if key, src, ok := s.beyond(p); ok {
			return key, src, true
		}
	}
	end := "/" + name
	if absolute {
		end = "/" + path.Base(name)
	}
	if computed {
		match, several := only(s.root.Tree.Files, end)
		if several || match == from {
			return "", nil, false
		}
		if match != "" {
			src, ok := s.loadFile(match)
			return match, src, ok
		}
	}
	if computed || absolute {
		return s.onlyElsewhere(end)
	}
	return "", nil, false
}

// only is the one file with an end; several reports whether there are more.
func only(files []string, end string) (match string, several bool) {
	for _, p := range files {
		if strings.HasSuffix("/"+p, end) {
			if match != "" {
				return "", true
			}
			match = p
		}
	}
	return match, false
}

// beyond is a file of another root that a path of this one leads to.
func (s *scanner) beyond(p string) (string, []byte, bool) {
	dirs := []string{filepath.Join(s.root.Dir, filepath.FromSlash(p))}
	for _, l := range s.root.Tree.Links {
		if rest, ok := strings.CutPrefix(p, l.Path+"/"); ok && l.Target != "" {
			dirs = append(dirs, filepath.Join(l.Target, filepath.FromSlash(rest)))
		}
	}
	for _, other := range s.ws.Roots {
		for _, dir := range dirs {
			rel, err := filepath.Rel(other.Dir, dir)
			if err != nil || other == s.root {
				continue
			}
			if rel = filepath.ToSlash(rel); slices.Contains(other.Tree.Files, rel) {
				src, err := other.Tree.Read(rel)
				return foreignKey(other, rel), src, err == nil
			}
		}
	}
	return "", nil, false
}

// onlyElsewhere is the one file of the other roots with an end.
func (s *scanner) onlyElsewhere(end string) (string, []byte, bool) {
	var in *Root
	match := ""
	for _, other := range s.ws.Roots {
		if other == s.root {
			continue
		}
		one, several := only(other.Tree.Files, end)
		if several || one != "" && match != "" {
			return "", nil, false
		}
		if one != "" {
			in, match = other, one
		}
	}
	if match == "" {
		return "", nil, false
	}
	src, err := in.Tree.Read(match)
	return foreignKey(in, match), src, err == nil
}

// foreignKey is the key of a file of another root, which no file of this one has. What is found there is told where that root
// is scanned.
func foreignKey(root *Root, file string) string { return "/" + root.Key + "/" + file }
