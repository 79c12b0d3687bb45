//go:build unix

package transaction

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// owner is whom a file belongs to.
type owner struct {
	UID int `json:"uid"`
	GID int `json:"gid"`
}

// identity is the same for all names of one file.
type identity struct{ device, inode uint64 }

// identify returns the identity of a file, and whether there is one.
func identify(info fs.FileInfo) (identity, bool) {
	if info == nil {
		return identity{}, false
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return identity{}, false
	}
	return identity{uint64(s.Dev), uint64(s.Ino)}, true
}

func ownerOf(info fs.FileInfo) *owner {
	if info == nil {
		return nil
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return &owner{int(s.Uid), int(s.Gid)}
	}
	return nil
}

// give makes f belong to the owner. A group that cannot be kept is let go, as
// editors do; a user that cannot be kept is an error.
func (o *owner) give(f *os.File) error {
	if o == nil {
		return nil
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	now := ownerOf(info)
	if now == nil || *now == *o {
		return nil
	}
	if err := f.Chown(o.UID, o.GID); err != nil && now.UID != o.UID {
		return fmt.Errorf("the file belongs to user %d and would not any more: %w", o.UID, err)
	}
	return nil
}
