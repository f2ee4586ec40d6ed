package told

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
)

// incident reads "SERVICE ID "title" [impact 15:18] [version v4] [names KEY] …": a
// ticket that somebody opens now, or an alert that fires.
func (s *Story) incident(at time.Time, w []string) (debrief.Envelope, error) {
	if len(w) < 3 {
		return debrief.Envelope{}, usage(`at 15:20 incident SERVICE ID "title" [impact 15:18] [version v4] [names KEY] [label route=/checkout] [people 3] [alert] [acknowledges]`)
	}
	r := debrief.IncidentReport{Keys: []string{incidentKey(w[1])}, Service: w[0], Environment: "production", Title: w[2], Detected: at}
	for i := 3; i < len(w); i++ {
		if w[i] == "alert" {
			r.Alert, s.alerts[w[1]] = true, true
			continue
		}
		if w[i] == "acknowledges" {
			r.Acknowledges = true
			continue
		}
		word := w[i]
		if i++; i == len(w) {
			return debrief.Envelope{}, debrief.Errorf(debrief.Invalid, "", "%q needs a value", word)
		}
		var err error
		switch word {
		case "impact":
			r.Impact, err = s.time(w[i])
		case "version":
			r.Version = w[i]
		case "people":
			r.People, err = strconv.Atoi(w[i])
		case "names":
			r.Deployments = append(r.Deployments, w[i])
		case "label":
			name, value, _ := strings.Cut(w[i], "=")
			if r.Labels == nil {
				r.Labels = debrief.Facts{}
			}
			r.Labels[name] = value
		default:
			err = debrief.Errorf(debrief.Invalid, "", "%q is no word of an incident; known are impact, version, names, label, people, alert, acknowledges", word)
		}
		if err != nil {
			return debrief.Envelope{}, err
		}
	}
	return imported(at, map[string]any{"service": r.Service, "incident": report(r)})
}

// told is what happens beside deployments.
func (s *Story) told(at time.Time, w []string) (debrief.Envelope, error) {
	switch w[0] {
	case "incident":
		return s.incident(at, w[1:])
	case "restored", "closed", "acknowledged":
		return s.ended(at, w[0], w[1:])
	case "merged":
		return merged(at, w[1:])
	}
	return flip(at, w[0], w[1:])
}

// merged reads "SERVICE COMMIT "title"": a change that reached the default branch.
func merged(at time.Time, w []string) (debrief.Envelope, error) {
	if len(w) != 3 {
		return debrief.Envelope{}, usage(`at 15:00 merged SERVICE COMMIT "title"`)
	}
	return imported(at, map[string]any{"service": w[0], "change": map[string]any{
		"repository": "acme/" + w[0], "commit": w[1], "title": w[2], "committed_at": at, "merged_at": at,
	}})
}

// report is an incident as an import words it.
func report(r debrief.IncidentReport) map[string]any {
	b, err := json.Marshal(r)
	if err != nil {
		return nil // texts and times can always be written
	}
	var m map[string]any
	if json.Unmarshal(b, &m) == nil {
		delete(m, "service") // stands beside it
	}
	return m
}

// ended reads "ID": the service works again, or the ticket was closed.
func (s *Story) ended(at time.Time, what string, w []string) (debrief.Envelope, error) {
	if len(w) != 1 {
		return debrief.Envelope{}, usage("at 16:10 restored ID, at 16:30 closed ID")
	}
	return imported(at, map[string]any{"incident": map[string]any{"keys": []string{incidentKey(w[0])}, what + "_at": at, "alert": s.alerts[w[0]]}})
}

func incidentKey(id string) string { return "csv/incident/" + id }

// flip reads "SERVICE "title"": something that took effect by itself.
func flip(at time.Time, kind string, w []string) (debrief.Envelope, error) {
	if len(w) != 2 {
		return debrief.Envelope{}, usage(`at 15:00 flag|configuration|manual SERVICE "title"`)
	}
	return imported(at, map[string]any{"service": w[0], "change": map[string]any{
		"id": debrief.ID("change", kind, w[0], w[1], at.String()), "kind": kind, "live_at": at, "title": w[1], "environment": "production",
	}})
}

func imported(at time.Time, item map[string]any) (debrief.Envelope, error) {
	body, err := json.Marshal(map[string]any{"from": "csv", "items": []any{item}})
	return debrief.Envelope{Source: "import", Key: "told/" + debrief.ID(string(body)), Body: body, Received: debrief.Instant(at)}, err
}

// subject finds what an answer or an expectation is about: an incident of the story
// by its id, else the newest release of a service with that version.
func (s *Story) subject(ctx context.Context, st *store.Store, service, name string) (string, error) {
	i, err := st.Incident(ctx, debrief.ID("incident", incidentKey(name)))
	if err == nil {
		return i.ID, nil
	}
	if debrief.KindOf(err) != debrief.NotFound {
		return "", err
	}
	story, found, err := find(ctx, st, service, name)
	if err == nil && !found {
		err = debrief.Errorf(debrief.NotFound, "", "no incident and no release of %s is called %q", service, name)
	}
	return story.Release.ID, err
}

// blame reads "SERVICE SUBJECT ANSWER": what a person says it was.
func (s *Story) blame(ctx context.Context, st *store.Store, at time.Time, w []string) error {
	if len(w) != 3 {
		return usage(`at 17:00 blame SERVICE I1|VERSION v4|"not a deployment"|nothing`)
	}
	id, err := s.subject(ctx, st, w[0], w[1])
	if err != nil {
		return err
	}
	if w[2] == "nothing" {
		_, err = st.Uncorrect(ctx, id)
		return err
	}
	_, err = st.Correct(ctx, id, w[2], "", at)
	return err
}

// debrief reads "SERVICE VERSION failed": people finished a debrief of a release.
func (s *Story) debrief(ctx context.Context, st *store.Store, at time.Time, w []string) error {
	if len(w) != 3 || w[2] != "failed" && w[2] != "did not fail" {
		return usage(`at 17:00 debrief SERVICE VERSION failed|"did not fail"`)
	}
	story, found, err := find(ctx, st, w[0], w[1])
	if err == nil && !found {
		err = debrief.Errorf(debrief.NotFound, "", "no release %s of %s", w[1], w[0])
	}
	if err != nil {
		return err
	}
	r := story.Release
	return st.Update(ctx, func(tx *store.Tx) error {
		before, _, err := tx.DebriefAbout(r.Service, r.ID)
		if err != nil {
			return err
		}
		_, err = tx.SaveDebrief(debrief.Debrief{
			ID: debrief.ID("debrief", r.ID), Service: r.Service, About: "release", AboutID: r.ID, State: "finished",
			Title: r.Version, Failed: w[2] == "failed", Created: at, Finished: at,
		}, before.Version)
		return err
	})
}
