package story

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/notice"
	"github.com/debriefhq/debrief/internal/record"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/tell"
)

// WriteSample fills a store with a year of made-up history that ended a day
// before now, marked as sample in every row. It goes through the same rooms as
// what is real (events, records, surprises, words), but for the numbers, which
// nobody measured. It returns how many releases it made.
func WriteSample(ctx context.Context, st *store.Store, now time.Time, seed uint64, t notice.Thresholds) (int, error) {
	total := 0
	for _, s := range sampleServices() {
		err := st.Update(ctx, func(tx *store.Tx) error {
			n, err := writeService(tx, s, now, seed, t)
			if err == nil {
				total += n
			}
			return err
		})
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

func writeService(tx *store.Tx, s sampleService, now time.Time, seed uint64, t notice.Thresholds) (int, error) {
	svc, err := tx.Service(s.name, true)
	if err != nil {
		return 0, err
	}
	plan := samplePlan(s, seed, now.Add(-24*time.Hour).Truncate(time.Hour))
	events := make([]debrief.Event, 0, len(plan))
	byKey := map[string]sampleDeployment{}
	for _, p := range plan {
		key := p.report.Keys[0]
		byKey[key] = p
		events = append(events, debrief.Event{
			ID: debrief.ID("sample", key), Source: "api", Key: key, Kind: debrief.EventDeployment,
			At: p.report.Times.Finished, Received: p.report.Times.Finished, Service: svc.ID, Report: &p.report,
		})
	}
	if err := tx.SaveEvents(events, record.Keys); err != nil {
		return 0, err
	}
	ds, absorbed := record.Deployments(events)
	var production []debrief.Deployment
	for i := range ds {
		ds[i].Service = svc.ID
		if ds[i].Environment == "production" {
			production = append(production, ds[i])
		}
	}
	if err := tx.SaveDeployments(svc.ID, ds, absorbed); err != nil {
		return 0, err
	}
	for _, d := range production {
		if err := linkSample(tx, d); err != nil {
			return 0, err
		}
	}
	releases := record.Releases(production)
	first := map[string]debrief.Deployment{}
	for _, d := range production {
		first[d.ID] = d
	}
	for i := range releases {
		releases[i].Changes = -1
		if g := first[releases[i].ID].Git; g != nil && g.From != "" {
			releases[i].Changes = len(g.Commits)
		}
	}
	if err := tx.SaveReleases(svc.ID, releases); err != nil {
		return 0, err
	}
	if err := tx.Enqueue(store.Work{Kind: store.WorkKinds, Key: svc.ID, Service: svc.ID}); err != nil {
		return 0, err
	}
	for i, r := range releases {
		d := byKey[first[r.ID].Keys[0]]
		if err := writeChecks(tx, s, r, d, rand.New(rand.NewPCG(seed, uint64(i))), t); err != nil {
			return 0, err
		}
	}
	return len(releases), nil
}

func linkSample(tx *store.Tx, d debrief.Deployment) error {
	if d.Git == nil {
		return nil
	}
	changes := make([]debrief.Change, len(d.Git.Commits))
	ids := make([]string, len(changes))
	for i, c := range d.Git.Commits {
		c.ID = debrief.ID("change", c.Repository, c.Commit)
		changes[i], ids[i] = c, c.ID
	}
	if err := tx.SaveChanges(d.Service, changes); err != nil {
		return err
	}
	return tx.LinkChanges(d.Service, d.ID, ids)
}

// writeChecks makes up what a release's looks found, then has its surprises and
// its summary worked out as for any other release.
func writeChecks(tx *store.Tx, s sampleService, r debrief.Release, d sampleDeployment, rng *rand.Rand, t notice.Thresholds) error {
	words := []debrief.Word{}
	if r.Live() && r.Kind.Checked() {
		for n, after := range sampleLooks {
			look := sampleLook(s, r, d, n+1, after, rng)
			words = append(words, look.Word)
			if err := tx.SaveLook(look); err != nil {
				return err
			}
		}
	}
	story, err := tx.Story(r.ID)
	if err != nil {
		return err
	}
	story.Surprises = notice.Find(notice.Input{Story: story, T: t})
	for i := range story.Surprises {
		// What is past has been answered.
		if x := &story.Surprises[i]; !x.Note {
			x.Answer = []debrief.Answer{debrief.Expected, debrief.Surprising, debrief.Surprising, debrief.NotOurs}[rng.IntN(4)]
			x.Answered = x.At.Add(time.Duration(1+rng.IntN(20)) * time.Hour)
		}
	}
	if err := tx.SaveSurprises(r.Service, r.ID, story.Surprises); err != nil {
		return err
	}
	word := debrief.Pending
	if len(words) > 0 {
		word = words[len(words)-1]
	}
	story.Release.Verdict = word
	count := 0
	for _, x := range story.Surprises {
		if !x.Note {
			count++
		}
	}
	headline := tell.Headline(story, time.UTC)
	if err := tx.Summarise(r.Service, r.ID, word, headline, words, count, 0); err != nil {
		return err
	}
	return tx.Index(r.Service, "release", r.ID, s.name+" "+r.Version+" sample "+headline)
}

// sampleLooks are when a made-up release was checked.
var sampleLooks = []time.Duration{5 * time.Minute, time.Hour, 24 * time.Hour}

func sampleLook(s sampleService, r debrief.Release, d sampleDeployment, n int, after time.Duration, rng *rand.Rand) debrief.Look {
	from := r.FullExposure
	look := debrief.Look{
		ReleaseID: r.ID, Service: r.Service, Number: n, After: after, State: debrief.LookDone,
		Due: from.Add(after), Closed: debrief.Instant(from.Add(after + time.Minute)), From: from, To: from.Add(after),
	}
	if !r.NextAt.IsZero() && r.NextAt.Before(look.To) {
		look.To = r.NextAt
	}
	// What goes wrong is seen by the second look; the first has too little to go by.
	f := d.fate
	if n == 1 && f != quiet {
		f = usual
	}
	requests := int(s.rate * look.To.Sub(look.From).Seconds())
	latency := debrief.Verdict{Metric: "p95", Role: debrief.Latency, Unit: "ms", Relative: true, N: requests, Since: from.Add(after / 20)}
	latency.Before = s.level * (0.95 + 0.1*rng.Float64())
	errors := debrief.Verdict{Metric: "errors", Role: debrief.Errors, Unit: "%", N: requests, Before: 0.1 + 0.1*rng.Float64(), Since: latency.Since}
	errors.After, errors.Smallest, errors.Word = errors.Before, 0.08, debrief.Steady
	latency.Effect, latency.Smallest, latency.Word = 0.01*rng.NormFloat64(), 0.06, debrief.Steady
	switch f {
	case slower, faster:
		latency.Word, latency.Effect, latency.Shape, latency.P = debrief.Worse, d.effect, "level", 0.001
		if f == faster {
			latency.Word = debrief.Better
		}
	case failing:
		errors.Word, errors.Effect, errors.P = debrief.Worse, 100*d.effect, 0.001
		errors.After += errors.Effect
	case quiet:
		requests /= 40
		latency.N, errors.N = requests, requests
		latency.Word, latency.Reason, errors.Word, errors.Reason = debrief.CannotTell, debrief.TooLittle, debrief.CannotTell, debrief.TooLittle
	}
	latency.Low, latency.High = latency.Effect*0.85-0.02, latency.Effect*1.15+0.02
	errors.Low, errors.High = errors.Effect*0.85-0.02, errors.Effect*1.15+0.02
	latency.After = latency.Before * (1 + latency.Effect)
	latency.Trace = sampleTrace(latency, from, after, rng)
	look.Verdicts = []debrief.Verdict{latency, errors}
	for i := range look.Verdicts {
		look.Verdicts[i].Against = []string{"made up: this is sample history"}
		look.Verdicts[i].Sentence = tell.Verdict(look.Verdicts[i], time.UTC)
	}
	look.Word = debrief.RollUp(look.Verdicts)
	if look.Word == debrief.CannotTell {
		look.Reason = debrief.TooLittle
	}
	return look
}

// sampleTrace draws the picture: twenty points before the release and forty after.
func sampleTrace(v debrief.Verdict, from time.Time, after time.Duration, rng *rand.Rand) debrief.Trace {
	const before, behind = 20, 40
	step := (after / behind).Truncate(time.Second)
	t := debrief.Trace{Start: from.Add(-before * step), Step: step, Shade: "made-up history"}
	for i := range before + behind {
		level := v.Before
		if at := t.Start.Add(time.Duration(i) * step); !at.Before(v.Since) {
			level = v.After
		}
		t.V = append(t.V, level*math.Exp(0.03*rng.NormFloat64()))
		t.Low, t.High = append(t.Low, v.Before*0.92), append(t.High, v.Before*1.09)
	}
	return t
}

// FillSample opens the configured database, fills it, and closes it again, so
// that a server may be started on it.
func FillSample(ctx context.Context, c config.Config, now time.Time) (n int, err error) {
	st, err := store.Open(ctx, c.DB, store.Options{Now: func() time.Time { return now }, NewID: uuid.NewString})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	d := config.Default().Notice // a year at its usual pace, whatever the demo shortened
	return WriteSample(ctx, st, now, SampleSeed, notice.Thresholds{
		SlowFactor: d.SlowFactor, SlowMADs: d.SlowMADs, SlowAtLeast: d.SlowAtLeast, SlowMinHistory: d.SlowMinHistory,
		StepFactor: d.StepFactor, StepAtLeast: d.StepAtLeast,
		AlertAfter: d.AlertAfter, RollbackPeople: d.RollbackPeople, UnshippedFactor: d.UnshippedFactor,
	})
}
