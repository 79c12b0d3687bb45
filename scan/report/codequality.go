package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// open reports whether an occurrence still asks for something.
func open(occ *site.Occurrence) bool {
	return occ.Class == site.Unexplained || left(occ.Class, occ.Action)
}

// severity is "error" for what is not explained, "warning" for what a person has to decide, and "note" for what can be
// rewritten.
func severity(occ *site.Occurrence) string {
	switch {
	case occ.Class == site.Unexplained:
		return "error"
	case occ.Action == site.Review:
		return "warning"
	}
	return "note"
}

// fingerprint identifies a finding over time: it stays when the lines above it change.
func fingerprint(r *scan.Report, f *scan.File, occ *site.Occurrence, nth int) string {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%s\x00%s\x00%s\x00%q\x00%d", below(r, f.Root, f.Path), occ.Rule, occ.Class, occ.Argv, nth)))
	return hex.EncodeToString(sum[:])
}

// each calls do for every listed occurrence that asks for something, with its fingerprint.
func each(r *scan.Report, o Options, do func(f *scan.File, occ *site.Occurrence, print string)) {
	for _, f := range r.Files {
		seen := map[string]int{}
		for i := range f.Occurrences {
			occ := &f.Occurrences[i]
			if !open(occ) || !o.shows(occ) {
				continue
			}
			base := fingerprint(r, f, occ, 0)
			do(f, occ, fingerprint(r, f, occ, seen[base]))
			seen[base]++
		}
	}
}

// CodeQuality writes what is left to do in GitLab's Code Quality format, version of 2024: a JSON array of issues.
func CodeQuality(w io.Writer, r *scan.Report, o Options) error {
	type issue struct {
		Description string `json:"description"`
		CheckName   string `json:"check_name"`
		Fingerprint string `json:"fingerprint"`
		Severity    string `json:"severity"`
		Location    any    `json:"location"`
	}
	issues := []issue{}
	levels := map[string]string{"error": "major", "warning": "minor", "note": "info"}
	each(r, o, func(f *scan.File, occ *site.Occurrence, print string) {
		line, col := f.Lines.Position(occ.Start)
		endLine, endCol := f.Lines.Position(occ.End)
		issues = append(issues, issue{
			Description: Says(occ), CheckName: occ.Rule, Fingerprint: print, Severity: levels[severity(occ)],
			Location: map[string]any{
				"path": o.name(r, f.Root, f.Path), "lines": map[string]int{"begin": line, "end": endLine},
				"positions": map[string]any{"begin": map[string]int{"line": line, "column": col}, "end": map[string]int{"line": endLine, "column": endCol}},
			},
		})
	})
	return encode(w, issues)
}
