package store

import (
	"context"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// kept is a correction as its row holds it: with the attribution as it stood
// when a person gave the answer, which is what it is measured and learned by.
type keptCorrection struct {
	debrief.Correction
	Then debrief.Attribution `json:"then"`
}

// Corrected is what a person said and what had been said without them.
type Corrected struct {
	Correction debrief.Correction
	Then       debrief.Attribution
}

const (
	// A subject's answers, also under ids it had before; the latest stands.
	sqlSaid = `select data, id, answered_at from (
			select data, id, answered_at from corrections where id = $1
			union all select c.data, c.id, c.answered_at from redirects r cross join corrections c where r.service_id = $2 and r.to_id = $1 and c.id = r.id
		) as k order by answered_at desc, id desc limit 1`
	sqlCorrections = `select c.data from corrections c where not exists (
			select 1 from corrections o where o.service_id = c.service_id and o.id = c.id and o.answered_at > c.answered_at)
		order by c.answered_at desc, c.id desc limit $1`
)

// Answered is what a person said of a subject; nil where nobody did.
func (tx *Tx) Answered(service, subject string) (*debrief.Correction, error) {
	k, _, err := tx.saidOf(service, subject)
	if k == nil {
		return nil, err
	}
	return &k.Correction, err
}

type saidRow struct {
	id string
	at int64
}

func (q querier) saidOf(service, subject string) (*keptCorrection, saidRow, error) {
	var data string
	var row saidRow
	found, err := q.one(sqlSaid, args(subject, service), &data, &row.id, &row.at)
	if err != nil || !found {
		return nil, row, err
	}
	var k keptCorrection
	return &k, row, decode(data, &k)
}

// Corrections are the latest answers of all subjects, the newest first.
func (s *Store) Corrections(ctx context.Context, limit int) ([]Corrected, error) {
	return s.read(ctx).corrections(limit)
}

// Corrections are the latest answers of all subjects, the newest first.
func (tx *Tx) Corrections(limit int) ([]Corrected, error) { return tx.corrections(limit) }

func (q querier) corrections(limit int) ([]Corrected, error) {
	list, err := objects[keptCorrection](q, sqlCorrections, limit)
	out := make([]Corrected, len(list))
	for i, k := range list {
		out[i] = Corrected{k.Correction, k.Then}
	}
	return out, err
}

// WorkAttribute is the kind of work that attributes a subject anew; its key is
// "incident/ID" or "release/ID".
const WorkAttribute = "attribute"

// Correct keeps what a person says a subject came from: a release (by id or
// version), a flag or another change (by id or a part of its title), or
// debrief.NotADeployment. It stands until it is taken back.
func (s *Store) Correct(ctx context.Context, subject, answer, note string, at time.Time) (debrief.Attribution, error) {
	var out debrief.Attribution
	err := s.Update(ctx, func(tx *Tx) error {
		a, err := tx.mustAttribution(subject)
		if err != nil {
			return err
		}
		if err := tx.holdKeys([]string{"attribution/" + a.Subject}); err != nil {
			return err
		}
		c, err := tx.answered(a, answer)
		if err != nil {
			return err
		}
		k := keptCorrection{
			Correction: debrief.Correction{Subject: a.Subject, Service: a.Service, Answer: c.ID, AnswerService: c.Service, At: debrief.Instant(at), Note: note},
			Then:       a,
		}
		before, row, err := tx.saidOf(a.Service, a.Subject)
		if err != nil {
			return err
		}
		if before != nil {
			k.Then = before.Then // what was said before anybody answered
			if row.at >= micros(k.At) {
				k.At = instant(row.at + 1) // clocks may stand still: the later answer stands
			}
		}
		data, err := encode(k)
		if err != nil {
			return err
		}
		if _, err := tx.exec(`insert into corrections (service_id, id, answered_at, answer, data) values ($1, $2, $3, $4, $5)`,
			a.Service, a.Subject, micros(k.At), k.Answer, data); err != nil {
			return err
		}
		a.Answer, a.State, a.Question, a.Sentence = &k.Correction, debrief.BlameSaid, "", "A person said: "+c.Title+"."
		if !has(a.Candidates, c.ID) {
			a.Candidates = append(a.Candidates, c)
		}
		out = a
		return tx.corrected(a)
	})
	return out, err
}

// Uncorrect takes the latest answer to a subject back: the one before stands
// again, or none does.
func (s *Store) Uncorrect(ctx context.Context, subject string) (debrief.Attribution, error) {
	var out debrief.Attribution
	err := s.Update(ctx, func(tx *Tx) error {
		a, err := tx.mustAttribution(subject)
		if err != nil {
			return err
		}
		k, row, err := tx.saidOf(a.Service, a.Subject)
		if err != nil {
			return err
		}
		if k == nil {
			return debrief.Errorf(debrief.NotFound, "id", "nobody answered this yet, there is nothing to take back")
		}
		if _, err := tx.exec(`delete from corrections where id = $1 and answered_at = $2`, row.id, row.at); err != nil {
			return err
		}
		a.State, a.Answer, a.Candidates, a.Sentence, a.Question = k.Then.State, nil, k.Then.Candidates, k.Then.Sentence, k.Then.Question
		if before, _, err := tx.saidOf(a.Service, a.Subject); err != nil {
			return err
		} else if before != nil {
			a.State, a.Answer, a.Question, a.Sentence = debrief.BlameSaid, &before.Correction, "", "A person answered."
			if id := before.Answer; id != debrief.NotADeployment && !has(a.Candidates, id) {
				c, err := tx.releaseCandidate(before.AnswerService, id)
				if err != nil && debrief.KindOf(err) != debrief.NotFound {
					return err
				}
				if err == nil {
					a.Candidates = append(a.Candidates, c)
				}
			}
		}
		out = a
		return tx.corrected(a)
	})
	return out, err
}

// corrected shows the answer at once; the loop works out what follows.
func (tx *Tx) corrected(a debrief.Attribution) error {
	tx.shown(1)
	if _, err := tx.SaveAttribution(a); err != nil {
		return err
	}
	key := "release/"
	if a.Kind == debrief.SubjectIncident {
		key = "incident/"
	}
	return tx.Enqueue(Work{Kind: WorkAttribute, Key: key + a.Subject, Service: a.Service})
}

// mustAttribution finds an attribution by its subject's id, also by one it had before.
func (tx *Tx) mustAttribution(subject string) (debrief.Attribution, error) {
	a, found, err := tx.attribution(subject)
	if err == nil && !found {
		if i, ierr := oneObject[debrief.Incident](tx.querier, "incidents", "incident", subject); ierr == nil {
			a, found, err = tx.attribution(i.ID)
		} else if _, release, rerr := tx.resolve(subject); rerr == nil {
			a, found, err = tx.attribution(release)
		}
	}
	if err == nil && !found {
		err = debrief.Errorf(debrief.NotFound, "id", "nothing is attributed under %q", subject).
			WithHint("debrief incidents lists incidents; of releases only rollbacks, hotfixes and reverts are attributed")
	}
	return a, err
}

// answered finds what a person means.
func (tx *Tx) answered(a debrief.Attribution, answer string) (debrief.Candidate, error) {
	answer = strings.TrimSpace(answer)
	if strings.EqualFold(answer, debrief.NotADeployment) {
		return debrief.Candidate{Kind: debrief.CandidateNone, ID: debrief.NotADeployment, Title: debrief.NotADeployment}, nil
	}
	var found []debrief.Candidate
	for _, c := range a.Candidates {
		switch {
		case c.Kind == debrief.CandidateNone || answer == "":
		case c.ID == answer:
			return c, nil
		case strings.EqualFold(c.Title, answer), strings.HasSuffix(strings.ToLower(c.Title), " "+strings.ToLower(answer)),
			c.Kind != debrief.CandidateRelease && strings.Contains(strings.ToLower(c.Title), strings.ToLower(answer)):
			found = append(found, c)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	if len(found) == 0 && answer != "" {
		service, id, err := tx.resolve(answer)
		if err == nil {
			return tx.releaseCandidate(service, id)
		}
		if debrief.KindOf(err) != debrief.NotFound {
			return debrief.Candidate{}, err
		}
		if c, found, err := tx.versionBefore(a, answer); found || err != nil {
			return c, err
		}
	}
	var known []string
	for _, c := range a.Candidates[:min(len(a.Candidates), 8)] {
		if c.Kind != debrief.CandidateNone {
			known = append(known, c.Title+" ("+c.ID+")")
		}
	}
	what := "is no release, no candidate and not \"" + debrief.NotADeployment + "\""
	if len(found) > 1 {
		what = "fits several candidates"
	}
	return debrief.Candidate{}, debrief.Errorf(debrief.Invalid, "answer", "%q %s", answer, what).
		WithHint("any release's id will do; candidates are: %s", strings.Join(append(known, debrief.NotADeployment), ", "))
}

// versionBefore finds the last release of a version that went out before it hurt, in
// one of the services it touches.
func (tx *Tx) versionBefore(a debrief.Attribution, version string) (debrief.Candidate, bool, error) {
	var last debrief.Release
	for _, service := range append([]string{a.Service}, a.Services...) {
		rs, err := tx.Versioned(service, version)
		if err != nil {
			return debrief.Candidate{}, false, err
		}
		for _, r := range rs {
			if r.Started.After(last.Started) && !r.Started.After(a.At) {
				last = r
			}
		}
	}
	if last.ID == "" {
		return debrief.Candidate{}, false, nil
	}
	c, err := tx.releaseCandidate(last.Service, last.ID)
	return c, true, err
}

func (tx *Tx) releaseCandidate(service, id string) (c debrief.Candidate, err error) {
	rs, err := tx.releases(sqlReleaseIDs, service, id, "")
	if err == nil && len(rs) == 0 {
		err = noRelease(id)
	}
	if err != nil {
		return c, err
	}
	at := rs[0].FullExposure
	if at.IsZero() {
		at = rs[0].Started
	}
	return debrief.Candidate{Kind: debrief.CandidateRelease, ID: id, Service: service, Title: strings.TrimSpace(service + " " + rs[0].Version), At: at}, nil
}

func has(list []debrief.Candidate, id string) bool {
	for _, c := range list {
		if c.ID == id {
			return true
		}
	}
	return false
}

// CorrectionsMark changes with every correction given or taken back.
type CorrectionsMark struct {
	N      int
	Latest int64
	Sum    int64
}

// CorrectionsMark tells sets of corrections apart.
func (tx *Tx) CorrectionsMark() (m CorrectionsMark, err error) {
	_, err = tx.one(`select count(*), coalesce(max(answered_at), 0), cast(coalesce(sum(answered_at % 1000003), 0) as bigint) from corrections`, nil, &m.N, &m.Latest, &m.Sum)
	return m, err
}

// CountAttributions says how many subjects were attributed, and of how many of
// them a person is asked.
func (s *Store) CountAttributions(ctx context.Context) (all, open int, err error) {
	_, err = s.read(ctx).one(`select (select count(*) from attributions), (select count(*) from attributions where until_at = 0)`, nil, &all, &open)
	return all, open, err
}
