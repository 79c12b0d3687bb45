package installed

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// Record is one line of a RECORD file.
type Record struct {
	Path string // relative to site-packages, with /; may begin with ../
	Hash string // "sha256=" and URL-safe base64 without padding; may be empty
	Size int64  // bytes; -1 when not told
}

// Records reads the RECORD of a package; none for a legacy one.
func Records(site string, p Package) ([]Record, error) {
	if p.Legacy {
		return nil, nil
	}
	f, err := os.Open(filepath.Join(site, p.Meta, "RECORD"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	var out []Record
	for {
		row, err := r.Read()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s/RECORD: %w", p.Meta, err)
		}
		rec := Record{Path: row[0], Size: -1}
		if len(row) > 1 {
			rec.Hash = row[1]
		}
		if len(row) > 2 {
			if n, err := strconv.ParseInt(row[2], 10, 64); err == nil {
				rec.Size = n
			}
		}
		out = append(out, rec)
	}
}

// Verify compares the files of each package with its RECORD: presence and
// size, and with hashes their content too. Bytecode does not count: Python
// writes and removes it as it likes.
func Verify(site string, packages []Package, hashes bool) ([]Fault, error) {
	found := make([][]Fault, len(packages))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	dir, err := unix.Open(site, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: site, Err: err}
	}
	defer unix.Close(dir)
	for i, p := range packages {
		look := func() (err error) {
			found[i], err = verify(dir, site, p, hashes)
			return err
		}
		if hashes {
			group.Go(look)
		} else if err := look(); err != nil { // Too little to share out.
			return nil, err
		}
	}
	err = group.Wait()
	return slices.Concat(found...), err
}

func verify(dir int, site string, p Package, hashes bool) ([]Fault, error) {
	records, err := Records(site, p)
	if os.IsNotExist(err) {
		return nil, nil // A fault that Read has named.
	}
	if err != nil {
		return []Fault{{"files-changed", err.Error(), p.Name}}, nil
	}
	var missing, changed, outside []string
	env := filepath.Dir(filepath.Dir(filepath.Dir(site)))
	var stat unix.Stat_t
	for _, r := range records {
		if strings.HasSuffix(r.Path, ".pyc") {
			continue
		}
		err := unix.Fstatat(dir, r.Path, &stat, unix.AT_SYMLINK_NOFOLLOW)
		leads := err == nil && stat.Mode&unix.S_IFMT == unix.S_IFLNK
		if leads {
			err = unix.Fstatat(dir, r.Path, &stat, 0)
		}
		switch {
		case !filepath.IsLocal(r.Path) && !strings.HasPrefix(place(site, r.Path), env+"/"), leads && leadsOut(env, place(site, r.Path)):
			outside = append(outside, r.Path)
		case err != nil:
			missing = append(missing, r.Path)
		case r.Size >= 0 && stat.Size != r.Size:
			changed = append(changed, r.Path)
		case hashes && strings.HasPrefix(r.Hash, "sha256="):
			h, err := Hash(place(site, r.Path))
			if err != nil {
				return nil, err
			}
			if h != r.Hash {
				changed = append(changed, r.Path)
			}
		}
	}
	var out []Fault
	if len(outside) > 0 {
		out = append(out, Fault{"files-outside", fmt.Sprintf("%s %s stands outside of the environment: %s", p.Name, p.Version, some(outside)), p.Name})
	}
	if len(missing) > 0 {
		out = append(out, Fault{"files-missing", fmt.Sprintf("%s %s lacks %s", p.Name, p.Version, some(missing)), p.Name})
	}
	if len(changed) > 0 {
		out = append(out, Fault{"files-changed", fmt.Sprintf("%s %s was altered: %s", p.Name, p.Version, some(changed)), p.Name})
	}
	return out, nil
}

// place is where a path of a RECORD leads.
func place(site, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(site, path)
}

// leadsOut tells whether a link leads out of an environment. One that leads to nothing is missing.
func leadsOut(env, link string) bool {
	home, err := filepath.EvalSymlinks(env)
	if err != nil {
		return true
	}
	real, err := filepath.EvalSymlinks(link)
	return err == nil && !strings.HasPrefix(real, home+"/")
}

// some shows the first of many.
func some(list []string) string {
	if len(list) > 3 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:3], ", "), len(list)-3)
	}
	return strings.Join(list, ", ")
}

// Hash is a file's content as RECORD writes it.
func Hash(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return HashOf(h.Sum(nil)), nil
}

// HashOf writes a SHA-256 as RECORD does.
func HashOf(sum []byte) string { return "sha256=" + base64.RawURLEncoding.EncodeToString(sum) }

// Rerecord brings the RECORD entries of files up to date after these files,
// given by absolute path, were rewritten.
func Rerecord(site string, packages []Package, files []string) error {
	want := map[string]bool{}
	for _, f := range files {
		rel, err := filepath.Rel(site, f)
		if err != nil {
			return err
		}
		want[filepath.ToSlash(rel)] = true
	}
	for _, p := range packages {
		records, err := Records(site, p)
		if err != nil {
			return err
		}
		hit := false
		for i, r := range records {
			if !want[filepath.ToSlash(filepath.Clean(r.Path))] {
				continue
			}
			hit = true
			name := place(site, r.Path)
			if records[i].Hash, err = Hash(name); err != nil {
				return err
			}
			info, err := os.Stat(name)
			if err != nil {
				return err
			}
			records[i].Size = info.Size()
		}
		if hit {
			if err := WriteRecords(filepath.Join(site, p.Meta, "RECORD"), records); err != nil {
				return err
			}
		}
	}
	return nil
}

// WriteRecords writes a RECORD file anew; an old one is unlinked first, since
// it may be a second name of a file in an installer's cache.
func WriteRecords(file string, records []Record) error {
	var b strings.Builder
	w := csv.NewWriter(&b)
	for _, r := range records {
		size := ""
		if r.Size >= 0 {
			size = strconv.FormatInt(r.Size, 10)
		}
		if err := w.Write([]string{r.Path, r.Hash, size}); err != nil {
			return err
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.WriteFile(file, []byte(b.String()), 0o666)
}

// Strays names the modules at the top of site-packages that no package owns:
// what somebody copied there, or what a killed installer left. With a legacy
// package, whose files are not recorded, nothing can be said.
func Strays(site string, packages []Package) ([]string, error) {
	owned := map[string]bool{"__pycache__": true}
	for _, p := range packages {
		if p.Legacy {
			return nil, nil
		}
		owned[p.Meta] = true
		records, err := Records(site, p)
		if err != nil {
			continue // Named already: no RECORD, or an unreadable one.
		}
		for _, r := range records {
			first, _, _ := strings.Cut(r.Path, "/")
			owned[first] = true
		}
	}
	entries, err := os.ReadDir(site)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if !owned[e.Name()] && !strings.HasPrefix(e.Name(), "~") {
			out = append(out, e.Name())
		}
	}
	return out, nil
}
