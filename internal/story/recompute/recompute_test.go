package recompute_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/delivery"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

var (
	histories = flag.Int("histories", 25, "how many random histories both have to agree on")
	first     = flag.Int("first", 0, "the number of the first one: other numbers are other histories")
)

var began = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// said are the numbers both sides work out.
type said struct {
	Service     string   `json:"service"`
	Releases    int      `json:"releases"`
	Rollbacks   int      `json:"rollbacks"`
	Attempts    int      `json:"attempts"`
	Same        int      `json:"same"`
	Leads       int      `json:"leads"`
	Lead        *float64 `json:"lead"` // microseconds
	Pulls       int      `json:"pulls"`
	PullLead    *float64 `json:"pull_lead"`
	Failed      int      `json:"failed"`
	AtMost      int      `json:"at_most"`
	Of          int      `json:"of"`
	Restored    int      `json:"restored"`
	Recovery    *float64 `json:"recovery"`
	Rework      int      `json:"rework"`
	ReworkOther int      `json:"rework_other"`
	ReworkOf    int      `json:"rework_of"`
}

// TestAnotherProgramAgrees tells random histories to debrief, exports what it
// recorded, and lets the script work the metrics out from that.
func TestAnotherProgramAgrees(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Fatal("python3 is missing; scripts/install-test-deps.sh installs it")
	}
	st, clock := storetest.Open(t, "sqlite")
	cfg := config.Default()
	l := loop.New(loop.Options{Store: st, Config: cfg, Now: clock.Now, Log: slog.New(slog.DiscardHandler)})
	now := began.AddDate(0, 0, 14)
	clock.Advance(now.Sub(clock.Now()))
	for i := range *histories {
		service := fmt.Sprintf("s%04d", i)
		r := rand.New(rand.NewPCG(7, uint64(*first+i)))
		if _, err := st.Accept(t.Context(), history(service, r)...); err != nil {
			t.Fatal(err)
		}
		work(t, l)
		answer(t, st, service, r, now)
		work(t, l)
	}
	from, to := delivery.ByWeek.Window(now, 4, time.UTC)
	ours := map[string]said{}
	total := said{}
	for i := range *histories {
		service := fmt.Sprintf("s%04d", i)
		m, err := loop.Metrics(t.Context(), st, cfg, now, time.UTC, loop.MetricsAsk{Service: service, Periods: 4})
		if err != nil {
			t.Fatal(err)
		}
		x := saying(m)
		ours[service] = x
		total.Releases, total.Leads, total.Failed, total.Restored, total.Rework, total.AtMost = total.Releases+x.Releases, total.Leads+x.Leads, total.Failed+x.Failed, total.Restored+x.Restored, total.Rework+x.ReworkOther, total.AtMost+x.AtMost-x.Failed
	}
	theirs := script(t, st, from, to, now)
	if len(theirs) != len(ours) {
		t.Errorf("%d histories here, %d there", len(ours), len(theirs))
	}
	wrong := 0
	for _, x := range theirs {
		if d := cmp.Diff(ours[x.Service], x); d != "" {
			if wrong++; wrong <= 5 {
				t.Errorf("%s (here −, there +)\n%s", x.Service, d)
			}
		}
	}
	t.Logf("%d histories, %d differ; %+v", len(ours), wrong, total)
	n := *histories
	if total.Releases < 3*n || total.Leads < n || total.Failed < n/8 || total.Restored < n/10 || total.Rework == 0 || total.AtMost == 0 {
		t.Errorf("the histories have too little in them: %+v", total)
	}
}

// work runs the steps that record; nothing is measured.
func work(t *testing.T, l *loop.Loop) {
	t.Helper()
	kinds := slices.DeleteFunc(loop.Kinds(), func(k string) bool {
		return slices.Contains([]string{"look", "watch", "daily", "send", "purge", "poll"}, k)
	})
	for {
		did, err := l.Step(t.Context(), kinds...)
		if err != nil {
			t.Fatal(err)
		}
		if !did {
			return
		}
	}
}

func saying(m delivery.Metrics) said {
	micros := func(x delivery.Middle) *float64 {
		if x.N == 0 {
			return nil
		}
		v := math.Round(x.Median*2e6) / 2 // of an even number the median lies in between
		return &v
	}
	r := m.Rework
	return said{
		Service: m.Service, Releases: m.Frequency.Releases, Rollbacks: m.Frequency.Rollbacks, Attempts: m.Frequency.Attempts, Same: m.Frequency.Same,
		Leads: m.LeadTime.Changes.N, Lead: micros(m.LeadTime.Changes), Pulls: m.LeadTime.Pulls.N, PullLead: micros(m.LeadTime.Pulls),
		Failed: m.FailureRate.N, AtMost: m.FailureRate.AtMost, Of: m.FailureRate.Of,
		Restored: m.Recovery.Restored.N, Recovery: micros(m.Recovery.Restored), Rework: r.N, ReworkOther: r.Other.N, ReworkOf: r.Of,
	}
}

func script(t *testing.T, st *store.Store, from, to, now time.Time) (out []said) {
	t.Helper()
	var export, text, trouble bytes.Buffer
	if _, err := st.Export(t.Context(), &export, true); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "python3", "../../../scripts/recompute-metrics.py", "--from", from.Format(time.RFC3339), "--to", to.Format(time.RFC3339), "--now", now.Format(time.RFC3339))
	c.Stdin, c.Stdout, c.Stderr = &export, &text, &trouble
	if err := c.Run(); err != nil {
		t.Fatalf("%v\n%s", err, trouble.String())
	}
	for line := range bytes.Lines(text.Bytes()) {
		var x said
		if err := json.Unmarshal(line, &x); err != nil {
			t.Fatal(err)
		}
		out = append(out, x)
	}
	return out
}

// history is what two weeks of a service tell of: deployments that work, fail,
// are stopped, come again or go back, what they carry, and tickets.
func history(service string, r *rand.Rand) []debrief.Envelope {
	var out []debrief.Envelope
	accept := func(source, key string, body any) {
		b, _ := json.Marshal(body)
		out = append(out, debrief.Envelope{Source: source, Key: key, Digest: key, Body: b, Received: began.AddDate(0, 0, 14)})
	}
	at := began.Add(time.Duration(r.IntN(3*24*3600)) * time.Second)
	var versions []string
	var commits []debrief.Change
	for i := range 4 + r.IntN(8) {
		at = at.Add(time.Duration(1800+r.IntN(30*3600))*time.Second + time.Duration(r.IntN(1e6))*time.Microsecond)
		version := fmt.Sprintf("v%d", i)
		d := debrief.Report{Service: service, Environment: "production", State: debrief.Succeeded, Times: debrief.Times{Started: at, Finished: at.Add(time.Duration(60+r.IntN(900)) * time.Second)}}
		switch n := r.IntN(20); {
		case n == 0 && len(versions) > 0:
			version = versions[len(versions)-1]
		case n < 4 && len(versions) > 1:
			version = versions[r.IntN(len(versions))]
		case n == 4:
			d.State = debrief.Failed
		case n == 5:
			d.State, d.Times.FirstExposure = debrief.Aborted, at.Add(30*time.Second)
		case n < 8:
			version += "-hotfix"
		case n == 8:
			d.Times.FirstExposure, d.Times.FullExposure = at.Add(30*time.Second), d.Times.Finished
		}
		d.Version = version
		if d.State == debrief.Succeeded {
			versions = append(versions, version)
		}
		if r.IntN(5) > 0 {
			g := &debrief.GitFacts{Repository: "told/" + service, From: "told"}
			for k := range r.IntN(4) {
				c := debrief.Change{
					Commit: debrief.ID(service, version, fmt.Sprint(k)) + debrief.ID("more"), Title: fmt.Sprintf("change %d of %s", k, version),
					Committed: at.Add(-time.Duration(r.IntN(5*24*3600)) * time.Second), PullNumber: r.IntN(3), Bot: r.IntN(8) == 0,
				}
				if r.IntN(15) == 0 {
					c.Committed = at.Add(time.Hour) // a clock is wrong
				}
				g.Commits, commits = append(g.Commits, c), append(commits, c)
			}
			if len(commits) > 0 && r.IntN(8) == 0 {
				c := commits[r.IntN(len(commits))] // it lands again
				if !slices.ContainsFunc(g.Commits, func(o debrief.Change) bool { return o.Commit == c.Commit }) {
					g.Commits = append(g.Commits, c)
				}
			}
			d.Git = g
		}
		key := fmt.Sprintf("%s-%d", service, i)
		accept("api", "deployments/"+key, map[string]any{"key": key, "services": []string{service}, "report": d})
		if r.IntN(3) == 0 && len(versions) > 0 {
			ticket(service, fmt.Sprintf("%s-t%d", service, i), d, versions, r, accept)
		}
	}
	return out
}

// ticket is one that somebody opened after a deployment.
func ticket(service, id string, d debrief.Report, versions []string, r *rand.Rand, accept func(source, key string, body any)) {
	opened := d.Times.Finished.Add(time.Duration(r.IntN(3*3600)) * time.Second)
	incident := map[string]any{"keys": []string{"csv/incident/" + id}, "environment": "production", "title": "it hurts", "detected_at": opened, "alert": r.IntN(6) == 0}
	if r.IntN(2) == 0 {
		incident["impact_at"] = opened.Add(-time.Duration(r.IntN(1200)) * time.Second)
	}
	if r.IntN(3) > 0 {
		incident["version"] = versions[len(versions)-1-r.IntN(min(2, len(versions)))]
	}
	ended := opened.Add(time.Duration(600+r.IntN(20000)) * time.Second)
	if r.IntN(3) > 0 {
		incident["restored_at"] = ended
	}
	if r.IntN(3) > 0 {
		incident["closed_at"] = ended.Add(time.Duration(r.IntN(4000)) * time.Second)
	}
	accept("import", "told/"+id, map[string]any{"from": "csv", "items": []any{map[string]any{"service": service, "incident": incident}}})
}

// answer lets a person answer some of what is asked.
func answer(t *testing.T, st *store.Store, service string, r *rand.Rand, now time.Time) {
	t.Helper()
	as, err := st.Asked(t.Context(), service, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range as {
		if r.IntN(3) > 0 || len(a.Candidates) == 0 {
			continue
		}
		said := a.Candidates[r.IntN(len(a.Candidates))].ID
		if r.IntN(4) == 0 {
			said = debrief.NotADeployment
		}
		if _, err := st.Correct(t.Context(), a.Subject, said, "", now); err != nil {
			t.Fatal(err)
		}
	}
}
