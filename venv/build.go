package venv

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/venv/bare"
	"gitlab.com/opencraft/dev/grove-migrate/venv/installed"
	"gitlab.com/opencraft/dev/grove-migrate/venv/installer"
	"gitlab.com/opencraft/dev/grove-migrate/venv/interpreter"
	"gitlab.com/opencraft/dev/grove-migrate/venv/launcher"
	"gitlab.com/opencraft/dev/grove-migrate/venv/redact"
)

// build makes one environment aside and puts it in place.
type build struct {
	*inspection
	wish Wish
	out  Outcome

	python interpreter.Python
	by     installer.Installer

	settings installer.Settings
	hashed   string // what asks for hash mode, or nothing
	tutor    string // the version that decides what is needed; empty when unknown
	added    []string
	env      string // where it is built
	site     string
	log      *redact.Writer

	// outside is a directory to resolve in, without installing anything.
	outside string
	// installing is true while the installer runs: its output explains a
	// failure then, and only then.
	installing bool
}

// run does it all. The lock is held.
func (b *build) run(ctx context.Context) error {
	b.event(b.inst, "starting", words(b.out.Reasons))
	log, err := openLog(b.inst.LogFile())
	if err != nil {
		return advised(b.inst, fmt.Errorf("the log: %w", err))
	}
	defer log.Close()
	b.log = redact.NewWriter(log, b.Secrets)
	locked, keep, err := b.locked()
	if err != nil {
		return err
	}
	err = b.attempts(ctx, locked, keep)
	b.log.Flush()
	if err == nil {
		return nil
	}
	if b.env != "" {
		os.RemoveAll(b.env)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var mistake *UsageError
	if errors.As(err, &mistake) {
		return err
	}
	failed := &BuildError{Instance: b.inst.Name, Err: err, Serves: b.serves(), Log: b.inst.LogFile()}
	if b.installing {
		failed.Tail = tail(log)
		if len(b.added) > 0 {
			failed.Added = fmt.Sprintf("besides the lines of %s, %s was asked for, which Tutor %s needs and does not name", b.Workspace.requirements(), strings.Join(b.added, " and "), b.tutor)
		}
	}
	return failed
}

// attempts builds once, or twice when only the result tells which Tutor it is
// and that one needs more than was known.
func (b *build) attempts(ctx context.Context, locked, keep []requirement.Pin) error {
	tutor := b.named(locked)
	for second := false; ; second = true {
		pins, state, err := b.fill(ctx, tutor, locked, keep)
		if err != nil {
			return err
		}
		actual := state.Packages["tutor"]
		if !second && actual != tutor && b.unfit(actual) {
			fmt.Fprintf(b.log, "this is Tutor %s: building again with what it needs\n", actual)
			if err := os.RemoveAll(b.env); err != nil {
				return err
			}
			tutor, locked = actual, nil
			continue
		}
		if err := b.accept(ctx, state); err != nil {
			return err
		}
		return b.finish(pins, state)
	}
}

// named is the Tutor version that is known before anything is resolved.
func (b *build) named(locked []requirement.Pin) string {
	for _, p := range locked {
		if p.Name == "tutor" && p.Version != "" {
			return p.Version
		}
	}
	return pinnedTutor(b.set.Lines)
}

// unfit tells whether a Tutor needs more than was chosen for another one.
func (b *build) unfit(tutor string) bool {
	lacks := slices.ContainsFunc(b.Facts().Missing(tutor, b.set.Lines), func(n string) bool { return !slices.Contains(b.added, n) })
	return lacks || !requirement.Within(b.python.Version, b.Facts().Release(tutor).Python)
}

// choose settles the interpreter, the installer and what is to be added, for a
// Tutor version that may be unknown.
func (b *build) choose(ctx context.Context, tutor string) error {
	pin, from := b.pin()
	want := interpreter.Want{Pin: pin, From: from, Range: b.Facts().Release(tutor).Python}
	if tutor != "" {
		want.Why = "Tutor " + tutor
	}
	python, why, err := b.Finder.Find(ctx, want)
	if err != nil {
		return err
	}
	b.python, b.added = python, b.Facts().Missing(tutor, b.set.Lines)
	b.by, err = b.installer(ctx, python)
	if err != nil {
		return err
	}
	b.settings, b.tutor = b.by.Settings(b.Environ), tutor
	b.Secrets.AddURLs(b.settings.Text())
	if b.hashed = hashMode(b.set.Lines); b.hashed == "" && b.settings.RequireHashes {
		b.hashed = "a setting of " + b.by.Name()
	}
	b.noteIgnored()
	if err := b.checkHashes(); err != nil {
		return err
	}
	b.out.Python, b.out.Chosen = python.Executable+" ("+python.Version+")", why
	b.out.By, b.out.Added = b.by.Name(), b.added
	b.event(b.inst, "python", fmt.Sprintf("%s, %s; %s", b.out.Python, why, b.by.Name()))
	return nil
}

// noteIgnored says once in a run which settings of the person's do not hold.
func (b *build) noteIgnored() {
	if len(b.settings.Ignored) > 0 {
		b.ignored.Do(func() {
			b.out.Notes = append(b.out.Notes, Reason{"settings-ignored", "these settings do not hold for environments, because they change what is installed, or where: " + strings.Join(b.settings.Ignored, ", ")})
		})
	}
}

// fill makes the environment aside, up to its state.
func (b *build) fill(ctx context.Context, tutor string, locked, keep []requirement.Pin) ([]requirement.Pin, State, error) {
	if err := b.choose(ctx, tutor); err != nil {
		return nil, State{}, err
	}
	pins, err := b.install(ctx, locked, keep, nil)
	if err != nil {
		return nil, State{}, err
	}
	state, err := b.examine()
	var bad *faulty
	if errors.As(err, &bad) && !b.usesPip() && ctx.Err() == nil {
		// Where another program links files of the cache into its
		// environments, one that was changed in place comes back. Fetch again.
		fmt.Fprintf(b.log, "%v: cleaning the cache and installing again\n", err)
		if err := os.RemoveAll(b.env); err != nil {
			return nil, State{}, err
		}
		if pins, err = b.install(ctx, locked, keep, bad.packages()); err != nil {
			return nil, State{}, err
		}
		state, err = b.examine()
	}
	return pins, state, err
}

// accept judges what was built, and errs when it is not what was asked for.
func (b *build) accept(ctx context.Context, state State) error {
	if was := b.state.Packages["tutor"]; was != "" && state.Packages["tutor"] == "" && b.serves() && !b.wish.AllowEmpty {
		return fmt.Errorf("nothing in %s brings Tutor any more, and Tutor %s is there: was it cut short? To have an environment without Tutor, add --allow-empty", b.Workspace.requirements(), was)
	}
	enabled, err := b.enabled(b.inst)
	if err != nil {
		return err
	}
	if against := append(b.unsupported(state), b.judge(state, enabled, b.inst)...); len(against) > 0 {
		return errors.New(words(against) + "; " + against[0].Remedy(b.inst.Name))
	}
	packages, _, err := installed.Read(b.site)
	if err != nil {
		return err
	}
	against, err := b.unmet(ctx, b.env, packages, b.added)
	if len(against) > 0 {
		return errors.New(words(against))
	}
	return err
}

func (b *build) install(ctx context.Context, locked, keep []requirement.Pin, repair []string) ([]requirement.Pin, error) {
	b.env = filepath.Join(cmp.Or(b.outside, b.inst.Dir), ".venv.new-"+randomHex(4))
	var err error
	if b.site, err = bare.Make(b.env, b.python); err != nil {
		return nil, err
	}
	wheel, err := b.python.PipWheel()
	if b.usesPip() {
		if err == nil {
			err = bare.AddPip(b.env, b.site, wheel)
		}
		if err != nil {
			return nil, err
		}
	}
	job := installer.Job{
		Env: b.env, Dir: b.inst.Dir, Python: b.python, Lines: b.set.Lines, Added: b.added, Why: "Tutor " + b.tutor,
		Locked: locked, Keep: b.kept(keep), PipWheel: wheel, Pinned: b.keepsLock(), Repair: repair, Hashed: b.hashed != "",
		Options: b.options(), Settings: b.settings, Log: b.log,
		Phase: func(verb, detail string) { b.event(b.inst, verb, detail) },
	}
	b.installing = true
	act := b.by.Install
	if b.outside != "" {
		act = b.by.Resolve
	}
	pins, err := act(ctx, job)
	b.installing = err != nil
	return pins, err
}

func (b *build) usesPip() bool {
	_, pip := b.by.(installer.Pip)
	return pip
}

// faulty is an installation that does not match its own records.
type faulty struct{ faults []installed.Fault }

func (f *faulty) Error() string {
	var out []string
	for _, one := range f.faults {
		out = append(out, one.Text)
	}
	return "the installer left a faulty environment: " + strings.Join(out, "; ")
}

func (f *faulty) packages() []string {
	var out []string
	for _, one := range f.faults {
		if one.Package != "" {
			out = append(out, one.Package)
		}
	}
	return out
}

// examine makes the launchers find their own place, checks everything, and
// returns the state without its tree.
func (b *build) examine() (State, error) {
	b.event(b.inst, "checking", "")
	changed, err := launcher.Rewrite(b.env)
	if err != nil {
		return State{}, err
	}
	if err := settleModes(b.env); err != nil {
		return State{}, err
	}
	packages, faults, err := installed.Read(b.site)
	if err != nil {
		return State{}, err
	}
	files := make([]string, len(changed))
	for i, name := range changed {
		files[i] = filepath.Join(b.env, "bin", name)
	}
	masked, err := b.maskSources(packages)
	if err != nil {
		return State{}, err
	}
	if err := installed.Rerecord(b.site, packages, append(files, masked...)); err != nil {
		return State{}, err
	}
	// Hashes are compared in every build: a cache may hold what somebody edited.
	more, err := installed.Verify(b.site, packages, true)
	if err != nil {
		return State{}, err
	}
	if faults = append(faults, more...); len(faults) > 0 {
		return State{}, &faulty{faults}
	}
	return b.describe(packages), nil
}

// settleModes gives everything in an environment the modes that the umask gives now: what comes from a cache or an archive
// has those of another day. The environment's own directory shows the umask.
func settleModes(env string) error {
	top, err := os.Stat(env)
	if err != nil {
		return err
	}
	return filepath.WalkDir(env, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() && !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		mode := top.Mode().Perm()
		if !d.IsDir() && info.Mode()&0o111 == 0 {
			mode &= 0o666
		}
		if info.Mode().Perm() == mode {
			return nil
		}
		return os.Chmod(name, info.Mode()&fs.ModeSetgid|mode)
	})
}

// maskSources takes secrets out of the files in which installers note where a
// package came from.
func (b *build) maskSources(packages []installed.Package) ([]string, error) {
	var changed []string
	for i, p := range packages {
		if p.Source == nil {
			continue
		}
		name := filepath.Join(b.site, p.Meta, "direct_url.json")
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if clean := b.Secrets.Text(string(text)); clean != string(text) {
			clean = strings.ReplaceAll(clean, redact.Mask+"@", "")
			if err := errors.Join(os.Remove(name), os.WriteFile(name, []byte(clean), 0o666)); err != nil {
				return nil, err
			}
			changed = append(changed, name)
		}
		packages[i].Source.URL = b.Secrets.Text(requirement.Bare(p.Source.URL))
	}
	return changed, nil
}

func (b *build) describe(packages []installed.Package) State {
	s := State{
		Version: StateVersion, Tool: b.Tool, ID: randomHex(16), Instance: b.inst.Name, Path: b.inst.Dir,
		Built: time.Now().UTC().Format(time.RFC3339), Installer: b.by.Name(), Python: b.python,
		Requirements: Digested{b.set.Digest, b.set.Files}, Added: append([]string{}, b.added...), Options: b.recorded(), Side: b.side(),
	}
	s.fill(packages, b.set)
	slices.Sort(s.Added)
	return s
}

// finish writes the lock and the state, and exchanges.
func (b *build) finish(pins []requirement.Pin, state State) error {
	if state.Packages["tutor"] == "" {
		b.out.Notes = append(b.out.Notes, Reason{"no-tutor", "there is no Tutor in it: " + b.Workspace.requirements() + " does not name it"})
	}
	if b.keepsLock() {
		if err := b.writeLock(pins); err != nil {
			return err
		}
	}
	var err error
	if state.Lock, err = b.lockDigest(b.inst); err != nil {
		return err
	}
	state.Contents = b.contents(b.set, state.Lock)
	if err := os.MkdirAll(filepath.Dir(filepath.Join(b.env, treeFile)), 0o777); err != nil {
		return err
	}
	if state.Tree, err = treeOf(b.env); err != nil {
		return err
	}
	if err := state.write(b.env); err != nil {
		return err
	}
	b.event(b.inst, "exchanging", "")
	replaced, err := b.Names.Swap(b.env, b.inst.Env(), filepath.Join(b.inst.Dir, ".venv.old-"+randomHex(4)))
	if err != nil {
		return err
	}
	b.env = ""
	b.out.Tutor, b.out.Packages = state.Packages["tutor"], len(state.Packages)
	if b.state.ID != "" {
		b.out.Changes = changes(b.state.content(), state.content())
	}
	if replaced != "" {
		// The new one is in place whatever happens now; the next update tidies.
		left, err := b.inst.retire(replaced, b.verdict.Status < Broken)
		if err != nil {
			left = []Reason{{"left-behind", "the old environment could not be removed: " + err.Error()}}
		}
		b.out.Notes = append(b.out.Notes, left...)
	}
	return nil
}

// chosen is the installer that was found, once for a run.
type chosen struct {
	once sync.Once
	uv   *installer.UV
}

// installer picks uv when it is there and knows this Python, else pip.
// GROVE_VENV_INSTALLER forces one of them.
func (k *Keeper) installer(ctx context.Context, python interpreter.Python) (installer.Installer, error) {
	forced := k.getenv("GROVE_VENV_INSTALLER")
	if forced != "" && forced != "uv" && forced != "pip" {
		return nil, usage("GROVE_VENV_INSTALLER is %q: it can be uv or pip", forced)
	}
	if forced != "pip" {
		k.uv.once.Do(func() { k.uv.uv = installer.FindUV(ctx, k.getenv("PATH"), k.Environ) })
		if k.uv.uv != nil && k.uv.uv.Runs(python.Version) {
			return k.uv.uv, nil
		}
		if forced == "uv" {
			return nil, usage("GROVE_VENV_INSTALLER is uv, and there is no uv on the path that works with Python %s", python.Version)
		}
	}
	wheel, err := python.PipWheel()
	if err != nil {
		return nil, err
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(wheel), "pip-"), "-")
	return installer.Pip{Version: name}, nil
}

// tailLines is how much of a log is shown when a build failed.
const tailLines = 12

func tail(log io.ReadSeeker) []string {
	const window = 8 << 10 // bytes
	end, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return nil
	}
	if _, err := log.Seek(max(0, end-window), io.SeekStart); err != nil {
		return nil
	}
	text, err := io.ReadAll(log)
	if err != nil {
		return nil
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return nil
	}
	return lines[max(0, len(lines)-tailLines):]
}
