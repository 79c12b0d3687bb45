// Package rehearse runs a workspace's own commands before and after the migration, in copies, and compares the calls of the program that they lead to.
package rehearse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"gitlab.com/opencraft/dev/grove-migrate/rehearse/library"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/record"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/sandbox"
	"gitlab.com/opencraft/dev/grove-migrate/rehearse/wheels"
	"gitlab.com/opencraft/dev/grove-migrate/rewrite/transaction"
	"gitlab.com/opencraft/dev/grove-migrate/rules"
	"gitlab.com/opencraft/dev/grove-migrate/scan"
)

// Options say what is rehearsed, and how.
type Options struct {
	Workspace scan.Workspace
	Found     *scan.Report     // what the scan found, with what the plan made of it
	Ops       []transaction.Op // the migration
	Commands  []Command
	Powers    sandbox.Powers
	Timeout   time.Duration // of one command; 0 for none
	Lenient   bool          // the program that all share answers after the migration too
	Networked bool          // the commands may use the network
	Docker    bool          // docker is the real one
	Jobs      int           // commands at a time; 0 for as many as there are processors
	Start     []string      // the command that a stand-in starts, before its own words
	Environ   []string      // the environment of the person
	Progress  func(done, all int)
}

// Command is something to rehearse.
type Command struct {
	rules.Rehearsal
	Root *scan.Root // to which its directory is relative
	Argv []string   // in place of Run, when it was given as words
}

// rehearsal is a rehearsal in progress.
type rehearsal struct {
	Options
	dir    string // everything of it lies below this directory
	places places
	sites  []keptSite
	states map[string]*state // before and after
	index  *wheels.Index     // packages for environments that commands build
	shown  []sandbox.Mount   // what is shown to every command and in every container, so that these environments cost little
	alone  sync.Mutex        // held by a run where runs cannot be shut in
}

// The two states of the workspace.
const (
	before = "before"
	after  = "after"
)

// Run rehearses all commands. It errs when the copies cannot be made, or the plan does not fit them.
func Run(ctx context.Context, o Options) (_ *Report, err error) {
	if o.Docker { // its daemon sees this machine's files, and no mount of ours
		o.Powers = sandbox.Powers{}
	}
	dir, err := os.MkdirTemp("", "grove-rehearsal-")
	if err != nil {
		return nil, fmt.Errorf("make a directory for the copies: %w", err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, fmt.Errorf("find the directory for the copies: %w", err)
	}
	defer func() { err = errors.Join(err, remove(dir)) }()
	r := &rehearsal{Options: o, dir: dir, places: newPlaces(o.Workspace), states: map[string]*state{}}
	r.sites = keptSites(o.Found)
	if o.Powers.Mounts {
		if err := os.Mkdir(r.runDir(), 0o755); err != nil {
			return nil, fmt.Errorf("make a directory for the runs: %w", err)
		}
	}
	for _, name := range []string{before, after} {
		if r.states[name], err = r.prepare(ctx, name); err != nil {
			return nil, err
		}
	}
	if err := r.packages(ctx); err != nil { // any command may lead to one that builds an environment
		return nil, err
	}
	report := &Report{Powers: o.Powers, Networked: o.Networked, Commands: make([]Result, len(o.Commands))}
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(max(o.Jobs, 0))
	if o.Jobs == 0 {
		work.SetLimit(runtime.GOMAXPROCS(0))
	}
	finished := make(chan struct{}, len(o.Commands))
	for i, c := range o.Commands {
		work.Go(func() error {
			defer func() { finished <- struct{}{} }()
			result, err := r.command(ctx, c)
			report.Commands[i] = result
			return err
		})
	}
	if o.Progress != nil {
		for done := range o.Commands {
			<-finished
			o.Progress(done+1, len(o.Commands))
		}
	}
	return report, work.Wait()
}

// packages makes what the requirements of both states ask for, and has pip installed once for all environments.
func (r *rehearsal) packages(ctx context.Context) (err error) {
	dir := filepath.Join(r.dir, "packages")
	if r.index, err = wheels.New(dir, filepath.Join(r.dir, recorderName), r.Start); err != nil {
		return err
	}
	if place := r.states[before].python.Ensurepip; place != "" && r.Powers.Mounts {
		file := filepath.Join(dir, "ensurepip.py")
		if err := library.Ensurepip(file, dir); err != nil {
			return err
		}
		r.shown = []sandbox.Mount{{Source: dir, Target: dir}, {Source: file, Target: place}}
	}
	for _, s := range r.states {
		if err := r.index.Fill(ctx, s.source); err != nil {
			return err
		}
	}
	return nil
}

// remove takes a directory away in which commands may have left directories that cannot be written.
func remove(dir string) error {
	err := os.RemoveAll(dir)
	if err == nil {
		return nil
	}
	_ = filepath.WalkDir(dir, func(p string, d os.DirEntry, _ error) error { // what cannot be changed fails below
		if d != nil && d.IsDir() {
			_ = os.Chmod(p, 0o700)
		}
		return nil
	})
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove the copies: %w", err)
	}
	return nil
}

// command rehearses one command: in each state, and again while there are calls after the migration that a person has to
// decide or has decided to keep, so that these do not end what comes after them.
func (r *rehearsal) command(ctx context.Context, c Command) (Result, error) {
	res := Result{Title: c.Title(), Command: c}
	if missing := c.Needs; missing != "" && sandbox.Find(missing, r.Environ, "") == "" {
		res.Missing = missing
		return res, nil
	}
	var err error
	if res.Before, err = r.run(ctx, before, c, nil); err != nil {
		return res, err
	}
	var allowed [][]string
	for i := range res.Before.Calls { // what has to be decided on anyway; the loop finds the rest
		if c := &res.Before.Calls[i]; c.Program == record.Global && covering(r.sites, Pair{Before: c, Verdict: Lost}) != nil {
			allowed = append(allowed, c.Arguments)
		}
	}
	for range 4 {
		if res.After, err = r.run(ctx, after, c, allowed); err != nil {
			return res, err
		}
		res.compare(r.sites, r.states[after].instances)
		more := res.expected()
		if len(more) == 0 || contains(allowed, more) {
			break
		}
		allowed = append(allowed, more...)
	}
	return res, nil
}
