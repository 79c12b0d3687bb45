package report

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"unicode/utf8"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

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
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifPath struct {
		Physical struct {
			Artifact sarifArtifact `json:"artifactLocation"`
		} `json:"physicalLocation"`
	}
	sarifNote struct {
		Level     string      `json:"level"`
		Message   sarifText   `json:"message"`
		Locations []sarifPath `json:"locations"`
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
			Artifact sarifArtifact `json:"artifactLocation"`
			Region   sarifRegion   `json:"region"`
		} `json:"physicalLocation"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
		State        string            `json:"baselineState,omitempty"`
	}
)

// SARIF writes what is left to do as SARIF 2.1.0 (OASIS Standard), with one rule for each that is used. With a baseline
// each result says whether it is new.
func SARIF(w io.Writer, r *scan.Report, pack *rules.Pack, o Options) error {
	list := []sarifRule{}
	index := map[string]int{}
	results := []sarifResult{}
	accepted := o.Baseline.accepted(r)
	each(r, o, func(f *scan.File, occ *site.Occurrence, print string) {
		if _, ok := index[occ.Rule]; !ok {
			index[occ.Rule] = len(list)
			list = append(list, sarifRuleOf(pack, occ.Rule))
		}
		res := sarifResult{RuleID: occ.Rule, RuleIndex: index[occ.Rule], Level: severity(occ), Fingerprints: map[string]string{"site/v1": print}}
		res.Message.Text = fmt.Sprintf("%s: %s", occ.Class, occ.Reason)
		res.Locations = []sarifLocation{sarifPlace(o.name(r, f.Root, f.Path), f, occ)}
		switch {
		case o.Baseline == nil:
		case accepted[occ]:
			res.State = "unchanged"
		default:
			res.State = "new"
		}
		results = append(results, res)
	})
	return encode(w, map[string]any{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json",
		"version": "2.1.0",
		"runs": []any{map[string]any{
			"tool":        map[string]any{"driver": map[string]any{"name": Tool, "version": o.Version, "rules": list}},
			"columnKind":  "unicodeCodePoints",
			"invocations": []any{map[string]any{"executionSuccessful": !r.Incomplete(), "toolExecutionNotifications": sarifSkips(r, o)}},
			"results":     results,
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

func sarifPlace(name string, f *scan.File, occ *site.Occurrence) sarifLocation {
	var loc sarifLocation
	loc.Physical.Artifact.URI = uri(name)
	line, col := codePoints(f, occ.Start)
	endLine, endCol := codePoints(f, occ.End)
	loc.Physical.Region = sarifRegion{line, col, endLine, endCol, occ.Start, occ.Len()}
	return loc
}

// sarifSkips are the paths that were not looked at, or not fully.
func sarifSkips(r *scan.Report, o Options) []sarifNote {
	notes := []sarifNote{}
	for _, s := range r.Skipped {
		note := sarifNote{Level: "error", Message: sarifText{"skipped: " + s.Reason}}
		if s.Minor {
			note.Level = "note"
		}
		note.Locations = make([]sarifPath, 1)
		note.Locations[0].Physical.Artifact.URI = uri(o.name(r, s.Root, s.Path))
		notes = append(notes, note)
	}
	return notes
}

// uri is a path as a relative reference (RFC 3986).
func uri(path string) string { return (&url.URL{Path: path}).String() }

// codePoints is a position with the column in Unicode code points, as SARIF counts: a byte order mark is no part of the
// text.
func codePoints(f *scan.File, off int) (line, column int) {
	line, n := f.Lines.Position(off)
	before := f.Src[off-n+1 : off]
	if line == 1 {
		before = bytes.TrimPrefix(before, []byte("\ufeff"))
	}
	return line, utf8.RuneCount(before) + 1
}
