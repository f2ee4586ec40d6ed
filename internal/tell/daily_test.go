package tell_test

import (
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/tell"
)

func TestDaily(t *testing.T) {
	t.Parallel()
	rel := func(kind debrief.ReleaseKind, w debrief.Word) debrief.Release {
		return debrief.Release{Service: "shop", Version: "v1.42", Kind: kind, Verdict: w}
	}
	usual, cannot, worse := rel(debrief.ReleaseNew, debrief.Steady), rel(debrief.ReleaseNew, debrief.CannotTell), rel(debrief.ReleaseNew, debrief.Worse)
	sample, open := usual, usual
	sample.Sample, open.Open = true, 2
	for _, c := range []struct {
		want string
		rs   []debrief.Release
	}{
		{"no releases", nil},
		{"no releases", []debrief.Release{sample}},
		{"one release: as usual", []debrief.Release{usual}},
		{"two releases: all as usual", []debrief.Release{usual, usual}},
		{"six releases: five as usual, one cannot tell", []debrief.Release{usual, usual, cannot, usual, usual, usual}},
		{"three releases: one worse (shop v1.42), one as usual, one too early", []debrief.Release{usual, worse, rel(debrief.ReleaseNew, debrief.Pending)}},
		{"one release: as usual; one rollback; two failed attempts; two surprises to answer", []debrief.Release{
			open, rel(debrief.ReleaseRollback, debrief.Steady), rel(debrief.ReleaseAttempt, ""), rel(debrief.ReleaseAttempt, ""),
		}},
		{"no releases; one restart of the same version; one still running", []debrief.Release{rel(debrief.ReleaseSame, ""), rel(debrief.ReleaseRunning, "")}},
	} {
		if got := tell.Summary(c.rs); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
	east := time.FixedZone("east", 10*3600)
	if got, want := tell.Daily(nil, time.Date(2026, 11, 16, 23, 0, 0, 0, time.UTC), east), "Tuesday, 17 November: no releases."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		x    float64
		unit string
		want string
	}{
		{82, "ms", "82 ms"},
		{0.082, "s", "82 ms"},
		{1240, "ms", "1.2 s"},
		{312, "s", "5:12"},
		{0.00042, "s", "420 µs"},
		{999.7, "ms", "1 s"},
		{0, "ms", "0 ms"},
		{0.213, "%", "0.21 %"},
		{38, "%", "38 %"},
		{99.972, "%", "99.97 %"},
		{0.0021, "share", "0.21 %"},
		{410, "/s", "410 /s"},
		{31e6, "", "31 M"},
		{1.2e6, "", "1.2 M"},
		{11000, "", "11,000"},
		{2.5e9, "B", "2.5 GB"},
		{-3, "%", "−3 %"},
		{9.97, "", "10"},
		{5.4, "", "5.4"},
		{1e-300, "", "1e-300"},
	} {
		if got := tell.Number(c.x, c.unit); got != c.want {
			t.Errorf("Number(%v, %q) = %q, want %q", c.x, c.unit, got, c.want)
		}
	}
	for want, d := range map[string]time.Duration{
		"5:12": 312 * time.Second, "58 s": 58 * time.Second, "1:00": 59700 * time.Millisecond, "82 ms": 82 * time.Millisecond,
		"1:05:12": time.Hour + 312*time.Second, "1:30": 90 * time.Second, "4 days": 96 * time.Hour,
	} {
		if got := tell.Duration(d); got != want {
			t.Errorf("Duration(%v) = %q, want %q", d, got, want)
		}
	}
	if got := tell.Range(66, 98, "ms"); got != "66 to 98 ms" {
		t.Error(got)
	}
	if got := tell.Range(1.22, 1.24, "s"); got != "1.22 to 1.24 s" {
		t.Error(got)
	}
	if got := tell.Range(0.000123, 31, "ms"); got != "0 to 31 ms" {
		t.Error(got)
	}
	if got := tell.Range(-0.3, 12.2, ""); got != "−0.3 to 12" {
		t.Error(got)
	}
	if got := tell.Range(900, 1100, "ms"); got != "0.9 to 1.1 s" {
		t.Error(got)
	}
}
