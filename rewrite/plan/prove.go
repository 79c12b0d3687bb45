package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// fault is a site of the planned state that is not what the rules promise.
type fault struct {
	file *scan.File // as it would be
	occ  *site.Occurrence
}

// prove scans the planned state in memory: every rewritten site must be done, and no new site may be there.
func (p *planner) prove(ctx context.Context) ([]fault, error) {
	if len(p.plan.Files) == 0 {
		return nil, nil
	}
	after, err := scan.Scan(ctx, p.planned())
	if err != nil {
		return nil, fmt.Errorf("scan the planned state: %w", err)
	}
	open := p.openBefore()
	var faults []fault
	for _, f := range after.Files {
		for i := range f.Occurrences {
			occ := &f.Occurrences[i]
			if !occ.Class.Site() || occ.Action == site.Done || occ.Action == site.Keep || open[spot{f.Root.Key, f.Path, occ.Start}] {
				continue
			}
			faults = append(faults, fault{f, occ})
		}
	}
	return faults, nil
}

// spot is a place in a planned file.
type spot struct {
	root, path string
	off        int
}

// openBefore are the places, in the planned files, of the sites whose word no edit replaces.
func (p *planner) openBefore() map[spot]bool {
	edits := map[edit.File][]edit.Edit{}
	for _, f := range p.plan.Files {
		edits[edit.File{Root: f.Root.Key, Path: f.Path}] = f.Edits
	}
	open := map[spot]bool{}
	for _, f := range p.plan.Report.Files {
		key := edit.File{Root: f.Root.Key, Path: f.Path}
		for _, occ := range f.Occurrences {
			// A fix may leave the word where it stands: a constant stays as long as some of its uses have no instance.
			if at, stands := edit.Offset(edits[key], occ.Start); occ.Class.Site() && stands {
				open[spot{key.Root, key.Path, at}] = true
			}
		}
	}
	return open
}

// planned is the workspace as it would be after the plan.
func (p *planner) planned() scan.Workspace {
	ws := scan.Workspace{Pack: p.ws.Pack}
	byRoot := map[*scan.Root]map[string]File{}
	for _, f := range p.plan.Files {
		if byRoot[f.Root] == nil {
			byRoot[f.Root] = map[string]File{}
		}
		byRoot[f.Root][f.Path] = f
	}
	for _, r := range p.ws.Roots {
		next := *r
		changed := byRoot[r]
		next.Tree.Files = slices.DeleteFunc(slices.Clone(r.Tree.Files), func(path string) bool {
			_, is := changed[path]
			return is
		})
		for path, f := range changed {
			if f.Perm != 0 {
				next.Tree.Files = append(next.Tree.Files, path)
			}
		}
		sort.Strings(next.Tree.Files)
		next.Tree.ReadInto = nil
		next.Tree.Read = func(path string) ([]byte, error) {
			if f, ok := changed[path]; ok {
				if f.Perm == 0 {
					return nil, errors.New("is deleted by the plan")
				}
				return f.After, nil
			}
			src, _, err := p.files.read(edit.File{Root: r.Key, Path: path})
			return src, err
		}
		ws.Roots = append(ws.Roots, &next)
	}
	return ws
}
