package flow_test

import "strings"

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
		"a method of text that is handed on": `
def execute(words):
    run(words())
def show(words):
    print(words())
execute("tutor local".split)  # run
show("tutor local".split)
`,
		"a loop that runs what its last turn made": `
command = ["docker"]
shown = ["docker"]
for step in range(2):
    run(command)
    command = ["tutor", "local"]  # run
    shown = ["tutor", "local"]
`,
		"an inner loop that runs what the outer one made": `
command = ["docker"]
for step in range(2):
    for part in range(2):
        run(command)
    command = ["tutor", "local"]  # run
`,
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
		"named arguments that are handed on": `
def sh(**kw):
    subprocess.run(**kw)
sh(args=["tutor", "a"])  # run
def both(*args, **kw):
    return run(*args, **kw)
both(["tutor", "b"], check=True)  # run
both(args=["tutor", "c"])  # run
options = {"args": ["tutor", "d"], "check": True}  # run
run(**options)
def shown(**kw):
    print(kw)
shown(args=["tutor", "e"])
`,
		"dictionary of functions": `
def a():
    run(["tutor", "a"])  # run
def go(cmd):
    os.system(cmd)
table = {"go": go, "show": print}
table["go"]("tutor b")  # run
table["show"]("tutor c")
`,
		"dictionary of commands": `
COMMANDS = {"start": ["tutor", "start"], "stop": ["tutor", "stop"]}  # run
TITLES = {"start": "tutor start"}
def go(name):
    run(COMMANDS[name])
    print(TITLES[name])
`,
		"property and class constant": `
class A:
    PROGRAM = "tutor"  # run
    TITLE = "tutor"
    @property
    def command(self):
        return [self.PROGRAM, "x"]
    @classmethod
    def make(cls):
        return run([cls.PROGRAM])
    def go(self):
        run(self.command)
        print(self.TITLE)
`,
		"attribute set by another method": `
class A:
    def setup(self):
        self.command = ["tutor"]  # run
        self.title = ["tutor"]
    def go(self):
        run(self.command + ["x"])
        print(self.title)
`,
		"object handed over": `
class Tool:
    def __init__(self, words):
        self.words = words
def go(tool):
    run(tool.words)
def show(tool):
    print(tool.title)
go(Tool(["tutor", "a"]))  # run
`,
		"walrus and default": `
if (cmd := os.environ.get("X", "tutor a")):  # run
    os.system(cmd)
def f(cmd="tutor b"):  # run
    os.system(cmd)
def g(cmd="tutor c"):
    print(cmd)
`,
		"nested f-strings and formats": `
name = "tutor"  # run
os.system(f"{name} {'a'}")
os.system("{p} b".format(p="tutor"))  # run
os.system("%(p)s c" % {"p": "tutor"})  # run
os.system("{0} d".format(*["tutor"]))  # run
os.system("{p} e".format(**{"p": "tutor"}))  # run
os.system("-".join(["echo", "tutor"]))  # run
"tutor %s" % name
`,
		"map and comprehensions": `
for c in map(lambda w: ["tutor", w], names):  # run
    run(c)
for c in [["tutor", n] for n in names]:  # run
    run(c)
list(map(os.system, ["tutor a"]))  # run
[os.system(c) for c in ("tutor b", "tutor c")]  # run
[print(c) for c in ("tutor d", "tutor e")]
`,
		"exception and finally": `
try:
    cmd = ["docker"]
except Exception:
    cmd = ["tutor", "a"]  # run
else:
    cmd.append("x")
finally:
    print("tutor")
run(cmd)
`,
		"star unpacking and slices": `
program, *rest = ["tutor", "a", "b"]  # run
run([program, *rest])
words = ["x", "tutor", "b"]  # run
run(words[1:])
_, shown = "a", "tutor"
print(shown)
`,
		"recursion": `
def f(n, cmd):
    if n:
        return f(n - 1, cmd + ["x"])
    run(cmd)
f(3, ["tutor"])  # run
`,
		"methods that return themselves": `
class Cmd:
    def __init__(self):
        self.words = ["tutor"]  # run
    def add(self, w):
        self.words.append(w)
        return self
    def go(self):
        run(self.words)
Cmd().add("x").go()
`,
		"class of a class": `
class Outer:
    class Inner:
        program = "tutor"  # run
        title = "tutor"
    def go(self):
        run([self.Inner.program])
        print(Outer.Inner.title)
`,
		"callable object": `
class Sh:
    def __call__(self, cmd):
        os.system(cmd)
class Say:
    def __call__(self, cmd):
        print(cmd)
sh, say = Sh(), Say()
sh("tutor a")  # run
say("tutor b")
`,
		"decorator that is a class": `
class runs:
    def __init__(self, fn):
        self.fn = fn
    def __call__(self):
        run(self.fn())
@runs
def a():
    return ["tutor", "a"]  # run
a()
`,
		"decorated method": `
def logged(fn):
    def wrapper(self, *args):
        print(args)
        return fn(self, *args)
    return wrapper
class A:
    @logged
    def sh(self, cmd):
        os.system(cmd)
    @logged
    def say(self, cmd):
        print(cmd)
A().sh("tutor a")  # run
A().say("tutor b")
`,
		"async": `
import asyncio
async def go(*words):
    await asyncio.create_subprocess_exec(*words)
async def main():
    await go("tutor", "a")  # run
    await asyncio.gather(go("tutor", "b"))  # run
    await show("tutor", "c")
async def show(*words):
    print(words)
`,
		"partial with names": `
sh = functools.partial(subprocess.run, shell=True, args="tutor a")  # run
sh()
r = functools.partial(run, ["tutor", "b"])  # run
r(check=True)
p = functools.partial(print, "tutor c")
p()
`,
		"builder": `
def base():
    return ["tutor"]  # run
def with_root(root):
    return base() + ["--root", root]
def titled():
    return ["tutor"]
run([*with_root("x"), "config"])
print(titled())
`,
		"more alternatives than are kept": `
for c in [` + strings.Repeat(`["docker", "x"], ["echo", "y"], `, 40) + `["tutor", "a"]]:  # run
    run(c)
`,
	}
}

func rubyPrograms() map[string]string {
	return map[string]string{
		"a module that extends itself after its methods": `
module Commands
  def list
    ["tutor", "local"]  # run
  end
  extend self
end
module Shown
  def list
    ["tutor", "local"]
  end
end
system(*Commands.list)
puts Shown.list
`,
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
		"named arguments that are handed on": `
def sh(command:, **options)
  system(command, **options)
end
sh(command: "tutor a", chdir: "x") # run
def all(*args, **opts, &block)
  system(*args, **opts, &block)
end
all("tutor", "b") # run
def show(command:) = puts(command)
show(command: "tutor c")
`,
		"hash of commands": `
COMMANDS = { start: "tutor start", stop: %w[tutor stop] }.freeze # run
TITLES = { start: "tutor start" }.freeze
def go(name)
  system(COMMANDS[:start])
  system(*COMMANDS.fetch(:stop))
  puts TITLES[name]
end
`,
		"each over commands": `
["tutor a", "tutor b"].each { |c| system(c) } # run
["tutor c"].each { |c| puts c }
%w[tutor docker].each do |program| # run
  system(program, "version")
end
["tutor d"].map { |c| system(c) } # run
`,
		"lambda": `
run = ->(c) { system(c) }
run.call("tutor a") # run
run.("tutor b") # run
run["tutor c"] # run
show = ->(c) { puts c }
show.call("tutor d")
`,
		"instance variable and memo": `
class A
  def command
    @command ||= ["tutor", "a"] # run
  end
  def title
    @title ||= "tutor b"
  end
  def go
    system(*command)
    puts title
  end
end
`,
		"case and rescue": `
def pick(x)
  case x
  when 1 then "tutor a" # run
  else "docker"
  end
end
system(pick(2))
begin
  c = "docker"
rescue StandardError
  c = "tutor b" # run
end
system(c)
`,
		"mixin": `
module Runs
  def sh(c)
    system(c)
  end
end
class A
  include Runs
  def go
    sh("tutor a") # run
    other("tutor b")
  end
  def other(c)
    puts c
  end
end
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
