package html

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
	"gitlab.com/opencraft/dev/grove-migrate/scan/report"
	"gitlab.com/opencraft/dev/grove-migrate/scan/site"
)

// browser is a page that is open in Chromium.
type browser struct {
	t   *testing.T
	ctx context.Context
	url string
}

// open shows a page in Chromium. Without Chromium the test is left out, unless a pipeline runs it.
func open(t *testing.T, page string) browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("chromium is not installed")
		}
		t.Skip("chromium is not installed: the page was not driven")
	}
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.WindowSize(1400, 1000),
		chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(2*time.Minute))
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	b := browser{t, ctx, "file://" + file}
	b.do(chromedp.Navigate(b.url))
	return b
}

func (b browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// eval is the text that an expression gives.
func (b browser) eval(format string, args ...any) string {
	b.t.Helper()
	out, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("String("+fmt.Sprintf(format, args...)+")"))
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

func (b browser) want(what, expr, want string) {
	b.t.Helper()
	if got := b.eval("%s", expr); got != want {
		b.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func (b browser) click(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

const (
	rowsShown = `document.querySelectorAll(".row").length`
	pathsOf   = `[...document.querySelectorAll(".row .head")].map(r => r.title).join(" ")`
	address   = `decodeURIComponent(location.hash)`
	lines     = `[...document.querySelectorAll("#lines pre")].map(p => p.dataset.file + "\n" + p.textContent).join("")`
)

func TestFilters(t *testing.T) {
	b := open(t, written(t, sample(), nil, report.Options{}))
	b.want("no code runs", "document.title", "grove-migrate: 4 to decide")
	b.want("sites and what is unexplained", rowsShown, "5")
	b.want("hostile code is text", `document.querySelector("#row-1 .code").textContent`, hostile)
	b.want("skipped and stale", `[...document.querySelectorAll("#skips li")].map(l => l.textContent).join("|")`,
		"box/big.sql larger than <16 MiB>|box/grove-migrate.yaml decides nothing any more, remove it: the decision about gone.sh matches no site")
	b.click(`[data-name="review"]`)
	b.want("by action", pathsOf, "../grove/ci/[a]*.yml:1:"+fmt.Sprint(strings.Index(hostile, "tutor")+1)+" box/top.sh:2:1 box/top.sh:2:14")
	b.want("the action in the address", address, "#action=review")
	b.click(`[data-name="box"]`)
	b.want("by repository", rowsShown, "2")
	b.do(chromedp.SendKeys(chromedp.CSS("#text"), "STOP"))
	b.want("by text", pathsOf, "box/top.sh:2:1 box/top.sh:2:14")
	b.do(chromedp.SendKeys(chromedp.CSS("#text"), "zzz"))
	b.want("by text that stands nowhere", rowsShown, "0")
	b.click("#reset")
	b.want("reset", rowsShown+` + location.hash`, "5")
	b.click(`[data-path="box"]`)
	b.want("by directory", address, "#path=box")
	b.want("below the directory", rowsShown, "3")

	b.eval("location.hash = %q", "class=all&instance=self.name&rule=tutor/python-command")
	b.do(chromedp.Poll[chromedp.Void](rowsShown + " === 1"))
	b.want("by instance and rule", pathsOf, "../grove/a.py:2:7")
	b.want("the filters show it", `document.getElementById("instance").value + " " + document.getElementById("rule").value`, "self.name tutor/python-command")
	b.eval("location.hash = %q", "class=comment")
	b.do(chromedp.Poll[chromedp.Void](`document.querySelector(".row .head").title === "../grove/a.py:4:9"`))
}

func TestDetail(t *testing.T) {
	diff := "--- a/box/top.sh\n+++ b/box/top.sh\n@@ -1,2 +1,2 @@\n set -e\n-tutor local stop\n+tool local start\n@@ -9 +9 @@\n-far\n+away\n"
	b := open(t, written(t, sample(), []Change{{"box", "top.sh", diff}, {".", "mode.sh", "old mode 100644\nnew mode 100755\n"}}, report.Options{}))
	b.click("#row-0")
	b.want("marked", `document.querySelector("#detail .here").textContent`, "2C = ['tutor']")
	b.want("steps", `[...document.querySelectorAll("#detail li")].map(l => l.textContent).join("|")`,
		"../grove/a.py:2:1 defined hereC = ['tutor']|../grove/run.py:2:1 run by subprocess.runsubprocess.run(c)|../grove/gone.py used here")
	b.eval("location.hash = %q", "at=box/top.sh:2:1")
	b.do(chromedp.WaitVisible(chromedp.CSS("#detail .diff")))
	b.want("the change of this line", `[...document.querySelectorAll("#detail .diff div")].map(l => l.textContent).join("|")`, `@@ -1,2 +1,2 @@|set -e|set -e|tutor local stop|tool local start`)
	b.want("what changed", `[...document.querySelectorAll("#detail .diff mark")].map(l => l.textContent).join("|")`, `tutor local stop|tool local start`)
	b.click("#diffs details:first-child summary")
	b.do(chromedp.Poll[chromedp.Void](`document.querySelectorAll("#diffs .diff").length === 2`))
	b.click("#diffs details:last-child summary")
	b.do(chromedp.Poll[chromedp.Void](`document.querySelector("#diffs pre")?.textContent.startsWith("old mode")`))
}

// TestDecisions chooses for each site, and reads the lines that the page gives as the program would.
func TestDecisions(t *testing.T) {
	b := open(t, written(t, sample(), nil, report.Options{}))
	const keep, name = `it's "fine": #1 <b>`, "$NAME"
	b.do(chromedp.Focus(chromedp.CSS("#list")), chromedp.KeyEvent("n"))
	b.want("the first to decide", `document.querySelector("#detail h2").textContent.slice(0, 20)`, "../grove/ci/[a]*.yml")
	b.click("input[value=keep]")
	b.want("no reason yet", lines, "")
	b.do(chromedp.SendKeys(chromedp.CSS("#value"), keep))
	b.do(chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent("n"))
	b.want("the next", `document.querySelector("#detail h2").textContent`, "box/top.sh:2:1")
	b.click("input[value=instance]")
	b.do(chromedp.SendKeys(chromedp.CSS("#value"), name))
	b.do(chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent("n"))
	b.want("one decision for the whole line", `document.querySelector("#detail h2").textContent`, "box/odd.bin:1:1")
	b.want("no instance for what is unexplained", `document.querySelectorAll("input[name=how]").length`, "2")

	given := b.eval("%s", lines)
	b.do(chromedp.Reload())
	b.want("the same after a reload", lines, given)
	for _, c := range []struct {
		file string
		want rules.Decision
		not  string
	}{
		{"../grove/grove-migrate.yaml", rules.Decision{Path: "ci/[a]*.yml", Line: 1, Keep: keep}, "ci/a.yml"},
		{"box/grove-migrate.yaml", rules.Decision{Path: "top.sh", Line: 2, Instance: name}, "sub/top.sh"},
	} {
		text := b.eval(`document.querySelector('[data-file="%s"]').textContent`, c.file)
		config, err := rules.ParseConfig(c.file, []byte(text))
		if err != nil || len(config.Decisions) != 1 {
			t.Fatalf("%s\n%s\n%v", c.file, text, err)
		}
		d := config.Decisions[0]
		about := func(path string, line int) bool {
			return d.Matches(path, line, func(part string) bool { return strings.Contains(lineOf(c.want.Path, line), part) })
		}
		if !about(c.want.Path, c.want.Line) || about(c.not, c.want.Line) || about(c.want.Path, c.want.Line+1) || d.Keep != c.want.Keep || d.Instance != c.want.Instance {
			t.Errorf("%s decides %+v", text, d)
		}
	}
}

// lineOf is a line of a file of the sample; empty behind its last one.
func lineOf(path string, n int) string {
	for _, f := range sample().Files {
		if lines := strings.Split(string(f.Src), "\n"); f.Path == path && n <= len(lines) {
			return lines[n-1]
		}
	}
	return ""
}

// TestMany holds that the document has only what is in view, wherever the list stands, and all of it on paper.
func TestMany(t *testing.T) {
	const n = 10_000
	root := rootOf(".")
	found := make([]site.Occurrence, n)
	for i := range found {
		found[i] = site.Occurrence{Class: site.Invocation, Action: site.Rewrite, Reason: "runs it", Rule: "r"}
	}
	r := &scan.Report{Roots: []*scan.Root{root}, Files: []*scan.File{fileOf(root, "x.sh", strings.Repeat("tutor\n", n), found...)}}
	b := open(t, written(t, r, nil, report.Options{}))
	const few = `document.querySelectorAll("*").length < 500`
	b.want("few elements", few, "true")
	b.do(chromedp.Focus(chromedp.CSS("#list")), chromedp.KeyEvent(kb.End))
	b.want("the last", pathsOf+`.endsWith("x.sh:10000:1")`, "true")
	b.want("few elements at the end", few, "true")
	b.want("it is chosen", `document.querySelector("[aria-selected=true]").id`, "row-9999")
	b.do(chromedp.KeyEvent(kb.Home))
	b.want("the first again", `document.querySelector(".row .head").title`, "x.sh:1:1")
	b.eval(`dispatchEvent(new Event("beforeprint"))`)
	b.want("on paper", `document.querySelectorAll("#paper .view").length`, fmt.Sprint(n))
	b.eval(`dispatchEvent(new Event("afterprint"))`)
	b.want("back from paper", few, "true")
}

func TestNarrowAndDark(t *testing.T) {
	b := open(t, written(t, sample(), nil, report.Options{}))
	light := b.eval(`getComputedStyle(document.body).backgroundColor`)
	dark := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, dark); err != nil {
		t.Fatal(err)
	}
	if now := b.eval(`getComputedStyle(document.body).backgroundColor`); now == light {
		t.Errorf("dark is as light: %s", now)
	}
	b.do(chromedp.EmulateViewport(360, 800), chromedp.Navigate(b.url+"#"+url.PathEscape("at=box/top.sh:2:1")), chromedp.Reload())
	b.want("nothing is wider than the screen", `document.documentElement.scrollWidth <= 360`, "true")
}
