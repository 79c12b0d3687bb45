package report

import (
	"encoding/json"
	"errors"
	"fmt"

	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// Baseline are sites that are known and accepted: how many of each. The nil Baseline accepts none.
type Baseline map[known]int

// known tells sites apart by what stays when lines move: where they are, what they run and how their line reads.
type known struct {
	Root, Path, Class, Argv string
}

// ParseBaseline reads a JSON report as a baseline.
func ParseBaseline(src []byte) (Baseline, error) {
	var d document
	if err := json.Unmarshal(src, &d); err != nil {
		return nil, fmt.Errorf("is no JSON report: %w", err)
	}
	if d.Version != 1 {
		return nil, errors.New("is no JSON report of version 1; write one with scan --format json")
	}
	b := Baseline{}
	for _, o := range d.Occurrences {
		if o.Class.Site() && (o.Action == site.Review || o.Action == site.Rewrite) {
			b[known{o.Root, o.Path, string(o.Class), fmt.Sprint(o.Argv)}]++
		}
	}
	return b, nil
}

// Left counts the sites of a report that are to be rewritten or decided and are not in the baseline.
func (b Baseline) Left(r *scan.Report) int {
	seen := Baseline{}
	left := 0
	for _, f := range r.Files {
		for _, occ := range f.Occurrences {
			if !occ.Class.Site() || occ.Action != site.Review && occ.Action != site.Rewrite {
				continue
			}
			argv := occ.Argv
			if argv == nil {
				argv = []string{}
			}
			k := known{f.Root.Key, f.Path, string(occ.Class), fmt.Sprint(argv)}
			if seen[k]++; seen[k] > b[k] {
				left++
			}
		}
	}
	return left
}
