package loop

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/notice"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/tell"
)

// notice works out a release's surprises and its one-line summary anew from
// everything known by now, and says what a look that just closed found.
// Answers a person gave stay with the surprises they were given to.
func (l *Loop) notice(ctx context.Context, w *store.Work) error {
	return l.Store.Finish(ctx, w, func(tx *store.Tx) error { return l.settle(tx, w.Key, nil) })
}

// settle works one release out anew. Of made-up releases, answer says what
// people made of each surprise.
func (l *Loop) settle(tx *store.Tx, id string, answer func(*debrief.Surprise)) error {
	s, err := tx.Story(id)
	if debrief.KindOf(err) == debrief.NotFound {
		return nil // absorbed by another release since
	}
	if err != nil {
		return err
	}
	r := s.Release
	running, err := l.running(tx, r)
	if err != nil {
		return err
	}
	tries, err := l.tries(tx, r)
	if err != nil {
		return err
	}
	in := notice.Input{Story: s, Running: running, Tries: tries, Now: debrief.Instant(l.Now()), T: notice.Thresholds(l.Config.Notice)}
	if err := l.meanwhile(tx, &in); err != nil {
		return err
	}
	s.Surprises = notice.Find(in)
	for i := range s.Surprises {
		if answer != nil && !s.Surprises[i].Note {
			answer(&s.Surprises[i])
		}
	}
	if err := tx.SaveSurprises(r.Service, r.ID, s.Surprises); err != nil {
		return err
	}
	// Read back: the answers given before are there again.
	if s.Surprises, err = tx.Surprises(r.Service, r.ID); err != nil {
		return err
	}
	word, words := debrief.Pending, make([]debrief.Word, 0, len(s.Looks))
	for _, k := range s.Looks {
		words = append(words, k.Word)
		if k.State == debrief.LookDone {
			word = k.Word
		}
	}
	open, count := 0, 0
	for _, x := range s.Surprises {
		if x.Note {
			continue
		}
		count++
		if x.Answer == debrief.Unanswered {
			open++
		}
	}
	s.Release.Verdict = word
	s.Release.Headline = tell.Headline(s, l.Location) // searched by what it says now
	if err := tx.Summarise(r.Service, r.ID, word, s.Release.Headline, words, count, open); err != nil {
		return err
	}
	s.Release.Looks, s.Release.Surprises, s.Release.Open = words, count, open
	if err := l.saveFacts(tx, s); err != nil {
		return err
	}
	if err := l.blameAround(tx, s); err != nil {
		return err
	}
	if err := tx.Index(r.Service, "release", r.ID, searchText(s)); err != nil {
		return err
	}
	if again := notice.Again(in); !again.IsZero() {
		if err := tx.Enqueue(store.Work{Kind: "notice", Key: r.ID, Service: r.Service, Due: again}); err != nil {
			return err
		}
	}
	return l.say(tx, s)
}

// freshLook is how long after its end a look is still news.
const freshLook = time.Hour

// say posts what closed looks have to say, once per look: a message's key is
// its look, so working this out again says nothing again.
func (l *Loop) say(tx *store.Tx, s debrief.Story) error {
	if l.Sender == nil || s.Release.Sample {
		return nil
	}
	for _, k := range s.Looks {
		if k.State != debrief.LookDone || l.Now().Sub(k.Closed) > freshLook {
			continue
		}
		link := "" // nobody knows how people reach the pages
		if l.Config.URL != "" {
			link = strings.TrimRight(l.Config.URL, "/") + "/releases/" + s.Release.ID
		}
		text, say := tell.ChatLook(s, k, link, l.Location)
		if !say {
			continue
		}
		m := debrief.Message{
			Key: "look/" + lookKey(s.Release.ID, k.Number), Channel: "chat", Text: text, Link: link,
			Created: debrief.Instant(l.Now()), State: debrief.MessageWaiting,
		}
		if err := tx.Post(m); err != nil {
			return err
		}
	}
	return nil
}

// searchText is what a release is found by.
func searchText(s debrief.Story) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s %s %s\n", s.ServiceName, s.Release.Version, s.Release.Environment, s.Release.Kind, s.Release.Headline)
	for _, d := range s.Deployments {
		fmt.Fprintf(&b, "%s %s\n", d.Commit, d.Target)
		for _, st := range d.Stages {
			b.WriteString(st.Name + "\n")
		}
	}
	for _, c := range s.Changes {
		b.WriteString(c.Title + "\n")
	}
	for _, x := range s.Surprises {
		b.WriteString(x.Sentence + "\n")
	}
	for _, k := range s.Looks {
		for _, p := range k.Logs.Patterns {
			b.WriteString(p.Template + "\n")
		}
	}
	return b.String()
}

// tries are the failed deployments of the same version right before a release.
func (l *Loop) tries(tx *store.Tx, r debrief.Release) ([]debrief.Deployment, error) {
	if !r.Kind.Checked() {
		return nil, nil
	}
	ds, err := tx.Deployments(r.Service, r.Environment, r.Started.Add(-time.Microsecond), 8, 0)
	if err != nil {
		return nil, err
	}
	first := len(ds)
	for first > 0 && failedTry(ds[first-1], r) {
		first--
	}
	return ds[first:], nil
}

func failedTry(d debrief.Deployment, r debrief.Release) bool {
	return (d.State == debrief.Failed || d.State == debrief.Aborted) && d.Version == r.Version && d.Sample == r.Sample
}

// runningMetric names the chunk in which a service's observed versions stand.
const runningMetric = "running versions"

// running is which versions telemetry showed while the release was the newest
// recorded one.
func (l *Loop) running(tx *store.Tx, r debrief.Release) ([]notice.RunningVersion, error) {
	seen, err := loadRunning(tx, r.Service)
	if err != nil {
		return nil, err
	}
	var out []notice.RunningVersion
	for _, v := range seen {
		if v.Since.Before(r.Started) || (!r.NextAt.IsZero() && !v.Since.Before(r.NextAt)) {
			continue
		}
		out = append(out, notice.RunningVersion{Version: v.Version, Since: v.Since})
	}
	return out, nil
}

type runningVersion struct {
	Version string    `json:"version"`
	Since   time.Time `json:"since"`
	Watched time.Time `json:"watched,omitzero"` // of the first ones: when watching began
}

func loadRunning(tx *store.Tx, service string) ([]runningVersion, error) {
	chunks, err := tx.Chunks(service, runningMetric, time.Time{}, time.UnixMicro(1))
	if err != nil || len(chunks) == 0 {
		return nil, err
	}
	var seen []runningVersion
	return seen, json.Unmarshal([]byte(chunks[0].Data), &seen)
}
