package store

import "context"

// Setting reads a value debrief keeps for itself (a salt, a signing key). Where
// there is none it is made, once, whoever asks first.
func (s *Store) Setting(ctx context.Context, key string, make func() string) (string, error) {
	const read = `select value from settings where name = $1`
	var v string
	found, err := s.read(ctx).one(read, args(key), &v)
	if found || err != nil {
		return v, err
	}
	made := make()
	err = s.Update(ctx, func(tx *Tx) error {
		if _, err := tx.exec(`insert into settings (name, value) values ($1, $2) on conflict (name) do nothing`, key, made); err != nil {
			return err
		}
		_, err := tx.one(read, args(key), &v)
		return err
	})
	return v, err
}

// Set keeps a value under a name, whatever stood there.
func (tx *Tx) Set(key, value string) error {
	_, err := tx.exec(`insert into settings (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value`, key, value)
	return err
}

// Kept reads back what Tx.Set kept; "" where nothing was.
func (tx *Tx) Kept(key string) (string, error) {
	var v string
	_, err := tx.one(`select value from settings where name = $1`, args(key), &v)
	return v, err
}
