package coach

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
)

var t0 = time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)

func at(minutes int) time.Time { return t0.Add(time.Duration(minutes) * time.Minute) }

// tuesday is the normal Tuesday: a migration unlike staging's, response time
// that creeps up, an incident that people told of, a rollback.
func tuesday() Input {
	r := debrief.Release{
		ID: "r42", Service: "shop", Version: "v1.42", Kind: debrief.ReleaseNew, Started: at(0), FirstExposure: at(6), FullExposure: at(6),
		Verdict: debrief.Worse, Changes: 3,
	}
	i := debrief.Incident{
		ID: "i1", Service: "shop", Services: []string{"shop"}, Title: "Checkout is slow", Began: at(10),
		Times: debrief.IncidentTimes{Impact: at(10), Detected: at(25), Acknowledged: at(27), Restored: at(70)},
	}
	return Input{
		Story: debrief.Story{
			Release: r, ServiceName: "shop",
			Previous: &debrief.Release{ID: "r41", Version: "v1.41", FullExposure: at(-3000)},
			Next:     &debrief.Release{ID: "r43", Version: "v1.41", Kind: debrief.ReleaseRollback, Started: at(50), FirstExposure: at(66), FullExposure: at(70)},
			Changes:  []debrief.Change{{Title: "Order history", Merged: at(-40)}, {Title: "Index", Merged: at(-90)}},
			Deployments: []debrief.Deployment{{
				Environment: "production", Version: "v1.42", State: debrief.Succeeded, Times: debrief.Times{Started: at(0), Finished: at(6)},
				Stages: []debrief.Stage{{Name: "migrate", Started: at(0), Finished: at(5)}, {Name: "verify", Started: at(5), Finished: at(5).Add(20 * time.Second)}},
			}},
			Looks: []debrief.Look{
				{Number: 1, After: 5 * time.Minute, State: debrief.LookDone, Word: debrief.Steady, Closed: at(12)},
				{Number: 2, After: time.Hour, State: debrief.LookDone, Word: debrief.Worse, Closed: at(67), Verdicts: []debrief.Verdict{{Metric: "p95", Word: debrief.Worse, Sentence: "38 % up", Since: at(20)}}},
			},
			Surprises: []debrief.Surprise{
				{Kind: "slow-step", Sentence: "Migration took 5:00, 5.2× staging."},
				{Kind: "manual-step", Sentence: "Verification was done by hand.", Answer: debrief.NothingThere},
			},
			Incidents: []debrief.Incident{i},
			Flips:     []debrief.Change{{Kind: "flag", Title: "new-cart on", Live: at(15)}},
		},
		Incident: &i,
		Facts:    debrief.ReleaseFacts{Failure: debrief.DidFail, Strategy: "all at once"},
		Earlier:  []debrief.Debrief{{Service: "shop", Title: "Slow search", State: "finished", Gap: debrief.GapRollout, Finished: at(-30000)}},
		Clock:    func(t time.Time) string { return t.Format("15:04") },
		Took:     time.Duration.String,
		Link: func(kind, id string) string {
			if id == "" {
				return ""
			}
			return "/" + kind + "s/" + id
		},
	}
}

func ids(asks []Ask) (out []string) {
	for _, a := range asks {
		out = append(out, a.ID)
	}
	return out
}

func TestDraft(t *testing.T) {
	t.Parallel()
	d := New(tuesday())
	if d.Title != "Checkout is slow (shop v1.42)" {
		t.Error(d.Title)
	}
	var lines []string
	for _, l := range d.Timeline {
		lines = append(lines, l.At.Format("15:04 ")+l.Text)
	}
	want := []string{
		"12:00 shop v1.41 runs",
		"13:20 merged: the last of 2 changes (the first at 12:30)",
		"14:00 shop v1.42 begins to go out to production",
		"14:00 step migrate begins; it takes 5m0s",
		"14:06 all of production has v1.42",
		"14:10 it begins to hurt: Checkout is slow",
		"14:12 look 1 (5m0s after) says: steady",
		"14:15 flag: new-cart on",
		"14:20 p95: 38 % up",
		"14:25 incident: Checkout is slow",
		"14:27 acknowledged: Checkout is slow",
		"15:06 shop v1.41 goes out again (a rollback)",
		"15:07 look 2 (1h0m0s after) says: worse",
		"15:10 all users have v1.41",
		"15:10 restored: Checkout is slow",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Migration took 5:00, 5.2× staging."}, d.Surprised); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Somebody had it 2m0s after it was noticed.", "The look after 1h0m0s saw it."}, d.Well); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"all-at-once", "no-alert", "late", "slow-rollback", "unlike-staging", "unrecorded", "again"}, ids(d.Asks)); diff != "" {
		t.Error(diff)
	}
	if d.Gap != debrief.GapAlerting {
		t.Errorf("most facts speak of %q", d.Gap)
	}
	text := d.Markdown(tuesday())
	for _, part := range []string{"# Checkout is slow (shop v1.42)\n", "## What happened\n\n- 12:00 [shop v1.41 runs](/releases/r41)\n", "**What let the change reach all users at once?** (all users had v1.42 at 14:06)", "## What made it possible"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
}

// Each question appears with the facts that raise it and goes when they go.
func TestQuestionsFollowFacts(t *testing.T) {
	t.Parallel()
	for id, without := range map[string]func(*Input){
		"all-at-once": func(in *Input) { in.Facts.Strategy = "gradual" },
		"no-alert": func(in *Input) {
			in.Story.Incidents = append(in.Story.Incidents, debrief.Incident{Alert: true, Began: at(11)})
		},
		"late":           func(in *Input) { in.Incident.Times.Impact = at(22) },
		"slow-rollback":  func(in *Input) { in.Story.Next.Started = at(30); in.Story.Next.FullExposure = at(34) },
		"unlike-staging": func(in *Input) { in.Story.Surprises = nil },
		"unrecorded":     func(in *Input) { in.Story.Flips = nil },
		"again":          func(in *Input) { in.Earlier[0].Gap = debrief.GapTestData },
	} {
		in := tuesday()
		without(&in)
		if slices.Contains(ids(New(in).Asks), id) {
			t.Errorf("%s is asked without what raises it", id)
		}
	}
	for id, with := range map[string]func(*Input){
		"large":       func(in *Input) { in.Story.Release.Changes = 40 },
		"unnoticed":   func(in *Input) { in.Story.Surprises[0].Kind = "unnoticed-alert" },
		"blind":       func(in *Input) { in.Story.Surprises[0].Kind = "blind-check" },
		"crowded":     func(in *Input) { in.Story.Surprises[0].Kind = "crowded-rollback" },
		"manual":      func(in *Input) { in.Story.Surprises[1].Answer = "" },
		"never-tried": func(in *Input) { in.Story.Surprises[0].Kind = "new-error" },
	} {
		in := tuesday()
		if slices.Contains(ids(New(in).Asks), id) {
			t.Errorf("%s is asked of a plain Tuesday", id)
		}
		with(&in)
		if !slices.Contains(ids(New(in).Asks), id) {
			t.Errorf("%s is not asked", id)
		}
	}
	all := map[string]bool{}
	for _, q := range questions() {
		if all[q.id] || q.gap == "" || !strings.HasSuffix(q.text, "?") || len(Wording(q.text, nil)) > 0 {
			t.Errorf("%+v", q)
		}
		all[q.id] = true
	}
	if len(all) != 13 {
		t.Errorf("%d questions, and 13 are tried here", len(all))
	}
}

func TestSmooth(t *testing.T) {
	t.Parallel()
	smooth := tuesday()
	smooth.Incident, smooth.Facts, smooth.Story.Incidents, smooth.Story.Surprises = nil, debrief.ReleaseFacts{}, nil, nil
	smooth.Story.Release.Verdict, smooth.Story.Looks[1].Word = debrief.Steady, debrief.Steady
	if got, ok := Smooth(smooth); !ok || got != "shop v1.42 went out in 6m0s; 2 looks found nothing unusual." {
		t.Errorf("%q %v", got, ok)
	}
	for name, c := range map[string]func(*Input){
		"worse":           func(in *Input) { in.Story.Release.Verdict = debrief.Worse },
		"nobody can tell": func(in *Input) { in.Story.Release.Verdict = debrief.CannotTell },
		"failed":          func(in *Input) { in.Facts.Failure = debrief.DidFail },
		"surprising":      func(in *Input) { in.Story.Surprises = tuesday().Story.Surprises },
		"still looked at": func(in *Input) {
			in.Story.Looks = slices.Clone(in.Story.Looks)
			in.Story.Looks[1].State = debrief.LookPlanned
		},
		"never looked at":    func(in *Input) { in.Story.Looks = nil },
		"not live":           func(in *Input) { in.Story.Release.FullExposure = time.Time{} },
		"somebody was paged": func(in *Input) { in.Story.Incidents = tuesday().Story.Incidents },
	} {
		in := smooth
		c(&in)
		if got, ok := Smooth(in); ok {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// What others wrote is text in a draft, never markup.
func TestMarkdownIsPlain(t *testing.T) {
	t.Parallel()
	in := tuesday()
	in.Story.Flips[0].Title = "[x](javascript:alert(1)) <script>\n# no heading"
	text := strings.NewReplacer(`\[`, "", `\]`, "").Replace(New(in).Markdown(in)) // what is escaped is text
	for _, bad := range []string{"](javascript", "<script>", "\n# no"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q stands in the draft", bad)
		}
	}
}
