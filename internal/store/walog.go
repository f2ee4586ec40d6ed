package store

import "context"

// logPages is how long SQLite's log may grow before it is moved into the file:
// what the engine's own default is.
const logPages = 1000

// tend moves SQLite's log into its file beside the commits. The engine would
// do it within one, and whoever waits for that commit for its disk as well;
// that remains as a bound (wal_autocheckpoint) for a log that outruns this.
func (s *Store) tend() {
	for {
		select {
		case <-s.life.Done():
			return
		case <-s.logged:
		}
		if err := s.moveLog(s.life); err != nil && s.life.Err() == nil {
			s.log.Warn("the database's log could not be moved into its file", "error", err)
		}
	}
}

func (s *Store) moveLog(ctx context.Context) error {
	read := s.read(ctx)
	left, err := checkpoint(read, "noop")
	if err != nil || left < logPages {
		return err
	}
	// While others write. What they add meanwhile is for the next round, which
	// has less to do.
	for range 3 {
		if left, err = checkpoint(read, "passive"); err != nil || left < logPages {
			break
		}
	}
	if err != nil {
		return err
	}
	// The rest, if only a page, while nobody writes: only from a log that is
	// moved whole does the next commit begin a new one.
	conn, err := s.writes.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = checkpoint(querier{ctx, conn, s.seam}, "passive")
	return err
}

// checkpoint runs one, and says how many pages of the log the file lacks.
func checkpoint(q querier, kind string) (left int64, err error) {
	var busy, pages, moved int64
	if _, err := q.one("pragma wal_checkpoint("+kind+")", nil, &busy, &pages, &moved); err != nil {
		return 0, err
	}
	return max(0, pages-moved), nil
}
