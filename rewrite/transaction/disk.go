package transaction

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"
)

// disk makes every call to the file system. All names are relative to an
// os.Root, so that no call can leave it whatever changes under our feet.
type disk struct {
	// trap, if set, is asked before and after each call and can make it
	// fail; tests also use it to be killed there.
	trap func(call, name string, after bool) error
}

func (d disk) do(call, name string, act func() error) error {
	if d.trap == nil {
		return act()
	}
	if err := d.trap(call, name, false); err != nil {
		return &fs.PathError{Op: call, Path: name, Err: err}
	}
	if err := act(); err != nil {
		return err
	}
	if err := d.trap(call, name, true); err != nil {
		return &fs.PathError{Op: call, Path: name, Err: err}
	}
	return nil
}

func (d disk) lstat(r *os.Root, name string) (info fs.FileInfo, err error) {
	err = d.do("lstat", name, func() error { info, err = r.Lstat(name); return err })
	return info, err
}

func (d disk) mkdir(r *os.Root, name string) error {
	return d.do("mkdir", name, func() error { return r.Mkdir(name, 0o777) })
}

func (d disk) rename(r *os.Root, from, to string) error {
	return d.do("rename", to, func() error { return r.Rename(from, to) })
}

func (d disk) link(r *os.Root, from, to string) error {
	return d.do("link", to, func() error { return r.Link(from, to) })
}

// exchange swaps two files of one directory.
func (d disk) exchange(r *os.Root, a, b string) error {
	return d.do("exchange", b, func() error { return exchange(r, a, b) })
}

// remove removes a file or an empty directory; it may be gone already.
func (d disk) remove(r *os.Root, name string) error {
	return d.do("remove", name, func() error {
		if err := r.Remove(name); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
}

func (d disk) removeAll(r *os.Root, name string) error {
	return d.do("remove", name, func() error { return r.RemoveAll(name) })
}

// sync makes the entries of a directory durable, where the file system can.
func (d disk) sync(r *os.Root, dir string) error {
	return d.do("syncdir", dir, func() error {
		f, err := r.Open(dir)
		if err != nil {
			return err
		}
		defer f.Close()
		// Some network file systems cannot sync a directory and say so.
		if err := f.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
		return nil
	})
}

// open opens a file for reading. It must be the regular file that info was
// found for: the name may have come to stand for a link or a pipe since.
func (d disk) open(r *os.Root, name string, info fs.FileInfo) (f *os.File, err error) {
	err = d.do("open", name, func() error { f, err = r.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0); return err })
	if err != nil {
		if f != nil {
			f.Close()
		}
		return nil, err
	}
	now, err := f.Stat()
	if err == nil && !os.SameFile(now, info) {
		err = fmt.Errorf("%s: replaced while it was read", name)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// create writes a new file with the bits of mode and makes its content
// durable. It fails if the name is taken. owner, if it is known, is kept.
func (d disk) create(r *os.Root, name string, content io.Reader, mode fs.FileMode, owner *owner) (err error) {
	var f *os.File
	err = d.do("create", name, func() error {
		f, err = r.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		return err
	})
	if f == nil {
		return err
	}
	defer func() { err = first(err, f.Close()) }()
	if err != nil {
		return err
	}
	if err := d.do("write", name, func() error { _, err := io.Copy(f, content); return err }); err != nil {
		return err
	}
	if err := d.do("chmod", name, func() error { // Changing the owner clears the setuid bit, so the mode comes last.
		if err := owner.give(f); err != nil {
			return err
		}
		return f.Chmod(mode)
	}); err != nil {
		return err
	}
	return d.do("fsync", name, f.Sync)
}

// first returns the first error that is not nil.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// seen is a file as it was found.
type seen struct {
	Fingerprint
	info    fs.FileInfo // nil if there is no file
	missing []string    // the directories above it that do not exist, outermost first
}

// A reason is why a file cannot be touched; it is an error whose text can
// stand behind a path.
type reason string

func (r reason) Error() string { return string(r) }

// look finds out what stands at a name. It returns a reason if it is nothing
// that may be replaced.
func (d disk) look(r *os.Root, name string) (seen, error) {
	s, err := d.glance(r, name)
	if err != nil || s.info == nil {
		return s, err
	}
	f, err := d.open(r, name, s.info)
	if err != nil {
		return s, err
	}
	defer f.Close()
	hash := sha256.New()
	var size int64
	err = d.do("read", name, func() error { size, err = io.Copy(hash, f); return err })
	if err != nil {
		return s, err
	}
	s.Fingerprint = Fingerprint{Exists: true, Size: size, Mode: s.info.Mode() & modeBits, SHA256: hex.EncodeToString(hash.Sum(nil))}
	return s, nil
}

// glance is look without reading the content: the fingerprint is left empty.
func (d disk) glance(r *os.Root, name string) (seen, error) {
	var s seen
	parts := strings.Split(name, "/")
	for i := range parts[:len(parts)-1] {
		dir := path.Join(parts[:i+1]...)
		info, err := d.lstat(r, dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			for j := i; j < len(parts)-1; j++ {
				s.missing = append(s.missing, path.Join(parts[:j+1]...))
			}
			return s, nil
		case err != nil:
			return s, err
		case info.Mode()&fs.ModeSymlink != 0:
			return s, reason("its directory " + dir + " is a symbolic link; links are never followed for writing")
		case !info.IsDir():
			return s, reason(dir + " is not a directory")
		}
	}
	info, err := d.lstat(r, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s, nil
	case err != nil:
		return s, err
	case info.Mode()&fs.ModeSymlink != 0:
		return s, reason("is a symbolic link; links are never followed for writing")
	case info.IsDir():
		return s, reason("is a directory now")
	case !info.Mode().IsRegular():
		return s, reason("is not a regular file")
	}
	s.info = info
	return s, nil
}
