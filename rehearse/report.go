package rehearse

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"gitlab.com/opencraft/dev/grove-migrate/rehearse/record"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/sandbox"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/standin"
)

// Report is what the rehearsals showed.
type Report struct {
	Powers    sandbox.Powers
	Networked bool
	Commands  []Result
}

// Differs reports whether a rehearsal is not as it was.
func (r *Report) Differs() bool {
	return slices.ContainsFunc(r.Commands, func(c Result) bool { return c.Differs() })
}

// Counts are the numbers of calls by verdict.
func (r *Report) Counts() map[Verdict]int {
	out := map[Verdict]int{}
	for _, c := range r.Commands {
		for _, p := range c.Pairs {
			out[p.Verdict]++
		}
	}
	return out
}

// Text writes the report for people. Show adds what each command printed.
func (r *Report) Text(w io.Writer, show bool) error {
	var b strings.Builder
	for i := range r.Commands {
		r.Commands[i].text(&b, show)
	}
	rehearsed, differ := r.sums()
	calls := 0
	var counts []string
	for _, v := range Verdicts() {
		if n := r.Counts()[v]; n > 0 {
			calls += n
			counts = append(counts, fmt.Sprintf("%s %d", v, n))
		}
	}
	fmt.Fprintf(&b, "%d rehearsed, %d differ; %d call", rehearsed, differ, calls)
	if calls != 1 {
		b.WriteByte('s')
	}
	if len(counts) > 0 {
		fmt.Fprintf(&b, ": %s", strings.Join(counts, ", "))
	}
	b.WriteByte('\n')
	for _, c := range r.Commands {
		if c.Missing != "" {
			fmt.Fprintf(&b, "not rehearsed, for want of %s: %s\n", c.Missing, c.Title)
		}
	}
	for _, line := range r.lacks() {
		fmt.Fprintln(&b, line)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// sums are how many commands were rehearsed, and how many of them differ.
func (r *Report) sums() (rehearsed, differ int) {
	for i := range r.Commands {
		if r.Commands[i].Missing == "" {
			rehearsed++
		}
		if r.Commands[i].Differs() {
			differ++
		}
	}
	return rehearsed, differ
}

// lacks says what the system does not allow.
func (r *Report) lacks() []string {
	var out []string
	if !r.Powers.Mounts {
		out = append(out, "this system does not let mount points be unshared: paths of the container were mapped in arguments and variables only, and absolute paths lead to the workspace itself")
	}
	if !r.Powers.Network && !r.Networked {
		out = append(out, "this system does not let the network be taken away: the commands could reach it")
	}
	return out
}

func (r *Result) text(b *strings.Builder, show bool) {
	if r.Missing != "" {
		return
	}
	mark := "ok"
	switch {
	case r.Differs():
		mark = "DIFFERS"
	case r.Mute():
		mark = "fails before too"
	case len(r.Before.Calls) == 0 && len(r.After.Calls) == 0:
		mark = "no call"
	}
	fmt.Fprintf(b, "%s: %s\n", r.Title, mark)
	for _, p := range r.Pairs {
		c := p.Before
		if c == nil {
			c = p.After
		}
		fmt.Fprintf(b, "  %-15s %-10s %s\n", p.Verdict, p.who(), shorten(Words(c.Arguments)))
		if p.Reason != "" {
			fmt.Fprintf(b, "  %-15s   %s\n", "", p.Reason)
		}
		if p.Verdict.Wrong() && c.Started != "" {
			fmt.Fprintf(b, "  %-15s   started by %s\n", "", c.Started)
		}
	}
	if r.Before.Status != r.After.Status {
		fmt.Fprintf(b, "  exit status     %s before the migration, %s after it\n", status(r.Before), status(r.After))
	} else if r.Mute() {
		fmt.Fprintf(b, "  exit status     %s before and after the migration, and no call: it shows nothing\n", status(r.Before))
	}
	for _, text := range append(slices.Clone(r.Faults), r.Unexpected) {
		if text != "" {
			fmt.Fprintf(b, "  %s\n", text)
		}
	}
	if not := slices.Compact(slices.Sorted(slices.Values(r.After.Not))); len(not) > 0 {
		fmt.Fprintf(b, "  not rehearsed   %s\n", strings.Join(not, ", "))
	}
	if was, is, line := r.outputDiffers(); line > 0 {
		fmt.Fprintf(b, "  output          line %d was %q, and is %q\n", line, shorten(was), shorten(is))
	}
	if show {
		indented(b, "printed before", r.Before.Output)
		indented(b, "printed after", r.After.Output)
	}
}

// who is whose program a call reached, before and after.
func (p *Pair) who() string {
	name := func(c *Call) string {
		switch {
		case c == nil:
			return "-"
		case c.Program == record.Global:
			return "shared"
		}
		return c.Program
	}
	if p.Before != nil && p.After != nil && p.Before.Program != p.After.Program && p.Before.Program == record.Global {
		return name(p.After)
	}
	if p.Before != nil && p.After != nil && p.Before.Program == p.After.Program {
		return name(p.After)
	}
	return name(p.Before) + " → " + name(p.After)
}

func status(r Ran) string {
	if r.TimedOut {
		return "ended by --timeout"
	}
	return fmt.Sprint(r.Status)
}

const longest = 120

func shorten(text string) string {
	text = strings.ReplaceAll(text, "\n", `\n`)
	if r := []rune(text); len(r) > longest {
		return string(r[:longest-1]) + "…"
	}
	return text
}

func indented(b *strings.Builder, title, text string) {
	fmt.Fprintf(b, "  %s:\n", title)
	for line := range strings.Lines(text) {
		fmt.Fprintf(b, "    | %s\n", strings.TrimSuffix(line, "\n"))
	}
}

// outputDiffers is the first line of the output that is another one after the migration, and its number; 0 when none is.
func (r *Result) outputDiffers() (was, is string, line int) {
	b, a := strings.Split(r.Before.Output, "\n"), strings.Split(r.After.Output, "\n")
	for i := range max(len(b), len(a)) {
		was, is = "", ""
		if i < len(b) {
			was = b[i]
		}
		if i < len(a) {
			is = a[i]
		}
		if was != is {
			return was, is, i + 1
		}
	}
	return "", "", 0
}

type jsonReport struct {
	Version  int             `json:"version"`
	Tool     string          `json:"tool"`
	Summary  jsonSummary     `json:"summary"`
	Commands []jsonRehearsal `json:"commands"`
	Lacks    []string        `json:"lacks"`
}

type jsonSummary struct {
	Rehearsed int             `json:"rehearsed"`
	Differ    int             `json:"differ"`
	Verdicts  map[Verdict]int `json:"verdicts"`
}

type jsonRehearsal struct {
	Name      string          `json:"name"`
	Run       string          `json:"run"`
	Pipeline  string          `json:"pipeline,omitempty"`
	Root      string          `json:"root"`
	Directory string          `json:"directory"`
	Container bool            `json:"container"`
	Missing   string          `json:"missing,omitempty"`
	Differs   bool            `json:"differs"`
	Before    jsonRan         `json:"before"`
	After     jsonRan         `json:"after"`
	Calls     []Pair          `json:"calls"`
	Faults    []string        `json:"faults"`
	Output    *jsonDifference `json:"output_difference"`
}

type jsonRan struct {
	Status   int             `json:"status"`
	TimedOut bool            `json:"timed_out"`
	StandIns []standin.Event `json:"stand_ins"`
}

type jsonDifference struct {
	Line   int    `json:"line"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// JSON writes the report for machines.
func (r *Report) JSON(w io.Writer, tool string) error {
	rehearsed, differ := r.sums()
	out := jsonReport{Version: 1, Tool: "grove-migrate " + tool, Summary: jsonSummary{rehearsed, differ, r.Counts()}, Commands: []jsonRehearsal{}, Lacks: append([]string{}, r.lacks()...)}
	for i := range r.Commands {
		c := &r.Commands[i]
		run := c.Command.Run
		if c.Command.Argv != nil {
			run = Words(c.Command.Argv)
		}
		j := jsonRehearsal{
			Name: c.Title, Run: run, Pipeline: c.Command.Pipeline, Root: c.Command.Root.Key, Directory: c.Command.Directory, Container: c.Command.Container,
			Missing: c.Missing, Differs: c.Differs(), Before: ranJSON(c.Before), After: ranJSON(c.After), Calls: append([]Pair{}, c.Pairs...), Faults: append([]string{}, c.Faults...),
		}
		if c.Unexpected != "" {
			j.Faults = append(j.Faults, c.Unexpected)
		}
		if was, is, line := c.outputDiffers(); line > 0 {
			j.Output = &jsonDifference{line, was, is}
		}
		out.Commands = append(out.Commands, j)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(out); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

func ranJSON(r Ran) jsonRan {
	return jsonRan{r.Status, r.TimedOut, append([]standin.Event{}, r.Events...)}
}
