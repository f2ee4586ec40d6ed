// Package told runs a release told as a text file through the whole loop, with
// a clock of its own: the events are accepted, recorded, measured, judged and
// noticed as in a server, only that the metrics come from the text too. The
// files are tests and documentation at once; every bug becomes one.
//
// A file is a txtar archive. Its comment tells the story to people; the part
// named "story" tells it line by line (an empty line or # is skipped):
//
//	clock 2026-11-17T08:00:00Z            where the story begins
//	weeks 4                               how much past the metrics have
//	looks 5m 1h 24h                       optional
//	depends SERVICE SERVICE…              optional: the first cannot do without the others
//	metric NAME ROLE UNIT LEVEL [noise 0.05] [daily 0.2] [of 400] [regions eu,us,ap]
//	at TIME deploy SERVICE ENV VERSION took 4m [state failed] [stage NAME=58s]… [rows.NAME=31000000]… [key K] [target T] [rollback] [manual] [attempt 2] [waited 10m] [source S]
//	           [exposed 10:01] [carries "title of a change"]… [branch hotfix/x] [reverts "title of a change"] [fact NAME=VALUE]
//	           after carries, so long before the deployment ended: [made 3h] [authored 5h] [opened 2h] [reviewed 90m] [merged 1h]; and [pull 12] [bot] [squashed]
//	at TIME tell KEY STATE                what is said later of a deployment with that key
//	at TIME metric NAME times 1.4 [over 20m] [for 5m] [in eu]
//	at TIME provider down|up
//	at TIME incident SERVICE ID "title" [impact 15:18] [version v4] [names KEY] [label route=/checkout] [people 3] [alert] [acknowledges]
//	at TIME acknowledged ID
//	at TIME merged SERVICE COMMIT "title"
//	at TIME restored ID                    the service works again
//	at TIME closed ID                      the ticket was closed
//	at TIME flag SERVICE "title"           also: configuration, manual; it took effect by itself
//	at TIME blame SERVICE SUBJECT v4       a person's answer; also "not a deployment", a flag's title; nothing: it is taken back
//	at TIME debrief SERVICE VERSION failed a debrief was finished that says so, or "did not fail"
//	at TIME log error "pq: lock timeout" 40
//	expect TIME release SERVICE VERSION KIND
//	expect TIME look SERVICE VERSION N WORD [METRIC [since TIME within 3m]]
//	expect TIME no look SERVICE VERSION N
//	expect TIME surprise SERVICE VERSION KIND [SUBJECT]
//	expect TIME no surprise SERVICE VERSION KIND
//	expect TIME note SERVICE VERSION KIND [SUBJECT]
//	expect TIME warning SERVICE VERSION N METRIC "text it contains"
//	expect TIME headline SERVICE VERSION "text it contains"
//	expect TIME held SERVICE SUBJECT v4    an incident, or a rollback, hotfix or revert by its version, is held to have come from it
//	expect TIME asked SERVICE SUBJECT v2 v3
//	expect TIME nobody SERVICE SUBJECT     no change stands out, or a person said so
//	expect TIME unattributed SERVICE VERSION
//	expect TIME [no] failed|may-fail|too-early|early SERVICE VERSION
//	expect TIME recovery SERVICE VERSION 60m|running|unknown
//	expect TIME remedy SERVICE VERSION hotfix|rollback|revert|none [VERSION]
//	expect TIME failures SERVICE 1 to 2 of 8 [questions 1]
//	expect TIME rework SERVICE 2 of 9 [without-rollbacks 1]
//	expect TIME metric SERVICE frequency|lead|failure|recovery|rework "text its summary contains" [by day] [bots] [events] [rollbacks] [rework "without rollbacks"]
//	expect TIME place SERVICE VERSION frequency|lead|failure|recovery|rework AS ["text the rule contains"]
//
// TIME is a clock time of the story's first day (14:21, 14:21:30), or with days
// ahead (+1d 09:00 is written 1d09:00). An errors metric's LEVEL is its share;
// "of" says how many requests a minute stand behind it. A metric with regions is
// held against those a release (with "target eu") did not go to.
package told

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
)

// Story is a parsed file.
type Story struct {
	Comment string
	Clock   time.Time
	Config  config.Config
	World   *world
	depends map[string][]string
	alerts  map[string]bool // incidents that only machines speak of
	lines   []line          // in order of the file; those with a time are run in order of time
}

type line struct {
	number int
	at     time.Time
	words  []string
}

// Parse reads a story. An error names the line and what was expected.
func Parse(data []byte, base config.Config) (*Story, error) {
	a := txtar.Parse(data)
	s := &Story{Comment: string(a.Comment), Config: base, World: newWorld(), depends: map[string][]string{}, alerts: map[string]bool{}}
	s.Config.Services = map[string]config.Service{}
	for _, f := range a.Files {
		if f.Name != "story" {
			return nil, debrief.Errorf(debrief.Invalid, f.Name, "is not a part of a story").WithHint(`the one part is named "story"`)
		}
		for i, text := range strings.Split(string(f.Data), "\n") {
			words, err := split(text)
			if err == nil && len(words) > 0 {
				err = s.add(i+1, words)
			}
			if err != nil {
				return nil, debrief.Errorf(debrief.Invalid, "line "+strconv.Itoa(i+1), "%w", err)
			}
		}
	}
	if s.Clock.IsZero() || len(s.lines) == 0 {
		return nil, debrief.Errorf(debrief.Invalid, "story", "needs a clock and at least one line that happens")
	}
	return s, nil
}

// add takes one line: settings at once, what happens is kept for its time.
func (s *Story) add(n int, words []string) error {
	var err error
	switch words[0] {
	case "clock":
		if len(words) != 2 {
			return usage("clock 2026-11-17T08:00:00Z")
		}
		if s.Clock, err = time.Parse(time.RFC3339, words[1]); err == nil {
			s.World.start = s.Clock
		}
		return err
	case "weeks":
		if len(words) != 2 {
			return usage("weeks 4")
		}
		weeks, err := strconv.Atoi(words[1])
		s.World.past = time.Duration(weeks) * 7 * 24 * time.Hour
		return err
	case "looks":
		s.Config.Looks.After = nil
		for _, w := range words[1:] {
			d, err := time.ParseDuration(w)
			if err != nil {
				return err
			}
			s.Config.Looks.After = append(s.Config.Looks.After, d)
		}
		return nil
	case "metric":
		return s.metric(words[1:])
	case "depends":
		if len(words) < 3 {
			return usage("depends SERVICE SERVICE…")
		}
		s.depends[words[1]] = words[2:]
		return nil
	case "at", "expect":
		if len(words) < 3 {
			return usage(words[0] + " TIME …")
		}
		at, err := s.time(words[1])
		if err != nil {
			return err
		}
		s.lines = append(s.lines, line{n, at, append([]string{words[0]}, words[2:]...)})
		return nil
	}
	return debrief.Errorf(debrief.Invalid, "", "%q is no line of a story; known are clock, weeks, looks, metric, depends, at, expect", words[0])
}

// metric declares one metric of every service of the story.
func (s *Story) metric(w []string) error {
	if len(w) < 4 {
		return usage("metric NAME ROLE UNIT LEVEL [noise 0.05] [daily 0.2] [of 400] [regions eu,us]")
	}
	m := &metric{name: w[0], noise: 0.05, of: 400}
	var err error
	if m.level, err = strconv.ParseFloat(w[3], 64); err != nil {
		return err
	}
	for i := 4; i+1 < len(w); i += 2 {
		if w[i] == "regions" {
			m.regions = strings.Split(w[i+1], ",")
			continue
		}
		v, err := strconv.ParseFloat(w[i+1], 64)
		if err != nil {
			return err
		}
		switch w[i] {
		case "noise":
			m.noise = v
		case "daily":
			m.daily = v
		case "of":
			m.of = v
		default:
			return debrief.Errorf(debrief.Invalid, "", "%q is no word of a metric; known are noise, daily, of, regions", w[i])
		}
	}
	c := config.Metric{Name: w[0], Role: w[1], Unit: w[2], Provider: "told", Query: w[0]}
	if w[1] == string(debrief.Errors) {
		m.share = true
		c.Query, c.Errors, c.Requests = "", w[0]+" errors", w[0]+" requests"
	}
	if m.regions != nil {
		c.Control.Label = "region"
		for _, q := range []*string{&c.Query, &c.Errors, &c.Requests} {
			if *q != "" {
				*q = "sum(" + *q + ")" // something to be split
			}
		}
	}
	s.World.metrics[w[0]] = m
	s.World.order = append(s.World.order, c)
	return nil
}

// time reads a clock time of the story: 14:21, 14:21:30 or 1d09:00.
func (s *Story) time(w string) (time.Time, error) {
	days := 0
	if d, rest, ok := strings.Cut(w, "d"); ok {
		n, err := strconv.Atoi(d)
		if err != nil {
			return time.Time{}, usage("14:21 or 1d09:00")
		}
		days, w = n, rest
	}
	layout := "15:04"
	if strings.Count(w, ":") == 2 {
		layout = "15:04:05"
	}
	at, err := time.Parse(layout, w)
	if err != nil || s.Clock.IsZero() {
		return time.Time{}, usage("14:21 or 1d09:00, after the line with the clock")
	}
	y, m, d := s.Clock.Date()
	return time.Date(y, m, d+days, at.Hour(), at.Minute(), at.Second(), 0, s.Clock.Location()), nil
}

func usage(form string) error {
	return debrief.Errorf(debrief.Invalid, "", "write it as: %s", form)
}

// split cuts a line into words; "double quotes" keep spaces, # begins a comment.
func split(text string) ([]string, error) {
	var out []string
	text = strings.TrimSpace(text)
	for text != "" && text[0] != '#' {
		if text[0] == '"' {
			end := strings.IndexByte(text[1:], '"')
			if end < 0 {
				return nil, debrief.Errorf(debrief.Invalid, "", "a quote is not closed")
			}
			out, text = append(out, text[1:1+end]), strings.TrimSpace(text[end+2:])
			continue
		}
		w, rest, _ := strings.Cut(text, " ")
		out, text = append(out, w), strings.TrimSpace(rest)
	}
	return out, nil
}
