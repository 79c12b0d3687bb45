package venv

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"gitlab.com/opencraft/dev/grove-migrate/requirement"
	"gitlab.com/opencraft/dev/grove-migrate/venv/audit"
	"gitlab.com/opencraft/dev/grove-migrate/venv/installed"
)

// unmet compares what was asked for with what is installed, whatever an installer says about it: requirements, where they
// come from, what packages need, and whether Tutor and the enabled plugins can be imported.
func (i *inspection) unmet(ctx context.Context, env string, packages []installed.Package, added []string) ([]Reason, error) {
	enabled, err := i.enabled(i.inst)
	if err != nil {
		return nil, err
	}
	q := audit.Question{Requirements: [][2]string{}, Plugins: append([]string{}, enabled...), Files: []string{}}
	for _, l := range i.set.Lines {
		if l.Wanted() && l.Name != "" {
			q.Requirements = append(q.Requirements, [2]string{l.Named(), fmt.Sprintf("%s:%d", l.File, l.Number)})
		}
	}
	for _, need := range added {
		q.Requirements = append(q.Requirements, [2]string{need, "Tutor"})
	}
	for _, name := range i.filePlugins(i.inst) {
		file := filepath.Join(i.pluginsRoot(i.inst), name+".py")
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && slices.Contains(enabled, name) {
			q.Files = append(q.Files, file)
		}
	}
	out := append(i.elsewhere(packages), i.unhashed(packages)...)
	faults, err := i.audit(ctx, env, packages, q)
	for _, f := range faults {
		out = append(out, Reason{f.Code, i.Secrets.Text(f.Text)})
	}
	return out, err
}

// audited is what the Python of an environment answered, and all those in which the same files are installed.
type audited struct {
	once   sync.Once
	faults []audit.Fault
	err    error
}

// audit asks the environment's Python, once for all that are built in a run with the same in them: their records are the
// same, and the files were made and compared with them just now.
func (i *inspection) audit(ctx context.Context, env string, packages []installed.Package, q audit.Question) ([]audit.Fault, error) {
	run := func() ([]audit.Fault, error) { return audit.Run(ctx, env, i.Variables(i.inst), q, i.ImportLimit) }
	site, err := installed.Site(env)
	if i.Verify || err != nil {
		return run()
	}
	asked, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	files := []string{filepath.Join(env, "pyvenv.cfg")}
	for _, p := range packages {
		files = append(files, filepath.Join(site, p.Meta, "RECORD"))
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil { // an old package has no record
			return run()
		}
		asked = append(asked, text...)
	}
	key := sha256.Sum256(asked)
	found, _ := i.audits.LoadOrStore(key, new(audited))
	a := found.(*audited)
	a.once.Do(func() { a.faults, a.err = run() })
	return a.faults, a.err
}

// elsewhere names the packages that were asked for by an address and came from another one.
func (i *inspection) elsewhere(packages []installed.Package) []Reason {
	// An installer that notes no address at all is an old one.
	if !slices.ContainsFunc(packages, func(p installed.Package) bool { return p.Source != nil }) {
		return nil
	}
	var out []Reason
	for _, l := range i.set.Lines {
		if !l.Direct() || l.Marker != "" {
			continue
		}
		at := slices.IndexFunc(packages, func(p installed.Package) bool { return from(p, l) })
		if at < 0 {
			out = append(out, Reason{"requirement-unmet", fmt.Sprintf("%s:%d asks for %s, and nothing that is installed came from there", l.File, l.Number, l.Public)})
		}
	}
	return out
}

// unhashed names what is installed in hash mode though no line gives its hash.
func (i *inspection) unhashed(packages []installed.Package) []Reason {
	why := hashMode(i.set.Lines)
	if why == "" {
		return nil
	}
	var out []Reason
	for _, p := range packages {
		if p.Name != "pip" && len(requirement.Hashes(i.set.Lines, p.Name)) == 0 {
			out = append(out, Reason{"requirement-unmet", fmt.Sprintf("%s %s is installed, and no line gives its hash, which %s asks for", p.Name, p.Version, why)})
		}
	}
	return out
}

// from tells whether a package came from where a line says, at the commit that it says.
func from(p installed.Package, l requirement.Entry) bool {
	if p.Source == nil || l.Name != "" && l.Name != p.Name {
		return false
	}
	if l.Local != "" {
		path, ok := requirement.FilePath(p.Source.URL)
		return ok && filepath.Clean(path) == filepath.Clean(l.Local)
	}
	_, ref := requirement.Ref(l.URL)
	git := strings.HasPrefix(l.URL, "git+")
	if git && isCommit(ref) && ref != p.Source.Commit {
		return false
	}
	return requirement.Place(strings.TrimPrefix(l.URL, "git+")) == requirement.Place(strings.TrimPrefix(p.Source.Address(), "git+"))
}

func isCommit(ref string) bool {
	return len(ref) == 40 && strings.Trim(ref, "0123456789abcdef") == ""
}
