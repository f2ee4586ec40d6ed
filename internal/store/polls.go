package store

import (
	"context"
	"time"
)

// Poll is how far a repository has been read from its forge.
type Poll struct {
	Source     string    `json:"source"`
	Repository string    `json:"repository"`
	Progress   string    `json:"-"`                 // the poller's own
	Problem    string    `json:"problem,omitempty"` // why the last round ended early
	At         time.Time `json:"at"`                // when anything was last heard
}

// SavePoll keeps how far a repository has been read.
func (tx *Tx) SavePoll(p Poll) error {
	_, err := tx.exec(`insert into polls (source, repository, progress, problem, polled_at) values ($1, $2, $3, $4, $5)
		on conflict (source, repository) do update set progress = excluded.progress, problem = excluded.problem, polled_at = excluded.polled_at`,
		p.Source, p.Repository, p.Progress, p.Problem, micros(p.At))
	return err
}

// Poll reads how far a repository has been read; found is false where never.
func (s *Store) Poll(ctx context.Context, source, repository string) (p Poll, found bool, err error) {
	p = Poll{Source: source, Repository: repository}
	var at int64
	found, err = s.read(ctx).one(`select progress, problem, polled_at from polls where source = $1 and repository = $2`,
		args(source, repository), &p.Progress, &p.Problem, &at)
	p.At = instant(at)
	return p, found, err
}

// Polls lists every repository that was ever read, by source and name.
func (s *Store) Polls(ctx context.Context) ([]Poll, error) {
	var out []Poll
	err := s.read(ctx).each(`select source, repository, progress, problem, polled_at from polls order by source, repository`, nil, func(scan scanner) error {
		var p Poll
		var at int64
		if err := scan(&p.Source, &p.Repository, &p.Progress, &p.Problem, &at); err != nil {
			return err
		}
		p.At = instant(at)
		out = append(out, p)
		return nil
	})
	return out, err
}
