package delivery

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/debriefhq/debrief"
)

// LeadTime is how long changes took from commit to everybody, in seconds.
type LeadTime struct {
	Changes  Middle         `json:"changes"`                 // the headline: over changes
	Pulls    Middle         `json:"pull_requests"`           // each from its first commit on
	P90      float64        `json:"p90"`                     // nine in ten changes took no longer
	Bots     Middle         `json:"bots"`                    // dependency bots' changes: a class of their own
	Parts    []LeadPart     `json:"parts"`                   // of the way, in its order
	Midmean  float64        `json:"midmean"`                 // of the middle half of changes by total: what the parts add up to
	Squashed int            `json:"squashed"`                // of the changes: a whole pull request in one commit, from when it was squashed
	LeftOut  map[string]int `json:"left_out"`                // changes not in the median, by why
	None     map[string]int `json:"releases_without"`        // releases without lead times, by why
	Waiting  int            `json:"waiting_to_ship"`         // merged and in no release yet: never in the median
	Sentence string         `json:"not_available,omitempty"` // why there is no median
}

// LeadPart is one part of the way.
type LeadPart struct {
	Part   string  `json:"part"`
	Median float64 `json:"median"` // of the changes' time in it; 0 where most had none
	Middle float64 `json:"middle"` // over the middle half by total: these add up to the midmean
}

// ListedLead is one change on its way to production.
type ListedLead struct {
	Change    string                     `json:"change"`
	ReleaseID string                     `json:"release_id"`
	Pull      int                        `json:"pull,omitempty"`
	Committed time.Time                  `json:"committed_at,omitzero"`
	Live      time.Time                  `json:"live_at"`
	Lead      debrief.Seconds            `json:"lead_s"`
	Parts     map[string]debrief.Seconds `json:"parts,omitempty"`
	Squashed  bool                       `json:"squashed,omitempty"`
	Bot       bool                       `json:"bot,omitempty"`
	Standing
}

// WaitingLead is a merged change that no release carries yet.
type WaitingLead struct {
	Change string          `json:"change"`
	Pull   int             `json:"pull,omitempty"`
	Title  string          `json:"title,omitempty"`
	Merged time.Time       `json:"merged_at"`
	Waited debrief.Seconds `json:"waited_s"` // so far
}

func leadTime(in MetricsInput, fs []debrief.ReleaseFacts) (LeadTime, []ListedLead) {
	t := LeadTime{LeftOut: map[string]int{}, None: map[string]int{}, Parts: []LeadPart{}}
	list := []ListedLead{}
	var vs, bots []float64
	var ways []way9
	type pull struct {
		release string
		n       int
	}
	pulls := map[pull]float64{}
	for _, f := range slices.Backward(fs) {
		if f.NoLead != "" && f.Kind == debrief.ReleaseNew {
			t.None[f.NoLead]++
		}
		for _, l := range f.Leads {
			e := ListedLead{
				Change: l.Change, ReleaseID: f.ReleaseID, Pull: l.Pull, Committed: l.Committed, Live: f.At, Lead: l.Lead, Parts: l.Parts,
				Squashed: l.Squashed, Bot: l.Bot, Standing: inMedian(l, in.Settings),
			}
			list = append(list, e)
			if l.Bot && l.Out == "" {
				bots = append(bots, float64(l.Lead))
			}
			if e.As != Counted {
				t.LeftOut[e.Rule]++
				continue
			}
			vs = append(vs, float64(l.Lead))
			ways = append(ways, wayOf(l, f))
			if l.Squashed {
				t.Squashed++
			}
			if l.Pull > 0 {
				k := pull{f.ReleaseID, l.Pull}
				pulls[k] = max(pulls[k], float64(l.Lead))
			}
		}
	}
	t.Changes, t.Bots, t.Pulls = MiddleOf(vs), MiddleOf(bots), MiddleOf(slices.Collect(maps.Values(pulls)))
	slices.Sort(vs)
	if len(vs) > 0 {
		t.P90 = quantile(vs, 0.9)
		mid := midBand(ways)
		t.Midmean = mid.total
		for i, part := range Parts() {
			took := make([]float64, len(ways))
			for k, w := range ways {
				took[k] = w.parts[i]
			}
			t.Parts = append(t.Parts, LeadPart{Part: part, Median: MiddleOf(took).Median, Middle: mid.parts[i]})
		}
	} else {
		t.Sentence = notAvailable(t)
	}
	return t, list
}

// notAvailable says why there is no lead time: the commonest reason.
func notAvailable(t LeadTime) string {
	reasons := t.None
	if len(t.LeftOut) > 0 {
		reasons = t.LeftOut
	}
	why, most := "nothing was released", 0
	for _, k := range slices.Sorted(maps.Keys(reasons)) {
		if reasons[k] > most {
			why, most = k, reasons[k]
		}
	}
	return "not available: " + why
}

// inMedian says whether a change is in the median.
func inMedian(l debrief.LeadFacts, s Settings) Standing {
	switch {
	case l.Out != "":
		return Standing{As: NotCounted, Rule: l.Out}
	case l.Bot && !s.Bots:
		return Standing{As: Apart, Rule: "a dependency bot made it: a class of its own"}
	case l.Squashed:
		return Standing{As: Counted, Rule: "squashed: its way begins when its pull request was squashed"}
	case l.Committed.IsZero():
		return Standing{As: NotCounted, Rule: "when it was committed is not known"}
	}
	return Standing{As: Counted, Rule: "committed, and live with this release for the first time"}
}

func inLeadTime(f debrief.ReleaseFacts) Standing {
	if f.NoLead != "" {
		return Standing{As: NotCounted, Rule: f.NoLead}
	}
	return Standing{As: Counted, Rule: "brought " + count(len(f.Leads), "change", "changes"), Evidence: behind(f.PreviousID)}
}

func waiting(in MetricsInput) []WaitingLead {
	out := []WaitingLead{}
	for _, c := range in.Waiting {
		merged := cmpTime(c.Merged, c.Pushed)
		if merged.IsZero() || merged.After(in.Now) {
			continue
		}
		out = append(out, WaitingLead{Change: c.ID, Pull: c.PullNumber, Title: c.Title, Merged: merged, Waited: debrief.Took(in.Now.Sub(merged))})
	}
	slices.SortFunc(out, func(a, b WaitingLead) int { return cmp.Or(a.Merged.Compare(b.Merged), cmp.Compare(a.Change, b.Change)) })
	return out
}

// Name is how a change is called in a list: by its pull request where it has one.
func (l ListedLead) Name() string {
	if l.Pull > 0 {
		return "#" + strconv.Itoa(l.Pull)
	}
	return l.Change
}
