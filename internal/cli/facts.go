package cli

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

const (
	factsLimit  = 2 * time.Second // all of it: connecting, asking
	factsTables = 20
)

// tableSize is what a database's planner believes of a table. Rows below zero:
// it was never analysed.
type tableSize struct {
	Name  string
	Rows  int64
	Bytes int64
}

// readFacts asks the database named by DEBRIEF_FACTS_DSN how big its tables
// are. It counts nothing and changes nothing; an error never holds the address.
func readFacts(ctx context.Context, e *Env, tables []string) (debrief.Facts, error) {
	dsn := e.Getenv("DEBRIEF_FACTS_DSN")
	if dsn == "" {
		if len(tables) > 0 {
			return nil, debrief.Errorf(debrief.Invalid, "--table", "DEBRIEF_FACTS_DSN is not set, so no table can be looked at")
		}
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, factsLimit)
	defer cancel()
	read := sqliteSizes
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") || strings.Contains(dsn, "dbname=") {
		read = postgresSizes
	}
	sizes, err := read(ctx, dsn, e.Dir, tables)
	if ctx.Err() != nil {
		err = debrief.Errorf(debrief.Unavailable, "DEBRIEF_FACTS_DSN", "the database did not answer within %s", factsLimit)
	}
	return sizeFacts(sizes), err
}

// sizeFacts words sizes as facts: rows.orders, bytes.orders, and rows over all
// of them. Tables never analysed have no row estimate and are left out of it.
func sizeFacts(sizes []tableSize) debrief.Facts {
	if len(sizes) == 0 {
		return nil
	}
	facts, sum, any := debrief.Facts{}, int64(0), false
	for _, s := range sizes {
		if s.Rows >= 0 {
			facts["rows."+s.Name] = strconv.FormatInt(s.Rows, 10)
			sum += s.Rows
			any = true
		}
		if s.Bytes > 0 {
			facts["bytes."+s.Name] = strconv.FormatInt(s.Bytes, 10)
		}
	}
	if any {
		facts["rows"] = strconv.FormatInt(sum, 10)
	}
	return facts
}
