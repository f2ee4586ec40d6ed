package store

import "context"

// revisionShards is how many rows the revision is spread over (see the schema).
const revisionShards = 16

// bump is the last statement of a transaction that pages can see.
func (tx *Tx) bump() error {
	_, err := tx.exec(`update revision set n = n + 1 where shard = $1`, int64(tx.s.shard.Add(1)%revisionShards))
	return err
}

// Revision is a number that grows with every write to what pages show. Equal
// revisions mean equal pages.
func (s *Store) Revision(ctx context.Context) (int64, error) {
	var n int64
	_, err := s.read(ctx).one(`select cast(sum(n) as bigint) from revision`, nil, &n)
	return n, err
}
