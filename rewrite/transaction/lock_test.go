package transaction

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// blocked runs an apply in w that stops in its middle until release is called.
func blocked(t *testing.T, w world) (release func() error) {
	t.Helper()
	reached, goOn, result := make(chan bool), make(chan bool), make(chan error)
	var once sync.Once
	o := Options{disk: disk{trap: func(call, name string, _ bool) error {
		if call == "chmod" && strings.HasPrefix(filepath.Base(name), dotted+"-") {
			once.Do(func() { close(reached); <-goOn })
		}
		return nil
	}}}
	go func() { _, err := Apply(t.Context(), w.ops, o); result <- err }()
	<-reached
	return func() error { close(goOn); return <-result }
}

func TestTwoAtOnce(t *testing.T) {
	w := build(t, memory(t))
	old := snapshot(t, w.dir)
	release := blocked(t, w)
	var locked *LockedError
	for _, root := range w.roots() {
		ops := []Op{{Root: root, Path: "another", After: State{Exists: true}}}
		if _, err := Apply(t.Context(), ops, Options{}); !errors.As(err, &locked) || locked.PID != os.Getpid() || locked.Since.IsZero() {
			t.Errorf("%s: %v", root, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Apply(ctx, w.ops, Options{Wait: true}); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting was not interrupted: %v", err)
	}
	waited := make(chan error)
	go func() {
		ops := []Op{{Root: w.roots()[1], Path: "another", After: State{Exists: true}}}
		_, err := Apply(t.Context(), ops, Options{Wait: true})
		waited <- err
	}()
	if err := release(); err != nil {
		t.Error(err)
	}
	if err := <-waited; err != nil {
		t.Error(err)
	}
	want := w.wanted(t, old)
	want["cluster/another"] = "-rw-r--r-- "
	same(t, "after both", want, snapshot(t, w.dir))
}

func TestPendingWhileRunning(t *testing.T) {
	w := build(t, memory(t))
	reached, goOn, result := make(chan bool), make(chan bool), make(chan error)
	o := Options{disk: disk{trap: func(call, _ string, after bool) error {
		if call == "chmod" && after { // of a new content: the journal is written
			if all, err := Pending(context.Background(), w.roots()); err == nil && len(all) == 1 {
				select {
				case reached <- true:
					<-goOn
				case <-goOn:
				}
			}
		}
		return nil
	}}}
	go func() { _, err := Apply(t.Context(), w.ops, o); result <- err }()
	<-reached
	for _, root := range w.roots() {
		all, err := Pending(t.Context(), []string{root})
		if err != nil || len(all) != 1 || !all[0].Running || all[0].Phase != Staging {
			t.Errorf("%s: %+v, %v", root, all, err)
		}
		var locked *LockedError
		if _, err := Rollback(t.Context(), []string{root}, Options{}); !errors.As(err, &locked) {
			t.Errorf("rollback in the middle: %v", err)
		}
	}
	close(goOn)
	if err := <-result; err != nil {
		t.Error(err)
	}
}

// Many applies that wait for each other, over roots in different order, each
// add one file: none is lost and none waits for ever.
func TestManyAtOnce(t *testing.T) {
	w := build(t, memory(t))
	roots := w.roots()
	var wait sync.WaitGroup
	for i := range 12 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			var ops []Op
			for j := range 3 {
				root := roots[(i*(1+i%2)+j*(1+i%2))%3]
				ops = append(ops, Op{Root: root, Path: fmt.Sprintf("many/%d", i), After: State{Exists: true}})
			}
			// One that is refused removes the place that it has opened.
			var refused *RefusedError
			if _, err := Apply(t.Context(), []Op{{Root: roots[i%3], Path: "kept", After: State{}, Before: Fingerprint{Exists: true}}}, Options{Wait: true}); !errors.As(err, &refused) {
				t.Error(err)
			}
			if _, err := Apply(t.Context(), ops, Options{Wait: true}); err != nil {
				t.Error(err)
			}
		}()
	}
	wait.Wait()
	for _, root := range roots {
		files, err := os.ReadDir(filepath.Join(root, "many"))
		if err != nil || len(files) != 12 {
			t.Errorf("%s: %d files, %v", root, len(files), err)
		}
	}
}
