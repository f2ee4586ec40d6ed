// Package storetest gives tests real stores: SQLite in a file of its own, and
// PostgreSQL in a database of its own, in one throwaway cluster per test
// binary. The cluster is made from Debian's postgresql package, trades
// durability for speed, and ends with the process that started it, however
// that process ends.
//
//	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) { … })
//
// runs a test on both engines side by side. Where PostgreSQL is missing it is
// skipped with the reason, except where skipping would hide something (CI=true
// or DEBRIEF_TEST_ALL=1): there it fails.
package storetest
