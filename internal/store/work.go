package store

import (
	"context"
	"errors"
	"math"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Work is one thing to be done. (Kind, Key) is unique.
type Work struct {
	ID       string
	Kind     string
	Service  string
	Key      string
	Payload  string
	Due      time.Time
	Attempts int    // claims so far, this one included
	Token    string // the lease
	Problem  string // why the last attempt was given up
}

// never is when buried work is ready.
const never = math.MaxInt64

const workColumns = `id, kind, service_id, natural_key, payload, due_at, attempts, token, problem`

func (w *Work) scan(scan scanner) error {
	var due int64
	err := scan(&w.ID, &w.Kind, &w.Service, &w.Key, &w.Payload, &due, &w.Attempts, &w.Token, &w.Problem)
	w.Due = instant(due)
	return err
}

// Enqueue asks for work to be done when due (zero: at once). Where the same
// work waits already it keeps the earlier time and gets the new payload; where
// it is being done right now it will be done again; where it was buried it
// comes back.
func (tx *Tx) Enqueue(w Work) error {
	now := tx.s.now()
	due := micros(w.Due)
	if w.Due.IsZero() {
		due = micros(now)
	}
	_, err := tx.exec(`insert into work (id, kind, natural_key, service_id, payload, due_at, ready_at, again_at, attempts, token, problem, buried, created_at)
		values ($1, $2, $3, $4, $5, $6, $6, 0, 0, '', '', false, $7)
		on conflict (kind, natural_key) do update set
			payload = excluded.payload,
			service_id = excluded.service_id,
			due_at = case
				when work.buried then excluded.due_at
				when work.token <> '' or work.due_at <= excluded.due_at then work.due_at
				else excluded.due_at end,
			ready_at = case
				when work.buried then excluded.due_at
				when work.token <> '' or work.ready_at <= excluded.due_at then work.ready_at
				else excluded.due_at end,
			again_at = case
				when work.token = '' then 0
				when work.again_at <> 0 and work.again_at <= excluded.due_at then work.again_at
				else excluded.due_at end,
			attempts = case when work.buried then 0 else work.attempts end,
			problem = case when work.buried then '' else work.problem end,
			buried = false`,
		tx.s.newID(), w.Kind, w.Key, w.Service, w.Payload, due, micros(now))
	tx.roused = true
	return err
}

// Dequeue takes back what was asked for. Whoever is doing it right now has lost
// the lease and commits nothing.
func (tx *Tx) Dequeue(kind, key string) error {
	_, err := tx.exec(`delete from work where kind = $1 and natural_key = $2`, kind, key)
	return err
}

// Take takes work that is due and that nobody does right now out of the queue.
// It is for a past that is filled in: what it is for is done in the same
// transaction, where it fails all of it is still to do.
func (tx *Tx) Take(kinds []string, limit int) (list []Work, err error) {
	for _, kind := range kinds {
		err := tx.each(`select `+workColumns+` from work where kind = $1 and ready_at <= $2 and token = '' order by ready_at, id limit $3`,
			args(kind, micros(tx.s.now()), limit-len(list)), func(scan scanner) error {
				list = append(list, Work{})
				return list[len(list)-1].scan(scan)
			})
		if err != nil || len(list) == limit {
			return list, errors.Join(err, tx.dequeueAll(list))
		}
	}
	return list, tx.dequeueAll(list)
}

func (tx *Tx) dequeueAll(list []Work) error {
	for _, w := range list {
		if err := tx.Dequeue(w.Kind, w.Key); err != nil {
			return err
		}
	}
	return nil
}

// Claim takes the work that has been due longest and keeps others from it for
// as long as the lease lasts; nil where nothing is due. Work whose lease ran
// out is due again.
func (s *Store) Claim(ctx context.Context, kinds []string, lease time.Duration) (*Work, error) {
	q := querier{ctx, s.writes, s.seam}
	for {
		now := s.now()
		kind, _, err := s.soonest(ctx, kinds, micros(now))
		if kind == "" || err != nil {
			return nil, err
		}
		w, found := new(Work), false
		for attempt := 1; ; attempt++ {
			err = q.each(sqlClaim(s.seam), args(kind, micros(now), micros(now.Add(lease)), s.newID()), func(scan scanner) error {
				found = true
				return w.scan(scan)
			})
			if err == nil || attempt == 5 || !s.seam.again(err) {
				break
			}
		}
		if err != nil {
			return nil, err
		}
		if found {
			return w, nil
		}
		// Somebody else took the last one of this kind. Those of other kinds,
		// if any, are seen in the next round; a row that is locked but not yet
		// claimed would be seen forever, so only the other kinds are asked.
		kinds = without(kinds, kind)
	}
}

func sqlClaim(s seam) string {
	return `update work set token = $4, ready_at = $3, again_at = 0, attempts = attempts + 1
		where id = (select id from work where kind = $1 and ready_at <= $2 order by ready_at, id limit 1` + s.skipLocked() + `)
		returning ` + workColumns
}

// soonest finds the kind whose work was ready first, up to a moment.
func (s *Store) soonest(ctx context.Context, kinds []string, until int64) (kind string, ready int64, err error) {
	if len(kinds) == 0 {
		return "", 0, nil
	}
	var parts []string
	for i := range kinds {
		parts = append(parts, `select kind, ready_at from (`+sqlSoonest(i+2)+`) as k`)
	}
	_, err = s.read(ctx).one(strings.Join(parts, " union all ")+` order by ready_at, kind limit 1`,
		append(args(until), anys(kinds)...), &kind, &ready)
	return kind, ready, err
}

func sqlSoonest(mark int) string {
	return `select kind, ready_at from work where kind = ` + marks(mark, 1) + ` and ready_at <= $1 order by ready_at, id limit 1`
}

func without(kinds []string, kind string) []string {
	var rest []string
	for _, k := range kinds {
		if k != kind {
			rest = append(rest, k)
		}
	}
	return rest
}

// NextDue says when the next work of these kinds is ready; a moment in the past
// where some is ready already.
func (s *Store) NextDue(ctx context.Context, kinds []string) (at time.Time, ok bool, err error) {
	kind, ready, err := s.soonest(ctx, kinds, never-1)
	return instant(ready), kind != "", err
}

// Extend renews a lease.
func (s *Store) Extend(ctx context.Context, w *Work, lease time.Duration) error {
	return s.Update(ctx, func(tx *Tx) error {
		now := s.now()
		n, err := tx.exec(`update work set ready_at = $4 where id = $1 and token = $2 and token <> '' and ready_at > $3`,
			w.ID, w.Token, micros(now), micros(now.Add(lease)))
		if err == nil && n == 0 {
			return lost(w)
		}
		return err
	})
}

// Finish commits what fn writes together with the end of the work, or nothing:
// where the lease was lost it says Conflict. Fn may enqueue the same work anew.
func (s *Store) Finish(ctx context.Context, w *Work, fn func(*Tx) error) error {
	return s.Update(ctx, func(tx *Tx) error {
		now := micros(s.now())
		n, err := tx.exec(`delete from work where id = $1 and token = $2 and token <> '' and ready_at > $3 and again_at = 0`, w.ID, w.Token, now)
		if err != nil {
			return err
		}
		if n == 0 {
			// Asked for again while it was being done: it stays for another round.
			n, err = tx.exec(`update work set token = '', due_at = again_at, ready_at = again_at, again_at = 0, attempts = 0, problem = ''
				where id = $1 and token = $2 and token <> '' and ready_at > $3`, w.ID, w.Token, now)
			if err != nil {
				return err
			}
			tx.roused = n > 0
		}
		if n == 0 {
			return lost(w)
		}
		if fn == nil {
			return nil
		}
		return fn(tx)
	})
}

// Retry gives work back to be done at another time, and says why. Fn may be
// nil.
func (s *Store) Retry(ctx context.Context, w *Work, at time.Time, problem string, fn func(*Tx) error) error {
	return s.Update(ctx, func(tx *Tx) error {
		n, err := tx.exec(`update work set token = '', problem = $4,
				due_at = case when again_at <> 0 and again_at < $5 then again_at else $5 end,
				ready_at = case when again_at <> 0 and again_at < $5 then again_at else $5 end,
				again_at = 0
			where id = $1 and token = $2 and token <> '' and ready_at > $3`,
			w.ID, w.Token, micros(s.now()), problem, micros(at))
		if err != nil {
			return err
		}
		if n == 0 {
			return lost(w)
		}
		tx.roused = true
		if fn == nil {
			return nil
		}
		return fn(tx)
	})
}

// Bury puts work aside that nobody can do. It is kept, and listed by Buried,
// until it is enqueued anew.
func (s *Store) Bury(ctx context.Context, w *Work, problem string) error {
	return s.Update(ctx, func(tx *Tx) error {
		n, err := tx.exec(`update work set token = '', problem = $4, buried = true, ready_at = $5, again_at = 0
			where id = $1 and token = $2 and token <> '' and ready_at > $3`,
			w.ID, w.Token, micros(s.now()), problem, int64(never))
		if err == nil && n == 0 {
			return lost(w)
		}
		tx.shown(n)
		return err
	})
}

// Buried lists the newest work put aside.
func (s *Store) Buried(ctx context.Context, limit int) ([]Work, error) {
	var out []Work
	err := s.read(ctx).each(`select `+workColumns+` from work where buried order by created_at desc, id desc limit $1`, args(limit), func(scan scanner) error {
		var w Work
		if err := w.scan(scan); err != nil {
			return err
		}
		out = append(out, w)
		return nil
	})
	return out, err
}

func lost(w *Work) error {
	return debrief.Errorf(debrief.Conflict, "", "the lease on %s %s was lost, nothing was written", w.Kind, w.Key)
}
