package venv

import (
	"context"
	"maps"
	"path/filepath"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/venv/installed"
)

// foreign tells whether Grove's own command line wrote the state: it says what it was built from and what was installed,
// and leaves the rest to be found out.
func (s State) foreign() bool { return s.Tree == "" && len(s.Contents) > 0 }

// contents are the digests of all that says what is to be installed, by path, as the other program computes them too.
func (k *Keeper) contents(set *requirement.Set, lock string) map[string]string {
	out := maps.Clone(set.Contents)
	if lock != "" {
		out[k.Workspace.LockName()] = lock
	}
	return out
}

// complete finds out what the state of another program does not say, and checks that environment as one is checked
// before its exchange.
func (i *inspection) complete(ctx context.Context) error {
	env := i.inst.Env()
	python, err := i.Finder.Ask(ctx, filepath.Join(env, "bin", "python"))
	if err != nil {
		if ctx.Err() == nil {
			i.verdict.add("interpreter-gone", "its interpreter does not run: "+err.Error())
		}
		return ctx.Err()
	}
	site, err := installed.Site(env)
	if err != nil {
		i.verdict.add("files-missing", "there is no site-packages")
		return nil
	}
	packages, faults, err := installed.Read(site)
	if err != nil {
		return err
	}
	more, err := installed.Verify(site, packages, true)
	if err != nil {
		return err
	}
	for _, f := range append(faults, more...) {
		i.verdict.add(f.Code, f.Text)
	}
	i.byHand(packages)
	s := &i.state
	s.Path, s.Python, s.Options, s.Side = i.inst.Dir, python, i.recorded(), i.side()
	s.fill(packages, i.set)
	if s.Lock, err = i.lockDigest(i.inst); err != nil {
		return err
	}
	if maps.Equal(s.Contents, i.contents(i.set, s.Lock)) {
		s.Requirements = Digested{i.set.Digest, i.set.Files}
	}
	s.Added = i.satisfied(s.Packages)
	if s.Requirements.Digest == i.set.Digest && !i.Quick {
		unmet, err := i.unmet(ctx, env, packages, s.Added)
		if err != nil {
			return err
		}
		for _, r := range unmet {
			i.verdict.add(r.Code, r.Text)
		}
	}
	if s.Tree, err = treeOf(env); err != nil {
		return err
	}
	i.adopts = true
	return nil
}

// satisfied are the needs of the installed Tutor that the requirements forget, and that are met all the same.
func (i *inspection) satisfied(packages map[string]string) []string {
	out := []string{}
	for _, need := range i.Facts().Missing(packages["tutor"], i.set.Lines) {
		at := strings.IndexAny(need+"<", "<>=!~")
		if have := packages[requirement.Normalise(strings.TrimSpace(need[:at]))]; have != "" && requirement.Within(have, need[at:]) {
			out = append(out, need)
		}
	}
	return out
}

// adopt writes the state of an environment that another program built, when it is to be kept. The lock is held.
func (i *inspection) adopt() error {
	if !i.adopts {
		return nil
	}
	tool := i.state.Tool
	i.state.Tool = i.Keeper.Tool
	err := i.state.write(i.inst.Env())
	if err == nil {
		i.verdict.Notes = append(i.verdict.Notes, Reason{"adopted", "it was built by " + tool + " and is taken over as it is"})
	}
	return err
}
