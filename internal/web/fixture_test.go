package web

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/tell"
)

// It is Tuesday, a quarter past three in the afternoon.
var (
	now    = time.Date(2026, 11, 17, 15, 15, 0, 0, time.UTC)
	liveAt = time.Date(2026, 11, 17, 14, 3, 0, 0, time.UTC)
)

// records is a Reader in memory. Its errors can be set, as a store's would be.
type records struct {
	mu        sync.Mutex
	stories   map[string]debrief.Story
	redirects map[string]string
	list      []debrief.Release
	services  []debrief.Service
	hits      []store.Hit
	err       error
	revision  int64
	answered  map[string]debrief.Answer
	backtests map[string]debrief.Backtest
	said      sourcesSaid
	facts     []debrief.ReleaseFacts
	waiting   []debrief.Change
	blames
	past reviewed
}

func newRecords(stories ...debrief.Story) *records {
	rs := &records{stories: map[string]debrief.Story{}, redirects: map[string]string{}, revision: 1, answered: map[string]debrief.Answer{}, backtests: map[string]debrief.Backtest{}}
	seen := map[string]bool{}
	for _, s := range stories {
		s.Release.Open, s.Release.Surprises = 0, len(s.Surprises)
		for _, sp := range s.Surprises {
			if sp.Answer == debrief.Unanswered && !sp.Note {
				s.Release.Open++
			}
		}
		rs.stories[s.Release.ID] = s
		rs.list = append(rs.list, s.Release)
		if !seen[s.Release.Service] {
			seen[s.Release.Service] = true
			rs.services = append(rs.services, debrief.Service{ID: s.Release.Service, Name: s.ServiceName, Sample: s.Release.Sample})
		}
	}
	slices.SortStableFunc(rs.list, func(a, b debrief.Release) int { return b.Started.Compare(a.Started) })
	return rs
}

func (r *records) Story(_ context.Context, id string) (debrief.Story, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return debrief.Story{}, r.err
	}
	if to := r.redirects[id]; to != "" {
		id = to
	}
	s, ok := r.stories[id]
	if !ok {
		return s, debrief.Errorf(debrief.NotFound, "id", "there is no release %q", id)
	}
	s.Surprises = append([]debrief.Surprise{}, s.Surprises...)
	for i, sp := range s.Surprises {
		if a := r.answered[sp.ID]; a != "" {
			s.Surprises[i].Answer, s.Surprises[i].Answered = a, now
		}
	}
	return s, nil
}

func (r *records) Releases(_ context.Context, f store.Filter) ([]debrief.Release, string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return nil, "", r.err
	}
	var out []debrief.Release
	from := 0
	if f.Before != "" {
		n, err := strconv.Atoi(f.Before)
		if err != nil {
			return nil, "", debrief.Errorf(debrief.Invalid, "before", "not a cursor")
		}
		from = n
	}
	for i := from; i < len(r.list); i++ {
		rel := r.list[i]
		if f.Service != "" && rel.Service != f.Service || f.Sample != nil && rel.Sample != *f.Sample {
			continue
		}
		if len(out) == f.Limit {
			return out, strconv.Itoa(i), nil
		}
		out = append(out, rel)
	}
	return out, "", nil
}

func (r *records) Services(context.Context) ([]debrief.Service, error) { return r.services, r.err }

func (r *records) OpenSurprises(_ context.Context, limit int) ([]debrief.Surprise, error) {
	var out []debrief.Surprise
	for _, rel := range r.list {
		for _, sp := range r.stories[rel.ID].Surprises {
			if sp.Answer == "" && !sp.Note && len(out) < limit {
				out = append(out, sp)
			}
		}
	}
	return out, r.err
}

func (r *records) Answer(_ context.Context, id string, a debrief.Answer, at time.Time) (debrief.Surprise, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.stories {
		for _, sp := range s.Surprises {
			if sp.ID == id {
				r.answered[id] = a
				r.revision++
				sp.Answer, sp.Answered = a, at
				return sp, nil
			}
		}
	}
	return debrief.Surprise{}, debrief.Errorf(debrief.NotFound, "id", "there is no surprise %q", id)
}

func (r *records) answerTo(id string) debrief.Answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.answered[id]
}

func (r *records) Noticed(_ context.Context, service string) (n store.Noticed, err error) {
	for _, rel := range r.list {
		if rel.Service != service {
			continue
		}
		for _, sp := range r.stories[rel.ID].Surprises {
			if !sp.Note {
				n.Noticed++
			}
			if sp.Answer == debrief.NothingThere || r.answered[sp.ID] == debrief.NothingThere {
				n.NothingThere++
			}
		}
	}
	return n, r.err
}

func (r *records) Incidents(_ context.Context, f store.ObjectFilter) ([]debrief.Incident, string, error) {
	out := slices.Clone(r.incidents)
	for _, rel := range r.list {
		if rel.Service == f.Service {
			out = append(out, r.stories[rel.ID].Incidents...)
		}
	}
	return out, "", r.err
}

func (r *records) Flips(_ context.Context, service string, _, _ time.Time, _ int) ([]debrief.Change, error) {
	var out []debrief.Change
	for _, rel := range r.list {
		if rel.Service == service {
			out = append(out, r.stories[rel.ID].Flips...)
		}
	}
	return out, r.err
}

func (r *records) Backtest(_ context.Context, service string) (debrief.Backtest, bool, error) {
	b, ok := r.backtests[service]
	return b, ok, r.err
}

// tried is two weeks of made-up releases.
func triedShop() debrief.Backtest {
	looks := func(relative bool, seen ...float64) (out []debrief.BacktestLook) {
		for i, after := range []time.Duration{5 * time.Minute, time.Hour, 24 * time.Hour} {
			out = append(out, debrief.BacktestLook{After: after, Taken: 100, Relative: relative, Seen: seen[i], Found: 34, Planted: 40})
		}
		return out
	}
	b := debrief.Backtest{
		Service: "shop", Measured: now.Add(-26 * time.Hour), From: now.AddDate(0, 0, -15), To: now.AddDate(0, 0, -2), Releases: 100, Avoided: 12, False: 1, FalseHigh: 0.054,
		Metrics: []debrief.BacktestMetric{
			{Metric: "p95 of /checkout", Role: debrief.Latency, Unit: "ms", Releases: 100, False: 1, FalseHigh: 0.054, Looks: looks(true, 0.38, 0.12, 0.09)},
			{Metric: "errors", Role: debrief.Errors, Unit: "%", Releases: 100, FalseHigh: 0.037, Looks: looks(false, 0, 0.003, 0.002)},
			{Metric: "queue_of_a_worker_with_a_very_long_name", Role: debrief.Other, Problem: "main did not answer within 30 seconds"},
		},
	}
	b.Metrics[1].Looks[0].CannotTell = map[debrief.Reason]int{debrief.TooLittle: 43}
	return b
}

func (r *records) Search(context.Context, string, int) ([]store.Hit, error) { return r.hits, r.err }

func (r *records) Revision(context.Context) (int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.revision, r.err
}

func (r *records) change(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
	r.revision++
}

// trace is two hours by the minute around the release, rising after onset.
func trace(seed uint64, level, noise, rise float64, onset int) debrief.Trace {
	r := rand.New(rand.NewPCG(seed, 1))
	t := debrief.Trace{Start: liveAt.Add(-time.Hour), Step: time.Minute, Shade: "this shop's Tuesdays"}
	for i := range 120 {
		base := level + 0.04*level*math.Sin(float64(i)/40)
		v := base + r.NormFloat64()*noise
		if i > onset {
			v += math.Min(float64(i-onset)*rise/30, rise)
		}
		t.V = append(t.V, v)
		t.Low, t.High = append(t.Low, base-2.5*noise), append(t.High, base+2.5*noise)
	}
	return t
}

func rel(id, service, version string, at time.Time, word debrief.Word, headline string, looks ...debrief.Word) debrief.Story {
	return debrief.Story{
		ServiceName: service,
		Release: debrief.Release{
			ID: id, Service: debrief.Slug(service), Environment: "production", Version: version, Kind: debrief.ReleaseNew,
			Started: at, FirstExposure: at, FullExposure: at, Changes: 4, Verdict: word, Headline: headline, Looks: looks,
		},
	}
}

// creep is the story of docs/look.md: shop v1.42, slower and still rising.
func creep() debrief.Story {
	s := rel("creep", "shop", "v1.42", liveAt, debrief.Worse, "p95 of /checkout 38 % up since 14:21; migration 5.4× staging; one new kind of error", debrief.Steady, debrief.Worse, debrief.Pending)
	s.Release.Started, s.Release.PreviousVersion, s.Release.PreviousID = liveAt.Add(-13*time.Minute), "v1.41", "faster"
	prev := rel("faster", "shop", "v1.41", liveAt.Add(-21*time.Hour), debrief.Better, "first byte 9 % faster").Release
	s.Previous = &prev
	warn := []string{"no earlier weeks yet: the band is this morning's"}
	verdicts := func(word debrief.Word) []debrief.Verdict {
		p95 := debrief.Verdict{
			Metric: "p95 of /checkout", Role: debrief.Latency, Unit: "ms", Word: word, Before: 215, After: 298, Relative: true, Effect: 0.38, Low: 0.31, High: 0.46,
			Shape: "ramp", N: 24_600, P: 0.0004, Since: liveAt.Add(18 * time.Minute), Smallest: 0.06,
			Against: []string{"the hour before", "the same hour of four earlier Tuesdays"}, Warnings: warn, Trace: trace(1, 215, 5, 82, 78),
		}
		if word == debrief.Steady {
			p95.Effect, p95.Low, p95.High, p95.Since, p95.After, p95.P, p95.Trace = 0.01, -0.02, 0.03, time.Time{}, 217, 0.6, trace(1, 215, 5, 0, 200)
		}
		return []debrief.Verdict{
			p95,
			{Metric: "errors", Role: debrief.Errors, Unit: "%", Word: debrief.Steady, Before: 0.2, After: 0.21, Effect: 0.01, Low: -0.03, High: 0.05, N: 24_600, P: 0.4, Smallest: 0.06, Warnings: warn, Against: []string{"the hour before"}, Trace: trace(2, 0.21, 0.02, 0, 200)},
			{Metric: "requests", Role: debrief.Traffic, Unit: "/s", Word: debrief.Steady, Before: 408, After: 410, Relative: true, Effect: 0.005, Low: -0.02, High: 0.03, N: 24_600, P: 0.7, Smallest: 0.08, Warnings: warn, Trace: trace(3, 410, 12, 0, 200)},
			{Metric: "p95 of /refund", Role: debrief.Latency, Unit: "ms", Word: debrief.CannotTell, Reason: debrief.TooLittle, N: 14, Warnings: append([]string{"half of its minutes had no request"}, warn...), Trace: trace(4, 480, 160, 0, 200)},
		}
	}
	s.Looks = []debrief.Look{
		{Number: 1, After: 5 * time.Minute, State: debrief.LookDone, Due: liveAt.Add(5 * time.Minute), From: liveAt, To: liveAt.Add(5 * time.Minute), Word: debrief.Steady, Verdicts: verdicts(debrief.Steady)},
		{
			Number: 2, After: time.Hour, State: debrief.LookDone, Due: liveAt.Add(time.Hour), From: liveAt, To: liveAt.Add(time.Hour), Word: debrief.Worse, Verdicts: verdicts(debrief.Worse),
			Logs: debrief.LogFindings{Word: debrief.Worse, Known: liveAt.Add(-90 * 24 * time.Hour), Lines: 52_310, Patterns: []debrief.LogPattern{
				{ID: "l1", Template: "pq: canceling statement due to lock timeout: relation <*> pid <*>", Example: "pq: canceling statement due to lock timeout: relation 16402 pid 3311", Level: "error", New: true, Count: 212, First: liveAt.Add(16 * time.Minute)},
				{ID: "l2", Template: "slow query <*> ms", Level: "warn", Count: 320, Before: 41},
			}},
		},
		{Number: 3, After: 24 * time.Hour, State: debrief.LookPlanned, Due: liveAt.Add(24 * time.Hour)},
	}
	stage := func(name string, after, took time.Duration) debrief.Stage {
		return debrief.Stage{Name: name, State: debrief.Succeeded, Started: liveAt.Add(after), Finished: liveAt.Add(after + took)}
	}
	deployment := func(id string, build, test, migrate, roll time.Duration, rows string) debrief.Deployment {
		d := debrief.Deployment{ID: id, Service: "shop", Environment: "production", Version: "v1.42", Commit: "4f2a9c81d0e7", State: debrief.Succeeded, Sources: []string{"api", "github"}}
		d.Times = debrief.Times{Started: liveAt.Add(-13 * time.Minute), Finished: liveAt.Add(-13*time.Minute + build + test + migrate + roll), FirstExposure: liveAt, FullExposure: liveAt}
		m := stage("migrate", 0, migrate)
		m.Facts = debrief.Facts{"rows": rows}
		d.Stages = []debrief.Stage{stage("build", 0, build), stage("test", 0, test), m, stage("roll out", 0, roll)}
		return d
	}
	s.Deployments = []debrief.Deployment{deployment("d1", 130*time.Second, 271*time.Second, 312*time.Second, 80*time.Second, "31000000")}
	s.Kinds = debrief.Kinds{
		Names: []string{"dependency", "large", "migration"}, Primary: "migration", Modules: []string{"db/migrate/", "internal/cart/"},
		Why: []debrief.KindReason{
			{Kind: "dependency", Rules: []string{"locked", "manifest"}, Files: []string{"go.mod", "go.sum"}, Count: 2},
			{Kind: "large", Rules: []string{"size"}, Says: "1240 lines in 31 files"},
			{Kind: "migration", Rules: []string{"rails"}, Files: []string{"db/migrate/20261001_carts.rb", "db/schema.rb"}, Count: 5},
		},
	}
	s.ChangeKinds = map[string][]string{"c1": {"migration"}, "c3": {"dependency"}}
	s.Deployments[0].Git = &debrief.GitFacts{Files: 23, Added: 410, Deleted: 96}
	s.Deployments[0].Command = "./deploy.sh production"
	s.Staging = []debrief.Deployment{deployment("st", 128*time.Second, 280*time.Second, 58*time.Second, 30*time.Second, "1200000")}
	for i := range 6 {
		d := deployment(fmt.Sprint("r", i), 124*time.Second, 280*time.Second, 0, 75*time.Second, "")
		d.Stages = append(d.Stages[:2], d.Stages[3])
		s.Recent = append(s.Recent, d)
	}
	for i, title := range []string{"Keep each cart's last change", "Index carts by customer", "Checkout asks for stock once", "Bump pgx"} {
		s.Changes = append(s.Changes, debrief.Change{ID: "c" + fmt.Sprint(i), Title: title, PullNumber: 811 + i, URL: "https://example.com/pull/" + fmt.Sprint(811+i), Commit: "9c81d0e74f2a", Files: 3 + i})
	}
	s.Surprises = []debrief.Surprise{
		{
			ID: "s1", ReleaseID: "creep", Service: "shop", Kind: "slow-step", Subject: "migrate", Sentence: "Migration took 5.4× as long as in staging, 31 M rows against 1.2 M.",
			Question: "What made staging say little about production?", Why: "A rehearsal that differs this much does not warn.", Evidence: []string{"production 5:12, staging 0:58"}, At: liveAt,
		},
		{ID: "s2", ReleaseID: "creep", Service: "shop", Kind: "metric-shift", Subject: "p95 of /checkout", Sentence: "p95 of /checkout crept up after the five-minute look had passed.", Question: "What grows with time or with rows?", At: liveAt.Add(time.Hour)},
		{ID: "s3", ReleaseID: "creep", Service: "shop", Kind: "retry", Subject: "", Sentence: "The deployment was tried twice.", Answer: debrief.Expected, Answered: now.Add(-20 * time.Minute)},
		{ID: "s4", ReleaseID: "creep", Service: "shop", Kind: "usual-after", Note: true, Sentence: "Traffic dips for a minute after each deployment; it did again."},
	}
	return s
}

// early is a release whose first look is due in two minutes.
func early() debrief.Story {
	s := rel("early", "ledger", "2026.47.3", now.Add(-3*time.Minute), debrief.Pending, "", debrief.Pending, debrief.Pending, debrief.Pending)
	at := s.Release.FullExposure
	t := trace(9, 80, 4, 0, 200)
	t.Start, t.V, t.Low, t.High = at.Add(-60*time.Minute), t.V[:63], t.Low[:63], t.High[:63]
	s.Looks = []debrief.Look{
		{Number: 1, After: 5 * time.Minute, State: debrief.LookPlanned, Due: at.Add(5 * time.Minute), From: at, Verdicts: []debrief.Verdict{
			{Metric: "p95 of /post", Role: debrief.Latency, Unit: "ms", Trace: t}, {Metric: "errors", Role: debrief.Errors, Unit: "%"},
		}},
		{Number: 2, After: time.Hour, State: debrief.LookPlanned, Due: at.Add(time.Hour)},
		{Number: 3, After: 24 * time.Hour, State: debrief.LookPlanned, Due: at.Add(24 * time.Hour)},
	}
	return s
}

func failed() debrief.Story {
	s := rel("failed", "mailer", "3.10", now.Add(-5*time.Hour), debrief.Pending, "failed after 0:41, exit code 2")
	s.Release.Kind, s.Release.FullExposure, s.Release.FirstExposure, s.Release.Changes = debrief.ReleaseAttempt, time.Time{}, time.Time{}, -1
	code := 2
	s.Deployments = []debrief.Deployment{{
		ID: "f1", State: debrief.Failed, ExitCode: &code, Output: "pulling image mailer:3.10\nerror: manifest unknown <script>alert(1)</script>\n", Command: "./deploy.sh",
		Times: debrief.Times{Started: s.Release.Started, Finished: s.Release.Started.Add(41 * time.Second)}, Sources: []string{"api"},
	}}
	return s
}

func blind() debrief.Story {
	s := rel("blind", "mailer", "3.9", now.Add(-5*time.Hour-3*time.Minute), debrief.CannotTell, "cannot tell: 14 mails in the first hour", debrief.CannotTell, debrief.CannotTell, debrief.Pending)
	s.Looks = []debrief.Look{
		{Number: 1, After: 5 * time.Minute, State: debrief.LookDone, Word: debrief.CannotTell, Reason: debrief.ProviderFailed, Blind: []string{"Prometheus did not answer within 30 s, three times"}},
		{
			Number: 2, After: time.Hour, State: debrief.LookDone, Word: debrief.CannotTell, Reason: debrief.NothingToLookAt,
			Logs: debrief.LogFindings{Word: debrief.CannotTell, Reason: debrief.LogsTooNew, Known: liveAt.Add(-2 * time.Hour)},
		},
	}
	s.Release.Changes = -1
	return s
}

func running() debrief.Story {
	s := rel("running", "search", "8.2.0", now.Add(-4*time.Minute), debrief.Pending, "")
	s.Release.Kind, s.Release.FullExposure, s.Release.FirstExposure = debrief.ReleaseRunning, time.Time{}, time.Time{}
	s.Recent = []debrief.Deployment{{Times: debrief.Times{Started: liveAt, Finished: liveAt.Add(6 * time.Minute)}}}
	s.Deployments = []debrief.Deployment{{ID: "run1", State: debrief.Running, Times: debrief.Times{Started: s.Release.Started}, Stages: []debrief.Stage{{Name: "build", State: debrief.Running, Started: s.Release.Started}}}}
	return s
}

// week is what a small team's list looks like.
func week() []debrief.Story {
	rolledBack := rel("back", "ledger", "2026.47.2", now.Add(-24*time.Hour), debrief.Worse, "rolled back after 22 minutes", debrief.Worse)
	rolledBack.Release.Kind = debrief.ReleaseRollback
	all := []debrief.Story{
		early(), running(), creep(),
		rel("s810", "search", "8.1.0", now.Add(-215*time.Minute), debrief.Steady, "as usual", debrief.Steady, debrief.Steady, debrief.Pending),
		failed(), blind(),
		rel("faster", "shop", "v1.41", liveAt.Add(-21*time.Hour), debrief.Better, "first byte 9 % faster (6 to 12 %)", debrief.Steady, debrief.Better, debrief.Better),
		rolledBack,
		rel("s809", "search", "8.0.9", now.Add(-30*time.Hour), debrief.Changed, "traffic changed", debrief.Steady, debrief.Steady, debrief.Changed),
	}
	return all
}

func samples(n int) []debrief.Story {
	var out []debrief.Story
	for i := range n {
		s := rel(fmt.Sprintf("sample%d", i), "sample shop", fmt.Sprintf("v0.%d", n-i), now.Add(-time.Duration(i+3)*27*time.Hour), debrief.Steady, "as usual", debrief.Steady, debrief.Steady, debrief.Steady)
		s.Release.Sample = true
		out = append(out, s)
	}
	return out
}

// hard is a story whose every text is long, foreign or hostile.
func hard() debrief.Story {
	s := creep()
	long := strings.Repeat("averyveryverylongword", 8)
	s.Release.ID, s.Release.Version, s.ServiceName = "hard", "release-"+long, "payments & <b>ledger</b>"
	s.Release.Headline = long
	for i := range s.Looks {
		for k := range s.Looks[i].Verdicts {
			s.Looks[i].Verdicts[k].Metric += " of /" + long + strconv.Itoa(k)
			s.Looks[i].Verdicts[k].Trace.Shade = long
			s.Looks[i].Verdicts[k].Sentence = tell.Verdict(s.Looks[i].Verdicts[k], time.UTC)
		}
	}
	for i := range s.Surprises {
		s.Surprises[i].Sentence = long + " <img src=x onerror=alert(1)>"
	}
	for i := range s.Deployments[0].Stages {
		s.Deployments[0].Stages[i].Name += long[:40]
	}
	s.Changes[0].Title, s.Changes[0].URL = long, "javascript:alert(1)"
	return s
}

func (r *records) Facts(_ context.Context, f store.FactFilter) ([]debrief.ReleaseFacts, string, error) {
	var out []debrief.ReleaseFacts
	for _, x := range r.facts {
		if x.Service == f.Service && !x.At.Before(f.From) && x.At.Before(f.To) {
			out = append(out, x)
		}
	}
	return out, "", r.err
}

func (r *records) Waiting(context.Context, string, string, string, int) ([]debrief.Change, error) {
	return r.waiting, r.err
}

func (r *records) LatestFact(_ context.Context, service, env string) (string, bool, bool, error) {
	for _, x := range slices.Backward(r.facts) {
		if x.Service == service && (env == "" || x.Environment == env) {
			return x.Environment, x.Sample, true, r.err
		}
	}
	return "", false, false, r.err
}
