package main

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"gitlab.com/opencraft/dev/grove-migrate/venv"
)

// venvProgress shows what is being done: on a terminal one line for each
// instance that is being built, rewritten in place; elsewhere a plain line for
// each step, so that a log can be read. What became of an instance is told
// when it is done.
type venvProgress struct {
	term *terminal
	live bool

	mu    sync.Mutex
	rows  []*progressRow
	drawn int // lines on the screen
	ended int // instances that are done
	told  map[string]bool
	tick  *time.Ticker
	quit  chan struct{}
	over  sync.WaitGroup
}

type progressRow struct {
	name, phase, detail string
	began               time.Time
	active              bool
}

func newVenvProgress(term *terminal, instances []venv.Instance) *venvProgress {
	p := &venvProgress{term: term, live: term.progress, quit: make(chan struct{}), told: map[string]bool{}}
	for _, inst := range instances {
		p.rows = append(p.rows, &progressRow{name: inst.Name})
	}
	if p.live {
		p.tick = time.NewTicker(100 * time.Millisecond)
		p.over.Go(p.redraw)
	}
	return p
}

func (p *venvProgress) redraw() {
	for {
		select {
		case <-p.quit:
			return
		case <-p.tick.C:
			p.mu.Lock()
			p.draw()
			p.mu.Unlock()
		}
	}
}

func (p *venvProgress) event(e venv.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.rows {
		if r.name == e.Instance {
			if !r.active {
				r.active, r.began = true, time.Now()
			}
			r.phase, r.detail = e.Phase, e.Detail
		}
	}
	if p.live {
		return
	}
	switch e.Phase {
	case "collecting", "downloading", "installed", "building":
		return // One line a package is for the log.
	}
	// A second attempt takes the same steps.
	if line := strings.TrimRight(fmt.Sprintf("%s: %s %s", e.Instance, e.Phase, e.Detail), " "); !p.told[line] {
		p.told[line] = true
		fmt.Fprintln(p.term.err, line)
	}
}

// done ends an instance and lets tell print what became of it. It is given
// "2 of 3", or nothing where there is only one.
func (p *venvProgress) done(name string, tell func(nth string)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.rows {
		if r.name == name {
			r.active = false
		}
	}
	p.ended++
	p.erase()
	if len(p.rows) == 1 {
		tell("")
	} else {
		tell(fmt.Sprintf("%d of %d", p.ended, len(p.rows)))
	}
}

// erase takes the rows off the screen.
func (p *venvProgress) erase() {
	if p.drawn > 0 {
		fmt.Fprintf(p.term.err, "\x1b[%dA\x1b[J", p.drawn)
	}
	p.drawn = 0
}

// draw writes the active rows over the ones drawn before.
func (p *venvProgress) draw() {
	p.erase()
	var b strings.Builder
	for _, r := range p.rows {
		if !r.active {
			continue
		}
		line := strings.TrimRight(r.name+"  "+r.phase+" "+r.detail, " ")
		line = fmt.Sprintf("%s  %.0f s", line, time.Since(r.began).Seconds())
		// A line that wraps would spoil the next redraw.
		if runes := []rune(line); len(runes) > p.columns() {
			line = string(runes[:p.columns()-1]) + "…"
		}
		b.WriteString(line + "\n")
		p.drawn++
	}
	fmt.Fprint(p.term.err, b.String())
}

// columns is how long a line may be: short of the last column, where some
// terminals wrap already.
func (p *venvProgress) columns() int {
	const usual, least = 79, 20
	if p.term.width == 0 {
		return usual
	}
	return max(least, min(usual, p.term.width-1))
}

func (p *venvProgress) end() {
	if !p.live {
		return
	}
	p.tick.Stop()
	close(p.quit)
	p.over.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.rows {
		r.active = false
	}
	p.draw()
}
