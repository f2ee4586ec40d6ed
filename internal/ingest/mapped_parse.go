package ingest

import (
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// values are one item's, by the mapping's names.
type values struct {
	get      func(name string) string
	when     func(name string) time.Time
	at       time.Time
	state    string
	keys     []string
	id       string // of the object, unique among all sources'
	labels   []string
	received time.Time
}

// parse applies the mapping to one request: all items or none.
func (s *mapped) parse(r Request) ([]debrief.Event, error) {
	if len(r.Body) > maxEventsBody {
		return nil, debrief.Errorf(debrief.TooLarge, "", "%d bytes, and at most %d are allowed", len(r.Body), maxEventsBody)
	}
	root, err := ReadJSON(r.Body)
	if err != nil {
		return nil, err
	}
	items := []any{nil}
	if s.each != nil {
		if items = s.each.find(root); len(items) > maxEvents {
			return nil, debrief.Errorf(debrief.Invalid, "", "%d items, and at most %d are allowed", len(items), maxEvents)
		}
	}
	var events []debrief.Event
	var reason error = ignored("no item in it")
	for i, item := range items {
		e, err := s.one(r, i, root, item)
		switch {
		case err != nil && debrief.KindOf(err) == debrief.Ignored:
			reason = err
			continue
		case err != nil && s.each != nil:
			return nil, within("item "+strconv.Itoa(i), err)
		case err != nil:
			return nil, err
		}
		events = append(events, e)
	}
	if len(events) == 0 {
		return nil, reason
	}
	return events, nil
}

// text evaluates an expression: the first of its paths that has a value.
func (s *mapped) text(e expression, root, item any) (text, path string, err error) {
	for _, c := range e {
		if c.fixed {
			return c.constant, c.text, nil
		}
		from, p := root, c.path
		if rest, ok := c.path.within(s.each); ok {
			from, p = item, rest
		}
		for _, v := range p.find(from) {
			t, ok := scalar(v)
			if !ok {
				return "", c.text, wrongType(c.text, "a single value", v)
			}
			if t = strings.TrimSpace(t); t != "" {
				return t, c.text, nil
			}
		}
	}
	return "", "", nil
}

func (s *mapped) one(r Request, n int, root, item any) (debrief.Event, error) {
	var failed error
	get := func(e expression) string {
		t, _, err := s.text(e, root, item)
		if err != nil && failed == nil {
			failed = err
		}
		return t
	}
	moment := func(e expression) time.Time {
		t, path, err := s.text(e, root, item)
		if err == nil && t != "" {
			var at time.Time
			if at, err = readTime(path, t); err == nil && farAhead(at, r.Received) {
				err = futureDated(path, at, r.Received)
			}
			if err == nil {
				return at
			}
		}
		if err != nil && failed == nil {
			failed = err
		}
		return time.Time{}
	}
	if s.when != nil {
		got := get(s.when)
		if failed == nil && !containsFold(s.is, got) {
			return debrief.Event{}, ignored("%s is %q: not one of those that are taken", s.when[0].text, line(got, 60))
		}
	}
	v := values{
		get:  func(name string) string { return line(get(s.values[name]), maxFact) },
		when: func(name string) time.Time { return moment(s.values[name]) },
		at:   moment(s.time), received: r.Received,
	}
	key := get(s.key)
	if failed == nil && key == "" {
		return debrief.Event{}, debrief.Errorf(debrief.Invalid, s.key[0].text, "missing").WithHint("key must be there in every payload")
	}
	v.id = s.name + "/" + s.kind.name + "/" + key
	if !IsKey(v.id) {
		v.id = s.name + "/" + s.kind.name + "/" + debrief.ID(key)
	}
	v.keys = []string{v.id}
	if v.at.IsZero() {
		v.at = debrief.Instant(r.Received)
	}
	state, err := s.stateOf(get(s.values["state"]))
	if err != nil {
		return debrief.Event{}, err
	}
	v.state = state
	for _, c := range s.values["labels"] {
		from, p := root, c.path
		if rest, ok := c.path.within(s.each); ok {
			from, p = item, rest
		}
		for _, l := range p.find(from) {
			if t, ok := scalar(l); ok && t != "" && len(v.labels) < maxLabels {
				v.labels = append(v.labels, line(t, maxName))
			}
		}
	}
	e := event(s.name, r, n, s.kind.event, v.at)
	if err := s.kind.tell(&e, v); err != nil && failed == nil {
		return debrief.Event{}, err
	}
	if failed != nil {
		return debrief.Event{}, failed
	}
	if e.Service != "" && debrief.Slug(e.Service) == "" {
		return debrief.Event{}, debrief.Errorf(debrief.Invalid, "service", "has no letter or digit")
	}
	if e.Report != nil {
		if to, ok := s.environments[e.Report.Environment]; ok {
			e.Report.Environment = line(to, maxName)
		}
	}
	if e.Incident != nil {
		if to, ok := s.environments[e.Incident.Environment]; ok {
			e.Incident.Environment = line(to, maxName)
		}
	}
	return e, nil
}

// stateOf translates the sender's word. One in no table is taken where it is
// debrief's own, and is not for us else.
func (s *mapped) stateOf(word string) (string, error) {
	if word == "" {
		return "", nil
	}
	for _, from := range sorted(s.states) {
		if strings.EqualFold(from, word) {
			return s.states[from], nil
		}
	}
	for _, own := range s.kind.states {
		if strings.EqualFold(own, word) {
			return own, nil
		}
	}
	return "", ignored("state %q is in no table", line(word, 60))
}

// readTime reads RFC 3339, and Unix time in seconds or milliseconds.
func readTime(path, s string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, s); err == nil && !at.Before(longAgo) {
		return debrief.Instant(at), nil
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		switch {
		case n >= 9e8 && n < 1e11:
			return debrief.Instant(time.UnixMicro(int64(n * 1e6))), nil
		case n >= 9e11 && n < 1e14:
			return debrief.Instant(time.UnixMilli(int64(n))), nil
		}
	}
	return time.Time{}, debrief.Errorf(debrief.Invalid, path, "not a time: %s", line(s, 60)).
		WithHint("RFC 3339, or Unix time in seconds or milliseconds")
}

func containsFold(list []string, s string) bool {
	for _, l := range list {
		if strings.EqualFold(l, s) {
			return true
		}
	}
	return false
}
