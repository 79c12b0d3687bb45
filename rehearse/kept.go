package rehearse

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// keptSite is a place that the migration leaves alone: a person has to decide on it, or has decided to keep it.
type keptSite struct {
	file     string // from the top of the workspace
	line     int
	action   site.Action
	reason   string
	dispatch bool     // it runs the name that its script was called by
	argv     []string // after the program, without what names the root directory; "" for what is not known
}

func (s *keptSite) String() string {
	return fmt.Sprintf("%s:%d is for %s: %s", s.file, s.line, map[site.Action]string{site.Review: "review", site.Keep: "keeping"}[s.action], s.reason)
}

// keptSites are the sites of a report that stay.
func keptSites(report *scan.Report) []keptSite {
	var out []keptSite
	if report == nil {
		return nil
	}
	top := newPlaces(scan.Workspace{Roots: report.Roots}).top
	for _, f := range report.Files {
		for _, o := range f.Occurrences {
			if o.Class != site.Invocation || o.Action != site.Review && o.Action != site.Keep {
				continue
			}
			line, _ := f.Lines.Position(o.Start)
			s := keptSite{file: path.Join(relative(top, f.Root.Dir), f.Path), line: line, action: o.Action, reason: o.Reason, dispatch: o.Kind == site.DispatchByName}
			if len(o.Argv) > 1 {
				s.argv = pattern(o.Argv[1:])
			}
			out = append(out, s)
		}
	}
	return out
}

// pattern is a command's words with "" in the place of those that are not known.
func pattern(argv []string) []string {
	var out []string
	for i := 0; i < len(argv); i++ {
		word := argv[i]
		switch {
		case word == "--root" || word == "-r":
			i++
			continue
		case strings.HasPrefix(word, "--root="):
			continue
		case strings.ContainsAny(word, "$`{}*<>@#()"):
			word = ""
		}
		out = append(out, word)
	}
	return out
}

// covering is the site by which a call is explained that did not move; nil when there is none. A site whose words are known
// explains calls with these words. One of which nothing is known explains calls that are left, and of those that are lost
// the ones that name no root directory: these belong to no instance, so nobody but a person could move them.
func covering(sites []keptSite, p Pair) *keptSite {
	call := p.Before
	var best *keptSite
	rank := 0
	for i := range sites {
		s := &sites[i]
		known := slices.ContainsFunc(s.argv, func(w string) bool { return w != "" })
		if !known && p.Verdict == Lost && call.Root != "" || known && !fits(s.argv, call.Arguments) {
			continue
		}
		own := 0
		switch {
		case s.file == call.Started:
			own = 3
		case s.reaches(call):
			own = 1
		default:
			continue
		}
		if known {
			own++
		}
		if own > rank {
			best, rank = s, own
		}
	}
	return best
}

// reaches reports whether the site may have made a call that another file started: as a module of the same program does, a job's
// script, or the wrapper of a container, of which nothing is seen inside. A helper may take a script out of any file: of a call
// without a root directory it is enough that all words are the same.
func (s *keptSite) reaches(c *Call) bool {
	own, its := path.Ext(s.file), c.language
	switch {
	case !c.traced, c.Root == "" && slices.Equal(s.argv, c.Arguments):
		return true
	case c.Job != "":
		return own == ".yml" || own == ".yaml" || own == its
	case c.Started == "" && its == "":
		return c.contained && (s.dispatch || c.Root == "")
	}
	return own == its && slices.Contains([]string{".py", ".rb", ".go"}, own)
}

// fits reports whether words are those of a pattern, in which "" stands for any number of them.
func fits(pattern, words []string) bool {
	if len(pattern) == 0 {
		return len(words) == 0
	}
	if pattern[0] != "" {
		return len(words) > 0 && words[0] == pattern[0] && fits(pattern[1:], words[1:])
	}
	for n := range len(words) + 1 {
		if fits(pattern[1:], words[n:]) {
			return true
		}
	}
	return false
}

// unexpected says how calls differ from those that were named; nothing when they do not.
func unexpected(wanted []rules.Wanted, calls []Call) string {
	var want, have []string
	bare := strings.NewReplacer("'", "", `"`, "", `\`, "") // quotes are left out of both
	for _, w := range wanted {
		want = append(want, strings.TrimSpace(strings.TrimPrefix(w.Instance, "-")+": "+strings.Join(strings.Fields(bare.Replace(w.Args)), " ")))
	}
	for _, c := range calls {
		have = append(have, strings.TrimSpace(c.Instance+": "+strings.Join(strings.Fields(bare.Replace(strings.Join(c.Arguments, " "))), " ")))
	}
	slices.Sort(want)
	slices.Sort(have)
	for _, w := range want {
		if !slices.Contains(have, w) {
			return fmt.Sprintf("the call %q that the rehearsal names is not made before the migration", w)
		}
	}
	for _, h := range have {
		if !slices.Contains(want, h) {
			return fmt.Sprintf("the call %q is made before the migration, and the rehearsal does not name it", h)
		}
	}
	return ""
}

func regular(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}
