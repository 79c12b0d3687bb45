package host

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
)

// value is a node of a JSON-like text.
type value struct {
	source.Span       // with quotes or brackets, in bytes of the text
	str         piece // a string's decoded text
	isString    bool  //
	list        []value
	isList      bool
	keys        []value // of an object, one for each of list
	isObject    bool
}

var errJSON = errors.New("no JSON")

const maxNesting = 500

// jsonReader reads JSON, with comments and trailing commas as editors and package managers admit them.
type jsonReader struct {
	src      string
	pos      int
	comments []source.Span
}

func (j *jsonReader) skipSpace() {
	for j.pos < len(j.src) {
		rest := j.src[j.pos:]
		switch {
		case strings.IndexByte(space, rest[0]) >= 0:
			j.pos++
		case strings.HasPrefix(rest, "//"):
			j.comment(strings.IndexByte(rest, '\n'), 0)
		case strings.HasPrefix(rest, "/*"):
			j.comment(strings.Index(rest, "*/"), 2)
		default:
			return
		}
	}
}

func (j *jsonReader) comment(n, tail int) {
	start := j.pos
	if n < 0 {
		j.pos = len(j.src)
	} else {
		j.pos += n + tail
	}
	j.comments = append(j.comments, source.Span{Start: start, End: j.pos})
}

// value reads one value. With an error it gives what was read of it.
func (j *jsonReader) value(depth int) (value, error) {
	j.skipSpace()
	if j.pos >= len(j.src) || depth > maxNesting {
		return value{}, errJSON
	}
	switch j.src[j.pos] {
	case '"':
		return j.string()
	case '[':
		return j.list(depth)
	case '{':
		return j.object(depth)
	}
	start := j.pos
	for j.pos < len(j.src) && strings.IndexByte(space+",]}:[{\"", j.src[j.pos]) < 0 {
		j.pos++
	}
	if j.pos == start {
		return value{}, errJSON
	}
	return value{Span: source.Span{Start: start, End: j.pos}}, nil
}

func (j *jsonReader) list(depth int) (value, error) {
	v := value{isList: true, Span: source.Span{Start: j.pos}}
	j.pos++
	for {
		j.skipSpace()
		if j.pos < len(j.src) && j.src[j.pos] == ']' {
			j.pos++
			v.End = j.pos
			return v, nil
		}
		item, err := j.value(depth + 1)
		v.list = append(v.list, item)
		if err != nil {
			return v, err
		}
		if err := j.separator(']'); err != nil {
			return v, err
		}
	}
}

func (j *jsonReader) object(depth int) (value, error) {
	v := value{isObject: true, Span: source.Span{Start: j.pos}}
	j.pos++
	for {
		j.skipSpace()
		if j.pos < len(j.src) && j.src[j.pos] == '}' {
			j.pos++
			v.End = j.pos
			return v, nil
		}
		key, err := j.value(depth + 1)
		if err != nil || !key.isString {
			return v, errJSON
		}
		j.skipSpace()
		if j.pos >= len(j.src) || j.src[j.pos] != ':' {
			return v, errJSON
		}
		j.pos++
		item, err := j.value(depth + 1)
		v.keys, v.list = append(v.keys, key), append(v.list, item)
		if err != nil {
			return v, err
		}
		if err := j.separator('}'); err != nil {
			return v, err
		}
	}
}

// separator passes a comma, or stops before the closing bracket.
func (j *jsonReader) separator(closing byte) error {
	j.skipSpace()
	switch {
	case j.pos >= len(j.src):
		return errJSON
	case j.src[j.pos] == ',':
		j.pos++
		return nil
	case j.src[j.pos] == closing:
		return nil
	}
	return errJSON
}

func (j *jsonReader) string() (value, error) {
	start := j.pos
	var b builder
	j.pos++
	from := j.pos
	for j.pos < len(j.src) {
		switch c := j.src[j.pos]; {
		case c == '"':
			b.copy(j.src, from, j.pos)
			j.pos++
			return value{Span: source.Span{Start: start, End: j.pos}, isString: true, str: b.piece()}, nil
		case c == '\n':
			return value{}, errJSON
		case c == '\\':
			b.copy(j.src, from, j.pos)
			text, n := jsonEscape(j.src[j.pos:])
			if n == 0 {
				return value{}, errJSON
			}
			b.atom(text, j.pos, j.pos+n)
			j.pos += n
			from = j.pos
		default:
			j.pos++
		}
	}
	return value{}, errJSON
}

// jsonEscape decodes the escape at the beginning of s, and says how many bytes it takes; 0 when it is none.
func jsonEscape(s string) (string, int) {
	if len(s) < 2 {
		return "", 0
	}
	if i := strings.IndexByte(`"\/bfnrt`, s[1]); i >= 0 {
		return "\"\\/\b\f\n\r\t"[i : i+1], 2
	}
	first, ok := hex4(s)
	if !ok {
		return "", 0
	}
	if !utf16.IsSurrogate(first) {
		return string(first), 6
	}
	if second, ok := hex4(s[6:]); ok {
		if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
			return string(r), 12
		}
	}
	return string(utf8.RuneError), 6
}

func hex4(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 32)
	return rune(n), err == nil
}

// jsonRender writes text inside a JSON string.
func jsonRender(_ source.Span, text string) (string, error) {
	if !utf8.ValidString(text) {
		return "", errors.New("JSON holds UTF-8 only")
	}
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(text); err != nil {
		return "", err
	}
	quoted := strings.TrimSuffix(out.String(), "\n")
	return quoted[1 : len(quoted)-1], nil
}

// jsonStrings reads p as a JSON list of strings and nothing else, the way of the exec form.
func jsonStrings(p piece) ([]value, bool) {
	j := &jsonReader{src: p.text}
	if !json.Valid([]byte(p.text)) {
		return nil, false
	}
	v, err := j.value(0)
	if err != nil || !v.isList {
		return nil, false
	}
	for i, item := range v.list {
		if !item.isString {
			return nil, false
		}
		v.list[i].str = item.str.through(p)
	}
	return v.list, true
}

// execForm is the script of a command given as a list of words: its text holds the words with a blank between.
func execForm(words []piece) *source.Script {
	var b builder
	g := &source.Script{Language: "shell"}
	for i, w := range words {
		if i > 0 {
			b.gap(" ", w.at(0))
		}
		start := b.len()
		b.add(w)
		g.Argv = append(g.Argv, source.Span{Start: start, End: b.len()})
	}
	p := b.piece()
	g.Text, g.Map, g.Render = p.text, p.m, jsonRender
	return g
}
