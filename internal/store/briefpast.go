package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// Bounds of what a brief reads, so that it costs the same however long the
// history is.
const (
	briefReleases = 400 // of the service
	briefOfKind   = 150 // of other services, of one of the kinds
	briefOfAny    = 150 // of other services, of any kind
	briefTexts    = 80  // releases whose titles and paths are read
	briefLooks    = 12  // releases whose looks are read
	briefLessons  = 30
	briefPaths    = 60 // of a release
	briefKinds    = 4
)

const (
	sqlBriefFacts   = `select data from release_facts where service_id = $1 and kind = 'release' and at < $2 order by at desc, id desc limit $3`
	sqlBriefPrimary = `select ` + factColumns + ` from release_facts where primary_kind = $1 and at < $2 order by at desc, service_id desc, id desc limit $3`
	sqlBriefAny     = `select ` + factColumns + ` from release_facts where at < $1 order by at desc, service_id desc, id desc limit $2`
	sqlBriefSays    = `select release_id, kind, subject from surprises where service_id = $1 and answer <> 'nothing there' and release_id in (`
	sqlBriefChanges = `select l.deployment_id, c.data from deployment_changes l cross join changes c
		where l.service_id = $1 and c.service_id = l.service_id and c.id = l.change_id and l.deployment_id in (`
	sqlBriefLooks   = `select data from looks where service_id = $1 and number = $2 and release_id in (`
	sqlBriefActions = `select data from actions where service_id = $1 and at < $2 and state in ('in progress', 'waiting') order by at desc, id desc limit 20`
	sqlBriefNamed   = `select service_id, id, data from release_facts where service_id = $1 and id in (`
)

// BriefPast is what a brief is made from.
type BriefPast struct {
	Past     []debrief.ReleaseFacts         // of the service, newest first
	Others   []debrief.ReleaseFacts         // of other services: their narrow columns
	Subjects map[string]map[string][]string // release, kind of surprise, subjects
	Texts    map[string]string              // release, titles and paths
	Staging  []debrief.Deployment           // where no release is: of this commit, else the latest, newest first
	Staged   bool                           // they are of this commit
	Looks    []debrief.Look                 // the nth of the last releases, newest first
	Actions  []debrief.Action               // of the service, not done
	Lessons  []debrief.Lesson               // those of its actions' debriefs, then by the words of the change, the best first
}

// BriefAsk says what is read for a brief.
type BriefAsk struct {
	Change debrief.Upcoming
	At     time.Time // nothing later is read
	Look   int       // the number of the look whose shifts are read
	Text   string    // what lessons are found by
	// Near picks the releases whose words are worth reading.
	Near func(past []debrief.ReleaseFacts, most int) []string
}

// BriefPast reads what a brief is made from: by the service and by kinds, never
// the whole history.
func (s *Store) BriefPast(ctx context.Context, ask BriefAsk) (p BriefPast, err error) {
	err = s.snapshot(ctx, func(q querier) error {
		p = BriefPast{Subjects: map[string]map[string][]string{}, Texts: map[string]string{}}
		for _, load := range []func(BriefAsk, *BriefPast) error{
			q.briefFacts, q.briefOthers, q.briefSubjects, q.briefTexts, q.briefStaging, q.briefLooks, q.briefActions,
		} {
			if err := load(ask, &p); err != nil {
				return err
			}
		}
		found, err := q.findLessons(ask.Change.Service, ask.Text, ask.At, briefLessons)
		for _, l := range found {
			if !slices.ContainsFunc(p.Lessons, func(o debrief.Lesson) bool { return o.ID == l.ID }) {
				p.Lessons = append(p.Lessons, l)
			}
		}
		return err
	})
	return p, err
}

func (q querier) briefFacts(ask BriefAsk, p *BriefPast) error {
	return q.each(sqlBriefFacts, args(ask.Change.Service, micros(ask.At), briefReleases), func(scan scanner) error {
		var data string
		if err := scan(&data); err != nil {
			return err
		}
		p.Past = append(p.Past, debrief.ReleaseFacts{})
		return decode(data, &p.Past[len(p.Past)-1])
	})
}

func (q querier) briefOthers(ask BriefAsk, p *BriefPast) error {
	seen := map[string]bool{}
	read := newNarrow()
	each := func(scan scanner) error {
		f, err := read.facts(scan)
		if key := f.Service + " " + f.ReleaseID; err == nil && f.Service != ask.Change.Service && !seen[key] {
			seen[key] = true
			p.Others = append(p.Others, f)
		}
		return err
	}
	kinds := slices.Clone(ask.Change.Kinds)
	for _, kind := range kinds[:min(len(kinds), briefKinds)] {
		if err := q.each(sqlBriefPrimary, args(kind, micros(ask.At), briefOfKind), each); err != nil {
			return err
		}
	}
	return q.each(sqlBriefAny, args(micros(ask.At), briefOfAny), each)
}

func (q querier) briefSubjects(ask BriefAsk, p *BriefPast) error {
	var ids []string
	for _, f := range p.Past {
		if len(f.Surprises) > 0 {
			ids = append(ids, f.ReleaseID)
		}
	}
	return batches(ids, func(some []string) error {
		return q.each(sqlBriefSays+marks(2, len(some))+`) order by release_id, place`, append(args(ask.Change.Service), anys(some)...), func(scan scanner) error {
			var id, kind, subject string
			if err := scan(&id, &kind, &subject); err != nil {
				return err
			}
			if p.Subjects[id] == nil {
				p.Subjects[id] = map[string][]string{}
			}
			p.Subjects[id][kind] = append(p.Subjects[id][kind], subject)
			return nil
		})
	})
}

func (q querier) briefTexts(ask BriefAsk, p *BriefPast) error {
	if ask.Near == nil {
		return nil
	}
	paths := map[string]int{}
	return batches(ask.Near(p.Past, briefTexts), func(some []string) error {
		return q.each(sqlBriefChanges+marks(2, len(some))+`) order by l.deployment_id, l.place`, append(args(ask.Change.Service), anys(some)...), func(scan scanner) error {
			var id, data string
			if err := scan(&id, &data); err != nil {
				return err
			}
			var c debrief.Change
			if err := decode(data, &c); err != nil {
				return err
			}
			var b strings.Builder
			b.WriteString(p.Texts[id] + c.Title + "\n")
			for _, path := range c.Paths {
				if paths[id]++; paths[id] <= briefPaths {
					b.WriteString(path + "\n")
				}
			}
			p.Texts[id] = b.String()
			return nil
		})
	})
}

func (q querier) briefStaging(ask BriefAsk, p *BriefPast) (err error) {
	c := ask.Change
	if c.Head != "" {
		p.Staging, err = q.deployments(sqlStagedCommit, c.Service, c.Head, c.Environment, stagingDeployments)
		p.Staged = len(p.Staging) > 0
	}
	if err == nil && len(p.Staging) == 0 {
		p.Staging, err = q.deployments(sqlStagedBefore, c.Service, micros(ask.At), c.Environment, stagingDeployments)
	}
	return err
}

func (q querier) briefLooks(ask BriefAsk, p *BriefPast) error {
	var ids []string
	for _, f := range p.Past[:min(len(p.Past), briefLooks)] {
		ids = append(ids, f.ReleaseID)
	}
	if len(ids) == 0 || ask.Look == 0 {
		return nil
	}
	return q.each(sqlBriefLooks+marks(3, len(ids))+`) order by due_at desc, release_id`, append(args(ask.Change.Service, ask.Look), anys(ids)...), func(scan scanner) error {
		var data string
		if err := scan(&data); err != nil {
			return err
		}
		p.Looks = append(p.Looks, debrief.Look{})
		return decode(data, &p.Looks[len(p.Looks)-1])
	})
}

// briefActions adds what is decided and not done, and the lessons it came from.
func (q querier) briefActions(ask BriefAsk, p *BriefPast) (err error) {
	p.Actions, err = objects[debrief.Action](q, sqlBriefActions, ask.Change.Service, micros(ask.At))
	for _, a := range p.Actions {
		if err != nil {
			break
		}
		var ls []debrief.Lesson
		ls, err = q.lessons(sqlLesson, ask.Change.Service, debrief.ID("lesson", a.DebriefID))
		p.Lessons = append(p.Lessons, ls...)
	}
	return err
}

// FactsOf are whole facts by their ids, of one service.
func (s *Store) FactsOf(ctx context.Context, service string, ids ...string) (fs []debrief.ReleaseFacts, err error) {
	return s.read(ctx).factsOf(service, ids)
}

// FactsOf is Store.FactsOf within a transaction.
func (tx *Tx) FactsOf(service string, ids ...string) ([]debrief.ReleaseFacts, error) {
	return tx.factsOf(service, ids)
}

func (q querier) factsOf(service string, ids []string) (fs []debrief.ReleaseFacts, err error) {
	err = batches(unique(ids), func(some []string) error {
		return q.each(sqlBriefNamed+marks(2, len(some))+`) order by id`, append(args(service), anys(some)...), func(scan scanner) error {
			var data, svc, id string
			if err := scan(&svc, &id, &data); err != nil {
				return err
			}
			fs = append(fs, debrief.ReleaseFacts{})
			return decode(data, &fs[len(fs)-1])
		})
	})
	return fs, err
}
