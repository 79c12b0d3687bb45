package flow_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan/flow"
	"gitlab.com/opencraft/dev/grove-migrate/scan/python"
	"gitlab.com/opencraft/dev/grove-migrate/scan/ruby"
	"gitlab.com/opencraft/dev/grove-migrate/scan/syntax"
)

// world is a small repository in one language.
type world struct {
	language string
	files    map[string]string
}

func (w world) solve(t testing.TB, order []string) flow.Result {
	t.Helper()
	pack, err := rules.Load(rules.Default)
	if err != nil {
		t.Fatal(err)
	}
	var p syntax.Parser
	defer p.Close()
	known := func(f string) bool { _, ok := w.files[f]; return ok }
	in := flow.Input{Pack: pack, Language: w.language, Files: order}
	in.Load = func(f string) (*flow.Unit, bool) {
		src, ok := w.files[f]
		if !ok {
			return nil, false
		}
		if w.language == "ruby" {
			tree, err := ruby.Parse(&p, []byte(src))
			if err != nil {
				return nil, false
			}
			return ruby.Lower(f, tree), true
		}
		tree, err := p.Parse(syntax.Python, []byte(src))
		if err != nil {
			return nil, false
		}
		return python.Lower(f, tree), true
	}
	in.Resolve = func(from, module string) (string, bool) {
		if w.language == "ruby" {
			return ruby.Resolve(from, module, known)
		}
		return python.Resolve(from, module, known)
	}
	return flow.Solve(context.Background(), in)
}

// lines are the places whose text holds the program in a command that is run: "file:line", each once, in order.
func (w world) lines(r flow.Result) []string {
	out := map[string]bool{}
	for _, c := range r.Commands {
		for _, o := range c.From {
			if i := strings.Index(c.Guest.Text[o.Start:o.End], "tutor"); i >= 0 {
				at := c.Guest.Map.At(o.Start + i)
				if o.File == "" || at.File == "" {
					continue
				}
				line := strings.Count(w.files[at.File][:at.Start], "\n") + 1
				out[fmt.Sprintf("%s:%d", at.File, line)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(out))
}

// wanted are the lines that say "# run".
func (w world) wanted() []string {
	var out []string
	for f, src := range w.files {
		for i, line := range strings.Split(src, "\n") {
			if strings.HasSuffix(line, "# run") {
				out = append(out, fmt.Sprintf("%s:%d", f, i+1))
			}
		}
	}
	slices.Sort(out)
	return out
}

// TestFollow holds which literals reach a call that runs commands: those of the lines that say "# run", and no others.
func TestFollow(t *testing.T) {
	for name, w := range programs() {
		t.Run(name, func(t *testing.T) {
			order := slices.Sorted(maps.Keys(w.files))
			if got, want := w.lines(w.solve(t, order)), w.wanted(); !slices.Equal(got, want) {
				t.Errorf("run: %v, want %v", got, want)
			}
			slices.Reverse(order)
			if got, want := w.lines(w.solve(t, order)), w.wanted(); !slices.Equal(got, want) {
				t.Errorf("run, with the files in the other order: %v, want %v", got, want)
			}
		})
	}
}

func py(src string) world { return world{"python", map[string]string{"a.py": src}} }
func rb(src string) world { return world{"ruby", map[string]string{"a.rb": src}} }

func programs() map[string]world {
	out := map[string]world{}
	for name, src := range pythonPrograms() {
		out["python "+name] = py("import os, subprocess, functools\nfrom subprocess import run\n" + src)
	}
	for name, src := range rubyPrograms() {
		out["ruby "+name] = rb(src)
	}
	out["python subclass in another file"] = world{"python", map[string]string{
		"base.py": "import subprocess\nclass Base:\n    program = 'docker'\n    def run(self):\n        subprocess.run([self.program])\n",
		"sub.py":  "from base import Base\nclass Sub(Base):\n    program = 'tutor'  # run\nclass Other:\n    program = 'tutor'\n",
	}}
	out["python alias of a command"] = world{"python", map[string]string{
		"a.py": "from plumbum.cmd import tutor as t  # run\nt('x')\n",
		"b.py": "from plumbum.cmd import tutor as t\nprint(t)\n",
	}}
	return out
}

func pythonPrograms() map[string]string {
	return map[string]string{
		"attribute of a subclass": `
class Base:
    program = "docker"
    def run(self):
        subprocess.run([self.program])
class Sub(Base):
    program = "tutor"  # run
class Shown(Base):
    program = "tutor"
    def run(self):
        print(self.program)
`,
		"method of a subclass": `
class Base:
    def go(self):
        run(self.command())
class Sub(Base):
    def command(self):
        return ["tutor"]  # run
    def shown(self):
        return ["tutor"]
`,
		"constructor of the base": `
class Base:
    def __init__(self, program):
        self.program = program
    def go(self):
        run([self.program])
class Sub(Base):
    def __init__(self):
        super().__init__("tutor")  # run
class Other:
    def __init__(self):
        super().__init__("tutor")
`,
		"one object of two": `
class Tool:
    def name(self):
        return "docker"
    def go(self):
        run([self.name()])
class Tutor(Tool):
    def name(self):
        return "tutor"  # run
`,
		"decorator that runs": `
def runs(fn):
    def wrapper(*args):
        return run(fn(*args))
    return wrapper
def shows(fn):
    def wrapper(*args):
        print(fn(*args))
    return wrapper
@runs
def one():
    return ["tutor", "one"]  # run
@shows
def two():
    return ["tutor", "two"]
@runs
def three():
    return ["tutor", "three"]  # run
`,
		"decorator with arguments": `
def runs(check):
    def decorator(fn):
        @functools.wraps(fn)
        def wrapper(*args):
            return run(fn(*args), check=check)
        return wrapper
    return decorator
@runs(check=True)
def one():
    return ["tutor", "one"]  # run
def two():
    return ["tutor", "two"]
`,
		"decorated runner": `
def logged(fn):
    def wrapper(*args, **kwargs):
        print(args)
        return fn(*args, **kwargs)
    return wrapper
@logged
def sh(cmd):
    os.system(cmd)
@logged
def show(cmd):
    print(cmd)
sh("tutor a")  # run
show("tutor b")
`,
		"callback": `
def each(fn):
    fn("tutor a")  # run
def other(fn):
    fn("tutor b")
each(os.system)
def mine(cmd):
    os.system(cmd)
each(mine)
other(print)
`,
		"two closures of one function": `
def maker(fn):
    def inner(cmd):
        fn(cmd)
    return inner
runner = maker(os.system)
shower = maker(print)
runner("tutor a")  # run
shower("tutor b")
`,
		"generator": `
def commands():
    yield ["tutor", "a"]  # run
    yield ["tutor", "b"]  # run
def unused():
    yield ["tutor", "c"]
for c in commands():
    run(c)
print(unused())
`,
		"generator of words": `
def words():
    yield "tutor"  # run
    yield "config"
run(list(words()))
`,
		"generator that hands on": `
def inner():
    yield ["tutor", "a"]  # run
def outer():
    yield from inner()
for c in outer():
    run(c)
`,
		"context manager": `
from contextlib import contextmanager
@contextmanager
def command():
    yield "tutor config"  # run
with command() as c:
    os.system(c)
`,
		"spread arguments": `
args = ["tutor a"]  # run
os.system(*args)
more = ["echo", "tutor b"]
os.system(*more)
`,
		"call in another thread": `
import asyncio
asyncio.to_thread(os.system, "tutor a")  # run
asyncio.to_thread(print, "tutor b")
`,
		"nested loops": `
cmd = ["tutor"]  # run
for a in x:
    for b in y:
        for c in z:
            cmd = cmd + [a]
run(cmd)
`,
		"shell of standard input": `
subprocess.run(["bash"], input="tutor a")  # run
subprocess.run(["cat"], input="tutor b")
subprocess.run(["sudo", "sh", "-s"], input="tutor c", text=True)  # run
subprocess.run("bash -e", shell=True, input=b"tutor d")  # run
subprocess.run(["bash", "-c", "x"], input="tutor e")
subprocess.run(["python3", "-"], input="tutor f")
`,
		"shell that is written to": `
p = subprocess.Popen(["bash"], stdin=subprocess.PIPE)
p.communicate("tutor a")  # run
p.stdin.write("tutor b")  # run
q = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
q.communicate("tutor c")
`,
		"more alternatives than are kept": `
for c in [` + strings.Repeat(`["docker", "x"], ["echo", "y"], `, 40) + `["tutor", "a"]]:  # run
    run(c)
`,
	}
}

func rubyPrograms() map[string]string {
	return map[string]string{
		"yield": `
def with_command
  yield "tutor a" # run
end
def shown
  yield "tutor b"
end
with_command { |c| system(c) }
shown { |c| puts c }
`,
		"yield of two values": `
def pairs
  yield "name", "tutor a" # run
end
pairs do |name, command|
  puts name
  system(command)
end
`,
		"block as a parameter": `
def each_command(&block)
  block.call("tutor a") # run
end
each_command { |c| system(c) }
`,
		"shell that is written to": `
IO.popen("bash", "w") { |io| io.puts "tutor a" } # run
IO.popen("cat", "w") { |io| io.puts "tutor b" }
Open3.capture2("bash", stdin_data: "tutor c") # run
Open3.capture2("cat", stdin_data: "tutor d")
`,
		"join": `
system(%w[tutor a].shelljoin) # run
system(["tutor", "b"].join(" ")) # run
puts ["tutor", "c"].join(" ")
`,
		"subclass": `
class Base
  def program = "docker"
  def go = system(program, "x")
end
class Sub < Base
  def program = "tutor" # run
end
class Other
  def program = "tutor"
end
`,
		"constructor of the base": `
class Base
  def initialize(program)
    @program = program
  end
  def go
    system(@program, "x")
  end
end
class Sub < Base
  def initialize
    super("tutor") # run
  end
end
`,
	}
}
