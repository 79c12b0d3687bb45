package report

import (
	"encoding/json"
	"errors"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// Baseline are sites, what is unexplained and what was skipped, that are known and accepted: how many of each. The nil Baseline accepts none.
type Baseline map[known]int

// known tells sites apart by what stays when lines move: the file, and what is run or looked up there.
type known struct {
	Root, Path, Class, Argv string
}

// knownOf is the key of a site. JSON holds no invalid UTF-8, so the key of what was read from a report and of what was
// found have to be made in the same way.
func knownOf(root, path string, class site.Class, argv []string) known {
	return known{valid(root), valid(path), string(class), valid(strings.Join(argv, "\x00"))}
}

// valid is s with each byte that is no UTF-8 replaced, as encoding/json does.
func valid(s string) string { return string([]rune(s)) }

// ParseBaseline reads a JSON report as a baseline. It errs when src is anything else.
func ParseBaseline(src []byte) (Baseline, error) {
	var d document
	if err := json.Unmarshal(src, &d); err != nil {
		return nil, errNoReport
	}
	if d.Version != 1 || d.Occurrences == nil {
		return nil, errNoReport
	}
	b := Baseline{}
	for _, o := range d.Occurrences {
		if open(&site.Occurrence{Class: o.Class, Action: o.Action}) {
			b[knownOf(o.Root, o.Path, o.Class, o.Argv)]++
		}
	}
	for _, sk := range d.Skipped {
		b[skippedOf(sk.Root, sk.Path)]++
	}
	return b, nil
}

// skippedOf is the key of a path that could not be read.
func skippedOf(root, path string) known { return knownOf(root, path, "skipped", nil) }

// Incomplete reports whether something that could hold a call was skipped and is not in the baseline.
func (b Baseline) Incomplete(r *scan.Report) bool {
	for _, s := range r.Skipped {
		if !s.Minor && b[skippedOf(s.Root.Key, s.Path)] == 0 {
			return true
		}
	}
	return false
}

var errNoReport = errors.New("is no JSON report of version 1")

// left reports whether a site is to be rewritten or decided.
func left(c site.Class, a site.Action) bool {
	return c.Site() && (a == site.Review || a == site.Rewrite)
}

// accepted are the occurrences of a report that are in the baseline: of equal ones the first, as many as it holds.
func (b Baseline) accepted(r *scan.Report) map[*site.Occurrence]bool {
	seen, out := Baseline{}, map[*site.Occurrence]bool{}
	for _, f := range r.Files {
		for i := range f.Occurrences {
			occ := &f.Occurrences[i]
			if !open(occ) {
				continue
			}
			k := knownOf(f.Root.Key, f.Path, occ.Class, occ.Argv)
			seen[k]++
			out[occ] = seen[k] <= b[k]
		}
	}
	return out
}

// Left counts the sites of a report that are to be rewritten or decided, and its unexplained occurrences, without those
// in the baseline.
func (b Baseline) Left(r *scan.Report) (sites, unexplained int) {
	for occ, known := range b.accepted(r) {
		switch {
		case known:
		case occ.Class == site.Unexplained:
			unexplained++
		default:
			sites++
		}
	}
	return sites, unexplained
}

// New is a report without what is in the baseline, how many occurrences and skipped paths were left out, and how many that the
// baseline has are gone.
func (b Baseline) New(r *scan.Report) (shown *scan.Report, known, gone int) {
	out := *r
	out.Files, out.Skipped = nil, nil
	accepted := b.accepted(r)
	for _, n := range b {
		gone += n
	}
	for _, f := range r.Files {
		file := *f
		file.Occurrences = nil
		for i := range f.Occurrences {
			if accepted[&f.Occurrences[i]] {
				known++
			} else {
				file.Occurrences = append(file.Occurrences, f.Occurrences[i])
			}
		}
		if len(file.Occurrences) > 0 || len(file.Stale) > 0 {
			out.Files = append(out.Files, &file)
		}
	}
	for _, s := range r.Skipped {
		if b[skippedOf(s.Root.Key, s.Path)] > 0 {
			known++
		} else {
			out.Skipped = append(out.Skipped, s)
		}
	}
	return &out, known, max(0, gone-known)
}
