package manifest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitlab.com/opencraft/dev/grove-migrate/rewrite/edit"
)

const python = `from setuptools import setup
# install_requires=["tutor-comment"]
TEST_REQUIREMENTS = ["pytest", 'tutor-mfe==14.0.1']
setup(
    name="x",
    keywords=["tutor"],
    install_requires=[
        "typer",
        "tutor==14.2.2",  # not newer
        "tutor-" + name,
        "tutor-"
        "split",
        open("tutor"),
    ],
    extras_require={"tutor-key": ["tutor-forum @ git+https://h/tutor-forum.git@x", "y"]},
)
`

const toml = `[build-system]
requires = ["setuptools", "tutor-build"]
[project]
name = "x"
keywords = ["tutor"]
dependencies = [
    "typer",
    "tutor>=14,<15",  # why
]
[project.optional-dependencies]
all = ["tutor-mfe", "y", 'tutor-forum']
[tool.poetry.dependencies]
python = "^3.9"
tutor = "^14.1"
"tutor-discovery" = {version = "~14.0", extras = ["a", "b"]}
tutor-contrib-s3 = {git = "https://h/tutor-contrib-s3", tag = "v1.2.0"}  # S3
tutor-local = {path = "../x"}
[tool.black]
tutor = "no"
`

const cfg = `[metadata]
keywords = tutor, x
[options]
install_requires =
    typer[all]>=0.9,<1
    # the program
    tutor>=14,<15
[options.extras_require]
plugins = tutor-mfe
[isort]
known_third_party = tutor
[testenv]
deps =
    -rrequirements.txt
    py39: tutor-forum
commands =
    tutor --version
`

// list are dependencies as the tables write them.
func list(deps []Dependency) []string {
	var out []string
	for _, d := range deps {
		out = append(out, strings.TrimSpace(d.Requirement.String()+" "+d.Note))
	}
	return out
}

func TestRead(t *testing.T) {
	for _, tt := range []struct {
		file, src string
		want      []string
	}{
		{"setup.py", python, []string{"pytest", "tutor-mfe==14.0.1", "typer", "tutor==14.2.2 # not newer", "tutor-forum @ git+https://h/tutor-forum.git@x", "y"}},
		{"pyproject.toml", toml, []string{
			"setuptools", "tutor-build", "typer", "tutor>=14,<15 # why", "tutor-mfe", "y", "tutor-forum",
			"python>=3.9,<4", "tutor>=14.1,<15", "tutor-discovery[a,b]>=14.0,<14.1", "tutor-contrib-s3 @ git+https://h/tutor-contrib-s3@v1.2.0 # S3",
		}},
		{"setup.cfg", cfg, []string{"typer[all]>=0.9,<1", "tutor>=14,<15", "tutor-mfe", "tutor-forum"}},
		{"Pipfile", "[packages]\ntutor = \"==14.2.2\"\nx = \"*\"\n[requires]\npython_version = \"3.9\"\n", []string{"tutor==14.2.2", "x"}},
		{"setup.cfg", "[options]\ninstall_requires = file: tutor.txt\n", nil},
		{"pyproject.toml", "[project]\ndependencies = [\"tutor", nil},
		{"README.md", "tutor==14", nil},
	} {
		t.Run(tt.file, func(t *testing.T) {
			if d := cmp.Diff(tt.want, list(Read(tt.file, []byte(tt.src)))); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestCut(t *testing.T) {
	for _, tt := range []struct{ name, file, in, want string }{
		{"a line of a list", "setup.cfg", cfg, strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(cfg, "    tutor>=14,<15\n", ""), "[options.extras_require]\nplugins = tutor-mfe\n", ""), "    py39: tutor-forum\n", "")},
		{"inline arrays", "pyproject.toml", "[project]\ndependencies = [\"a\", \"tutor\", \"b\", \"tutor-x\", \"tutor-y\"]\n", "[project]\ndependencies = [\"a\", \"b\"]\n"},
		{"the first of an array", "pyproject.toml", "[project]\ndependencies = [\"tutor\", \"b\"]\n", "[project]\ndependencies = [\"b\"]\n"},
		{"a whole array", "pyproject.toml", "[project]\ndependencies = [\"tutor\", \"tutor-x\"]\n", "[project]\ndependencies = []\n"},
		{"a comma at the end", "pyproject.toml", "[project]\ndependencies = [\"a\", \"tutor\",]\n", "[project]\ndependencies = [\"a\", ]\n"},
		{"lines of an array", "setup.py", "setup(install_requires=[\n  'a',\n  'tutor', # x\n  'tutor-x'\n])\n", "setup(install_requires=[\n  'a',\n])\n"},
		{"pairs", "Pipfile", "[packages]\na = \"*\"\ntutor = \"*\" # x\r\nb = \"*\"\n", "[packages]\na = \"*\"\nb = \"*\"\n"},
		{"two on one line of several", "setup.py", "X_REQUIREMENTS = ['a', 'tutor',\n 'tutor-x', 'b']\n", "X_REQUIREMENTS = ['a', \n 'b']\n"},
		{"the last of a key", "setup.cfg", "[options]\nzip_safe = no\ninstall_requires =\n    tutor\n", "[options]\nzip_safe = no\n"},
		{"the last of a key among others", "setup.cfg", "[options.extras_require]\na =\n    b\nplugins =\n    tutor-mfe\n    tutor-x\n\n[isort]\nx = 1\n", "[options.extras_require]\na =\n    b\n\n[isort]\nx = 1\n"},
		{"the last of a table", "pyproject.toml", "[project]\nname = \"x\"\n\n[project.optional-dependencies]\nplugins = [\n  \"tutor-mfe\",\n]\n", "[project]\nname = \"x\"\n"},
		{"empty before", "setup.cfg", "[options.extras_require]\nnone =\n\n[options]\ninstall_requires =\n    a\n    tutor\n[empty]\n[x]\n", "[options.extras_require]\nnone =\n\n[options]\ninstall_requires =\n    a\n[empty]\n[x]\n"},
		{"a comment below", "setup.cfg", "[options.extras_require]\nplugins =\n    # why\n    tutor-mfe\n", "[options.extras_require]\nplugins =\n    # why\n"},
		{"an array of one in a dictionary", "setup.py", "setup(extras_require={\n    'plugins': ['tutor-mfe'],\n    'dev': ['a'],\n})\n", "setup(extras_require={\n    'dev': ['a'],\n})\n"},
		{"nothing", "setup.py", "setup(name='tutor')\n", "setup(name='tutor')\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src := []byte(tt.in)
			deps := Read(tt.file, src)
			var pick []int
			for i, d := range deps {
				if strings.HasPrefix(d.Key(), "tutor") {
					pick = append(pick, i)
				}
			}
			got, err := edit.Apply(src, Cut(src, deps, pick))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// FuzzCut holds that what stays is what is read again, in every format.
func FuzzCut(f *testing.F) {
	f.Add(python, uint8(0))
	f.Add(toml, uint8(1))
	f.Add(cfg, uint8(2))
	f.Fuzz(func(t *testing.T, text string, format uint8) {
		file := []string{"setup.py", "pyproject.toml", "setup.cfg"}[int(format)%3]
		src := []byte(text)
		deps := Read(file, src)
		var pick []int
		for i, d := range deps {
			if d.Start < 0 || d.End <= d.Start || d.End > len(src) || d.Line < 1 {
				t.Fatalf("%+v", d)
			}
			if strings.HasPrefix(d.Key(), "tutor") {
				pick = append(pick, i)
			}
		}
		if _, err := edit.Apply(src, Cut(src, deps, pick)); err != nil {
			t.Fatal(err)
		}
	})
}
