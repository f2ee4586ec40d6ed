package web

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/tell"
)

// happening is what is no release: an incident, a flag that was flipped.
type happening struct {
	At   time.Time
	Says string
	URL  string
	Href string // our own page of it
}

// happenings joins incidents and changes that took effect by themselves in one
// list, oldest first.
func happenings(incidents []debrief.Incident, flips []debrief.Change) []happening {
	var out []happening
	for _, i := range incidents {
		out = append(out, happening{At: i.Began, Says: tell.Incident(i), URL: i.URL, Href: "/incidents/" + url.PathEscape(i.ID)})
	}
	for _, c := range flips {
		out = append(out, happening{At: c.Live, Says: tell.Flip(c), URL: c.URL})
	}
	slices.SortStableFunc(out, func(a, b happening) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Says, b.Says)) })
	return out
}

// happened is a service's latest, newest first.
func (s *site) happened(ctx context.Context, service string) ([]happening, error) {
	incidents, _, err := s.Reader.Incidents(ctx, store.ObjectFilter{Service: service, Limit: serviceRows})
	if err != nil {
		return nil, err
	}
	flips, err := s.Reader.Flips(ctx, service, time.Unix(0, 0), s.Now().Add(24*time.Hour), serviceRows)
	if err != nil {
		return nil, err
	}
	list := happenings(incidents, flips)
	slices.Reverse(list)
	return list[:min(len(list), serviceRows)], nil
}
