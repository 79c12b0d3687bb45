package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/plan"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/report"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// fixesOf plans, and tells of each site what its fix replaces. A fix that makes or deletes a file cannot be told so.
func fixesOf(ctx context.Context, found *scan.Report, ws scan.Workspace) (func(*scan.File, *site.Occurrence) []report.Replacement, error) {
	p, err := plan.Make(ctx, found, ws, plan.Options{Bar: edit.Safe})
	if err != nil {
		return nil, err
	}
	roots := map[string]*scan.Root{}
	for _, root := range ws.Roots {
		roots[root.Key] = root
	}
	bySite := map[edit.Place]*edit.Fix{}
	for _, fix := range p.Fixes {
		bySite[edit.Place{File: fix.Site.File, Offset: fix.Site.Offset}] = fix
	}
	return func(f *scan.File, occ *site.Occurrence) []report.Replacement {
		fix := bySite[edit.Place{File: edit.File{Root: f.Root.Key, Path: f.Path}, Offset: occ.Start}]
		if fix == nil {
			return nil
		}
		var out []report.Replacement
		for _, c := range fix.Changes {
			if c.Create != nil || c.Delete {
				return nil
			}
			for _, e := range c.Edits {
				out = append(out, report.Replacement{Root: roots[c.File.Root], Path: c.File.Path, Start: e.Start, End: e.End, New: e.New})
			}
		}
		return out
	}, nil
}

// writeEach writes a report on each root into a file of its own, as a forge reads them: one for each project.
func (o *scanOptions) writeEach(found *scan.Report, opts report.Options) error {
	if err := os.MkdirAll(o.split, 0o755); err != nil {
		return fmt.Errorf("--split: %w", err)
	}
	for _, root := range found.Roots {
		var b bytes.Buffer
		one := found.Only(func(r *scan.Root, _ string) bool { return r == root })
		if err := report.CodeQuality(&b, one, opts); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
		name := strings.Trim(strings.NewReplacer("/", "-", "..", "").Replace(filepath.ToSlash(root.Key)), "-.")
		if name == "" {
			name = filepath.Base(root.Dir)
		}
		if err := os.WriteFile(filepath.Join(o.split, name+".json"), b.Bytes(), 0o644); err != nil {
			return fmt.Errorf("--split: %w", err)
		}
	}
	return nil
}
