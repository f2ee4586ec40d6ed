package told

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/delivery"
	"github.com/debriefhq/debrief/internal/store"
)

// expectDelivery checks what is said of failures and what they came from; ok is
// false for an expectation of another kind.
func (s *Story) expectDelivery(ctx context.Context, st *store.Store, l line, w []string, no bool) (problem string, ok bool, err error) {
	switch w[0] {
	case "held", "asked", "nobody", "unattributed":
		problem, err = s.expectBlame(ctx, st, w)
	case "metric":
		problem, err = s.expectMetric(ctx, st, l.at, w)
	case "place":
		problem, err = s.expectPlace(ctx, st, l.at, w)
	case "failures", "rework":
		problem, err = s.expectCount(ctx, st, l.at, w)
	case "failed", "may-fail", "too-early", "early", "recovery", "remedy":
		problem, err = s.expectOutcome(ctx, st, l.at, w, no)
	default:
		return "", false, nil
	}
	return problem, true, err
}

// expectBlame checks "held SERVICE SUBJECT v4", "asked SERVICE SUBJECT v2 v3",
// "nobody SERVICE SUBJECT" and "unattributed SERVICE SUBJECT".
func (s *Story) expectBlame(ctx context.Context, st *store.Store, w []string) (string, error) {
	if len(w) < 3 {
		return "", usage("expect TIME held|asked|nobody|unattributed SERVICE SUBJECT [CHANGE…]")
	}
	id, err := s.subject(ctx, st, w[1], w[2])
	if err != nil {
		return "", err
	}
	a, found, err := st.Attribution(ctx, id)
	if err != nil {
		return "", err
	}
	if !found || w[0] == "unattributed" {
		if found {
			return "it is attributed: " + a.Sentence, nil
		}
		if w[0] == "unattributed" {
			return "", nil
		}
		return "it is not attributed", nil
	}
	var got []string
	for _, c := range a.Suspects() {
		got = append(got, called(c))
	}
	if c, held := a.Held(); held {
		got = []string{called(c)}
	}
	slices.Sort(got)
	want := slices.Sorted(slices.Values(w[3:]))
	says := map[string][]debrief.BlameState{"held": {debrief.BlamePicked, debrief.BlameSaid}, "asked": {debrief.BlameAsked}, "nobody": {debrief.BlameNobody, debrief.BlameSaid}}
	if !slices.Contains(says[w[0]], a.State) || !slices.Equal(got, want) {
		return fmt.Sprintf("it is %q of %q: %s", a.State, got, candidates(a)), nil
	}
	return "", nil
}

// called is a candidate as a story names it: by version, else by its title.
func called(c debrief.Candidate) string {
	switch c.Kind {
	case debrief.CandidateNone:
		return "nothing"
	case debrief.CandidateRelease:
		return c.Title[strings.LastIndex(c.Title, " ")+1:]
	}
	_, title, _ := strings.Cut(c.Title, ": ")
	return title
}

func candidates(a debrief.Attribution) string {
	var out []string
	for _, c := range a.Candidates {
		var why []string
		for _, r := range c.Reasons {
			why = append(why, fmt.Sprintf("%s %+.2f", r.Name, r.Weight))
		}
		out = append(out, fmt.Sprintf("%s %+.2f (%s)", called(c), c.LogOdds, strings.Join(why, ", ")))
	}
	return strings.Join(out, "; ")
}

// expectOutcome checks what came of one release.
func (s *Story) expectOutcome(ctx context.Context, st *store.Store, now time.Time, w []string, no bool) (string, error) {
	if len(w) < 3 {
		return "", usage("expect TIME failed|may-fail|too-early|early|recovery|remedy SERVICE VERSION …")
	}
	fs, err := factsOf(ctx, st, w[1], now)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(fs, func(f debrief.ReleaseFacts) bool { return f.Version == w[2] })
	if i < 0 {
		return "no such release", nil
	}
	f := fs[i]
	state := fmt.Sprintf("it is %q: %s", f.Failure, f.Rule)
	is := map[string]bool{"failed": f.Failure == debrief.DidFail, "may-fail": f.Failure == debrief.MayFail, "too-early": f.Failure == debrief.TooEarly, "early": f.CaughtEarly}
	switch holds, known := is[w[0]]; {
	case known && holds == no:
		return state, nil
	case known:
		return "", nil
	case len(w) < 4:
		return "", usage("expect TIME recovery SERVICE VERSION 60m|running|unknown, expect TIME remedy SERVICE VERSION hotfix|rollback|revert|none [VERSION]")
	case w[0] == "recovery":
		got := "running"
		if !f.RestoredAt.IsZero() {
			got = f.RestoredAt.Sub(f.ImpactAt).String()
		} else if f.Over {
			got = "unknown"
		}
		if d, err := time.ParseDuration(w[3]); err == nil && got == d.String() || got == w[3] {
			return "", nil
		}
		return fmt.Sprintf("it is %s (%s); %s", got, f.RestoredHow, state), nil
	}
	got := string(f.Remedy)
	if got == "" {
		got = "none"
	}
	repaired := ""
	for _, o := range fs {
		if o.ReleaseID == f.Repairs {
			repaired = o.Version
		}
	}
	if got != w[3] || len(w) > 4 && repaired != w[4] {
		return fmt.Sprintf("it is %s of %q", got, repaired), nil
	}
	return "", nil
}

// expectCount checks "failures SERVICE 1 to 2 of 8 [questions 1]" and "rework
// SERVICE 2 of 9 [without-rollbacks 1]".
func (s *Story) expectCount(ctx context.Context, st *store.Store, now time.Time, w []string) (string, error) {
	if len(w) < 5 {
		return "", usage("expect TIME failures SERVICE 1 to 2 of 8, expect TIME rework SERVICE 2 of 9")
	}
	fs, err := factsOf(ctx, st, w[1], now)
	if err != nil {
		return "", err
	}
	var counted []debrief.ReleaseFacts
	deployments, rework, rollbacks := 0, 0, 0
	for _, f := range fs {
		if f.Kind == debrief.ReleaseNew && f.Failure != debrief.TooEarly {
			counted = append(counted, f)
		}
		if f.Kind.Checked() {
			deployments++
			if f.Remedy != debrief.NoRemedy {
				rework++
			}
			if f.Remedy == debrief.RemedyRollback {
				rollbacks++
			}
		}
	}
	got := fmt.Sprintf("%d of %d", rework, deployments)
	if w[0] == "failures" {
		low, high, questions := delivery.FailureRange(counted)
		got = strconv.Itoa(low)
		if high > low {
			got += " to " + strconv.Itoa(high)
		}
		got += fmt.Sprintf(" of %d", len(counted))
		if slices.Contains(w, "questions") {
			got += fmt.Sprintf(" questions %d", questions)
		}
	} else if slices.Contains(w, "without-rollbacks") {
		got += fmt.Sprintf(" without-rollbacks %d", rework-rollbacks)
	}
	if want := strings.Join(w[2:], " "); got != want {
		var each []string
		for _, f := range fs {
			each = append(each, fmt.Sprintf("%s %s %q %s", f.Version, f.Kind, f.Failure, f.Remedy))
		}
		return "it is " + got + ": " + strings.Join(each, "; "), nil
	}
	return "", nil
}

// factsOf are a service's facts, the newest first. That it is too early to say is said
// when facts are read.
func factsOf(ctx context.Context, st *store.Store, service string, now time.Time) ([]debrief.ReleaseFacts, error) {
	fs, _, err := st.Facts(ctx, store.FactFilter{Service: debrief.Slug(service), Limit: 1000})
	slices.Reverse(fs)
	for i := range fs {
		fs[i].Failure = fs[i].FailureAt(now)
	}
	return fs, err
}
