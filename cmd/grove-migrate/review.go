package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/diff"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/plan"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// reviewer asks a person for each fix, and remembers the answers while the plan is made anew.
type reviewer struct {
	term    *terminal
	in      *bufio.Reader
	ws      scan.Workspace
	answers map[string]bool             // by fix
	rules   map[string]bool             // rules of which all fixes are accepted
	files   map[edit.File]bool          // files that are skipped
	made    map[string][]rules.Decision // by the key of their root
	saved   *savedReview                // answers of a review that was interrupted, and of this one
	shown   map[string]bool             // changes that several fixes share and that were shown
	all     int                         // fixes to ask for
	stop    bool                        // apply what was accepted
	quit    bool                        // apply nothing
	ended   bool                        // there is no more input
	again   bool                        // a decision was made: plan anew
}

// review plans, asking for each fix. Answers become decisions, which are written to grove-migrate.yaml when the person
// wants it.
func review(ctx context.Context, term *terminal, ws scan.Workspace, found *scan.Report, o plan.Options) (*plan.Plan, error) {
	r := &reviewer{
		term: term, in: bufio.NewReader(term.in), ws: ws, answers: map[string]bool{}, rules: map[string]bool{},
		files: map[edit.File]bool{}, made: map[string][]rules.Decision{}, shown: map[string]bool{},
	}
	whole, err := plan.Make(ctx, found, ws, o)
	if err != nil {
		return nil, err
	}
	r.all = len(whole.Fixes)
	if err := r.resume(); err != nil {
		return nil, err
	}
	for {
		r.again = false
		o.Keep = r.keep
		p, err := plan.Make(ctx, found, ws, o)
		switch {
		case r.again:
			if found, err = scan.Scan(ctx, ws); err != nil {
				return nil, err
			}
			continue
		case r.ended:
			return nil, &exitError{exitFailure, errors.New("the input ended; nothing was applied, and the same command goes on where it stopped")}
		case r.quit:
			r.saved.forget()
			fmt.Fprintln(term.err, "nothing was applied")
			return nil, &exitError{status: exitOK}
		case err != nil:
			return nil, err
		}
		p, err = r.remember(ctx, found, o, p)
		r.saved.forget()
		return p, err
	}
}

const question = "apply this fix [y,n,a,s,e,w,q,? for what they mean]? "

const answersHelp = `  y  apply this fix
  n  leave this site as it is
  a  apply this fix and all that follow of the same rule
  s  leave everything else in this file as it is
  e  say which instance is meant here, and plan again
  w  apply what was accepted so far, and nothing else
  q  apply nothing at all
`

// keep is the person's answer to one fix.
func (r *reviewer) keep(f *edit.Fix) bool {
	key := f.String()
	switch answer, known := r.answers[key]; {
	case r.quit || r.ended || r.again || r.stop && !known:
		return false
	case known:
		return answer
	case r.files[f.Site.File]:
		return false
	case r.rules[f.Rule]:
		return true
	}
	if before := r.saved.Answers[identity(f)]; before != "" {
		kept, _ := r.answer(before, f)
		return r.take(key, kept)
	}
	r.show(f)
	for {
		fmt.Fprintf(r.term.err, "%d of %d: %s", len(r.answers)+1, max(r.all, len(r.answers)+1), question)
		line, err := r.in.ReadString('\n')
		if err != nil {
			r.ended = true
			return false
		}
		line = strings.TrimSpace(line)
		if line == "e" || line == "edit" {
			line = r.askInstance()
		}
		if kept, done := r.answer(line, f); done {
			r.saved.add(identity(f), line)
			return r.take(key, kept)
		}
	}
}

// take remembers an answer, unless everything is planned anew because of it.
func (r *reviewer) take(key string, kept bool) bool {
	if !r.again {
		r.answers[key] = kept
	}
	return kept
}

// askInstance is the answer "e INSTANCE"; without an instance it asks for help.
func (r *reviewer) askInstance() string {
	fmt.Fprint(r.term.err, "the instance, as the language there writes it (a name, $VARIABLE, an expression): ")
	line, err := r.in.ReadString('\n')
	if line = strings.TrimSpace(line); err != nil || line == "" {
		return "?"
	}
	return "e " + line
}

// answer acts on one answer. It reports whether the fix is kept, and whether the answer was one.
func (r *reviewer) answer(line string, f *edit.Fix) (kept, done bool) {
	if instance, ok := strings.CutPrefix(line, "e "); ok {
		r.edit(f, instance)
		return false, true
	}
	switch line {
	case "y", "yes":
		return true, true
	case "n", "no":
		r.decide(f, rules.Decision{Keep: "left as it is in a review"})
		return false, true
	case "a", "all":
		r.rules[f.Rule] = true
		return true, true
	case "s", "skip":
		r.files[f.Site.File] = true
		return false, true
	case "w", "write":
		r.stop = true
		return false, true
	case "q", "quit":
		r.quit = true
		return false, true
	}
	fmt.Fprint(r.term.err, answersHelp)
	return false, false
}

// edit has everything planned anew with an instance for a site.
func (r *reviewer) edit(f *edit.Fix, instance string) {
	d := rules.Decision{Instance: instance}
	r.decide(f, d)
	d.Path, d.Line = f.Site.File.Path, f.Site.Line
	for _, root := range r.ws.Roots {
		if root.Key == f.Site.File.Root {
			root.Config.Decisions = append([]rules.Decision{d}, root.Config.Decisions...)
		}
	}
	r.again = true
}

// decide remembers a decision about the site of a fix, in words that still hold when other fixes have moved its line.
func (r *reviewer) decide(f *edit.Fix, d rules.Decision) {
	d.Path, d.Line = f.Site.File.Path, f.Site.Line
	if src, err := r.source(f.Site.File); err == nil && f.Site.Line > 0 {
		d.Text, d.Line = rules.Narrow(src, f.Site.Offset)
	}
	r.made[f.Site.File.Root] = append(r.made[f.Site.File.Root], d)
}

// show prints one fix as a diff, without what it shares with one that was shown.
func (r *reviewer) show(f *edit.Fix) {
	fmt.Fprintf(r.term.err, "\n%s: %s [%s]\n", f.Site, f.Message, f.Rule)
	var files []diff.File
	known := false
	for _, c := range f.Changes {
		if c.Create != nil {
			if key := fmt.Sprint(c.File, c.Create.Content); r.shown[key] {
				known = true
			} else {
				r.shown[key] = true
				files = append(files, diff.Created(c.File.String(), []byte(c.Create.Content), c.Create.Perm()))
			}
			continue
		}
		edits := r.unseen(c)
		known = known || len(edits) < len(c.Edits)
		if src, err := r.source(c.File); err == nil && len(edits) > 0 {
			files = append(files, diff.File{Path: c.File.String(), Before: src, Edits: edits, OldMode: 0o644, NewMode: 0o644})
		}
	}
	if known {
		fmt.Fprintln(r.term.err, "with the definition that was shown before")
	}
	write := diff.Unified
	if r.term.colour {
		write = diff.Colored
	}
	var b bytes.Buffer
	if err := write(&b, files); err != nil {
		fmt.Fprintf(&b, "%v\n", err)
	}
	_, _ = io.Copy(r.term.err, &b)
}

// unseen are the edits of a change that no fix before it has shown.
func (r *reviewer) unseen(c edit.Change) []edit.Edit {
	var out []edit.Edit
	for _, e := range c.Edits {
		if key := fmt.Sprint(c.File, e); !r.shown[key] {
			r.shown[key] = true
			out = append(out, e)
		}
	}
	return out
}

// source is a file as it was read.
func (r *reviewer) source(f edit.File) ([]byte, error) {
	for _, root := range r.ws.Roots {
		if root.Key == f.Root {
			return root.Tree.Read(f.Path)
		}
	}
	return nil, fs.ErrNotExist
}

// resume offers to take the answers of a review that was interrupted.
func (r *reviewer) resume() error {
	r.saved = readReview(r.term, r.ws)
	n := len(r.saved.Answers)
	if n == 0 {
		return nil
	}
	fmt.Fprintf(r.term.err, "a review of these roots was interrupted after %s: go on with them? [Y/n] ", plural(n, "answer"))
	line, err := r.in.ReadString('\n')
	if err != nil {
		return &exitError{exitFailure, errors.New("the input ended; nothing was applied")}
	}
	if answer := strings.TrimSpace(line); answer == "n" || answer == "no" {
		r.saved.forget()
	}
	return nil
}

// remember offers to write the answers to the roots' configuration, as a part of the plan.
func (r *reviewer) remember(ctx context.Context, found *scan.Report, o plan.Options, p *plan.Plan) (*plan.Plan, error) {
	if len(r.made) == 0 {
		return p, nil
	}
	fmt.Fprintf(r.term.err, "\nwrite the answers to %s, so that they hold from now on? [y/N] ", rules.ConfigName)
	line, err := r.in.ReadString('\n')
	if answer := strings.TrimSpace(line); err != nil || answer != "y" && answer != "yes" {
		return p, nil
	}
	for _, root := range r.ws.Roots {
		if made := r.made[root.Key]; len(made) > 0 {
			o.Extra = append(o.Extra, plan.Decide(root, made))
		}
	}
	return plan.Make(ctx, found, r.ws, o)
}
