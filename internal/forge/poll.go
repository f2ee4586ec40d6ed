package forge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/debriefhq/debrief"
)

// Polling asks a forge for what its webhooks would have told, and words the
// answers as those webhooks: from there on nothing knows how it came. Only the
// fields that are read are put together, so no person's name is ever fetched
// into a payload.

// Item is one thing, in the form of the webhook that would have told of it.
type Item struct {
	Key    string // the same for the same content
	Header map[string]string
	Body   []byte
}

// Progress is how far a repository has been read. It can be kept as JSON and
// gone on with after any interruption.
type Progress struct {
	Repository json.RawMessage `json:"repository,omitempty"` // as the forge last described it
	ETag       string          `json:"etag,omitempty"`       // of that
	Steps      map[string]Step `json:"steps,omitempty"`      // by name: deployments, runs…
	// Open are deployments and runs that had not ended. They are asked for by
	// name: in a list ordered by age they may change far from its first page.
	Open map[string][]int64 `json:"open,omitempty"`
}

// Step is how far one list has been read.
type Step struct {
	Done   time.Time `json:"done,omitzero"`    // everything that changed before has been taken
	ETag   string    `json:"etag,omitempty"`   // of the first page, once all of it was taken
	Next   string    `json:"next,omitempty"`   // the page a sweep under way stands at
	Skip   int       `json:"skip,omitempty"`   // of that page, what has been taken
	Newest time.Time `json:"newest,omitzero"`  // of the sweep under way: where Done will be
	First  string    `json:"first,omitempty"`  // of the sweep under way: the tag of its first page
	Swept  time.Time `json:"swept,omitzero"`   // when a list that is ordered by age was last read whole
	Denied string    `json:"denied,omitempty"` // why this list could not be read, the last time
}

// Take keeps items together with how far they reach; both or neither.
type Take func(ctx context.Context, items []Item, p Progress) error

// Poller reads one repository from where it was left to its present end. It
// returns a *Wait where the forge asks for a pause; nothing taken is lost.
type Poller interface {
	Poll(ctx context.Context, repository string, since time.Time, p Progress, take Take) error
}

// poll is one round over one repository.
type poll struct {
	ask      func(ctx context.Context, path, etag string, out any) (answer, error)
	now      func() time.Time
	progress Progress
	since    time.Time
	take     Take
}

// list is one of the forge's lists, newest first.
type list[T any] struct {
	name  string
	path  string
	under string            // the answer holds the list under this name; empty: it is the list
	moved func(T) time.Time // when it last changed
	made  func(T) time.Time // what the list is ordered by, where that is something else
	items func(T) ([]Item, error)
}

// late is how much later than it was made a thing may still change, in lists
// that are ordered by when it was made. These are read from their begin to the
// first page on which nothing moved, and once in a while down to that age.
const (
	late  = 7 * 24 * time.Hour
	whole = time.Hour
)

// sweep takes what changed since the last time. What is denied (a feature that
// is turned off, a token that may not see it) is noted and passed over.
func sweep[T any](ctx context.Context, p *poll, l list[T]) error {
	st := p.progress.Steps[l.name]
	if st.Done.IsZero() {
		st.Done = p.since
	}
	path, tag, deep := st.Next, "", true
	if path == "" {
		path, tag = l.path, st.ETag
		st.Newest, st.First, st.Skip = st.Done, "", 0
		if deep = p.now().Sub(st.Swept) >= whole; deep && l.made != nil {
			tag, st.Swept = "", p.now()
		}
	}
	for path != "" {
		page, ans, err := ask[T](ctx, p, path, tag, l.under)
		if denied(err) {
			st.Denied = err.Error()
			return p.keep(ctx, l.name, st, nil)
		}
		if err != nil {
			return err
		}
		st.Denied = ""
		if ans.unchanged {
			return p.keep(ctx, l.name, st, nil)
		}
		if st.Next == "" {
			st.First = ans.etag
		}
		st.Next = path
		var items []Item
		over, still := false, true
		for _, it := range page[min(st.Skip, len(page)):] {
			if over = l.over(it, st.Done); over {
				break
			}
			if moved := l.moved(it); !moved.Before(st.Done) {
				still = false
				more, err := l.items(it)
				if err != nil && !lost(err) {
					return errors.Join(err, p.keep(ctx, l.name, st, items))
				}
				items = append(items, more...)
				if moved.After(st.Newest) {
					st.Newest = moved
				}
			}
			st.Skip++
		}
		st.Next, st.Skip, tag = ans.next, 0, ""
		if path = ans.next; over || path == "" || l.made != nil && still && !deep {
			path = ""
			st = Step{Done: st.Newest, ETag: st.First, Swept: st.Swept}
		}
		if err := p.keep(ctx, l.name, st, items); err != nil {
			return err
		}
	}
	return nil
}

// over reports that nothing after this one can have changed.
func (l list[T]) over(it T, done time.Time) bool {
	if l.made != nil {
		return l.made(it).Before(done.Add(-late))
	}
	return l.moved(it).Before(done)
}

func (p *poll) keep(ctx context.Context, name string, st Step, items []Item) error {
	steps := map[string]Step{}
	for k, v := range p.progress.Steps {
		steps[k] = v
	}
	steps[name] = st
	p.progress.Steps = steps
	return p.take(ctx, items, p.progress)
}

// ask reads one page.
func ask[T any](ctx context.Context, p *poll, path, etag, under string) ([]T, answer, error) {
	var page []T
	if under == "" {
		ans, err := p.ask(ctx, path, etag, &page)
		return page, ans, err
	}
	var around map[string]json.RawMessage
	ans, err := p.ask(ctx, path, etag, &around)
	if err == nil && len(around[under]) > 0 {
		if bad := json.Unmarshal(around[under], &page); bad != nil {
			err = debrief.Errorf(debrief.Unavailable, under, "the answer is not the list it promises: %w", bad)
		}
	}
	return page, ans, err
}

// atMostOpen bounds what is asked for by name in each round.
const atMostOpen = 50

// note remembers what may still change, or forgets it.
func (p *poll) note(name string, id int64, made time.Time, ended bool) {
	open := map[string][]int64{}
	for k, v := range p.progress.Open {
		open[k] = v
	}
	open[name] = slices.DeleteFunc(slices.Clone(open[name]), func(n int64) bool { return n == id })
	if !ended && len(open[name]) < atMostOpen && p.fresh(made) {
		open[name] = append(open[name], id)
	}
	p.progress.Open = open
}

// fresh reports what is young enough to change.
func (p *poll) fresh(made time.Time) bool {
	newest := p.since
	for _, s := range p.progress.Steps {
		newest = later(newest, later(s.Done, s.Newest))
	}
	return made.After(newest.Add(-late))
}

// again asks by name for what had not ended.
func again[T any](ctx context.Context, p *poll, name, path string, items func(T) ([]Item, error)) error {
	for _, id := range slices.Clone(p.progress.Open[name]) {
		var it T
		var found []Item
		_, err := p.ask(ctx, path+strconv.FormatInt(id, 10), "", &it)
		if err == nil {
			found, err = items(it)
		}
		if lost(err) {
			p.note(name, id, time.Time{}, true)
		} else if err != nil {
			return err
		}
		if err := p.take(ctx, found, p.progress); err != nil {
			return err
		}
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// all reads a list to its end, but not for ever.
func all[T any](ctx context.Context, p *poll, path, under string) ([]T, error) {
	const pages = 20
	var out []T
	for n := 0; path != "" && n < pages; n++ {
		page, ans, err := ask[T](ctx, p, path, "", under)
		if err != nil {
			return out, err
		}
		out, path = append(out, page...), ans.next
	}
	return out, nil
}

// denied reports an answer that will be the same the next time.
func denied(err error) bool {
	switch debrief.KindOf(err) {
	case debrief.NotFound, debrief.Forbidden:
		return err != nil
	}
	return false
}

// lost reports that one thing cannot be read, now or later: it was deleted
// since, or is larger than anything that is read. The rest goes on.
func lost(err error) bool { return denied(err) || debrief.KindOf(err) == debrief.TooLarge }

// item words something as a webhook. Its key holds a digest of the content, so
// that what changes later is another item and what does not is the same one.
func item(header, kind, what string, body any) (Item, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return Item{}, debrief.Errorf(debrief.Internal, "", "%s cannot be written as JSON: %w", what, err)
	}
	sum := sha256.Sum256(text)
	return Item{
		Key:    "poll/" + what + "/" + hex.EncodeToString(sum[:12]),
		Header: map[string]string{header: kind},
		Body:   text,
	}, nil
}

// object is a JSON object under construction.
type object map[string]any
