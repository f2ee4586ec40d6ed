package past

import (
	"cmp"
	"slices"
	"time"
)

// Picture is what the past of a repository looks like: what debrief look-back
// shows. It counts and never names people.
type Picture struct {
	Repository string    `json:"repository"`
	From       time.Time `json:"from"`
	To         time.Time `json:"to"`
	Commits    int       `json:"commits"` // without merges
	Bots       int       `json:"dependency_bots"`
	SizesKnown bool      `json:"sizes_known"`

	Releases Releases `json:"releases"`
	Lead     Lead     `json:"lead_time"`
	Undone   Undone   `json:"undone"`
	Hotfixes Hotfixes `json:"hotfix_hints"`
	Where    []Group  `json:"where"`
	Ask      []string `json:"worth_asking"`
}

// Releases over time.
type Releases struct {
	Count       int           `json:"count"`
	Assumed     string        `json:"assumed,omitempty"` // "tag" or "merge": what stands for a deployment
	First       string        `json:"first,omitempty"`
	Last        string        `json:"last,omitempty"`
	Services    []ServiceSeen `json:"services,omitempty"` // where there are several
	PreReleases int           `json:"pre_releases_left_out,omitempty"`
	Months      []Month       `json:"per_month"`
	Gap         Spread        `json:"between_two"`
	Soon        int           `json:"within_48_hours_of_the_one_before"`
	Changes     Counted       `json:"changes_in_one"`
}

// ServiceSeen is one service of a monorepo.
type ServiceSeen struct {
	Name     string `json:"name"`
	Releases int    `json:"releases"`
}

// Month is one calendar month, UTC.
type Month struct {
	Month    string `json:"month"` // 2026-04
	Releases int    `json:"releases"`
}

// Spread is a distribution of durations. N of 0: not available.
type Spread struct {
	N      int     `json:"n"`
	Median float64 `json:"median_seconds,omitempty"`
	P90    float64 `json:"p90_seconds,omitempty"`
}

// Counted is a distribution of counts.
type Counted struct {
	N      int `json:"n"`
	Median int `json:"median,omitempty"`
	Most   int `json:"most,omitempty"`
}

// Lead is the time from a commit to the release that brought it first.
type Lead struct {
	All      Spread `json:"committed_to_released"`
	Merge    Spread `json:"committed_to_merged"`
	Wait     Spread `json:"merged_to_released"`
	Squashed int    `json:"squash_commits"` // begin when the pull request was squashed, not when work began
	Left     Left   `json:"left_out"`
	Waiting  int    `json:"waiting_to_ship"`
	Oldest   Spread `json:"waiting_for"`
}

// Left counts the changes that are not in the median, by why.
type Left struct {
	Bots    int `json:"dependency_bots,omitempty"`
	Skewed  int `json:"clocks_disagree,omitempty"`
	Silence int `json:"after_60_days_without_a_release,omitempty"`
	First   int `json:"previous_release_unknown,omitempty"`
	Many    int `json:"beyond_5000_of_one_release,omitempty"`
}

// Undone are changes that were reverted.
type Undone struct {
	Share    Share  `json:"share"`
	After    Spread `json:"undone_after"`
	Relanded int    `json:"landed_again"`
	Shipped  int    `json:"undone_after_release"`
	Reverts  int    `json:"reverts"` // commits that say they undo something
}

// Hotfixes are hints, for a person to confirm.
type Hotfixes struct {
	Count    int      `json:"count"`
	Of       int      `json:"of_releases"`
	Examples []string `json:"examples,omitempty"` // the newest first
}

// Group is one way to divide the changes: where the undone ones lie.
type Group struct {
	By   string `json:"by"`
	Rows []Row  `json:"rows"`
}

// Row is one part of a group.
type Row struct {
	Name string `json:"name"`
	Share
	Apart bool `json:"stands_apart,omitempty"` // more is undone here than elsewhere, beyond chance
}

// maxSilence: a release after a longer pause says nothing of lead time.
const maxSilence = 60 * 24 * time.Hour

// Painter collects a picture from a walk, in memory that does not grow with
// the changes: durations are kept as samples of at most maxKept.
type Painter struct {
	// Kinds says what kinds of change a commit is; nil: nobody does.
	Kinds func(*Commit) []string

	since, now time.Time
	pic        Picture
	lead       durations
	merge      durations
	wait       durations
	waiting    durations
	undone     durations
	groups     groups
	releases   []released
	open       map[*Release]*inside // until the release is complete
	first      time.Time
	last       time.Time
}

// inside is what one release brought.
type inside struct {
	changes int
	hotfix  bool
	leads   []landing // at most maxLeads
}

// landing is one change's way into a release.
type landing struct {
	committed, merged time.Time
	squashed          bool
}

// maxLeads of one release are looked at.
const maxLeads = 5000

// released is a complete release.
type released struct {
	*Release
	changes int
	hotfix  bool
}

// NewPainter paints the time from since on; a change that waits does so until now.
func NewPainter(repository string, since, now time.Time) *Painter {
	return &Painter{
		since: since, now: now, pic: Picture{Repository: repository, SizesKnown: true},
		open: map[*Release]*inside{}, groups: newGroups(),
	}
}

// Sink is what a walk tells.
func (p *Painter) Sink() Sink { return Sink{Change: p.change, Done: p.done} }

func (p *Painter) change(c *Commit, l Landing, releases []*Release) error {
	if c.Committed.After(p.last) && !c.Committed.After(p.now) {
		p.last = c.Committed
	}
	if p.first.IsZero() || c.Committed.Before(p.first) {
		p.first = c.Committed
	}
	var in *Release
	for _, r := range releases {
		if r == nil {
			continue
		}
		o := p.inside(r)
		o.changes++
		o.hotfix = o.hotfix || l.Hotfix
		if in == nil || r.At.Before(in.At) {
			in = r
		}
	}
	if c.Committed.Before(p.since) && (in == nil || in.At.Before(p.since)) {
		return nil
	}
	p.pic.Commits++
	p.pic.SizesKnown = p.pic.SizesKnown && (c.Sized || c.Files == 0)
	if l.Bot {
		p.pic.Bots++
	}
	p.leadTime(c, l, in)
	if l.Revert {
		p.pic.Undone.Reverts++
		return nil // the remedy is not counted among what may need one
	}
	if l.Relanded {
		p.pic.Undone.Relanded++
	}
	if l.Undone != nil {
		p.undone.add(l.Undone.At.Sub(c.Committed))
		if in != nil && in.Assumed == "tag" && in.At.Before(l.Undone.At) {
			p.pic.Undone.Shipped++
		}
	}
	if !l.Bot {
		var kinds []string
		if p.Kinds != nil {
			kinds = p.Kinds(c)
		}
		p.groups.add(c, kinds, l.Undone != nil)
	}
	p.pic.Undone.Share.add(l.Undone != nil)
	return nil
}

func (p *Painter) inside(r *Release) *inside {
	o := p.open[r]
	if o == nil {
		o = &inside{}
		p.open[r] = o
	}
	return o
}

func (p *Painter) leadTime(c *Commit, l Landing, in *Release) {
	switch {
	case l.Bot:
		p.pic.Lead.Left.Bots++
	case in == nil:
		p.pic.Lead.Waiting++
		p.waiting.add(p.now.Sub(c.Committed))
	default:
		if o := p.inside(in); len(o.leads) < maxLeads {
			o.leads = append(o.leads, landing{c.Committed, l.Merged, l.Squashed})
		} else {
			p.pic.Lead.Left.Many++
		}
	}
}

// done takes the times of a release's changes: only now is it known for sure
// which release came before.
func (p *Painter) done(_ int, r *Release) error {
	o := p.inside(r)
	delete(p.open, r)
	for _, c := range o.leads {
		p.released(c, r)
	}
	if !r.At.Before(p.since) {
		p.releases = append(p.releases, released{r, o.changes, HotfixHint(r, o.changes, o.hotfix) != ""})
	}
	return nil
}

func (p *Painter) released(c landing, in *Release) {
	switch {
	case in.Previous == nil:
		p.pic.Lead.Left.First++
		return
	case in.At.Sub(in.Previous.At) > maxSilence:
		p.pic.Lead.Left.Silence++
		return
	case in.At.Before(c.committed):
		p.pic.Lead.Left.Skewed++
		return
	}
	if c.squashed {
		p.pic.Lead.Squashed++
	}
	p.lead.add(in.At.Sub(c.committed))
	if c.merged.IsZero() || c.merged.Before(c.committed) || in.At.Before(c.merged) {
		return
	}
	p.wait.add(in.At.Sub(c.merged))
	if !c.squashed { // which was committed when it was merged: what went before is lost
		p.merge.add(c.merged.Sub(c.committed))
	}
}

// Picture is what was collected. services are those of the repository.
func (p *Painter) Picture(known Recognised) Picture {
	pic := p.pic
	pic.From, pic.To = p.since, p.now
	if p.first.After(p.since) {
		pic.From = p.first.UTC()
	}
	if !p.last.IsZero() && p.last.Before(p.now) {
		pic.To = p.last
	}
	slices.SortFunc(p.releases, func(a, b released) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Version, b.Version)) })
	for _, r := range p.releases {
		if r.At.After(pic.To) {
			pic.To = r.At
		}
	}
	pic.Releases = p.releasesOver(pic.From, pic.To)
	pic.Releases.PreReleases = known.PreReleases
	pic.Lead.All, pic.Lead.Merge, pic.Lead.Wait, pic.Lead.Oldest = p.lead.spread(), p.merge.spread(), p.wait.spread(), p.waiting.spread()
	pic.Undone.Share, pic.Undone.After = pic.Undone.Share.settled(), p.undone.spread()
	pic.Hotfixes = p.hotfixes()
	pic.Where = p.groups.list(pic.Undone.Share, pic.SizesKnown)
	pic.Ask = ask(pic)
	return pic
}

func (p *Painter) releasesOver(from, to time.Time) Releases {
	out := Releases{Count: len(p.releases), Months: months(from, to)}
	at := map[string]int{}
	for i, m := range out.Months {
		at[m.Month] = i
	}
	var gaps durations
	var sizes []int
	by := map[string]int{}
	for _, r := range p.releases {
		out.Assumed = r.Assumed
		by[r.Service]++
		if i, ok := at[month(r.At)]; ok {
			out.Months[i].Releases++
		}
		sizes = append(sizes, r.changes)
		if r.Previous == nil {
			continue
		}
		gap := r.At.Sub(r.Previous.At)
		gaps.add(gap)
		if gap >= 0 && gap <= soon {
			out.Soon++
		}
	}
	if n := len(p.releases); n > 0 {
		out.First, out.Last = p.releases[0].Version, p.releases[n-1].Version
	}
	if len(by) > 1 {
		for name, n := range by {
			out.Services = append(out.Services, ServiceSeen{name, n})
		}
		slices.SortFunc(out.Services, func(a, b ServiceSeen) int { return cmp.Compare(a.Name, b.Name) })
	}
	out.Gap = gaps.spread()
	slices.Sort(sizes)
	if n := len(sizes); n > 0 {
		out.Changes = Counted{N: n, Median: sizes[n/2], Most: sizes[n-1]}
	}
	return out
}

func (p *Painter) hotfixes() Hotfixes {
	h := Hotfixes{Of: len(p.releases)}
	for _, r := range slices.Backward(p.releases) {
		if !r.hotfix {
			continue
		}
		h.Count++
		if len(h.Examples) < 3 {
			h.Examples = append(h.Examples, r.Version)
		}
	}
	return h
}

func month(t time.Time) string { return t.UTC().Format("2006-01") }

func months(from, to time.Time) []Month {
	var out []Month
	from = from.UTC()
	for m := time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, time.UTC); !m.After(to); m = m.AddDate(0, 1, 0) {
		out = append(out, Month{Month: month(m)})
	}
	return out
}
