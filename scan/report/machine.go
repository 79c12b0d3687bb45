package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// open reports whether a site still asks for something.
func open(occ *site.Occurrence) bool {
	return occ.Class == site.Unexplained || occ.Class.Site() && (occ.Action == site.Rewrite || occ.Action == site.Review)
}

// severity is "warning" for what can be rewritten, "error" for what is not explained, and "note" for what a person decides.
func severity(occ *site.Occurrence) string {
	switch {
	case occ.Class == site.Unexplained:
		return "error"
	case occ.Action == site.Rewrite:
		return "warning"
	}
	return "note"
}

// fullPath is a file's path from the place that holds all roots.
func fullPath(r *scan.Report, f *scan.File) string {
	if len(r.Roots) == 1 {
		return f.Path
	}
	return path.Join(f.Root.Key, f.Path)
}

// fingerprint identifies a finding over time: it stays when the lines above it change.
func fingerprint(r *scan.Report, f *scan.File, occ *site.Occurrence, nth int) string {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%s\x00%s\x00%s\x00%q\x00%d", fullPath(r, f), occ.Rule, occ.Class, occ.Argv, nth)))
	return hex.EncodeToString(sum[:])
}

// each calls do for every occurrence that asks for something, with its fingerprint.
func each(r *scan.Report, do func(f *scan.File, occ *site.Occurrence, print string)) {
	for _, f := range r.Files {
		seen := map[string]int{}
		for i := range f.Occurrences {
			occ := &f.Occurrences[i]
			if !open(occ) {
				continue
			}
			base := fingerprint(r, f, occ, 0)
			do(f, occ, fingerprint(r, f, occ, seen[base]))
			seen[base]++
		}
	}
}

// CodeQuality writes what is left to do in GitLab's Code Quality format, version of 2024: a JSON array of issues.
func CodeQuality(w io.Writer, r *scan.Report, _ Options) error {
	type issue struct {
		Description string `json:"description"`
		CheckName   string `json:"check_name"`
		Fingerprint string `json:"fingerprint"`
		Severity    string `json:"severity"`
		Location    any    `json:"location"`
	}
	issues := []issue{}
	levels := map[string]string{"error": "major", "warning": "minor", "note": "info"}
	each(r, func(f *scan.File, occ *site.Occurrence, print string) {
		line, col := f.Lines.Position(occ.Start)
		endLine, endCol := f.Lines.Position(occ.End)
		issues = append(issues, issue{
			Description: fmt.Sprintf("%s: %s", occ.Class, occ.Reason), CheckName: occ.Rule, Fingerprint: print, Severity: levels[severity(occ)],
			Location: map[string]any{"path": fullPath(r, f), "lines": map[string]int{"begin": line, "end": endLine},
				"positions": map[string]any{"begin": map[string]int{"line": line, "column": col}, "end": map[string]int{"line": endLine, "column": endCol}}},
		})
	})
	return encode(w, issues)
}

func encode(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// The parts of SARIF 2.1.0 that are used, under the names of its schema.
type (
	sarifText struct {
		Text string `json:"text"`
	}
	sarifRule struct {
		ID      string    `json:"id"`
		Short   sarifText `json:"shortDescription"`
		Full    sarifText `json:"fullDescription"`
		Default struct {
			Level string `json:"level"`
		} `json:"defaultConfiguration"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
		ByteOffset  int `json:"byteOffset"`
		ByteLength  int `json:"byteLength"`
	}
	sarifLocation struct {
		Physical struct {
			Artifact struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region sarifRegion `json:"region"`
		} `json:"physicalLocation"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
)

// SARIF writes what is left to do as SARIF 2.1.0 (OASIS Standard), with one rule for each that is used.
func SARIF(w io.Writer, r *scan.Report, pack *rules.Pack, o Options) error {
	list := []sarifRule{}
	index := map[string]int{}
	results := []sarifResult{}
	each(r, func(f *scan.File, occ *site.Occurrence, print string) {
		if _, ok := index[occ.Rule]; !ok {
			index[occ.Rule] = len(list)
			list = append(list, sarifRuleOf(pack, occ.Rule))
		}
		res := sarifResult{RuleID: occ.Rule, RuleIndex: index[occ.Rule], Level: severity(occ), Fingerprints: map[string]string{"site/v1": print}}
		res.Message.Text = fmt.Sprintf("%s: %s", occ.Class, occ.Reason)
		res.Locations = []sarifLocation{sarifPlace(r, f, occ)}
		results = append(results, res)
	})
	return encode(w, map[string]any{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json",
		"version": "2.1.0",
		"runs": []any{map[string]any{
			"tool":       map[string]any{"driver": map[string]any{"name": Tool, "version": o.Version, "rules": list}},
			"columnKind": "unicodeCodePoints",
			"results":    results,
		}},
	})
}

func sarifRuleOf(pack *rules.Pack, name string) sarifRule {
	rule, ok := pack.Rule(name)
	if !ok {
		rule = rules.Rule{Name: name, Summary: name}
	}
	out := sarifRule{ID: name, Short: sarifText{rule.Summary}, Full: sarifText{rule.Detail}}
	if out.Full.Text == "" {
		out.Full.Text = rule.Summary
	}
	out.Default.Level = "warning"
	return out
}

func sarifPlace(r *scan.Report, f *scan.File, occ *site.Occurrence) sarifLocation {
	var loc sarifLocation
	loc.Physical.Artifact.URI = uri(fullPath(r, f))
	line, col := codePoints(f, occ.Start)
	endLine, endCol := codePoints(f, occ.End)
	loc.Physical.Region = sarifRegion{line, col, endLine, endCol, occ.Start, occ.Len()}
	return loc
}
