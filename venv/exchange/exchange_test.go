package exchange

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// fill makes a directory of which two files hold the same number.
func fill(t *testing.T, dir string, number int) {
	t.Helper()
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b"} {
		if err := os.WriteFile(filepath.Join(dir, name), fmt.Appendf(nil, "%d", number), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// Whoever looks sees one directory or the other: never none, never a mixture.
func TestSwapUnderReaders(t *testing.T) {
	base := t.TempDir()
	place := filepath.Join(base, "place")
	fill(t, place, 0)
	var over atomic.Bool
	var looks atomic.Int64
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for !over.Load() {
				looks.Add(1)
				if _, err := os.Stat(filepath.Join(place, "a")); err != nil {
					t.Errorf("missing: %v", err)
					return
				}
				root, err := os.OpenRoot(place)
				if err != nil {
					t.Errorf("missing: %v", err)
					return
				}
				a, errA := root.ReadFile("a")
				b, errB := root.ReadFile("b")
				if errA != nil || errB != nil || string(a) != string(b) {
					t.Errorf("a mixture of %q and %q: %v, %v", a, b, errA, errB)
				}
				root.Close()
			}
		})
	}
	// Two directories change places, as an old and a new environment do; the
	// replaced one is then what the next exchange puts in place.
	const swaps = 2000
	fresh := filepath.Join(base, "new")
	fill(t, fresh, 1)
	for range swaps {
		replaced, err := Names{}.Swap(fresh, place, filepath.Join(base, "old"))
		if err != nil {
			t.Fatal(err)
		}
		fresh = replaced
	}
	over.Store(true)
	group.Wait()
	text, err := os.ReadFile(filepath.Join(place, "a"))
	if err != nil || string(text) != "0" {
		t.Errorf("after an even number of exchanges: %q, %v", text, err)
	}
	t.Logf("%d exchanges, %d looks", swaps, looks.Load())
}

func TestSwap(t *testing.T) {
	for _, names := range []Names{{}, {Plain: true}} {
		for _, there := range []bool{true, false} {
			base := t.TempDir()
			fresh, place, old := filepath.Join(base, "new"), filepath.Join(base, "place"), filepath.Join(base, "old")
			fill(t, fresh, 2)
			if there {
				fill(t, place, 1)
			}
			replaced, err := names.Swap(fresh, place, old)
			if err != nil {
				t.Fatal(err)
			}
			if text, _ := os.ReadFile(filepath.Join(place, "a")); string(text) != "2" {
				t.Errorf("%+v, %t: place holds %q", names, there, text)
			}
			if (replaced != "") != there {
				t.Errorf("%+v, %t: replaced %q", names, there, replaced)
			}
			if text, _ := os.ReadFile(filepath.Join(replaced, "a")); there && string(text) != "1" {
				t.Errorf("%+v: the replaced one holds %q", names, text)
			}
		}
	}
}

func TestSwapOfNothingLeavesThePlace(t *testing.T) {
	for _, names := range []Names{{}, {Plain: true}} {
		base := t.TempDir()
		place := filepath.Join(base, "place")
		fill(t, place, 1)
		if _, err := names.Swap(filepath.Join(base, "none"), place, filepath.Join(base, "old")); err == nil {
			t.Error("nothing was exchanged without an error")
		}
		if text, _ := os.ReadFile(filepath.Join(place, "a")); string(text) != "1" {
			t.Errorf("%+v: place holds %q", names, text)
		}
	}
}
