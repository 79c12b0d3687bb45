package main

import (
	"fmt"
	"sync"
	"time"

	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// patience is how long a step may take before it says what it does.
const patience = time.Second

// progress says on a terminal, in one line that is rewritten in place and gone at the end, what takes long: the step, how many
// files are read, and for how long it works.
type progress struct {
	term  *terminal
	began time.Time
	quit  chan struct{}
	over  sync.WaitGroup

	mu    sync.Mutex
	step  string
	read  map[string]bool // files, by root and path
	all   int             // files that there are
	drawn bool
}

// newProgress begins to watch. Where no person watches it never writes.
func newProgress(term *terminal) *progress {
	p := &progress{term: term, began: time.Now(), quit: make(chan struct{}), read: map[string]bool{}}
	if term.progress {
		p.over.Go(p.watch)
	}
	return p
}

func (p *progress) watch() {
	wait := time.NewTimer(patience)
	defer wait.Stop()
	for {
		select {
		case <-p.quit:
			return
		case now := <-wait.C:
			p.draw(now)
			wait.Reset(patience / 5)
		}
	}
}

// at says which step is being done.
func (p *progress) at(step string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.step = step
}

// follow counts the files of a workspace that are read while it is scanned.
func (p *progress) follow(ws scan.Workspace) {
	if !p.term.progress {
		return
	}
	for _, root := range ws.Roots {
		p.all += len(root.Tree.Files)
		if read := root.Tree.Read; read != nil {
			root.Tree.Read = func(path string) ([]byte, error) {
				p.count(root, path)
				return read(path)
			}
		}
		if read := root.Tree.ReadInto; read != nil {
			root.Tree.ReadInto = func(path string, memory []byte) ([]byte, error) {
				p.count(root, path)
				return read(path, memory)
			}
		}
	}
}

func (p *progress) count(root *scan.Root, path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read[root.Key+"\x00"+path] = true
}

// draw writes the line over the one before.
func (p *progress) draw(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	line := p.step
	if n := len(p.read); n > 0 && n < p.all {
		line += fmt.Sprintf(": %d of %s", n, plural(p.all, "file"))
	}
	line = fmt.Sprintf("%s, %.0f s", line, now.Sub(p.began).Seconds())
	if runes := []rune(line); p.term.width > 0 && len(runes) >= p.term.width {
		line = string(runes[:p.term.width-1])
	}
	fmt.Fprintf(p.term.err, "\r%s\x1b[K", line)
	p.drawn = true
}

// end takes the line off the screen. It may be called more than once.
func (p *progress) end() {
	select {
	case <-p.quit:
		return
	default:
		close(p.quit)
	}
	p.over.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		fmt.Fprint(p.term.err, "\r\x1b[K")
	}
}
