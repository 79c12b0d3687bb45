package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"path"
	"runtime"
	"slices"
	"sync"

	"go.yaml.in/yaml/v4"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
	"gitlab.com/opencraft/dev/grove-migrate/scan/host"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// checker says whether a changed file parses as well as it did.
type checker struct{ parser *syntax.Parser }

// broken are the fixes that make a file parse worse than before: those that do so alone, or, when only several together
// do, all that touch the file. The files are looked at on all cores.
func broken(fixes []*edit.Fix, files []File) []edit.Dropped {
	found := make([][]edit.Dropped, len(files))
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			c := &checker{&syntax.Parser{}}
			defer c.parser.Close()
			for i := range next {
				found[i] = c.broken(fixes, files[i])
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	workers.Wait()
	return slices.Concat(found...)
}

func (c *checker) broken(fixes []*edit.Fix, f File) []edit.Dropped {
	if f.Perm == 0 {
		return nil
	}
	kind := host.Detect(f.Path, f.After)
	after, before := c.errors(kind, f.Path, f.After), 0
	if after > 0 && f.Mode != 0 {
		before = c.errors(kind, f.Path, f.Before)
	}
	if after <= before {
		return nil
	}
	return c.guilty(fixes, f, kind, before)
}

func (c *checker) guilty(fixes []*edit.Fix, f File, kind host.Kind, before int) []edit.Dropped {
	key := edit.File{Root: f.Root.Key, Path: f.Path}
	var alone, touching []edit.Dropped
	for _, fix := range fixes {
		for _, ch := range fix.Changes {
			if ch.File != key {
				continue
			}
			d := edit.Dropped{Fix: fix, Reason: edit.Parse, Detail: fmt.Sprintf("%s would no longer parse as %s", key, kind)}
			touching = append(touching, d)
			if f.Mode == 0 {
				continue
			}
			if src, err := edit.Apply(f.Before, ch.Edits); err != nil || c.errors(kind, f.Path, src) > before {
				alone = append(alone, d)
			}
		}
	}
	if len(alone) > 0 {
		return alone
	}
	return touching
}

// errors is how many mistakes a parser of the kind finds; 0 for kinds without one.
func (c *checker) errors(kind host.Kind, name string, src []byte) int {
	switch kind {
	case host.Python:
		return c.tree(syntax.Python, src)
	case host.Ruby:
		return c.tree(syntax.Ruby, src)
	case host.Shell:
		return c.tree(syntax.Bash, src)
	case host.Go:
		if _, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ParseComments); err != nil {
			return 1
		}
	case host.YAML:
		return yamlErrors(src)
	case host.JSON:
		if path.Ext(name) == ".json" && !json.Valid(bytes.TrimPrefix(src, []byte("\ufeff"))) {
			return 1
		}
	}
	return 0
}

func (c *checker) tree(lang syntax.Language, src []byte) int {
	tree, err := c.parser.Parse(lang, src)
	if err != nil {
		return 1
	}
	return len(tree.Errors())
}

func yamlErrors(src []byte) int {
	var docs []yaml.Node
	if err := yaml.Load(src, &docs, yaml.WithAllDocuments()); err != nil {
		return 1
	}
	return 0
}
