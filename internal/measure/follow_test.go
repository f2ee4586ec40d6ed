package measure

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

// following is a follower under test: each look at the file is asked for.
type following struct {
	t    *testing.T
	path string
	got  []string
	last Batch
	cut  int
}

func newFollowing(t *testing.T) *following {
	t.Helper()
	return &following{t: t, path: filepath.Join(t.TempDir(), "shop.log")}
}

func (f *following) write(name, text string) {
	f.t.Helper()
	w, err := os.OpenFile(filepath.Join(filepath.Dir(f.path), name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		f.t.Fatal(err)
	}
	defer w.Close()
	if _, err := w.WriteString(text); err != nil {
		f.t.Fatal(err)
	}
}

func (f *following) rename(from, to string) {
	f.t.Helper()
	dir := filepath.Dir(f.path)
	if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
		f.t.Fatal(err)
	}
}

func (f *following) take(b Batch) error {
	for _, l := range b.Lines {
		f.got = append(f.got, l.Text)
	}
	f.last = b
	f.cut += b.Cut
	return nil
}

func (f *following) want(lines ...string) {
	f.t.Helper()
	if fmt.Sprint(f.got) != fmt.Sprint(lines) {
		f.t.Fatalf("got  %q\nwant %q", f.got, lines)
	}
	f.got = nil
}

// run starts following; look returns once the file was looked at again.
func (f *following) run(o FollowOptions) (look func()) {
	f.t.Helper()
	wake := make(chan struct{})
	o.Path, o.Wake, o.Every = f.path, wake, time.Hour
	ctx, cancel := context.WithCancel(f.t.Context())
	done := make(chan error, 1)
	go func() { done <- Follow(ctx, o, f.take) }()
	f.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			f.t.Error(err)
		}
	})
	// A wake is taken only between looks: the second one comes after the
	// first one's look has ended.
	return func() {
		wake <- struct{}{}
		wake <- struct{}{}
	}
}

func TestFollowGrowth(t *testing.T) {
	t.Parallel()
	f := newFollowing(t)
	look := f.run(FollowOptions{Begin: true})
	look()
	f.want() // not there yet
	f.write("shop.log", "one\ntwo\nthr")
	look()
	f.want("one", "two")
	f.write("shop.log", "ee\r\n\n  \nfour\n")
	look()
	f.want("three", "four")
}

func TestFollowFromTheEnd(t *testing.T) {
	t.Parallel()
	f := newFollowing(t)
	f.write("shop.log", "old\n")
	look := f.run(FollowOptions{})
	look()
	f.write("shop.log", "new\n")
	look()
	f.want("new")
}

func TestFollowRotation(t *testing.T) {
	t.Parallel()
	f := newFollowing(t)
	f.write("shop.log", "one\n")
	look := f.run(FollowOptions{Begin: true})
	look()
	f.rename("shop.log", "shop.log.1")
	f.write("shop.log.1", "two\nhalf") // still written to after its name changed
	look()
	f.write("shop.log", "three\n")
	look()
	f.want("one", "two", "half", "three")
	f.rename("shop.log", "shop.log.2")
	look() // between two names
	f.write("shop.log", "four\n")
	look()
	f.want("four")
}

func TestFollowTruncation(t *testing.T) {
	t.Parallel()
	f := newFollowing(t)
	f.write("shop.log", "one\ntwo\n")
	look := f.run(FollowOptions{Begin: true})
	look()
	if err := os.Truncate(f.path, 0); err != nil {
		t.Fatal(err)
	}
	f.write("shop.log", "3\n")
	look()
	f.want("one", "two", "3")
}

func TestFollowHugeLines(t *testing.T) {
	t.Parallel()
	f := newFollowing(t)
	f.write("shop.log", strings.Repeat("x", 300_000)+"\nshort\n"+strings.Repeat("y", 11)+"\n")
	look := f.run(FollowOptions{Begin: true, MaxLine: 10})
	look()
	f.want("xxxxxxxxxx…", "short", "yyyyyyyyyy…")
	if f.cut != 2 {
		t.Errorf("cut %d", f.cut)
	}
}

// Whatever a follower had when it stopped, the next one goes on from there.
func TestFollowGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	var all []string
	for i := range 9 {
		all = append(all, fmt.Sprintf("line %d", i))
	}
	text := strings.Join(all, "\n") + "\n"
	for stop := 1; stop < len(all); stop++ {
		f := newFollowing(t)
		f.write("shop.log", text)
		enough := fmt.Errorf("enough")
		err := Follow(t.Context(), FollowOptions{Path: f.path, Begin: true, MaxBatch: 1}, func(b Batch) error {
			_ = f.take(b)
			if len(f.got) == stop {
				return enough
			}
			return nil
		})
		if err != enough {
			t.Fatal(err)
		}
		// Two rotations happen while nobody follows.
		f.rename("shop.log", "shop.log.1")
		f.write("shop.log", "later\n")
		f.rename("shop.log.1", "shop.log.2")
		f.rename("shop.log", "shop.log.1")
		f.write("shop.log", "last\n")
		f.write("shop.log.3.gz", "not text")
		f.write("shop-access.log", "another log\n")
		if err := Follow(t.Context(), FollowOptions{Path: f.path, From: f.last.Position, Once: true}, f.take); err != nil {
			t.Fatal(err)
		}
		f.want(append(append([]string{}, all...), "later", "last")...)
	}
}

func TestFollowOnce(t *testing.T) {
	t.Parallel()
	f := newFollowing(t)
	err := Follow(t.Context(), FollowOptions{Path: f.path, Once: true}, f.take)
	if debrief.KindOf(err) != debrief.NotFound {
		t.Errorf("a missing file: %v", err)
	}
	f.write("shop.log", "one\nno newline at the end")
	if err := Follow(t.Context(), FollowOptions{Path: f.path, Once: true, Begin: true}, f.take); err != nil {
		t.Fatal(err)
	}
	f.want("one", "no newline at the end")
	if err := Follow(t.Context(), FollowOptions{Path: filepath.Dir(f.path), Once: true, Begin: true}, f.take); debrief.KindOf(err) != debrief.Invalid {
		t.Errorf("a folder: %v", err)
	}
}

func TestFollowReadsTimes(t *testing.T) {
	t.Parallel()
	f := newFollowing(t)
	f.write("shop.log", "no time yet\n2026-11-22T14:21:05Z ERROR broken\n\tat stack.go:1\nNov 21 10:00:00 host shop: old form\n")
	now := time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)
	if err := Follow(t.Context(), FollowOptions{Path: f.path, Once: true, Begin: true, Now: func() time.Time { return now }}, f.take); err != nil {
		t.Fatal(err)
	}
	var at []string
	for _, l := range f.last.Lines {
		at = append(at, l.At.Format("02 15:04:05"))
	}
	if fmt.Sprint(at) != "[22 15:00:00 22 14:21:05 22 14:21:05 21 10:00:00]" || f.last.Lines[3].At.Year() != 2026 {
		t.Error(at)
	}
}

func BenchmarkFollow(b *testing.B) {
	path := filepath.Join(b.TempDir(), "shop.log")
	line := "2026-11-22T14:21:05.123Z INFO method=GET path=/product/107 status=200 duration_ms=20 request_id=7a90ed66646d3ec7\n"
	if err := os.WriteFile(path, []byte(strings.Repeat(line, 10_000)), 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(10_000 * len(line)))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		err := Follow(b.Context(), FollowOptions{Path: path, Begin: true, Once: true}, func(batch Batch) error {
			n += len(batch.Lines)
			return nil
		})
		if err != nil || n != 10_000 {
			b.Fatal(n, err)
		}
	}
}
