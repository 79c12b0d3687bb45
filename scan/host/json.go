package host

import (
	"strconv"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// json reads a JSON file, with the comments that some programs admit.
func (r *reader) json() {
	r.Mark(0, len(r.src), site.Data, "value", "a value that nothing known runs")
	s := r.settings()
	j := &jsonReader{src: r.src}
	if strings.HasPrefix(r.src, "\xef\xbb\xbf") {
		j.pos = 3
	}
	for {
		v, err := j.value(0)
		s.json(v, nil, value{}, nil)
		if err != nil {
			if j.skipSpace(); j.pos < len(r.src) {
				r.Problem(j.pos, len(r.src), "no JSON from here on")
				r.Mark(j.pos, len(r.src), site.Unexplained, "unread", "the file is no JSON from here on")
			}
			break
		}
		if j.skipSpace(); j.pos >= len(r.src) {
			break
		}
	}
	s.environments()
	for _, c := range j.comments {
		r.Mark(c.Start, c.End, site.Comment, "comment", "a comment")
	}
}

// json reads one value and what it holds.
func (s *settings) json(v value, path []string, key value, args func(string) []piece) {
	l := leaf{path: path, span: v.Span, key: key.Span, text: v.str, render: jsonRender, args: args}
	switch {
	case v.isString:
		s.leaf(l)
	case v.isList:
		if l.multi = true; v.strings(&l) && s.leaf(l) {
			return
		}
		for i, item := range v.list {
			s.json(item, extend(path, strconv.Itoa(i)), value{}, nil)
		}
	case v.isObject:
		s.Mentions(key.Start, key.End, site.Identifier, "key", "a key")
		for i, item := range v.list {
			k := v.keys[i]
			s.Mark(k.Start, k.End, site.Identifier, "key", "a key")
			s.json(item, extend(path, k.str.text), k, v.sibling)
		}
	default:
		s.leaf(l)
	}
}

// strings takes the list's strings into l, if it holds nothing else.
func (v value) strings(l *leaf) bool {
	for _, item := range v.list {
		if !item.isString {
			return false
		}
		l.list = append(l.list, item.str)
	}
	return true
}

// sibling is the list of strings at a key of the object.
func (v value) sibling(key string) []piece {
	var l leaf
	v.get(key).strings(&l)
	return l.list
}

func extend(path []string, key string) []string { return append(path[:len(path):len(path)], key) }
