package loop

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/judge"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/tell"
)

// tooOld is how long after its end a look is still worth taking: a release
// imported from the past is remembered, not checked.
const tooOld = 48 * time.Hour

// planLooks plans the looks of a release that went live, and brings an open
// look forward when the next release cut it short.
func (l *Loop) planLooks(tx *store.Tx, r debrief.Release) error {
	if !r.Live() || !r.Kind.Checked() || r.Sample {
		return nil
	}
	known, err := tx.Looks(r.Service, r.ID)
	if err != nil {
		return err
	}
	for i, after := range l.Config.Looks.After {
		n, due := i+1, r.FullExposure.Add(after)
		if due.Before(l.Now().Add(-tooOld)) {
			continue
		}
		look := debrief.Look{ReleaseID: r.ID, Service: r.Service, Number: n, After: after, State: debrief.LookPlanned, Due: due}
		for _, k := range known {
			if k.Number == n {
				look = k
			}
		}
		if look.State == debrief.LookDone {
			continue
		}
		if !look.Due.Equal(due) || len(known) <= i {
			look.Due = due
			if err := tx.SaveLook(look); err != nil {
				return err
			}
		}
		first := due
		if i == 0 || l.Config.Looks.After[i-1] < after {
			first = r.FullExposure.Add(l.glimpse(after))
		}
		if cut(r, due) {
			first = l.Now()
		}
		w := store.Work{Kind: "look", Key: lookKey(r.ID, n), Service: r.Service, Due: first}
		if err := tx.Enqueue(w); err != nil {
			return err
		}
	}
	return nil
}

// cut reports whether the next release went live before the look's end.
func cut(r debrief.Release, due time.Time) bool {
	return !r.NextAt.IsZero() && r.NextAt.Before(due)
}

// glimpse is how often an open look's data are shown before there is a word:
// often enough for a page that somebody watches, seldom enough to cost nothing.
func (l *Loop) glimpse(after time.Duration) time.Duration {
	return max(after/6, min(l.Config.Looks.Step, after))
}

func lookKey(release string, n int) string { return release + "/" + strconv.Itoa(n) }

// look takes one look: data and band while its window is open, the verdict
// when it ends. The measuring happens outside any transaction.
func (l *Loop) look(ctx context.Context, w *store.Work) error {
	id, num, _ := strings.Cut(w.Key, "/")
	n, err := strconv.Atoi(num)
	if err != nil {
		return l.Store.Bury(ctx, w, "a look's key is RELEASE/NUMBER")
	}
	story, err := l.Store.Story(ctx, id)
	if debrief.KindOf(err) == debrief.NotFound {
		return l.Store.Finish(ctx, w, func(*store.Tx) error { return nil }) // absorbed by another one
	}
	if err != nil {
		return err
	}
	look, ok := lookOf(story, n)
	if !ok || look.State == debrief.LookDone || !story.Release.Live() {
		return l.Store.Finish(ctx, w, func(*store.Tx) error { return nil })
	}
	x, look, err := l.exam(ctx, story, look)
	if err != nil {
		return err
	}
	if x.Final && open(story, n) {
		// Looks close in their order, so that a later one knows what was said.
		return l.Store.Retry(ctx, w, l.Now().Add(time.Second), "", nil)
	}
	found := l.Examine(ctx, x)
	logs, logErr := l.logs(ctx, x)
	if logErr != nil {
		found.Blind = append(found.Blind, l.blind(logErr.Error()))
	}
	if x.Final && len(found.Blind) > 0 && look.Tries < triesBlind {
		// Providers restart; a blind check is only called blind after it was tried again.
		look.Tries++
		return l.Store.Retry(ctx, w, l.Now().Add(l.again(look)), strings.Join(found.Blind, "; "), func(tx *store.Tx) error {
			return tx.SaveLook(look)
		})
	}
	look.Verdicts, look.Logs, look.Blind = found.Verdicts, logs, found.Blind
	if !x.Final {
		next := min(l.Now().Add(l.glimpse(look.After)).UnixMicro(), look.Due.Add(l.lag()).UnixMicro())
		return l.Store.Retry(ctx, w, time.UnixMicro(next), "", func(tx *store.Tx) error { return tx.SaveLook(look) })
	}
	l.close(&look, story)
	if l.Observe != nil {
		l.Observe.Looked(look.Word, len(look.Blind) > 0)
	}
	return l.Store.Finish(ctx, w, func(tx *store.Tx) error {
		if err := tx.SaveLook(look); err != nil {
			return err
		}
		return tx.Enqueue(store.Work{Kind: "notice", Key: id, Service: look.Service, Due: l.Now()})
	})
}

// triesBlind is how often a failed provider is asked again before the check is
// called blind.
const triesBlind = 4

// again spreads the retries over the look's own time scale.
func (l *Loop) again(look debrief.Look) time.Duration {
	return min(max(look.After/20, time.Second)<<(look.Tries-1), 2*time.Minute)
}

// lag is how long after a window's end its last samples are waited for.
func (l *Loop) lag() time.Duration { return min(l.Config.Looks.Step, 30*time.Second) + time.Second }

// open reports whether a look before the nth is not done yet.
func open(s debrief.Story, n int) bool {
	for _, k := range s.Looks {
		if k.Number < n && k.State != debrief.LookDone {
			return true
		}
	}
	return false
}

func lookOf(s debrief.Story, n int) (debrief.Look, bool) {
	for _, k := range s.Looks {
		if k.Number == n {
			return k, true
		}
	}
	return debrief.Look{}, false
}

// exam works out what is compared with what. Where releases follow one another
// faster than the look is long, the whole run is held against the time before
// it: overlap limits which release it was, never whether something changed.
func (l *Loop) exam(ctx context.Context, s debrief.Story, look debrief.Look) (Exam, debrief.Look, error) {
	r := s.Release
	to := look.Due
	look.CutShort = ""
	if cut(r, to) {
		to = r.NextAt
		if s.Next != nil {
			look.CutShort = s.Next.Version
		}
	}
	past, _, err := l.Store.Releases(ctx, store.Filter{
		Service: r.Service, Environment: r.Environment, Limit: 2000,
		From: r.Started.Add(-l.Config.Looks.Past), To: r.Started,
	})
	if err != nil {
		return Exam{}, look, err
	}
	x := Exam{
		Service: r.Service, Config: l.service(r.Service), Number: look.Number,
		From: r.FullExposure, To: to,
		Final: !l.Now().Before(to.Add(l.lag())), Keep: true,
	}
	x.Began, x.Exposed = l.exposure(r, s.Deployments)
	x.Names = append(names(s.Deployments), r.Version)
	if !x.Final && l.Now().Before(x.To) {
		x.To = l.Now()
	}
	look.Run = nil
	var first *debrief.Release // of the run
	for i, p := range past {   // newest first
		if p.ID == r.ID || !p.Live() {
			continue
		}
		if p.Sample != r.Sample {
			continue
		}
		x.Releases = append(x.Releases, judge.Window{From: disturbed(p), To: p.FullExposure})
		if p.Kind.Checked() && len(look.Run) == len(x.Releases)-1 && r.FullExposure.Sub(p.FullExposure) < look.After {
			x.From, first = p.FullExposure, &past[i]
			look.Run = append([]string{p.Version}, look.Run...)
		} else if p.Kind.Checked() && p.FullExposure.Before(x.From) {
			x.Earlier = append([]time.Time{p.FullExposure}, x.Earlier...)
		}
	}
	hurt, err := l.hurt(ctx, r)
	if err != nil {
		return Exam{}, look, err
	}
	x.Releases = append(x.Releases, hurt...)
	if first != nil {
		x.Names = append(x.Names, look.Run...)
		look.Run = append(look.Run, r.Version)
		if x.Began, x.Exposed, err = l.exposureOf(ctx, *first); err != nil {
			return Exam{}, look, err
		}
	}
	look.From, look.To = x.From, x.To
	return x, look, nil
}

// names are what a label may call a release's deployments beside its version:
// where they went, and the commit, in full or as it is usually cut.
func names(ds []debrief.Deployment) []string {
	var out []string
	for _, d := range ds {
		all := []string{d.Target, d.Commit}
		for _, n := range []int{7, 8, 12} {
			all = append(all, d.Commit[:min(n, len(d.Commit))])
		}
		for _, name := range all {
			if name != "" && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

func (l *Loop) service(id string) config.Service {
	if s, ok := l.Config.Services[id]; ok {
		return s
	}
	for name, s := range l.Config.Services {
		if debrief.Slug(name) == id {
			return s
		}
	}
	return config.Service{}
}

// close gives the look its word.
func (l *Loop) close(look *debrief.Look, s debrief.Story) {
	look.State, look.Closed = debrief.LookDone, debrief.Instant(l.Now())
	look.Word = debrief.RollUp(look.Verdicts)
	switch {
	case len(look.Verdicts) == 0 && len(look.Blind) > 0:
		look.Word, look.Reason = debrief.CannotTell, debrief.ProviderFailed
	case len(look.Verdicts) == 0:
		look.Word, look.Reason = debrief.CannotTell, debrief.NothingToLookAt
	case look.Word == debrief.CannotTell:
		if v, ok := debrief.Unsure(look.Verdicts); ok {
			look.Reason = v.Reason
		}
	}
	if len(look.Run) == 0 {
		return
	}
	run := fmt.Sprintf("%s to %s are judged together, they followed one another within %s", look.Run[0], look.Run[len(look.Run)-1], tell.Duration(look.After))
	for i := range look.Verdicts {
		look.Verdicts[i].Warnings = append(look.Verdicts[i].Warnings, run)
	}
}
