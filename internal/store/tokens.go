package store

import (
	"context"
	"time"

	"github.com/debriefhq/debrief"
)

// Token lets a program in. Only its hash is kept.
type Token struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Hash    string    `json:"-"`
	Scope   string    `json:"scope"` // read or write
	Created time.Time `json:"created_at"`
	Used    time.Time `json:"used_at,omitzero"`
	Revoked time.Time `json:"revoked_at,omitzero"`
}

// SaveToken writes a token, new or changed.
func (s *Store) SaveToken(ctx context.Context, t Token) error {
	return s.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec(`insert into tokens (id, name, hash, scope, created_at, used_at, revoked_at) values ($1, $2, $3, $4, $5, $6, $7)
			on conflict (id) do update set name = excluded.name, hash = excluded.hash, scope = excluded.scope,
				used_at = excluded.used_at, revoked_at = excluded.revoked_at`,
			t.ID, t.Name, t.Hash, t.Scope, micros(t.Created), micros(t.Used), micros(t.Revoked))
		return err
	})
}

const tokenColumns = `id, name, hash, scope, created_at, used_at, revoked_at`

func (q querier) tokens(text string, a ...any) ([]Token, error) {
	var out []Token
	err := q.each(text, a, func(scan scanner) error {
		var t Token
		var created, used, revoked int64
		if err := scan(&t.ID, &t.Name, &t.Hash, &t.Scope, &created, &used, &revoked); err != nil {
			return err
		}
		t.Created, t.Used, t.Revoked = instant(created), instant(used), instant(revoked)
		out = append(out, t)
		return nil
	})
	return out, err
}

// TokenByHash finds a token; NotFound where there is none. A revoked one is
// found too, so that the caller can say so.
func (s *Store) TokenByHash(ctx context.Context, hash string) (Token, error) {
	ts, err := s.read(ctx).tokens(`select `+tokenColumns+` from tokens where hash = $1`, hash)
	if err != nil {
		return Token{}, err
	}
	if len(ts) == 0 {
		return Token{}, debrief.Errorf(debrief.NotFound, "", "no such token")
	}
	return ts[0], nil
}

// Tokens lists all tokens, oldest first.
func (s *Store) Tokens(ctx context.Context) ([]Token, error) {
	return s.read(ctx).tokens(`select ` + tokenColumns + ` from tokens order by created_at, id`)
}

// TouchToken notes when a token was last used, and nothing else: a revocation
// that happens meanwhile stays.
func (s *Store) TouchToken(ctx context.Context, id string, at time.Time) error {
	return s.Update(ctx, func(tx *Tx) error {
		_, err := tx.exec(`update tokens set used_at = $2 where id = $1 and used_at < $2`, id, micros(at))
		return err
	})
}

// RevokeToken ends a token for good.
func (s *Store) RevokeToken(ctx context.Context, id string) error {
	return s.Update(ctx, func(tx *Tx) error {
		n, err := tx.exec(`update tokens set revoked_at = case when revoked_at = 0 then $2 else revoked_at end where id = $1`, id, micros(s.now()))
		if err == nil && n == 0 {
			return debrief.Errorf(debrief.NotFound, "", "no token %q", id)
		}
		return err
	})
}
