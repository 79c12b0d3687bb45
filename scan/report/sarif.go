package report

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"path"
	"unicode/utf8"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
	"gitlab.com/opencraft/dev/grove-migrate/scan/source"
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
		HelpURI string    `json:"helpUri"`
		Default struct {
			Level string `json:"level"`
		} `json:"defaultConfiguration"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
		ByteOffset  int `json:"byteOffset"`
		ByteLength  int `json:"byteLength"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifText    `json:"message,omitempty"`
	}
	sarifNote struct {
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifStep struct {
		Location sarifLocation `json:"location"`
	}
	sarifThread struct {
		Locations []sarifStep `json:"locations"`
	}
	sarifFlow struct {
		Threads []sarifThread `json:"threadFlows"`
	}
	sarifReplacement struct {
		Deleted  sarifRegion `json:"deletedRegion"`
		Inserted sarifText   `json:"insertedContent"`
	}
	sarifChange struct {
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifFix struct {
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Flows        []sarifFlow       `json:"codeFlows,omitempty"`
		Fixes        []sarifFix        `json:"fixes,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints"`
		State        string            `json:"baselineState,omitempty"`
	}
)

// documents is where the rules are explained, each under its name without the program's.
const documents = "https://gitlab.com/opencraft/dev/grove-migrate/-/blob/main/docs/rules.md#"

// sarifWriter makes the parts of one report.
type sarifWriter struct {
	r     *scan.Report
	o     Options
	pack  *rules.Pack
	atlas *Atlas
}

// SARIF writes what is left to do as SARIF 2.1.0 (OASIS Standard), with one rule for each that is used. With a baseline
// each result says whether it is new.
func SARIF(w io.Writer, r *scan.Report, pack *rules.Pack, o Options) error {
	list := []sarifRule{}
	index := map[string]int{}
	results := []sarifResult{}
	s := &sarifWriter{r, o, pack, NewAtlas(r)}
	accepted := o.Baseline.accepted(r)
	each(r, o, func(f *scan.File, occ *site.Occurrence, print string) {
		if _, ok := index[occ.Rule]; !ok {
			index[occ.Rule] = len(list)
			list = append(list, s.rule(occ.Rule))
		}
		res := sarifResult{RuleID: occ.Rule, RuleIndex: index[occ.Rule], Level: severity(occ), Fingerprints: map[string]string{"site/v1": print}}
		res.Message.Text = Says(occ)
		res.Locations = []sarifLocation{{Physical: sarifPhysical{s.artifact(f.Root, f.Path), regionOf(f.Src, f.Lines, occ.Start, occ.End)}}}
		res.Flows = s.flows(f, occ)
		res.Fixes = s.fixes(f, occ)
		switch {
		case o.Baseline == nil:
		case accepted[occ]:
			res.State = "unchanged"
		default:
			res.State = "new"
		}
		results = append(results, res)
	})
	run := map[string]any{
		"tool":        map[string]any{"driver": map[string]any{"name": Tool, "version": o.Version, "rules": list}},
		"columnKind":  "unicodeCodePoints",
		"invocations": []any{map[string]any{"executionSuccessful": !r.Incomplete(), "toolExecutionNotifications": s.skips()}},
		"results":     results,
	}
	if bases := s.bases(); len(bases) > 0 {
		run["originalUriBaseIds"] = bases
	}
	return encode(w, map[string]any{"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": []any{run}})
}

func (s *sarifWriter) rule(name string) sarifRule {
	rule, ok := s.pack.Rule(name)
	if !ok {
		rule = rules.Rule{Name: name, Summary: name}
	}
	out := sarifRule{ID: name, Short: sarifText{rule.Summary}, Full: sarifText{rule.Detail}, HelpURI: documents + path.Base(name)}
	if out.Full.Text == "" {
		out.Full.Text = rule.Summary
	}
	out.Default.Level = "warning"
	return out
}

// artifact names a file as its reader finds it.
func (s *sarifWriter) artifact(root *scan.Root, name string) sarifArtifact {
	out := sarifArtifact{URI: uri(s.o.name(s.r, root, name))}
	if s.o.Separate {
		out.Base = root.Key
	}
	return out
}

// bases say what the names of files are relative to, where that is not one repository.
func (s *sarifWriter) bases() map[string]any {
	out := map[string]any{}
	for _, root := range s.r.Roots {
		if s.o.Separate {
			out[root.Key] = map[string]any{"description": sarifText{fmt.Sprintf("the top of the repository of %s (%s)", root.Key, root.Role)}}
		}
	}
	return out
}

// flows lead from where a command is written to the call that runs it.
func (s *sarifWriter) flows(f *scan.File, occ *site.Occurrence) []sarifFlow {
	if len(occ.Trace) == 0 {
		return nil
	}
	var thread sarifThread
	for _, st := range occ.Trace {
		at := f.Path
		if st.File != "" {
			at = st.File
		}
		place := sarifLocation{Physical: sarifPhysical{Artifact: s.artifact(f.Root, at)}, Message: &sarifText{st.What}}
		if in := s.atlas.text(f, at); in.src != nil {
			place.Physical.Region = regionOf(in.src, in.lines, st.Start, st.End)
		}
		thread.Locations = append(thread.Locations, sarifStep{place})
	}
	return []sarifFlow{{[]sarifThread{thread}}}
}

// fixes are what a fix replaces, by file.
func (s *sarifWriter) fixes(f *scan.File, occ *site.Occurrence) []sarifFix {
	if s.o.Fix == nil {
		return nil
	}
	fix := sarifFix{Description: sarifText{"Use the environment of the instance"}}
	for _, r := range s.o.Fix(f, occ) {
		in := s.atlas.text(&scan.File{Root: r.Root}, r.Path)
		if in.src == nil || r.End > len(in.src) {
			return nil
		}
		artifact := s.artifact(r.Root, r.Path)
		if n := len(fix.Changes); n == 0 || fix.Changes[n-1].Artifact != artifact {
			fix.Changes = append(fix.Changes, sarifChange{Artifact: artifact})
		}
		last := &fix.Changes[len(fix.Changes)-1]
		last.Replacements = append(last.Replacements, sarifReplacement{*regionOf(in.src, in.lines, r.Start, r.End), sarifText{r.New}})
	}
	if len(fix.Changes) == 0 {
		return nil
	}
	return []sarifFix{fix}
}

// skips are the paths that were not looked at, or not fully.
func (s *sarifWriter) skips() []sarifNote {
	notes := []sarifNote{}
	for _, skip := range s.r.Skipped {
		note := sarifNote{Level: "error", Message: sarifText{"skipped: " + skip.Reason}}
		if skip.Minor {
			note.Level = "note"
		}
		note.Locations = []sarifLocation{{Physical: sarifPhysical{Artifact: s.artifact(skip.Root, skip.Path)}}}
		notes = append(notes, note)
	}
	return notes
}

// uri is a path as a relative reference (RFC 3986).
func uri(path string) string { return (&url.URL{Path: path}).String() }

// regionOf is a part of a text.
func regionOf(src []byte, lines source.Lines, start, end int) *sarifRegion {
	line, col := codePoints(src, lines, start)
	endLine, endCol := codePoints(src, lines, end)
	return &sarifRegion{line, col, endLine, endCol, start, end - start}
}

// codePoints is a position with the column in Unicode code points, as SARIF counts: a byte order mark is no part of the
// text.
func codePoints(src []byte, lines source.Lines, off int) (line, column int) {
	line, n := lines.Position(off)
	before := src[off-n+1 : off]
	if line == 1 {
		before = bytes.TrimPrefix(before, []byte("\ufeff"))
	}
	return line, utf8.RuneCount(before) + 1
}
