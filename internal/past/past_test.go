package past

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

func TestRecognise(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		repository, tags string
		want             string // by service: prefix: releases
		pre, other       int
	}{
		{"acme/shop", "v1.0.0 v1.0.1 v1.1.0-rc.1 v1.1.0 nightly notes", "shop:v1.0.0,v1.0.1,v1.1.0", 1, 2},
		{"acme/shop", "2026.01.15 2026-02-01 20260301", "shop:2026.01.15,2026-02-01,20260301", 0, 0},
		{"acme/shop", "cart/v1.2.3 pay/v2.0.0 cart/v1.2.4-beta", "cart:cart/v1.2.3 pay:pay/v2.0.0", 1, 0},
		{"acme/shop", "@acme/cart@1.2.0 @acme/pay@2.0.0", "cart:@acme/cart@1.2.0 pay:@acme/pay@2.0.0", 0, 0},
		{"acme/shop", "release-1.2 release-1.3 release/1.4", "shop:release-1.2,release-1.3,release/1.4", 0, 0},
		{"acme/shop", "jetty-10.0.1 jetty-10.0.2", "shop:jetty-10.0.1,jetty-10.0.2", 0, 0},
		{"acme/shop", "cart-1.0 pay-1.0", "cart:cart-1.0 pay:pay-1.0", 0, 0},
		{"acme/shop", "shop-1.0 shop-1.1 pay-1.0", "shop:shop-1.0,shop-1.1 pay:pay-1.0", 0, 0},
		{"golang/go", "go1.21 go1.21.1 go1.22rc2 weekly.2011-01-02 release.r60", "go:go1.21,go1.21.1", 2, 1},
		{"p/postgres", "REL_16_1 REL_16_BETA1", "postgres:REL_16_1", 1, 0},
		{"a/action", "v4 v4.0.0 v4.1.0 v5", "action:v4.0.0,v4.1.0", 0, 0},
	} {
		var tags []Tag
		for i, name := range strings.Fields(tc.tags) {
			tags = append(tags, Tag{Name: name, Commit: fmt.Sprint(i), At: at.AddDate(0, 0, i)})
		}
		got := Recognise(tags, tc.repository)
		var lines []string
		for _, s := range got.Services {
			var names []string
			for _, v := range s.Tags {
				names = append(names, v.Name)
			}
			lines = append(lines, s.Name+":"+strings.Join(names, ","))
		}
		if s := strings.Join(lines, " "); s != tc.want || got.PreReleases != tc.pre || got.Other != tc.other {
			t.Errorf("%s:\ngot  %s, %d pre, %d other\nwant %s, %d, %d", tc.tags, s, got.PreReleases, got.Other, tc.want, tc.pre, tc.other)
		}
	}
	// Two names for one commit: the greater version stands.
	both := Recognise([]Tag{{"v3.0.0", "a", at}, {"v0.300.0", "a", at}}, "x")
	if n := both.Services[0].Tags; len(n) != 1 || n[0].Name != "v3.0.0" || both.Again != 1 {
		t.Errorf("%+v", both)
	}
}

func TestUndoes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		subject, body string
		want          string
	}{
		{`Revert "cart: sums"`, "This reverts commit 0123456789abcdef0123456789abcdef01234567.", "0123456789abcdef0123456789abcdef01234567 0 cart: sums"},
		{`Revert "cart: sums (#12)" (#13)`, "Reverts acme/shop#12", " 12 cart: sums"},
		{`Revert "Merge branch 'x' into 'main'"`, "This reverts merge request !42", " 42 Merge branch 'x' into 'main'"},
		{`Reapply "cart: sums"`, "This reverts commit abcdef0.", `abcdef0 0 Revert "cart: sums"`},
		{"storage: back out the cache", "This reverts commit ABCDEF01.", "abcdef01 0 "},
		{"[release] revert: \"x\"", "", " 0 x"},
		{"revert to the old colours", "", "no"},
		{"Reverting is hard", "see #12", "no"},
		{"docs: how we revert", "It tells how `git revert` works.", "no"},
	} {
		u, ok := undoes(&Commit{Subject: tc.subject, Body: tc.body})
		got := "no"
		if ok {
			got = fmt.Sprintf("%s %d %s", strings.Join(u.commits, ","), u.pull, u.title)
		}
		if got != tc.want {
			t.Errorf("%q: got %q, want %q", tc.subject, got, tc.want)
		}
	}
}

// history is a small one: newest first, as git log --topo-order tells it.
//
//	a - b - M(merges d) - r(reverts b) - e        main
//	 \- c - d -/
func TestWalk(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, 3, n, 12, 0, 0, 0, time.UTC) }
	id := func(s string) string { return strings.Repeat(s, 40)[:40] }
	log := []*Commit{
		{ID: id("e"), Parents: []string{id("f")}, Committed: day(9), Subject: "e"},
		{ID: id("f"), Parents: []string{id("9")}, Committed: day(7), Subject: "undo it", Body: "This reverts commit " + id("b") + "."},
		{ID: id("9"), Parents: []string{id("b"), id("d")}, Committed: day(6), Subject: "Merge pull request #7 from acme/hotfix/x"},
		{ID: id("d"), Parents: []string{id("c")}, Committed: day(5), Subject: "d"},
		{ID: id("c"), Parents: []string{id("a")}, Committed: day(4), Subject: "c"},
		{ID: id("b"), Parents: []string{id("a")}, Committed: day(3), Subject: "b (#3)"},
		{ID: id("a"), Committed: day(1), Subject: "a"},
	}
	run := func(services []Service, merges bool, touch func(*Commit) []bool) string {
		var b strings.Builder
		w := NewWalk(services, nil, id("e"), merges, Sink{
			Change: func(c *Commit, l Landing, rs []*Release) error {
				fmt.Fprintf(&b, "%s", c.ID[:1])
				for _, r := range rs {
					if r == nil {
						b.WriteString(" -")
					} else {
						b.WriteString(" " + r.Version)
					}
				}
				if !l.Merged.IsZero() {
					fmt.Fprintf(&b, " merged %d pull %d %s", l.Merged.Day(), l.Pull, l.Branch)
				}
				for word, is := range map[string]bool{" revert": l.Revert, " undone": l.Undone != nil, " squashed": l.Squashed} {
					if is {
						b.WriteString(word)
					}
				}
				if l.Hotfix {
					b.WriteString(" hotfix")
				}
				b.WriteString("\n")
				return nil
			},
			Done: func(_ int, r *Release) error {
				before := "-"
				if r.Previous != nil {
					before = r.Previous.Version
				}
				fmt.Fprintf(&b, "done %s after %s\n", r.Version, before)
				return nil
			},
		})
		for _, c := range log {
			c.Touches = touch(c)
			if err := w.Add(c); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Finish(); err != nil {
			t.Fatal(err)
		}
		if w.Open() != 0 {
			t.Errorf("%d open ends are left", w.Open())
		}
		return b.String()
	}
	all := func(*Commit) []bool { return []bool{true} }
	tags := []Service{{Name: "shop", Tags: []Tag{{"v1", id("b"), day(3)}, {"v1.1", id("d"), day(5)}, {"v2", id("f"), day(8)}}}}
	got := run(tags, false, all)
	got = strings.ReplaceAll(got, " undone squashed", " squashed undone")
	want := "e -\nf v2 revert\nd v1.1 merged 6 pull 7 hotfix/x hotfix\ndone v2 after v1.1\nc v1.1 merged 6 pull 7 hotfix/x hotfix\n" +
		"b v1 merged 3 pull 3  squashed undone\ndone v1.1 after v1\na v1\ndone v1 after -\n"
	if sortLines(got) != sortLines(want) {
		t.Errorf("tags: got\n%s\nwant\n%s", got, want)
	}
	got = strings.ReplaceAll(run([]Service{{Name: "shop"}}, true, all), " undone squashed", " squashed undone")
	if !strings.Contains(got, "d #7 merged 6") || !strings.Contains(got, "b #3 merged 3") || !strings.Contains(got, "done #7 after #3") || !strings.Contains(got, "a #3\n") || !strings.Contains(got, "e -\n") {
		t.Errorf("merges: got\n%s", got)
	}
	// Two services of a monorepo: a change is only of those it touches.
	two := []Service{{Name: "cart", Dirs: []string{"cart"}, Tags: []Tag{{"cart/v1", id("f"), day(8)}}}, {Name: "pay", Dirs: []string{"pay"}, Tags: []Tag{{"pay/v1", id("e"), day(9)}}}}
	got = run(two, false, func(c *Commit) []bool { return []bool{c.ID[0] == 'b', c.ID[0] != 'b'} })
	if !strings.Contains(got, "b cart/v1 -") || !strings.Contains(got, "d - pay/v1") || !strings.Contains(got, "e - pay/v1") {
		t.Errorf("two services: got\n%s", got)
	}
}

func sortLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines { // a release may be told complete earlier or later
		for j := i; j > 0 && lines[j] < lines[j-1]; j-- {
			lines[j], lines[j-1] = lines[j-1], lines[j]
		}
	}
	return strings.Join(lines, "\n")
}

// A change that was undone, landed again and undone once more is undone.
func TestRevertChains(t *testing.T) {
	t.Parallel()
	id := func(n int) string { return fmt.Sprintf("%040x", n+0xabcdef0000000) }
	for n, want := range map[int]string{0: "", 1: "undone", 2: "relanded", 3: "undone", 4: "relanded"} {
		r := newReverts()
		for i := n; i >= 0; i-- { // commit i reverts i-1; newest first
			c := &Commit{ID: id(i << 12), Subject: "change"}
			if i > 0 {
				c.Subject, c.Body = `Revert "x"`, "This reverts commit "+id((i-1)<<12)+"."
			}
			var l Landing
			r.see(c, &l)
			got := ""
			if l.Undone != nil {
				got = "undone"
			} else if l.Relanded {
				got = "relanded"
			}
			if i == 0 && got != want {
				t.Errorf("%d reverts: got %q, want %q", n, got, want)
			}
		}
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	head := func(id string) string {
		return "\x01" + id + "\x00p1 p2\x001772532000 +0130\x001772532060 -0800\x00A\x00a@example.org\x00subject\x00body\nmore\n\x00"
	}
	var got []Commit
	log := head("aa") + "\n3\t4\tcart/a.go\x00-\t-\tbin\x001\t0\t\x00cart/old\x00pay/new\x00" + head("bb") + head("cc") + ":100644 100644 a b M\x00pay/x\x00"
	err := Read(strings.NewReader(log), [][]string{nil, {"cart"}, {"pay", "lib"}}, func(c *Commit) error { got = append(got, *c); return nil })
	if err != nil || len(got) != 3 {
		t.Fatalf("%d commits, %v", len(got), err)
	}
	a := got[0]
	if a.Files != 3 || a.Added != 4 || a.Deleted != 4 || fmt.Sprint(a.Paths) != "[cart/a.go bin pay/new]" || fmt.Sprint(a.Touches) != "[true true true]" || !a.Sized || a.Body != "body\nmore\n" || len(a.Parents) != 2 {
		t.Errorf("%+v", a)
	}
	if _, off := a.Authored.Zone(); off != 5400 || a.Authored.Unix() != 1772532000 {
		t.Errorf("authored %s", a.Authored)
	}
	if c := got[2]; c.Sized || c.Files != 1 || fmt.Sprint(c.Touches) != "[true false true]" {
		t.Errorf("%+v", c)
	}
	if err := Read(strings.NewReader("\x01aa\x00p"), nil, func(*Commit) error { return nil }); err != ErrTorn {
		t.Errorf("torn: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("\x01aa\x00p1\x001 +0100\x002 x\x00A\x00e\x00s\x00b\x00\n1\t2\ta\x00")
	f.Add("\x01\x00\x00\x00\x00\x00\x00\x00\x00:1\x00")
	f.Add("1\t2\t\x00a\x00b\x00\x01")
	f.Fuzz(func(t *testing.T, log string) {
		w := NewWalk([]Service{{Name: "x"}}, nil, "aa", true, NewPainter("x", time.Time{}, time.Now()).Sink())
		_ = Read(strings.NewReader(log), [][]string{{"a"}}, func(c *Commit) error {
			if len(c.Paths) > MaxPaths || c.Files < 0 || c.Added < 0 {
				t.Errorf("%+v", c)
			}
			return w.Add(c)
		})
		_ = w.Finish()
	})
}

// Values of Wilson's interval: Newcombe 1998 (Stat Med 17:857), table I.
func TestWilson(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		k, n      int
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}} {
		low, high := wilson(tc.k, tc.n, 1.959964)
		if math.Abs(low-tc.low) > 5e-5 || math.Abs(high-tc.high) > 5e-5 {
			t.Errorf("%d of %d: %.4f to %.4f", tc.k, tc.n, low, high)
		}
	}
	if s := (Share{K: 1, N: 19}).settled(); s.Part != 0 || s.High != 0 {
		t.Errorf("19 are told as 1 of 19, not %+v", s)
	}
	// Fisher's tea: 3 or more of 4, out of 4 among 8, is 17/70.
	if p := atLeast(3, 4, 4, 8); math.Abs(p-17.0/70) > 1e-9 {
		t.Errorf("tea: %v", p)
	}
}

func TestDurationsAreSampledEvenly(t *testing.T) {
	t.Parallel()
	var d durations
	const n = 5 * maxKept
	for i := range n {
		d.add(time.Duration(i) * time.Second)
	}
	s := d.spread()
	if s.N != n || math.Abs(s.Median/n-0.5) > 0.01 || math.Abs(s.P90/n-0.9) > 0.01 || len(d.kept) > maxKept {
		t.Errorf("%+v of %d kept", s, len(d.kept))
	}
}

func TestHotfixHint(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)
	prev := &Release{Version: "v1.4.2", At: at}
	for _, tc := range []struct {
		version string
		after   time.Duration
		changes int
		said    bool
		want    bool
	}{
		{"v1.4.3", 3 * time.Hour, 1, false, true},
		{"v1.4.3", 3 * time.Hour, 6, false, false},
		{"v1.4.3", 3 * time.Hour, 0, false, false},
		{"v1.4.3", 72 * time.Hour, 1, false, false},
		{"v1.5.0", 3 * time.Hour, 1, false, false},
		{"v1.4.4", 3 * time.Hour, 1, false, false},
		{"v2.0.0", 99 * time.Hour, 50, true, true},
	} {
		r := &Release{Version: tc.version, At: at.Add(tc.after), Previous: prev, Assumed: "tag"}
		if got := HotfixHint(r, tc.changes, tc.said) != ""; got != tc.want {
			t.Errorf("%+v: %v", tc, got)
		}
	}
}
