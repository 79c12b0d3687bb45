package scan

import "bytes"

// nameSet finds out whether one of many names stands in a text, not as a part of a longer one. It goes through the text
// once, however many names there are: large trees are asked for hundreds.
type nameSet struct {
	plain map[string]bool // made of letters, digits and underscores only
	other []string        // those that hold something else: a hyphen, a question mark
	first [256]bool       // bytes that plain ones begin with
	long  [256]bool       // their lengths in bytes, the last standing for all that are longer
}

// newNameSet takes names in any order; empty and double ones are of no matter.
func newNameSet(names []string) *nameSet {
	n := &nameSet{plain: map[string]bool{}}
	for _, name := range names {
		switch {
		case name == "":
		case wordEnd(name, 0) == len(name):
			n.plain[name] = true
			n.first[name[0]] = true
			n.long[min(len(name), len(n.long)-1)] = true
		default:
			n.other = append(n.other, name)
		}
	}
	return n
}

// in reports whether a text holds one of the names.
func (n *nameSet) in(src []byte) bool {
	for at := 0; at < len(src); {
		if !nameByte(src[at]) {
			at++
			continue
		}
		end := wordEnd(src, at)
		if n.first[src[at]] && n.long[min(end-at, len(n.long)-1)] && n.plain[string(src[at:end])] {
			return true
		}
		at = end
	}
	for _, name := range n.other {
		if holdsName(src, name) {
			return true
		}
	}
	return false
}

// wordEnd is the end of the run of letters, digits and underscores that begins at a byte.
func wordEnd[text string | []byte](src text, at int) int {
	for at < len(src) && nameByte(src[at]) {
		at++
	}
	return at
}

// holdsName reports whether a name that holds more than letters stands in a text.
func holdsName(src []byte, name string) bool {
	for at := 0; ; {
		i := bytes.Index(src[at:], []byte(name))
		if i < 0 {
			return false
		}
		start, end := at+i, at+i+len(name)
		if (start == 0 || !nameByte(src[start-1])) && (end == len(src) || !nameByte(src[end])) {
			return true
		}
		at = start + 1
	}
}

func nameByte(c byte) bool { return nameBytes[c] }

// nameBytes are those of a name in any language: beyond ASCII everything counts.
var nameBytes = func() (is [256]bool) {
	for c := range is {
		is[c] = c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
	}
	return is
}()
