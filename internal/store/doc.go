// Package store is the cellar of the house: everything debrief remembers, in
// SQLite (the embedded default) or PostgreSQL.
//
// There is one schema (migrations/*.sql) and one SQL text. It is hand-written
// in the PostgreSQL dialect and keeps to the subset both engines speak, with
// $1 placeholders. What must differ (opening, locks, kinds of error, explain)
// stands in seam.go and nowhere else. Time comes from Go, never from an
// engine; instants are microseconds since 1970, 0 where not known; JSON is
// opaque text, and a column stands beside it only where something asks for it;
// lists are paged by key.
//
// # Accepting, then working
//
// Accept writes what arrived and a row of work in one transaction, so that a
// sender who was told "accepted" can forget it. Everything after that is work:
// a step claims a row with a lease, does what it does, and Finish commits its
// result together with the next rows of work, or nothing. A process that dies
// leaves a lease that runs out; a process that wakes up late finds its lease
// lost and its writes refused (Conflict). So every step happens once, whoever
// takes it, and there is no leader. Work is unique by kind and key: asking
// twice is asking once. Asking while it is being done means doing it again
// afterwards, with the newer payload.
//
// What is said to the outside is first a row of the outbox. A message found
// half sent by a second taker is marked unresolved and not repeated.
//
// # Who waits for whom
//
// SQLite has one writer, so transactions follow each other. On PostgreSQL they
// overlap, and two of them that recompute one service from its events must
// not, or each would overwrite what only the other saw. So a transaction that
// names a service holds that service until it ends, and one that follows keys
// between services (Linked, ServicesOf) holds those keys. Transactions that
// lose a deadlock or a race are run again; the functions given to Update and
// Finish may therefore run more than once, and must touch nothing but their Tx.
// They also must not do slow things: they hold the only writer.
//
// # Tables
//
// A table is distributed (it belongs to one service: every primary key, unique
// index and foreign key starts with service_id), reference (small, the same
// for everybody) or local (queues). tables.go lists them; a test compares the
// list with both engines' catalogues. What belongs to no service lives under
// the reserved service "org".
package store
