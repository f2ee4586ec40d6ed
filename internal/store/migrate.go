package store

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/debriefhq/debrief"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one step of the schema, forward only.
type migration struct {
	number int64
	name   string
	text   string
}

func (m migration) checksum() string {
	sum := sha256.Sum256([]byte(m.text))
	return hex.EncodeToString(sum[:])
}

// migrations reads the embedded files, NNNN_name.sql, in order.
func migrations() []migration {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql") // sorted
	if err != nil {
		panic(err) // the pattern is a constant
	}
	var ms []migration
	for _, name := range names {
		text, err := migrationFiles.ReadFile(name)
		if err != nil {
			panic(err) // embedded
		}
		base := strings.TrimSuffix(path.Base(name), ".sql")
		digits, _, _ := strings.Cut(base, "_")
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			panic("migration without a number: " + name)
		}
		ms = append(ms, migration{n, base, string(text)})
	}
	return ms
}

// migrate applies what is missing, all in one transaction, while other servers
// that start wait. It refuses to touch a database it does not understand.
func (s *Store) migrate(ctx context.Context, ms []migration) error {
	return s.Update(ctx, func(tx *Tx) error {
		if err := tx.seam.lockMigrations(tx.querier); err != nil {
			return err
		}
		applied, err := tx.applied()
		if err != nil {
			return err
		}
		for _, m := range ms {
			sum, done := applied[m.number]
			delete(applied, m.number)
			switch {
			case done && sum != m.checksum():
				return debrief.Errorf(debrief.Internal, "db",
					"migration %s was changed after it had been applied to this database", m.name).
					WithHint("run the debrief that made this database, or restore the file")
			case done:
				continue
			}
			if err := tx.apply(m); err != nil {
				return debrief.Errorf(debrief.Internal, "db", "migration %s failed: %w", m.name, err)
			}
		}
		for n := range applied {
			return debrief.Errorf(debrief.Invalid, "db",
				"the database was made by a newer debrief (it has migration %d, this one knows up to %d)", n, last(ms)).
				WithHint("install the newer version; migrations only go forward")
		}
		return nil
	})
}

func last(ms []migration) int64 {
	if len(ms) == 0 {
		return 0
	}
	return ms[len(ms)-1].number
}

// applied returns the checksums of the migrations the database has had.
func (tx *Tx) applied() (map[int64]string, error) {
	sums := map[int64]string{}
	there, err := tx.seam.hasTable(tx.querier, "migrations")
	if err != nil {
		return nil, err
	}
	if !there {
		_, err := tx.exec(tx.seam.schema(`create table migrations (
			number bigint not null primary key, name text not null, checksum text not null, applied_at bigint not null)`))
		return sums, err
	}
	err = tx.each(`select number, checksum from migrations`, nil, func(scan scanner) error {
		var n int64
		var sum string
		if err := scan(&n, &sum); err != nil {
			return err
		}
		sums[n] = sum
		return nil
	})
	return sums, err
}

func (tx *Tx) apply(m migration) error {
	for _, stmt := range statements(m.text) {
		if _, err := tx.exec(tx.seam.schema(stmt)); err != nil {
			return err
		}
	}
	_, err := tx.exec(`insert into migrations (number, name, checksum, applied_at) values ($1, $2, $3, $4)`,
		m.number, m.name, m.checksum(), micros(tx.s.now()))
	return err
}

// statements splits a file at the semicolons that end lines; comments are
// whole lines.
func statements(text string) []string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), "--") {
			b.WriteString(line)
		}
	}
	var out []string
	for _, stmt := range strings.Split(b.String(), ";\n") {
		if stmt = strings.TrimSpace(stmt); stmt != "" {
			out = append(out, stmt)
		}
	}
	return out
}
