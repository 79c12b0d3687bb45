package python

import (
	"bytes"

	"gitlab.com/opencraft/dev/grove-migrate/lazyregexp"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// Parse reads Python. What the grammar does not know yet is hidden behind text of the same length, and only in a file
// that does not parse as it stands: template strings (PEP 750) read as formatted ones, defaults of type parameters
// (PEP 696) are blanked.
func Parse(p *syntax.Parser, src []byte) (*syntax.Tree, error) {
	tree, err := p.Parse(syntax.Python, src)
	if err != nil || !tree.Broken() {
		return tree, err
	}
	masked := mask(src)
	if bytes.Equal(masked, src) {
		return tree, nil
	}
	newer, err := p.Parse(syntax.Python, masked)
	if err != nil || newer.Broken() {
		return tree, nil
	}
	newer.Src = src
	return newer, nil
}

var (
	templateString = lazyregexp.New(`(?:^|[^\w"'])(?:[rR]?([tT])[rR]?)(?:"|')`)
	typeParameters = lazyregexp.New(`(?m)^[ \t]*(?:class|def|async[ \t]+def|type)[ \t]+\w+[ \t]*(\[[^\n\[\]]*(?:\[[^\n\[\]]*\][^\n\[\]]*)*\])`)
	typeDefault    = lazyregexp.New(`[ \t]*=[ \t]*[^,\[\]]+(?:\[[^\[\]]*\])?`)
)

func mask(src []byte) []byte {
	out := bytes.Clone(src)
	for _, m := range templateString.FindAllSubmatchIndex(src, -1) {
		out[m[2]] = 'f'
	}
	for _, m := range typeParameters.FindAllSubmatchIndex(src, -1) {
		list := src[m[2]+1 : m[3]-1]
		for _, d := range typeDefault.FindAllIndex(list, -1) {
			for i := m[2] + 1 + d[0]; i < m[2]+1+d[1]; i++ {
				out[i] = ' '
			}
		}
	}
	return out
}
