package scan

import (
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// resolutionOrder is the sources in their order; the first that holds counts.
func (ws *Workspace) resolutionOrder() []instanceSource {
	if ws.order != nil {
		return ws.order
	}
	return []instanceSource{
		{FromDecision, (*scanner).byDecision, true},
		{FromUses, (*scanner).byTakes, true},
		{FromRoot, (*scanner).byRoot, false},
		{FromRoot, (*scanner).byObject, false},
		{FromName, (*scanner).byName, false},
		{FromUses, (*scanner).byUses, false},
		{FromCaller, (*scanner).byCaller, false},
		{FromPlace, (*scanner).byPlace, false},
	}
}

// byTakes moves a site to where its value is read: there is no instance here, or the root directory that a call names is
// known there only.
func (s *scanner) byTakes(f *File, occ *site.Occurrence) bool {
	slot := occ.Slot
	if slot.Language == "shell" && s.atItsUses(f, occ) {
		return true
	}
	if slot.Root != nil || slot.Foreign != "" || slot.UnsafeReason != "" {
		return false
	}
	rooted := slices.ContainsFunc(occ.Takes, func(t site.Take) bool { return t.Slot.Root != nil })
	return (len(slot.Names) == 0 || rooted) && s.spread(f, occ)
}

// byRoot takes the root directory that the call itself gets. One that is no instance's is a source of nothing, and no other
// source counts beside it.
func (s *scanner) byRoot(_ *File, occ *site.Occurrence) bool {
	if slot := occ.Slot; slot.Foreign == "" && slot.Root != nil {
		occ.Instance = slot.Root.Expr
	}
	return occ.Slot.Foreign != "" || occ.Slot.Root != nil
}

// byObject takes the directory of an object in scope.
func (s *scanner) byObject(_ *File, occ *site.Occurrence) bool {
	slot := occ.Slot
	if len(slot.Names) == 0 || slot.Names[0].How != "root" {
		return false
	}
	slot.Root = &slot.Names[0]
	occ.Instance = slot.Root.Expr
	return true
}

// byName takes a name in scope, with the directory that the other calls of a script give it.
func (s *scanner) byName(f *File, occ *site.Occurrence) bool {
	slot := occ.Slot
	if len(slot.Names) == 0 {
		return false
	}
	occ.Instance = slot.Names[0].Expr
	if root := s.besides(f, slot); root != "" {
		slot.Root = &site.Name{Expr: root, How: "root"}
		occ.Instance, occ.InstanceFrom = root, FromRoot
	}
	return true
}

// byUses takes the name that is in scope at every use of a value.
func (s *scanner) byUses(f *File, occ *site.Occurrence) bool {
	expr := ""
	for _, u := range occ.Uses {
		file := u.File
		if file == "" {
			file = f.Path
		}
		names := s.namesAt(flow.Place{File: file, Span: u.Span})
		if len(names) == 0 {
			return false
		}
		if expr == "" {
			expr = names[0].Expr
		}
	}
	if occ.Instance = expr; expr != "" {
		occ.Caller = s.caller(f, occ) // which may be able to hand it down
	}
	return expr != ""
}

// byCaller takes the name that is in scope at the single call of the function that holds the site.
func (s *scanner) byCaller(f *File, occ *site.Occurrence) bool {
	if occ.Caller = s.caller(f, occ); occ.Caller == nil {
		return false
	}
	occ.Instance = occ.Caller.Instance.Expr
	return true
}

// byPlace takes the instance below whose directory the file lies.
func (s *scanner) byPlace(f *File, occ *site.Occurrence) bool {
	expr, root := s.placeName(f, occ.Slot)
	if root {
		occ.Slot.Root = &site.Name{Expr: expr, How: "root"}
	}
	occ.Instance = expr
	return expr != ""
}
