package transaction

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// A file is never overwritten on trust. However short the time since it was
// looked at, somebody may have written to it; so what stands at its name is
// moved aside in one step, looked at there, and put back if it is not what was
// expected.

// replace gives the file temp the name target, at which the file with the
// fingerprint want stands. Where files cannot be exchanged, target is looked at
// just before instead.
func (d disk) replace(r *os.Root, temp, target string, want Fingerprint) error {
	err := d.exchange(r, temp, target)
	if errors.Is(err, errors.ErrUnsupported) {
		s, err := d.look(r, target)
		if err != nil {
			return err
		}
		if s.Fingerprint != want {
			return differs(want, s.Fingerprint)
		}
		return d.rename(r, temp, target)
	}
	if err != nil {
		return err
	}
	if err := d.expect(r, temp, want); err != nil {
		return errors.Join(err, d.exchange(r, temp, target))
	}
	return d.remove(r, temp)
}

// withdraw removes the file target, which has the fingerprint want. aside is a
// name for it until then.
func (d disk) withdraw(r *os.Root, target, aside string, want Fingerprint) error {
	// An interruption of publish leaves both names to one file, and rename(2)
	// does nothing, without an error, if that is so.
	if err := d.remove(r, aside); err != nil {
		return err
	}
	if err := d.rename(r, target, aside); err != nil {
		return err
	}
	if err := d.expect(r, aside, want); err != nil {
		return errors.Join(err, d.publish(r, aside, target))
	}
	return d.remove(r, aside)
}

// publish gives the file temp a name that must be free. A link does that
// without ever replacing anything; where there are no links the name is looked
// up first.
func (d disk) publish(r *os.Root, temp, name string) error {
	err := d.link(r, temp, name)
	if err == nil {
		return d.remove(r, temp)
	}
	if !errors.Is(err, syscall.EPERM) && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EMLINK) {
		return err
	}
	switch _, err := d.lstat(r, name); {
	case err == nil:
		return fmt.Errorf("%w already", fs.ErrExist)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return d.rename(r, temp, name)
}

// expect returns a reason if the file is not the one with the fingerprint.
func (d disk) expect(r *os.Root, name string, want Fingerprint) error {
	s, err := d.look(r, name)
	if err == nil && s.Fingerprint != want {
		err = differs(want, s.Fingerprint)
	}
	return err
}

// reclaim deals with what an interrupted change left at the name of a temporary
// file. The change was to turn target from one fingerprint into the other. What
// stands at temp is ours, whole or in part, and is removed, unless target was
// turned already: then it is what was moved aside, and if that is not what was
// expected, it belongs to somebody else and is put back. That, and everything
// that cannot be understood, is a reason.
func (d disk) reclaim(r *os.Root, temp, target string, from, into Fingerprint) error {
	s, err := d.look(r, temp)
	if err == nil && s.info == nil {
		return nil
	}
	if err != nil && !errors.As(err, new(reason)) {
		return err
	}
	if err == nil && (s.Fingerprint == from || s.Fingerprint == into) {
		return d.remove(r, temp)
	}
	now, err := d.look(r, target)
	switch {
	case err != nil:
		return err
	case now.Fingerprint == from:
		return d.remove(r, temp)
	case now.Fingerprint != into:
		return reason("was changed by somebody else, and so was " + temp)
	}
	if err := d.putBack(r, temp, target, into); err != nil {
		return err
	}
	return reason("was changed by somebody else in the moment it was written; that change is kept")
}

// putBack gives what was moved aside its name again, at which now is what was
// put there.
func (d disk) putBack(r *os.Root, temp, target string, now Fingerprint) error {
	if !now.Exists {
		return d.publish(r, temp, target)
	}
	err := d.exchange(r, temp, target)
	if errors.Is(err, errors.ErrUnsupported) {
		return d.rename(r, temp, target)
	}
	if err != nil {
		return err
	}
	return d.remove(r, temp)
}
