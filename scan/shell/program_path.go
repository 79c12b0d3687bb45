package shell

import (
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// apart is why a path that is put together from several parts cannot be replaced where the name at its end is written.
const apart = "the path before the name is put together from several parts, which have to go with it"

// pathed is the bytes of a path that ends with the name at at, as the text writes it there, and whether they are all of
// it. The quoting is that of the name.
func pathed(src string, at source.Span, quote byte) (source.Span, bool) {
	from := at.Start
	for from > 0 && (pathByte(src[from-1]) || strings.IndexByte("${}", src[from-1]) >= 0) {
		from--
	}
	// The word of an expansion: ${NAME:-/usr/bin/name}.
	if open := strings.LastIndexByte(src[from:at.Start], '{'); open >= 0 && !strings.Contains(src[from+open:at.Start], "}") {
		return at, false
	}
	if from > 0 && src[from-1] == ':' && from < at.Start && strings.IndexByte("-+?", src[from]) >= 0 {
		from++
	}
	if from == at.Start {
		return at, false
	}
	if from > 0 && (src[from-1] == '\'' || src[from-1] == '"' || src[from-1] == '\\') && src[from-1] != quote {
		return at, false
	}
	if from > 1 && src[from-1] == quote && (pathByte(src[from-2]) || src[from-2] == '}') {
		return at, false
	}
	return source.Span{Start: from, End: at.End}, true
}

func pathByte(c byte) bool {
	return c == '/' || c == '.' || c == '~' || c == '-' || c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}
