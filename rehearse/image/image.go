package image

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/record"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
)

// Image is what commands see of the tools container.
type Image struct {
	Dir        string // what it has over the file system of this machine
	Env        map[string]string
	Workdir    string
	Entrypoint []string
	Cmd        []string
	links      []string // made by ln, in the image
}

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Build puts into dir what the last stage of a Dockerfile copies, and reads its settings. Nothing is downloaded and no RUN is
// carried out but links. A file called like the program that is a POSIX script, the launcher, is made to say that it ran;
// state is the directory of the run, and bin that of the program which all instances share.
func Build(dockerfile, program, state, dir, bin string) (*Image, error) {
	src, err := os.ReadFile(dockerfile)
	if err != nil {
		return nil, fmt.Errorf("read the Dockerfile: %w", err)
	}
	img := &Image{Dir: dir}
	known := map[string]string{}
	for _, in := range host.Instructions(src) {
		switch in.Name {
		case "FROM":
			img.Env, img.Workdir, img.Entrypoint, img.Cmd = map[string]string{"PATH": defaultPath}, "/", nil, nil
			maps.Copy(known, img.Env)
		case "ARG":
			for _, kv := range assignments(in.Rest) {
				known[kv[0]] = expand(kv[1], known)
			}
		case "ENV":
			for _, kv := range assignments(in.Rest) {
				known[kv[0]] = expand(kv[1], known)
				img.Env[kv[0]] = known[kv[0]]
			}
		case "WORKDIR":
			img.Workdir = path.Join("/", img.Workdir, expand(in.Rest, known))
			if path.IsAbs(in.Rest) {
				img.Workdir = path.Clean(expand(in.Rest, known))
			}
		case "ENTRYPOINT":
			img.Entrypoint = form(in.Rest)
		case "CMD":
			img.Cmd = form(in.Rest)
		case "COPY", "ADD":
			if err := img.copy(in, filepath.Dir(dockerfile), known); err != nil {
				return nil, err
			}
		case "RUN":
			img.interpreters(in.Rest)
			img.link(in.Rest)
		}
	}
	if img.Env == nil {
		return nil, fmt.Errorf("%s: has no FROM", dockerfile)
	}
	img.unlink()
	return img, img.announce(program, state, bin)
}

// copy carries out a COPY or ADD from the build's own directory.
func (img *Image) copy(in host.Instruction, context string, known map[string]string) error {
	mode := fs.FileMode(0)
	for _, f := range in.Flags {
		if strings.HasPrefix(f, "--from=") {
			return nil
		}
		if text, ok := strings.CutPrefix(f, "--chmod="); ok {
			if _, err := fmt.Sscanf(text, "%o", &mode); err != nil {
				mode = 0o755
			}
		}
	}
	words := strings.Fields(in.Rest)
	if strings.HasPrefix(in.Rest, "[") {
		words = form(in.Rest)
	}
	if len(words) < 2 {
		return nil
	}
	into := expand(words[len(words)-1], known)
	target := filepath.Join(img.Dir, path.Join("/", img.Workdir, into))
	if path.IsAbs(into) {
		target = filepath.Join(img.Dir, into)
	}
	if len(in.Documents) > 0 {
		return write(target, []byte(in.Documents[0]), mode|0o644)
	}
	for _, pattern := range words[:len(words)-1] {
		sources, err := filepath.Glob(filepath.Join(context, expand(pattern, known)))
		if err != nil {
			continue
		}
		for _, source := range sources {
			info, err := os.Stat(source)
			if err != nil {
				return fmt.Errorf("copy into the image: %w", err)
			}
			to := target
			if !info.IsDir() && (strings.HasSuffix(into, "/") || into == "." || len(sources) > 1 || len(words) > 2) {
				to = filepath.Join(target, filepath.Base(source))
			}
			if err := Tree(source, to, mode); err != nil {
				return err
			}
		}
	}
	return nil
}

// Tree copies a file or directory; links stay links. Mode, when it is not 0, is that of every file.
func Tree(from, to string, mode fs.FileMode) error {
	err := filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, strings.TrimPrefix(p, from))
		switch {
		case d.IsDir():
			return os.MkdirAll(target, 0o755)
		case d.Type()&fs.ModeSymlink != 0:
			link, err := os.Readlink(p)
			if err == nil {
				err = os.MkdirAll(filepath.Dir(target), 0o755)
			}
			if err != nil {
				return err
			}
			_ = os.Remove(target)
			return os.Symlink(link, target)
		case !d.Type().IsRegular():
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		return write(target, src, cmp.Or(mode, info.Mode().Perm()))
	})
	if err != nil {
		return fmt.Errorf("copy %s: %w", from, err)
	}
	return nil
}

func write(name string, src []byte, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(name, src, mode); err != nil {
		return err
	}
	return os.Chmod(name, mode)
}

var makesEnvironment = lazyregexp.New(`(?m)(?:\bpython[\d.]* -m venv|\bvirtualenv)(?: -\S+)* (/[\w./-]+)`)

// interpreters puts a Python into the environments that a RUN makes; what stands in for libraries is found by any.
func (img *Image) interpreters(script string) {
	for _, m := range makesEnvironment.FindAllStringSubmatch(script, -1) {
		for _, name := range []string{"python", "python3"} {
			// What cannot be written is missing there, as a command then says.
			_ = write(filepath.Join(img.Dir, m[1], "bin", name), []byte("#!/bin/sh\nexec \"$(PATH="+defaultPath+" command -v python3)\" \"$@\"\n"), 0o755)
		}
	}
}

// link carries out the `ln -s TARGET NAME` of a RUN, which is how programs get a second name.
func (img *Image) link(script string) {
	for _, part := range strings.FieldsFunc(script, func(r rune) bool { return r == '&' || r == ';' || r == '|' }) {
		words := strings.Fields(part)
		if len(words) != 4 || words[0] != "ln" || !strings.HasPrefix(words[1], "-") || !strings.Contains(words[1], "s") || !path.IsAbs(words[3]) {
			continue
		}
		name := filepath.Join(img.Dir, words[3])
		if os.MkdirAll(filepath.Dir(name), 0o755) == nil && os.Symlink(words[2], name) == nil { // one that is there already stays
			img.links = append(img.links, words[3])
		}
	}
}

// unlink removes links to what only a RUN would have made: an installed program, in whose place the recorder stands.
func (img *Image) unlink() {
	for _, link := range img.links {
		name := filepath.Join(img.Dir, link)
		target, err := os.Readlink(name)
		if err != nil {
			continue
		}
		if !path.IsAbs(target) {
			target = path.Join(path.Dir(link), target)
		}
		_, inside := os.Stat(filepath.Join(img.Dir, target))
		_, outside := os.Stat(target)
		if inside != nil && outside != nil {
			_ = os.Remove(name)
		}
	}
}

// announce makes launchers set a variable, by which a call that went through one is known, and leave a call that state's
// "allowed" names to the program that all share.
func (img *Image) announce(program, state, bin string) error {
	for _, place := range slices.Compact(strings.Split(img.Env["PATH"], ":")) {
		name := filepath.Join(img.Dir, place, program)
		src, err := os.ReadFile(name)
		if err != nil || !strings.HasPrefix(string(src), "#!") {
			continue
		}
		first, rest, _ := strings.Cut(string(src), "\n")
		if !strings.HasSuffix(first, "sh") {
			continue
		}
		state := record.Quote(state)
		text := first + "\nexport " + record.Launcher + "=1\n[ ! -e " + state + "/allowed ] || ! . " + state + "/allowed || exec " + record.Quote(bin+"/"+program) + " \"$@\"\n" + rest
		if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
			return fmt.Errorf("prepare the launcher: %w", err)
		}
	}
	return nil
}
