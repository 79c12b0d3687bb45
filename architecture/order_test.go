package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// scanLayers are the files of scan in the order in which they stand on each other: none uses what a later layer has.
var scanLayers = [][]string{
	{"workspace", "scanner", "roots", "content", "name_set", "ignores"},                                  // what a scan holds
	{"read", "make_names", "place", "sourced", "exports", "template_values"},                             // reading
	{"language", "bound", "code", "code_root", "classify_code", "slot", "root", "users", "written_root"}, // following
	{"classify", "instance", "order", "takes", "value_uses"},                                             // resolving the instance
	{"scan"}, // driving
}

// TestOrderOfFiles holds the files of scan to their layers.
func TestOrderOfFiles(t *testing.T) {
	layer := map[string]int{}
	for i, names := range scanLayers {
		for _, name := range names {
			layer[name+".go"] = i
		}
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, s := range sources(t) {
		if s.pkg != "scan" {
			continue
		}
		f, err := parser.ParseFile(set, filepath.Join("..", s.path), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
		if _, ok := layer[path.Base(s.path)]; !ok {
			t.Errorf("%s is in no layer: name it in scanLayers", s.path)
		}
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: strangers{}, Error: func(error) {}} // what other packages have is not known here
	pkg, _ := conf.Check("scan", set, files, info)
	arrows := 0
	for id, used := range info.Uses {
		if used.Pkg() != pkg {
			continue
		}
		from, to := path.Base(set.Position(id.Pos()).Filename), path.Base(set.Position(used.Pos()).Filename)
		if from != to {
			arrows++
		}
		if layer[from] < layer[to] {
			t.Errorf("%s uses %s of %s, which is built on it", set.Position(id.Pos()), used.Name(), to)
		}
	}
	if arrows < 300 {
		t.Errorf("only %d uses of other files were seen", arrows)
	}
}

// strangers stands for every other package, with nothing in it.
type strangers struct{}

// Import is the package of a path.
func (strangers) Import(p string) (*types.Package, error) {
	pkg := types.NewPackage(p, path.Base(p))
	pkg.MarkComplete()
	return pkg, nil
}

// TestFlowKnowsNoLanguage holds the solver to traits of languages: it asks for none by name.
func TestFlowKnowsNoLanguage(t *testing.T) {
	for _, s := range sources(t) {
		if s.pkg != "scan/flow" {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if ok && slices.Contains([]string{"python", "ruby", "golang"}, strings.Trim(lit.Value, "\"`")) {
				t.Errorf("%s: names a language; let flow.Traits say what is so about it", s.set.Position(n.Pos()))
			}
			return true
		})
	}
}
