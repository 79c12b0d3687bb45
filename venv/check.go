package venv

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/venv/installed"
	"gitlab.com/opencraft/dev/grove-migrate/venv/interpreter"
	"gitlab.com/opencraft/dev/grove-migrate/venv/launcher"
	"gitlab.com/opencraft/dev/grove-migrate/venv/tree"
)

// inspection is one look at one environment.
type inspection struct {
	*Keeper
	Question
	inst    Instance
	set     *requirement.Set
	state   State
	verdict Verdict
	adopts  bool      // the state was completed, and an update writes it
	tree    tree.Tree // when all of it had to be read, and it is the one that was built
}

// Question says how closely to look.
type Question struct {
	Verify  bool   // compare hashes too
	Refresh bool   // ask git servers whether branches have moved
	Python  string // what --python says
	// Quick looks at no more files than those of Tutor and the enabled plugins: what else is missing Python itself will name.
	Quick bool
	// CompareOptions looks at what only an update compares: the options of the
	// environment, and the flags when any was given.
	CompareOptions bool
}

// Check looks at one environment and changes nothing. The error is a
// [*UsageError] when requirements or configuration are wrong.
func (k *Keeper) Check(ctx context.Context, inst Instance, q Question) (Verdict, error) {
	i, err := k.inspect(ctx, inst, q)
	return i.verdict, k.Secrets.Error(err)
}

// inspect looks, and looks again when the environment was replaced meanwhile:
// the first half of what was seen is then of the old one.
func (k *Keeper) inspect(ctx context.Context, inst Instance, q Question) (i *inspection, err error) {
	const looks = 5 // Nobody replaces an environment that often.
	for range looks {
		i, err = k.look(ctx, inst, q)
		if err == nil && i.verdict.Status == InSync {
			break
		}
		if now, stateErr := ReadState(inst.Env()); stateErr != nil || now.ID == i.state.ID {
			break
		}
	}
	return i, err
}

func (k *Keeper) look(ctx context.Context, inst Instance, q Question) (*inspection, error) {
	i := &inspection{Keeper: k, Question: q, inst: inst, verdict: Verdict{Instance: inst.Name, Reasons: []Reason{}}}
	set, err := k.read(inst)
	if errors.Is(err, fs.ErrNotExist) {
		i.verdict.add("no-requirements", fmt.Sprintf("there is no %s", k.Workspace.requirements()))
		return i, nil
	}
	if err != nil {
		return i, err
	}
	i.set = set
	if !i.place() {
		return i, nil
	}
	state, err := ReadState(inst.Env())
	if err != nil {
		i.stateless(err)
		return i, nil
	}
	i.state = state
	if state.foreign() {
		if err := i.complete(ctx); err != nil || !i.adopts {
			return i, err
		}
	}
	i.verdict.Tutor, i.verdict.Python = state.Packages["tutor"], state.Python.Version
	if err := i.interpreter(ctx); err != nil {
		return i, err
	}
	if err := i.files(ctx); err != nil {
		return i, err
	}
	i.origin()
	i.wishes()
	if err := i.tutor(); err != nil {
		return i, err
	}
	if q.Refresh {
		return i, i.sources(ctx)
	}
	return i, nil
}

// read reads the instance's requirements.
func (k *Keeper) read(inst Instance) (*requirement.Set, error) {
	root, err := os.OpenRoot(k.Workspace.Root)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	set, err := requirement.Read(requirement.Source{
		Root: root, Base: k.Workspace.Root, Dir: path.Join("instances", inst.Name),
		Name: k.Workspace.requirements(), Env: k.getenv, Secrets: k.Secrets,
	})
	var mistake *requirement.Error
	if errors.As(err, &mistake) {
		return nil, usage("instances/%s/%w", inst.Name, err)
	}
	return set, err
}

// place looks at what is at .venv without looking into it.
func (i *inspection) place() bool {
	info, err := os.Lstat(i.inst.Env())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		text := "there is no .venv"
		if aside, _ := i.inst.aside(); len(aside) > 0 {
			text += ", and an update was cut short: run `venv update " + i.inst.Name + "`"
		}
		i.verdict.add("missing", text)
		return false
	case err != nil:
		i.verdict.add("not-an-environment", err.Error())
		return false
	}
	if why := foreign(i.inst.Env(), info); why != "" {
		i.verdict.add("not-an-environment", why)
		return false
	}
	return true
}

// stateless names what can be seen of an environment that has no state.
func (i *inspection) stateless(err error) {
	if !errors.Is(err, fs.ErrNotExist) {
		i.verdict.add("state-unreadable", err.Error())
		return
	}
	i.verdict.add("half-built", "it has no "+stateFile+": its build never ended, or another program made it")
	base, err := filepath.EvalSymlinks(filepath.Join(i.inst.Env(), "bin", "python"))
	if err != nil {
		i.verdict.add("interpreter-gone", "bin/python points to nothing")
		base = ""
	}
	i.launchers(base)
}

// launchers names the scripts that run another environment's Python.
func (i *inspection) launchers(base string) {
	found, err := launcher.Foreign(i.inst.Env(), base)
	if err != nil {
		return // No bin: other reasons say so.
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		i.verdict.add("foreign-launcher", fmt.Sprintf("moved or copied: bin/%s runs %s", name, found[name]))
	}
}

func (i *inspection) interpreter(ctx context.Context) error {
	link := filepath.Join(i.inst.Env(), "bin", "python")
	was := i.state.Python
	if _, err := os.Stat(link); err != nil {
		if i.onOtherSide() {
			return nil
		}
		i.verdict.add("interpreter-gone", fmt.Sprintf("its interpreter %s (Python %s) is gone", was.Executable, was.Version))
		return nil
	}
	if !was.Same() {
		now, err := i.Finder.Ask(ctx, was.Executable)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if why := was.Differs(now); (err != nil || why != "") && i.onOtherSide() {
			return nil
		}
		if err != nil {
			i.verdict.add("interpreter-gone", "its interpreter does not run: "+err.Error())
		} else if why := was.Differs(now); why != "" {
			i.verdict.add("interpreter-changed", "it "+why)
		}
	}
	pin, from := i.pin()
	if pin != "" && !strings.ContainsRune(pin, '/') && len(requirement.Numbers(strings.TrimPrefix(pin, "python"))) > 0 {
		if !requirement.Matches(was.Version, strings.TrimPrefix(pin, "python")) {
			i.verdict.add("python-pin", fmt.Sprintf("%s wants Python %s, and it has %s", from, pin, was.Version))
		}
	} else if pin != "" {
		now, _, err := i.Finder.Find(ctx, interpreter.Want{Pin: pin, From: from})
		if err != nil {
			return &UsageError{err}
		}
		if now.Executable != was.Executable {
			i.verdict.add("python-pin", fmt.Sprintf("%s wants %s, and it has %s", from, now.Executable, was.Executable))
		}
	}
	return nil
}

// pin is the interpreter that somebody asked for, and who.
func (i *inspection) pin() (pin, from string) {
	if i.Python != "" {
		return i.Python, "--python"
	}
	text, err := os.ReadFile(filepath.Join(i.inst.Dir, ".python-version"))
	if err != nil {
		return "", ""
	}
	for line := range strings.Lines(string(text)) {
		// The first word of the first line that is no comment, as pyenv and uv read it.
		words := strings.Fields(strings.TrimPrefix(line, "\ufeff"))
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if words[0] == "system" {
			return "", "" // pyenv's word for whatever the path has
		}
		return words[0], ".python-version"
	}
	return "", ""
}

// files compares what is on the disk with what was built. The tree's digest
// says in one go that nothing is missing, added or resized; only when it
// differs are the RECORD files asked what to call it.
func (i *inspection) files(ctx context.Context) error {
	env := i.inst.Env()
	if dead, _ := launcher.Unexecutable(env); len(dead) > 0 {
		i.verdict.add("not-executable", "bin/"+strings.Join(dead, ", bin/")+" cannot be executed")
	}
	if i.Quick {
		return i.needed()
	}
	if same, err := i.sameTree(); err != nil || same && !i.Verify {
		return err
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
	more, err := installed.Verify(site, packages, i.Verify)
	if err != nil {
		return err
	}
	strays, err := installed.Strays(site, packages)
	if err != nil {
		return err
	}
	for _, f := range append(faults, more...) {
		i.verdict.add(f.Code, f.Text)
	}
	for _, name := range strays {
		i.verdict.add("by-hand", "site-packages/"+name+" belongs to no package")
	}
	i.byHand(packages)
	i.launchers(i.state.Python.Executable)
	if !i.Verify || i.verdict.Status == Broken || i.state.Requirements.Digest != i.set.Digest {
		return nil // What is wrong already is not asked for more.
	}
	unmet, err := i.unmet(ctx, env, packages, i.state.Added)
	for _, r := range unmet {
		i.verdict.add(r.Code, r.Text)
	}
	return err
}

// sameTree tells whether the tree is the one that was built.
func (i *inspection) sameTree() (bool, error) {
	env := i.inst.Env()
	if saved, err := os.ReadFile(filepath.Join(env, treeFile)); err == nil && tree.Unchanged(env, saved, i.state.Tree) {
		return true, nil
	}
	now, err := readTree(env)
	if err != nil || now.Digest != i.state.Tree {
		return false, err
	}
	i.tree = now
	return true, nil
}

// needed looks at the files of Tutor, and of the enabled plugins: Tutor only warns about one that it cannot load.
func (i *inspection) needed() error {
	enabled, err := i.enabled(i.inst)
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, name := range append(enabled, "") {
		if provider := cmp.Or(i.state.Plugins[name], "tutor"); i.state.Packages[provider] != "" {
			wanted[provider] = true
		}
	}
	site, err := installed.Site(i.inst.Env())
	if err != nil {
		i.verdict.add("files-missing", "there is no site-packages")
		return nil
	}
	packages, err := installed.Named(site)
	if err != nil {
		return err
	}
	packages = slices.DeleteFunc(packages, func(p installed.Package) bool { return !wanted[p.Name] })
	for _, p := range packages {
		delete(wanted, p.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		i.verdict.add("files-missing", fmt.Sprintf("%s %s is not there any more", name, i.state.Packages[name]))
	}
	faults, err := installed.Verify(site, packages, false)
	for _, f := range faults {
		i.verdict.add(f.Code, f.Text)
	}
	return err
}

func (i *inspection) byHand(packages []installed.Package) {
	now := map[string]string{}
	for _, p := range packages {
		now[p.Name] = p.Version
		switch was, known := i.state.Packages[p.Name]; {
		case !known:
			i.verdict.add("by-hand", fmt.Sprintf("%s %s was installed by hand", p.Name, p.Version))
		case was != p.Version:
			i.verdict.add("by-hand", fmt.Sprintf("%s was changed by hand from %s to %s", p.Name, was, p.Version))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(i.state.Packages)) {
		if _, there := now[name]; !there {
			i.verdict.add("by-hand", fmt.Sprintf("%s %s was removed by hand", name, i.state.Packages[name]))
		}
	}
}

// origin tells a copy from a move, and a move of the whole workspace, which is
// no fault, from both.
func (i *inspection) origin() {
	if i.state.Instance != i.inst.Name {
		if validName(i.state.Instance) && i.sameAs(i.state.Instance) {
			i.verdict.add("copied", "it was copied from the instance "+i.state.Instance)
		} else {
			i.verdict.add("moved", "it was built for the instance "+i.state.Instance+" and moved here")
		}
		return
	}
	if i.state.Path != i.inst.Dir && (i.state.Side == "" || i.state.Side == i.side()) {
		i.verdict.Notes = append(i.verdict.Notes, Reason{"relocated", "it was built at " + i.state.Path + " and works here too"})
	}
}

// sameAs tells whether an instance beside this one has the very same build.
func (i *inspection) sameAs(name string) bool {
	s, err := ReadState(filepath.Join(filepath.Dir(i.inst.Dir), name, ".venv"))
	return err == nil && s.ID == i.state.ID
}

// wishes compares what was asked for with what is asked for now.
func (i *inspection) wishes() {
	if was := i.state.Requirements; was.Digest != i.set.Digest {
		i.verdict.add("requirements-changed", changedFile(was.Files, i.set.Files))
	}
	if i.CompareOptions {
		now := i.recorded()
		if len(now.Flags) > 0 && !slices.Equal(now.Flags, i.state.Options.Flags) {
			i.verdict.add("options-changed", "installer options changed: "+changedOption(i.state.Options.Flags, now.Flags))
		}
		if !slices.Equal(now.Environment, i.state.Options.Environment) {
			i.verdict.add("options-changed", "installer options in the environment changed: "+changedOption(i.state.Options.Environment, now.Environment))
		}
	}
	if now, _ := i.lockDigest(i.inst); now != i.state.Lock {
		i.verdict.add("lock-changed", i.Workspace.LockName()+" is not the one that it was built from")
	}
	if i.held() {
		return
	}
	tutor := i.state.Packages["tutor"]
	for _, need := range i.Facts().Missing(tutor, i.set.Lines) {
		if !slices.Contains(i.state.Added, need) {
			i.verdict.add("needs-changed", fmt.Sprintf("Tutor %s needs %s", tutor, need))
		}
	}
}

func changedFile(was, now []requirement.Digested) string {
	for _, n := range now {
		at := slices.IndexFunc(was, func(w requirement.Digested) bool { return w.Path == n.Path })
		if at < 0 {
			return "requirements changed: " + n.Path + " is included now"
		}
		if was[at].Digest != n.Digest {
			return "requirements changed: " + n.Path
		}
	}
	for _, w := range was {
		if !slices.ContainsFunc(now, func(n requirement.Digested) bool { return w.Path == n.Path }) {
			return "requirements changed: " + w.Path + " is not included any more"
		}
	}
	return "requirements changed"
}

func changedOption(was, now []string) string {
	for _, n := range now {
		if !slices.Contains(was, n) {
			return "now " + n
		}
	}
	for _, w := range was {
		if !slices.Contains(now, w) {
			return "no longer " + w
		}
	}
	return "their order"
}

// lockDigest is that of the lock file's bytes; empty when there is none.
func (k *Keeper) lockDigest(inst Instance) (string, error) {
	digest, err := requirement.FileDigest(filepath.Join(inst.Dir, k.Workspace.LockName()))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return digest, err
}
