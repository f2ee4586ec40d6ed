package notice

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
)

var t0 = time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)

func at(d time.Duration) time.Time { return t0.Add(d) }

// ran is a finished step that began d after t0.
func ran(name string, d, took time.Duration) debrief.Stage {
	return debrief.Stage{Name: name, State: debrief.Succeeded, Started: at(d), Finished: at(d + took)}
}

// production is a finished production deployment of v1.42.
func production(took time.Duration, stages ...debrief.Stage) debrief.Deployment {
	return debrief.Deployment{
		ID: "d42", Service: "shop", Environment: "production", Version: "v1.42", State: debrief.Succeeded,
		Times: debrief.Times{Started: t0, Finished: at(took)}, Stages: stages,
	}
}

func staging(stages ...debrief.Stage) debrief.Deployment {
	d := production(10*time.Minute, stages...)
	d.ID, d.Environment = "s42", "staging"
	return d
}

// input is the story of v1.42, which went live ten minutes after t0.
func input(ds ...debrief.Deployment) Input {
	r := debrief.Release{
		ID: "r42", Service: "shop", Environment: "production", Version: "v1.42", Kind: debrief.ReleaseNew, PreviousVersion: "v1.41",
		Started: t0, FirstExposure: t0, FullExposure: at(10 * time.Minute),
	}
	return Input{Story: debrief.Story{Release: r, Deployments: ds}}
}

// recent adds n earlier successful deployments that worked as long as given.
func (in Input) recent(worked ...time.Duration) Input {
	for i, w := range worked {
		start := at(-time.Duration(i+1) * 24 * time.Hour)
		in.Story.Recent = append(in.Story.Recent, debrief.Deployment{
			ID: fmt.Sprintf("p%d", i), Service: "shop", Environment: "production", State: debrief.Succeeded,
			Times: debrief.Times{Started: start, Finished: start.Add(w)},
		})
	}
	return in
}

func (in Input) staged(ds ...debrief.Deployment) Input { in.Story.Staging = ds; return in }
func (in Input) looks(ls ...debrief.Look) Input        { in.Story.Looks = ls; return in }

// look is a finished look with these verdicts.
func look(n int, vs ...debrief.Verdict) debrief.Look {
	return debrief.Look{
		Number: n, State: debrief.LookDone, From: at(10 * time.Minute), To: at(10*time.Minute + time.Duration(n)*time.Hour),
		Closed: at(10*time.Minute + time.Duration(n)*time.Hour), Verdicts: vs,
	}
}

// found are the surprises of one kind, as "subject: sentence".
func found(in Input, kind string) []string {
	var list []string
	for _, s := range Find(in) {
		if s.Kind == kind {
			list = append(list, s.Subject+": "+s.Sentence)
		}
	}
	return list
}

// scene is one story and what of one kind must be noticed in it: nothing, or
// these, each as given or (without a full stop) beginning so.
type scene struct {
	name string
	in   Input
	want []string
}

func play(t *testing.T, kind string, scenes []scene) {
	t.Helper()
	must, mustNot := false, false
	for _, c := range scenes {
		must, mustNot = must || len(c.want) > 0, mustNot || len(c.want) == 0
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := found(c.in, kind)
			if len(got) != len(c.want) {
				t.Fatalf("noticed %q, want %q", got, c.want)
			}
			for i := range got {
				if whole := strings.HasSuffix(c.want[i], "."); whole && got[i] != c.want[i] || !strings.HasPrefix(got[i], c.want[i]) {
					t.Errorf("got  %q\nwant %q", got[i], c.want[i])
				}
			}
			for _, s := range Find(c.in) {
				whole(t, c.in, s)
			}
		})
	}
	if !must || !mustNot {
		t.Errorf("%s needs a story that must trigger it and one that must not", kind)
	}
}

// whole holds what is true of every surprise.
func whole(t *testing.T, in Input, s debrief.Surprise) {
	t.Helper()
	r := in.Story.Release
	if s.ID != debrief.ID("surprise", r.ID, s.Kind, s.Subject) || s.ReleaseID != r.ID || s.Service != r.Service {
		t.Errorf("%s: wrong id or place: %+v", s.Kind, s)
	}
	if s.Subject == "" || s.Question == "" || s.Why == "" || len(s.Evidence) == 0 || s.At.IsZero() {
		t.Errorf("%s: incomplete: %+v", s.Kind, s)
	}
	if !strings.HasSuffix(s.Sentence, ".") || strings.Contains(s.Sentence, "%!") || strings.Contains(s.Sentence, "NaN") || strings.Contains(s.Sentence, "  ") {
		t.Errorf("%s: %q", s.Kind, s.Sentence)
	}
	for _, e := range s.Evidence {
		if strings.Contains(e, "%!") || strings.Contains(e, "0001-01-01") {
			t.Errorf("%s: evidence %q", s.Kind, e)
		}
	}
}

func TestDetectors(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, d := range Detectors() {
		if d.ID == "" || seen[d.ID] || d.Find == nil {
			t.Errorf("%q: incomplete or twice", d.ID)
		}
		seen[d.ID] = true
		if !strings.HasSuffix(d.Question, "?") || !strings.HasSuffix(d.Why, ".") && !strings.HasSuffix(d.Why, "?") {
			t.Errorf("%s: question %q, why %q", d.ID, d.Question, d.Why)
		}
		for _, person := range []string{" you ", " who did", "engineer", "developer", "why did ", "should have", "failed to", "careless"} {
			if strings.Contains(strings.ToLower(" "+d.Question+" "), person) {
				t.Errorf("%s asks a person: %q", d.ID, d.Question)
			}
		}
		if got := d.Find(Input{T: Defaults()}); len(got) != 0 {
			t.Errorf("%s sees something in nothing: %v", d.ID, got)
		}
	}
	for _, id := range []string{
		"slow-deployment", "slow-step", "metric-shift", "error-rate-shift", "traffic-shift", "new-error",
		"blind-check", "unrecorded-release", "manual-step", "retry", "waiting-longer-than-working",
	} {
		if !seen[id] {
			t.Errorf("%s is missing", id)
		}
	}
}

func TestThresholds(t *testing.T) {
	t.Parallel()
	if d := cmp.Diff(Defaults(), Thresholds{}.orDefaults()); d != "" {
		t.Error(d)
	}
	set := Thresholds{1.5, 3, time.Second, 2, 1.2, time.Millisecond, time.Minute, 2, 1.5}
	if d := cmp.Diff(set, set.orDefaults()); d != "" {
		t.Error(d)
	}
	// The corridor converts config.Notice, so the order of the fields matters.
	var names []string
	for i := range reflect.TypeFor[Thresholds]().NumField() {
		names = append(names, reflect.TypeFor[Thresholds]().Field(i).Name)
	}
	if want := []string{"SlowFactor", "SlowMADs", "SlowAtLeast", "SlowMinHistory", "StepFactor", "StepAtLeast", "AlertAfter", "RollbackPeople", "UnshippedFactor"}; !cmp.Equal(names, want) {
		t.Errorf("fields %v, want %v", names, want)
	}
}

// A smooth release: nothing to notice, by any detector.
func TestQuiet(t *testing.T) {
	t.Parallel()
	m := time.Minute
	in := input(production(10*m, ran("migrate", 0, m), ran("verify", m, m))).
		recent(9*m, 10*m, 11*m, 10*m, 9*m).
		staged(staging(ran("migrate", 0, 50*time.Second))).
		looks(look(1, debrief.Verdict{Metric: "p95", Role: debrief.Latency, Word: debrief.Steady}), look(2, debrief.Verdict{Metric: "p95", Role: debrief.Latency, Word: debrief.Better}))
	in.Running = []RunningVersion{{"v1.41", at(-24 * time.Hour)}, {"v1.42", at(9 * m)}}
	if got := Find(in); len(got) != 0 {
		t.Errorf("noticed in a smooth release: %+v", got)
	}
}

// Made-up and real history never meet, in either direction.
func TestSampleStandsApart(t *testing.T) {
	t.Parallel()
	m := time.Minute
	for _, sample := range []bool{false, true} {
		build := func(history bool) Input {
			in := input(production(30*m, ran("migrate", 0, 20*m))).recent(5*m, 5*m, 5*m, 5*m, 5*m).staged(staging(ran("migrate", 0, m)))
			in.Story.Release.Sample = sample
			for i := range in.Story.Recent {
				in.Story.Recent[i].Sample = history
			}
			in.Story.Staging[0].Sample = history
			return in
		}
		if got := Find(build(!sample)); len(got) != 0 {
			t.Errorf("sample %v was held against the other kind: %v", sample, got)
		}
		if got := Find(build(sample)); len(got) == 0 {
			t.Errorf("sample %v is noticed as any other", sample)
		}
	}
}

func TestSeveralTargets(t *testing.T) {
	t.Parallel()
	eu, us := production(10*time.Minute), production(10*time.Minute)
	eu.ID, eu.Target, eu.Attempt = "d1", "eu", 2
	us.ID, us.Target, us.Attempt = "d2", "us", 3
	got := found(input(eu, us), "retry")
	want := []string{"deployment in eu: The deployment needed 2 tries.", "deployment in us: The deployment needed 3 tries."}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got := found(input(eu), "retry"); len(got) != 1 || got[0] != "deployment: The deployment needed 2 tries." {
		t.Errorf("the only target needs no naming: %q", got)
	}
}

func TestSameVersion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"v1.4", "1.4", true},
		{"V1.4 ", "v1.4", true},
		{"5d2a8f0", "5D2A8F0C1BE94E7D", true},
		{"5d2a8f", "5d2a8f0c1be9", false},
		{"release", "release-2", false},
		{"5d2a8f0", "5d2a8f0-dirty", false},
		{"1.4", "1.40", false},
		{"", "", false},
		{"v", "", false},
		{"version", "ersion", false},
	} {
		if sameVersion(c.a, c.b) != c.want || sameVersion(c.b, c.a) != c.want {
			t.Errorf("%q and %q: want %v", c.a, c.b, c.want)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0:00", 58 * time.Second: "0:58", 312 * time.Second: "5:12", 59*time.Second + 600*time.Millisecond: "1:00", 3723 * time.Second: "1:02:03",
		3100 * time.Millisecond: "3.1 s", 500 * time.Millisecond: "0.5 s", 42 * time.Millisecond: "0.042 s", 3 * time.Second: "3 s", 9960 * time.Millisecond: "0:10",
	} {
		if got := took(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	for x, want := range map[float64]string{
		0: "0", 5: "5", 5300: "5,300", 99949: "99,949", 150000: "150,000", 1.2e6: "1.2 M", 31e6: "31 M", 999600: "1 M", 1.5e9: "1.5 G", 2e12: "2 T", 0.25: "0.25", -1234: "-1,234", 2e6: "2 M",
	} {
		if got := amount(x); got != want {
			t.Errorf("%v: %q, want %q", x, got, want)
		}
	}
	for x, want := range map[float64]string{5.38: "5.4×", 3: "3.0×", 31.2: "31×", 9.96: "10×"} {
		if got := times(x); got != want {
			t.Errorf("%v: %q, want %q", x, got, want)
		}
	}
	for _, c := range []struct {
		x    float64
		unit string
		want string
	}{{0.00121, "s", "1.2 ms"}, {0.00658, "s", "6.6 ms"}, {82, "ms", "82 ms"}, {1500, "ms", "1.5 s"}, {4.2e-5, "s", "42 µs"}, {0, "s", "0 s"}, {0.21, "%", "0.21 %"}, {1234, "/s", "1,234/s"}, {0.00000012, "", "0.00000012"}} {
		if got := level(c.x, c.unit); got != c.want {
			t.Errorf("%v %s: %q, want %q", c.x, c.unit, got, c.want)
		}
	}
	if chance(0.04) != "about 4 % of the time" {
		t.Error(chance(0.04))
	}
	for x, want := range map[int64]string{1: "1", 1000: "1,000", 31000000: "31,000,000", -5: "-5"} {
		if got := grouped(x); got != want {
			t.Errorf("%v: %q, want %q", x, got, want)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	m := time.Minute
	in := input(production(30*m, ran("migrate", 0, 20*m), ran("verify", 20*m, m))).recent(5*m, 5*m, 6*m, 5*m, 5*m, 7*m, 8*m, 5*m).
		staged(staging(ran("migrate", 0, m)))
	for n := 1; n <= 3; n++ {
		l := look(n)
		for i := range 50 {
			word := debrief.Steady
			if i%10 == 0 {
				word = debrief.Worse
			}
			l.Verdicts = append(l.Verdicts, debrief.Verdict{Metric: fmt.Sprintf("p95 of /%d", i), Role: debrief.Latency, Word: word, Unit: "ms", Before: 100, After: 138, N: 4000})
		}
		in.Story.Looks = append(in.Story.Looks, l)
	}
	b.ReportAllocs()
	for b.Loop() {
		Find(in)
	}
}
