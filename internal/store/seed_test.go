package store_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
)

const seedServices = 200

func seedService(i int) string { return fmt.Sprintf("service-%d", i%seedServices) }
func seedID(i int) string      { return fmt.Sprintf("release-%d", i) }

// seed fills a store with n releases of 200 services: each with a production
// and a staging deployment, two changes, three looks and a surprise. Every
// thousandth has looks as large as real ones.
func seed(t testing.TB, s *store.Store, n int) {
	t.Helper()
	t0 := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	text := func(v any) string {
		b, err := json.Marshal(v)
		ok(t, err)
		return string(b)
	}
	for from := 0; from < n; from += 5000 {
		ok(t, s.Update(t.Context(), func(tx *store.Tx) error {
			var releases, deployments, changes, links, looks, surprises [][]any
			for i := from; i < min(from+5000, n); i++ {
				sv, id, at := seedService(i), seedID(i), t0.Add(time.Duration(i)*5*time.Minute)
				version, commit := fmt.Sprintf("v%d", i), fmt.Sprintf("c%d", i)
				rollout := ""
				if i%10 < 2 {
					rollout = fmt.Sprintf("rollout-%d", i/10)
				}
				r := debrief.Release{
					ID: id, Service: sv, Environment: "production", Version: version, Kind: debrief.ReleaseNew, Rollout: rollout, DeploymentIDs: []string{id},
					Started: at, FullExposure: at.Add(3 * time.Minute), Changes: 2,
				}
				if i >= seedServices {
					r.PreviousID = seedID(i - seedServices)
				}
				if i+seedServices < n {
					r.NextID = seedID(i + seedServices)
				}
				releases = append(releases, []any{
					sv, id, "production", "release", rollout, at.UnixMicro(), false, text(r),
					"steady", "as usual", `["steady","steady",""]`, 1, 1,
				})
				for _, env := range []string{"production", "staging"} {
					d := debrief.Deployment{
						ID: id, Service: sv, Environment: env, Version: version, Commit: commit, State: debrief.Succeeded,
						Times: debrief.Times{Started: at, Finished: at.Add(3 * time.Minute)}, Keys: []string{"api/" + id}, Sources: []string{"api"},
						Stages: []debrief.Stage{
							{Name: "build", State: debrief.Succeeded, Started: at, Finished: at.Add(time.Minute)},
							{Name: "migrate", State: debrief.Succeeded, Started: at.Add(time.Minute), Finished: at.Add(2 * time.Minute), Facts: debrief.Facts{"rows": "31000000"}},
							{Name: "roll out", State: debrief.Succeeded, Started: at.Add(2 * time.Minute), Finished: at.Add(3 * time.Minute)},
						},
					}
					release := id
					if env == "staging" {
						d.ID, release = "staging-"+id, ""
					}
					deployments = append(deployments, []any{
						sv, d.ID, release, env, "", version, commit, "succeeded", at.UnixMicro(), at.Add(3 * time.Minute).UnixMicro(), false, text(d), "", "", "", false,
					})
				}
				for k := range 2 {
					c := debrief.Change{ID: fmt.Sprintf("change-%d-%d", i, k), Repository: "acme/shop", Commit: fmt.Sprintf("%s%d", commit, k), Title: "Make the cart remember", Committed: at}
					changes = append(changes, []any{sv, c.ID, at.UnixMicro(), text(c)})
					links = append(links, []any{sv, id, c.ID, k})
				}
				for number := 1; number <= 3; number++ {
					l := debrief.Look{ReleaseID: id, Service: sv, Number: number, State: debrief.LookDone, Due: at, Word: debrief.Steady}
					if i%1000 == 0 {
						l.Verdicts = verdicts(9)
					}
					looks = append(looks, []any{sv, id, number, at.UnixMicro(), text(l), "", false})
				}
				sp := debrief.Surprise{ID: "surprise-" + id, ReleaseID: id, Service: sv, Kind: "slow-step", Subject: "migrate", Sentence: "Migration 5.4× staging", At: at}
				surprises = append(surprises, []any{sv, sp.ID, id, sp.Kind, sp.Subject, at.UnixMicro(), 0, text(sp), "", 0, true})
			}
			for _, load := range []struct {
				head string
				rows [][]any
			}{
				{`insert into releases (service_id, id, environment, kind, rollout, started_at, sample, data, verdict, headline, looks, surprises, unanswered)`, releases},
				{`insert into deployments (service_id, id, release_id, environment, target, version, commit_id, state, at, live_at, sample, data, git, output, command, raw)`, deployments},
				{`insert into changes (service_id, id, at, data)`, changes},
				{`insert into deployment_changes (service_id, deployment_id, change_id, place)`, links},
				{`insert into looks (service_id, release_id, number, due_at, data, examples, raw)`, looks},
				{`insert into surprises (service_id, id, release_id, kind, subject, at, place, data, answer, answered_at, unanswered)`, surprises},
			} {
				if err := tx.Many(load.head, load.rows, ""); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	if s.Engine() == "postgres" {
		ok(t, s.Exec(t.Context(), "vacuum analyze"))
	}
}

// verdicts are as large as those of a real look: an hour before and an hour
// after by the minute, with a band.
func verdicts(n int) []debrief.Verdict {
	curve := make(debrief.Numbers, 120)
	for i := range curve {
		curve[i] = 80 + 10*math.Sin(float64(i)/7)
	}
	out := make([]debrief.Verdict, n)
	for i := range out {
		out[i] = debrief.Verdict{
			Metric: fmt.Sprintf("p95 of /route%d", i), Role: debrief.Latency, Word: debrief.Steady, Sentence: "as before; a change above 6 % would show",
			Trace: debrief.Trace{Step: time.Minute, V: curve, Low: curve, High: curve},
		}
	}
	return out
}
