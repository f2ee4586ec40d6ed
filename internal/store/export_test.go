package store

import "context"

// What tests need and nobody else may have.

func (s *Store) Exec(ctx context.Context, text string, a ...any) error {
	_, err := querier{ctx, s.writes, s.seam}.exec(text, a...)
	return err
}

func (s *Store) Strings(ctx context.Context, text string, a ...any) (out []string, err error) {
	err = s.read(ctx).each(text, a, func(scan scanner) error {
		var v string
		err := scan(&v)
		out = append(out, v)
		return err
	})
	return out, err
}

func (tx *Tx) Many(head string, rows [][]any, tail string) error {
	_, err := tx.many(head, rows, tail)
	return err
}

// Plan is how the engine would run a statement.
func (s *Store) Plan(ctx context.Context, empty bool, text string, a ...any) (out []string, err error) {
	into := []any{new(string)}
	if s.Engine() == "sqlite" {
		into = []any{new(int), new(int), new(int), new(string)}
	}
	err = s.snapshot(ctx, func(q querier) error {
		if empty && s.Engine() == "postgres" {
			// Empty tables are scanned whichever indexes there are.
			if _, err := q.exec("set local enable_seqscan = off"); err != nil {
				return err
			}
		}
		return q.each(s.seam.explain()+text, a, func(scan scanner) error {
			err := scan(into...)
			out = append(out, *into[len(into)-1].(*string))
			return err
		})
	})
	return out, err
}

// Hot is a statement that must be answered by an index, with arguments of the
// right types.
type Hot struct {
	Name, Text string
	Args       []any
}

func (s *Store) HotQueries() []Hot {
	const sv, id, at = "service-7", "release-7", int64(1)
	return []Hot{
		{"resolve an id", sqlResolve, args(id)},
		{"releases by id", sqlReleaseIDs, args(sv, id, "")},
		{"deployments of a release", sqlOfRelease, args(sv, id)},
		{"changes of a release", sqlCarried, args(sv, id)},
		{"unsorted: first change", sqlUnsorted, args(sv)},
		{"unsorted: anything", sqlAnyUnsorted, args(sv)},
		{"unsorted: changes", sqlUnsortedMany, args(sv, 500)},
		{"changes to sort", sqlSortPage, args(sv, at, id, 400)},
		{"unsorted releases", sqlUnsortedOf, args(sv, id, 100)},
		{"kinds of a release", sqlKindsCarried, args(sv, id)},
		{"looks of a release", sqlLooks, args(sv, id)},
		{"surprises of a release", sqlOfReleaseSurprises, args(sv, id)},
		{"recent deployments", sqlRecent, args(sv, "production", at, id, 20)},
		{"staging, same version", sqlStagedVersion, args(sv, "v7", "production", 5)},
		{"staging, same commit", sqlStagedCommit, args(sv, "c7", "production", 5)},
		{"staging, latest", sqlStagedBefore, args(sv, at, "production", 5)},
		{"releases of a rollout", sqlRollout, args("rollout-7", sv, 50)},
		{"releases that began", sqlReleasesBegan, args(sv, at, at, 20)},
		{"previous deployment", sqlPrevious, args(sv, "production", "")},
		{"deployments before", sqlDeploymentsTo, args(sv, at, 10)},
		{"deployments after", sqlDeploymentsFrom, args(sv, at, 10)},
		{"deployments before, one environment", sqlDeploymentsToIn, args(sv, at, 10, "production")},
		{"deployments after, one environment", sqlDeploymentsFromIn, args(sv, at, 10, "production")},
		{"linked events", sqlNeighbours + `$2)`, args(sv, "key-7")},
		{"linked events of all services", sqlNeighboursAll + `$1)`, args("key-7")},
		{"flips of a window", sqlFlips, args(sv, at, at, 50)},
		{"suspects of a window", sqlSuspects, args(sv, at, at, 50)},
		{"rollbacks of a window", sqlRollbacks, args(sv, at, at, 50)},
		{"suspects of all services", sqlSuspectsAll, args(at, at, 50)},
		{"flips of a service", sqlFlipsOf, args(sv, at, at, 50)},
		{"flips of all services", sqlFlipsAll, args(at, at, 50)},
		{"releases of a version", sqlVersioned, args(sv, "v7")},
		{"an attribution", sqlAttribution, args(id)},
		{"attributions that blame a release", sqlBlaming, args(sv, id)},
		{"what an attribution blames", sqlBlamedBy, args(id)},
		{"list what is asked", sqlAsked, args(10)},
		{"list what is asked of Service:service", sqlAskedService, args(sv, 10)},
		{"what was said", sqlSaid, args(id, sv)},
		{"incidents of no service", sqlOrgIncidents, args("org", at, at, 50)},
		{"open envelopes of a source", sqlOpenOf, args("github", 10)},
		{"a known envelope", sqlKnown, args("github", "key-7")},
		{"soonest work", sqlSoonest(2), args(at, "record")},
		{"claim", sqlClaim(s.seam), args("record", at, at, "token")},
		{"a message", sqlMessage, args("look/7")},
		{"open surprises", sqlOpenSurprises, args(10)},
		{"a surprise", sqlSurprise, args(id)},
		{"a debrief", sqlDebrief, args(id)},
		{"what was written of a release", sqlDebriefAbout, args(sv, id)},
		{"actions done", sqlPromises, args(sv, at)},
		{"facts after a moment", sqlFactsAfter, args(sv, at, 500)},
		{"an action", sqlAction, args(id)},
		{"a team's open actions", sqlActionsOpen, args("shop")},
		{"a term", sqlPostings, args("checkout", 100)},
		{"since when logs are known", sqlLogKnown, args(sv)},
		{"log counts of a window", sqlLogBins, args(sv, at, at)},
		{"list facts for a brief, Service:service", sqlBriefFacts, args(sv, at, 400)},
		{"facts of a kind for a brief", sqlBriefPrimary, args("migration", at, 150)},
		{"list latest facts for a brief", sqlBriefAny, args(at, 150)},
		{"subjects for a brief", sqlBriefSays + `$2)`, args(sv, id)},
		{"titles for a brief", sqlBriefChanges + `$2)`, args(sv, id)},
		{"looks for a brief", sqlBriefLooks + `$3)`, args(sv, 2, id)},
		{"list open actions for a brief, Service:service", sqlBriefActions, args(sv, at)},
		{"facts by id", sqlBriefNamed + `$2)`, args(sv, id)},
		{"a lesson's term", sqlLessonPostings, args("checkout", 100)},
		{"texts with a lesson's term", sqlLessonTermDocs, args("checkout")},
		{"lessons of a release", sqlLessonsOf, args(sv, id)},
		{"briefs of a release", sqlShipped, args(sv, id)},
		{"the brief of a pull request", sqlOfPull, args(sv, "acme/shop", 7)},
		{"chunks of a window", sqlChunks, args(sv, "probe", at, at)},
	}
}

// Listing is the statement behind Releases.
func (s *Store) Listing(ctx context.Context, f Filter) (string, []any, error) {
	return s.read(ctx).listing(f, 51)
}

func (s *Store) WriterStrings(ctx context.Context, text string) (out []string, err error) {
	err = querier{ctx, s.writes, s.seam}.each(text, nil, func(scan scanner) error {
		var v string
		err := scan(&v)
		out = append(out, v)
		return err
	})
	return out, err
}

func (s *Store) ReaderExec(ctx context.Context, text string) error {
	_, err := s.read(ctx).exec(text)
	return err
}

// ObjectListing is the statement behind Incidents.
func (s *Store) ObjectListing(ctx context.Context, f ObjectFilter) (string, []any, error) {
	return s.read(ctx).objectListing("incidents", "incident", f, 51)
}

// Shapes are the columns Export writes, as table.column, and what it leaves
// out on purpose.
func Shapes() (columns, tables []string) {
	for _, sh := range shapes() {
		tables = append(tables, sh.table)
		for _, c := range sh.columns {
			columns = append(columns, sh.table+"."+c.name)
		}
	}
	return append(columns, forgotten()...), append(tables, unwritten()...)
}
