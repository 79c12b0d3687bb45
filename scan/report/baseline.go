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
		if left(o.Class, o.Action) || o.Class == site.Unexplained {
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

// Left counts the sites of a report that are to be rewritten or decided, and its unexplained occurrences, without those
// in the baseline.
func (b Baseline) Left(r *scan.Report) (sites, unexplained int) {
	seen := Baseline{}
	for _, f := range r.Files {
		for _, occ := range f.Occurrences {
			open := left(occ.Class, occ.Action)
			if !open && occ.Class != site.Unexplained {
				continue
			}
			k := knownOf(f.Root.Key, f.Path, occ.Class, occ.Argv)
			switch seen[k]++; {
			case seen[k] <= b[k]:
			case open:
				sites++
			default:
				unexplained++
			}
		}
	}
	return sites, unexplained
}
