package store

import (
	"context"

	"github.com/debriefhq/debrief"
)

// Noticed is how well debrief itself notices in one service: how many
// surprises it found, and at how many of them people said there was nothing.
type Noticed struct {
	Noticed      int `json:"noticed"`
	NothingThere int `json:"nothing_there"`
}

// A note is neither waiting for an answer nor answered; it was not claimed to
// be a surprise.
const sqlNoticed = `select count(*), count(case when answer = $2 then 1 end) from surprises where service_id = $1 and (unanswered or answer <> '')`

// Noticed counts a service's surprises. Nobody is counted: only answers are.
func (s *Store) Noticed(ctx context.Context, service string) (Noticed, error) {
	var n Noticed
	_, err := s.read(ctx).one(sqlNoticed, args(service, string(debrief.NothingThere)), &n.Noticed, &n.NothingThere)
	return n, err
}
