package flow_test

import (
	"slices"
	"testing"
)

// TestLater holds that what a function takes from outside is seen however late it becomes known.
func TestLater(t *testing.T) {
	for name, src := range map[string]string{
		"a name that is set after the call": `
def go():
    run([PROGRAM])
def show():
    print(SHOWN)
go()
PROGRAM = "tutor"  # run
SHOWN = "tutor"
`,
		"a function that is defined after the call": `
def go():
    run(command())
def command():
    return later()
go()
def later():
    return ["tutor"]  # run
def other():
    return ["tutor"]
`,
		"a function that calls itself": `
def words(n):
    if n:
        return words(n - 1)
    return ["tutor"]  # run
def go():
    run(words(3))
`,
		"two functions that call each other": `
def a(n):
    return b(n) if n else ["tutor"]  # run
def b(n):
    return a(n - 1)
def go():
    run(b(2))
`,
		"an attribute that another class sets": `
class Runner:
    def go(self):
        run([self.program])
class Setter:
    def set(self):
        runner = Runner()
        runner.program = "tutor"  # run
        runner.shown = "tutor"
`,
		"a method that is known by its name alone": `
def go(x):
    run(x.command())
class Later:
    def command(self):
        return ["tutor"]  # run
    def shown(self):
        return ["tutor"]
`,
	} {
		t.Run(name, func(t *testing.T) {
			w := py("from subprocess import run\n" + src)
			if got, want := w.lines(w.solve(t, []string{"a.py"})), w.wanted(); !slices.Equal(got, want) {
				t.Errorf("run: %v, want %v", got, want)
			}
		})
	}
}
