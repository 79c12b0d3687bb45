package venv

import (
	"bytes"
	"context"
	"os"
	"slices"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/venv/redact"
)

// resolve finds out which versions a build would install. It writes nothing into the instance.
func (b *build) resolve(ctx context.Context) (pins []requirement.Pin, err error) {
	if b.outside, err = os.MkdirTemp("", "grove-migrate-resolve-"); err != nil {
		return nil, err
	}
	var said bytes.Buffer
	b.log = redact.NewWriter(&said, b.Secrets)
	defer func() {
		os.RemoveAll(b.outside)
		b.outside, b.env, b.log, b.installing = "", "", nil, false
	}()
	locked, keep, err := b.locked()
	if err != nil {
		return nil, err
	}
	tutor := b.named(locked)
	for second := false; ; second = true {
		if err := b.choose(ctx, tutor); err != nil {
			return nil, err
		}
		if pins, err = b.install(ctx, locked, keep, nil); err != nil {
			b.log.Flush()
			return nil, &BuildError{Instance: b.inst.Name, Err: err, Serves: b.serves(), Tail: tail(bytes.NewReader(said.Bytes()))}
		}
		actual := b.named(pins)
		if second || actual == tutor || !b.unfit(actual) {
			return pins, nil
		}
		tutor, locked = actual, nil
	}
}

// settled tells whether a wish is granted without a build: nothing newer is
// there, or a lock of what is there was all that was asked for.
func (b *build) settled(ctx context.Context) (bool, error) {
	upgrade := b.wish.Upgrade || len(b.wish.Moved) > 0
	if b.wish.Reset || len(b.verdict.Reasons) > 0 || !upgrade && !b.wish.Lock {
		return false, nil
	}
	pins, err := b.resolve(ctx)
	if err != nil {
		return false, ctx.Err() // The build meets the same, and says it with its log.
	}
	if b.out.Changes = changes(b.state.content(), b.coming(pins)); len(b.out.Changes) > 0 {
		return false, nil
	}
	b.out = b.nothing()
	if upgrade {
		b.out.Notes = append(b.out.Notes, Reason{"nothing-newer", "there is nothing newer that the requirements allow"})
	}
	if b.wish.DryRun || !b.keepsLock() {
		return true, nil
	}
	return true, b.lockPresent(pins)
}

// lockPresent writes the lock of an environment that holds these pins already.
func (b *build) lockPresent(pins []requirement.Pin) error {
	if err := b.writeLock(pins); err != nil {
		return err
	}
	now, err := b.lockDigest(b.inst)
	if err != nil || now == b.state.Lock {
		return err
	}
	b.state.Lock = now
	b.out.Notes = append(b.out.Notes, Reason{"locked", b.Workspace.LockName() + " was written from what is there"})
	return b.state.write(b.inst.Env())
}

// knows tells whether a package is required, locked or installed here.
func (i *inspection) knows(name string) bool {
	name = requirement.Normalise(name)
	_, there := i.state.Packages[name]
	required := i.set != nil && slices.ContainsFunc(i.set.Lines, func(l requirement.Entry) bool { return l.Name == name })
	return there || required
}

// CheckUpgrade errs when a package that is to be upgraded is in none of the
// instances: it is misspelt.
func (k *Keeper) CheckUpgrade(instances []Instance, names []string) error {
	for _, name := range names {
		known := slices.ContainsFunc(instances, func(inst Instance) bool {
			i := &inspection{Keeper: k, inst: inst}
			i.set, _ = k.read(inst)
			i.state, _ = ReadState(inst.Env())
			return i.knows(name)
		})
		if !known {
			return usage("--upgrade=%s: no package of that name is required or installed", name)
		}
	}
	return nil
}
