// Package html shows what a scan found as one page that stands alone: a person looks at the sites there and decides.
package html

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"

	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/report"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

//go:embed page.html
var page string

//go:embed page.css
var style string

//go:embed page.js
var script string

// Change is what would become of one file.
type Change struct {
	Root string `json:"root"` // the key of its repository
	Path string `json:"path"` // below that
	Diff string `json:"diff"` // a unified diff of this file alone
}

// content is everything that the page shows. The code belongs to the report's occurrences, one by one.
type content struct {
	Report  json.RawMessage `json:"report"` // JSON version 1
	Code    []excerpt       `json:"code"`
	Changes []Change        `json:"changes"` // nil for a scan
}

// Write writes a report, and the changes that would be made, as a page that needs no network.
func Write(w io.Writer, r *scan.Report, changes []Change, o report.Options) error {
	var found bytes.Buffer
	if err := report.JSON(&found, r, o); err != nil {
		return err
	}
	c := content{Report: found.Bytes(), Code: []excerpt{}, Changes: changes}
	lib := library{report.NewAtlas(r)}
	for _, f := range r.Files {
		for i := range f.Occurrences {
			if occ := &f.Occurrences[i]; o.Classes == nil || o.Classes[occ.Class] {
				c.Code = append(c.Code, lib.excerpt(f, occ))
			}
		}
	}
	data, err := json.Marshal(c) // escapes <, > and &, so that no code ends the script element
	if err != nil {
		return fmt.Errorf("encode the report: %w", err)
	}
	return fill(w, map[string][]byte{"style": []byte(style), "script": []byte(script), "data": data})
}

// fill writes the page with each of its {{marks}} replaced.
func fill(w io.Writer, parts map[string][]byte) error {
	rest := []byte(page)
	for {
		before, after, more := bytes.Cut(rest, []byte("{{"))
		if _, err := w.Write(before); err != nil || !more {
			return err
		}
		name, after, _ := bytes.Cut(after, []byte("}}"))
		if _, err := w.Write(parts[string(name)]); err != nil {
			return err
		}
		rest = after
	}
}

// library gives the code of places.
type library struct{ *report.Atlas }

// lines are the source lines of steps; an empty one where there is none.
func (l library) lines(f *scan.File, steps []site.Step) []string {
	out := []string{}
	for _, st := range steps {
		src, line := l.Source(f, cmp.Or(st.File, f.Path)), ""
		if st.Start <= len(src) && len(src) > 0 {
			start, end := lineAround(src, st.Start)
			line = cut(src[start:end], maxSide)
		}
		out = append(out, line)
	}
	return out
}
