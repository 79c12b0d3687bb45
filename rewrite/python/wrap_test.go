package python

import (
	"errors"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/render"
)

func TestWidth(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  int
	}{
		"nothing says":               {nil, 88},
		"black's":                    {map[string]string{"pyproject.toml": "[tool.black]\nline-length = 100\n"}, 100},
		"flake8's":                   {map[string]string{".flake8": "[flake8]\nmax-line-length = 79\n"}, 79},
		"in tox.ini":                 {map[string]string{"tox.ini": "[pycodestyle]\nmax_line_length=120\n"}, 120},
		"in setup.cfg":               {map[string]string{"setup.cfg": "[isort]\nline_length = 90\n"}, 90},
		"the nearest counts":         {map[string]string{"pyproject.toml": "line-length = 100\n", "a/b/tox.ini": "max-line-length = 70\n"}, 70},
		"one beside it does not":     {map[string]string{"c/tox.ini": "max-line-length = 70\n"}, 88},
		"a file that does not say":   {map[string]string{"a/b/pyproject.toml": "[project]\n", "a/setup.cfg": "max-line-length = 70\n"}, 70},
		"too short to be meant":      {map[string]string{"pyproject.toml": "line-length = 20\n"}, 88},
		"the shortest that is meant": {map[string]string{"pyproject.toml": "line-length = 21\n"}, 21},
		"a comment":                  {map[string]string{"pyproject.toml": "# line-length = 100\n"}, 88},
	} {
		t.Run(name, func(t *testing.T) {
			p := &project{files: map[string]bool{}, in: render.Input{Read: func(f string) ([]byte, error) {
				if src, ok := c.files[f]; ok {
					return []byte(src), nil
				}
				return nil, errors.New("no such file")
			}}}
			for f := range c.files {
				p.files[f] = true
			}
			if got := p.width("a/b/x.py"); got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}
