package source

import "sort"

// Pierce adds those of the host's holes that stand in the script's text, in whole or in part.
func (g *Script) Pierce(holes []Hole) {
	last := -1
	for _, s := range g.Map.Segments {
		if s.File != "" || s.Len == 0 {
			continue
		}
		i := sort.Search(len(holes), func(i int) bool { return holes[i].End > s.Host })
		for ; i < len(holes) && holes[i].Start < s.Host+s.HostLen; i++ {
			h := holes[i]
			from, to := s.Script, s.Script+s.Len
			if !s.Atomic && s.Len == s.HostLen {
				from, to = s.Script+max(0, h.Start-s.Host), s.Script+min(s.Len, h.End-s.Host)
			}
			if n := len(g.Holes); i == last && n > 0 && g.Holes[n-1].End == from {
				g.Holes[n-1].End = to // the rest of a hole that an escape cut
				continue
			}
			h.Start, h.End = from, to
			g.Holes = append(g.Holes, h)
			last = i
		}
	}
	sort.SliceStable(g.Holes, func(i, j int) bool { return g.Holes[i].Start < g.Holes[j].Start })
	kept := g.Holes[:0]
	for _, h := range g.Holes {
		if n := len(kept); n > 0 && h.Start < kept[n-1].End {
			kept[n-1].End = max(kept[n-1].End, h.End)
			continue
		}
		kept = append(kept, h)
	}
	g.Holes = kept
}
