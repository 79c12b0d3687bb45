package host

import (
	"path"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// plain explains the files that hold no embedded scripts.
func (r *reader) plain() {
	end := len(r.src)
	switch r.kind {
	case Text:
		r.prose(0, end)
		r.listings()
		r.paragraphs()
	case HTML:
		r.prose(0, end)
		r.comments(0)
		r.pages(r.raw(0, end))
	case XML:
		r.Mark(0, end, site.Data, "value", "the content of a data file")
		r.comments(0)
		r.addresses()
	case CSV:
		r.Mark(0, end, site.Data, "value", "the content of a table")
	case PO:
		r.po()
	case Patch:
		r.Mark(0, end, site.Data, "patch", "a line of a patch, which changes another file")
	case Lock:
		r.Mark(0, end, site.Requirement, "lock", "what an installer wrote down of the packages it chose")
	case Requirements:
		r.requirements()
	case Ignore:
		r.Mark(0, end, site.Path, "pattern", "a pattern of paths")
		r.hashComments()
	case CodeOwners:
		r.codeOwners()
	default:
		r.other()
	}
}

// hashComments marks the lines, and the ends of lines after a blank, that begin with a #.
func (r *reader) hashComments() {
	for _, w := range r.Words {
		before, _ := r.around(w.Start, w.End)
		trimmed := strings.TrimLeft(before, " \t")
		if strings.HasPrefix(trimmed, "#") || strings.Contains(before, " #") || strings.Contains(before, "\t#") {
			r.Mark(w.Start, w.End, site.Comment, "comment", "a comment")
		}
	}
}

// addresses marks the mentions inside URLs and paths.
func (r *reader) addresses() {
	for _, w := range r.Words {
		before, after := r.around(w.Start, w.End)
		if linkTarget(before) || strings.HasSuffix(before, "/") || strings.HasPrefix(after, "/") && !strings.HasPrefix(after, "/>") {
			r.Mark(w.Start, w.End, site.Path, "path", "a path or an address")
		}
	}
}

// po reads a translation catalogue.
func (r *reader) po() {
	r.Mark(0, len(r.src), site.Message, "message", "a text for people and its translation")
	for _, w := range r.Words {
		before, _ := r.around(w.Start, w.End)
		switch {
		case strings.HasPrefix(before, "#:"):
			r.Mark(w.Start, w.End, site.Path, "path", "where a text comes from")
		case strings.HasPrefix(before, "#"):
			r.Mark(w.Start, w.End, site.Comment, "comment", "a comment")
		}
	}
}

// requirements reads a file that names packages, for pip or for Go.
func (r *reader) requirements() {
	r.Mark(0, len(r.src), site.Requirement, "requirement", "names a package to install")
	r.hashComments()
	if path.Ext(r.in.Path) == ".mod" {
		for _, w := range r.Words {
			if before, _ := r.around(w.Start, w.End); strings.Contains(before, "//") {
				r.Mark(w.Start, w.End, site.Comment, "comment", "a comment")
			}
		}
	}
}

// codeOwners reads patterns of paths with the people who look after them.
func (r *reader) codeOwners() {
	r.Mark(0, len(r.src), site.Path, "pattern", "a pattern of paths")
	for _, w := range r.Words {
		before, _ := r.around(w.Start, w.End)
		if i := strings.LastIndexByte(before, '@'); i >= 0 && !strings.ContainsAny(before[i:], " \t") {
			r.Mark(w.Start, w.End, site.Identifier, "owner", "the name of a person or a team")
		}
	}
	r.hashComments()
}

const maxCommandHead = 100 // bytes that may stand before the program's name in a command: an environment, sudo

// other explains what it can in a file of which nothing is known. A line that writes a command is not explained away.
func (r *reader) other() {
	if strings.IndexByte(r.src[:min(len(r.src), 8000)], 0) >= 0 {
		r.Mark(0, len(r.src), site.Data, "value", "the content of a binary file")
		return
	}
	r.prose(0, len(r.src))
	for _, w := range r.Words {
		before, after := r.around(w.Start, w.End)
		line := strings.TrimSpace(before + r.src[w.Start:w.End] + after)
		trimmed := strings.TrimSpace(before)
		switch {
		case strings.HasPrefix(trimmed, "#"), strings.HasPrefix(trimmed, "//"), strings.HasPrefix(trimmed, ";"), strings.HasPrefix(trimmed, "--"), strings.HasPrefix(trimmed, "*"):
			r.Mark(w.Start, w.End, site.Comment, "comment", "a line that is a comment in most formats")
		case len(trimmed) < maxCommandHead && r.surelyCommand(line) && strings.ContainsAny(line, " \t"):
			r.Mark(w.Start, w.End, site.Unexplained, "unread", "the line reads as a command, and what reads this file is not known")
		case strings.HasSuffix(before, "/") || strings.HasPrefix(after, "/"):
			r.Mark(w.Start, w.End, site.Path, "path", "a part of a path")
		}
	}
}
