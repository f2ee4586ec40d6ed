package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/past"
)

// pastItem is one fact, as POST /api/v1/events/batch takes it.
type pastItem struct {
	Service    string                  `json:"service,omitempty"`
	Assumed    bool                    `json:"assumed,omitempty"`
	Deployment *debrief.Report         `json:"deployment,omitempty"`
	Change     *debrief.Change         `json:"change,omitempty"`
	Incident   *debrief.IncidentReport `json:"incident,omitempty"`
	Ticket     *debrief.TicketReport   `json:"ticket,omitempty"`
}

// Bounds of one release's changes: what lies beyond is sent by itself.
const (
	heldChanges = 2000
	heldBytes   = 1 << 20
)

// gatherer makes facts of what a walk finds: a release carries the changes it
// brought; those that wait, and those of a service's first release, stand for
// themselves.
type gatherer struct {
	ctx        context.Context
	send       *importer
	repository string
	env        string
	salt       string
	services   []past.Service
	assumed    bool                       // services are only named after the repository or a tag's prefix
	sent       map[string]map[string]bool // releases of an earlier run, by service
	open       map[*past.Release]*held
	releases   int
	changes    int
	hints      int
	known      map[string]map[string]bool // releases of this run
	newest     *past.Release
}

type held struct {
	changes    []debrief.Change
	bytes      int
	n          int
	hotfix     bool
	truncated  bool
	added, del int
	files      map[string]struct{}
}

func (g *gatherer) sink() past.Sink { return past.Sink{Change: g.change, Done: g.done} }

func (g *gatherer) change(c *past.Commit, l past.Landing, releases []*past.Release) error {
	ch := g.changeOf(c, l)
	g.changes++
	for i, s := range g.services {
		if i < len(c.Touches) && !c.Touches[i] {
			continue
		}
		r := releases[i]
		if r != nil && g.sent[s.Name][r.Version] {
			continue
		}
		if r == nil || r.Previous == nil && r.Assumed == "tag" {
			if s.Prefix != "" && len(s.Dirs) == 0 {
				continue // which of all changes are its own is not known before it is released
			}
			if err := g.item(s.Name, pastItem{Change: &ch}); err != nil {
				return err
			}
			continue
		}
		if err := g.hold(s.Name, r, ch, l.Hotfix); err != nil {
			return err
		}
	}
	return nil
}

func (g *gatherer) hold(service string, r *past.Release, c debrief.Change, hotfix bool) error {
	h := g.open[r]
	if h == nil {
		h = &held{files: map[string]struct{}{}}
		g.open[r] = h
	}
	h.n++
	h.hotfix = h.hotfix || hotfix
	h.added += c.Added
	h.del += c.Deleted
	for _, p := range c.Paths {
		if len(h.files) < 5000 {
			h.files[p] = struct{}{}
		}
	}
	b, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if len(h.changes) >= heldChanges || h.bytes+len(b) > heldBytes {
		h.truncated = true
		return g.item(service, pastItem{Change: &c})
	}
	h.bytes += len(b)
	h.changes = append(h.changes, c)
	return nil
}

func (g *gatherer) item(service string, it pastItem) error {
	it.Service, it.Assumed = service, g.assumed
	return g.send.add(g.ctx, it)
}

// done sends a release once nothing more of it can come.
func (g *gatherer) done(i int, r *past.Release) error {
	service := g.services[i].Name
	h := cmp.Or(g.open[r], &held{})
	delete(g.open, r)
	if g.sent[service][r.Version] {
		return nil
	}
	if g.known[service] == nil {
		g.known[service] = map[string]bool{}
	}
	g.known[service][r.Version] = true
	if r.Previous == nil {
		for i := range h.changes {
			if err := g.item(service, pastItem{Change: &h.changes[i]}); err != nil {
				return err
			}
		}
	}
	d := &debrief.Report{
		Keys: []string{g.key(service, r)}, Environment: g.env, Version: cmp.Or(plain(r.Version), r.Commit), Commit: r.Commit, State: debrief.Succeeded,
		Times: debrief.Times{Finished: r.At}, Facts: debrief.Facts{"assumed": "a " + r.Assumed + " stands for a deployment nobody told of"},
		Git: &debrief.GitFacts{Repository: g.repository, To: r.Commit},
	}
	if r.Previous != nil {
		d.Git.From, d.Git.Commits = r.Previous.Commit, h.changes
		d.Git.Files, d.Git.Added, d.Git.Deleted, d.Git.Truncated = len(h.files), h.added, h.del, h.truncated
		for p := range h.files {
			d.Git.Paths = append(d.Git.Paths, p)
		}
		slices.Sort(d.Git.Paths)
		if len(d.Git.Paths) > 500 {
			d.Git.Paths, d.Git.Truncated = debrief.SomePaths(d.Git.Paths, 500), true
		}
		// Without merges, as everywhere: nothing of its own is nothing new.
	}
	if hint := past.HotfixHint(r, h.n, h.hotfix); hint != "" {
		d.Facts["hotfix_hint"] = hint
		g.hints++
	}
	if r.At.Year() < 2000 || !commitShape.MatchString(r.Commit) {
		return nil // before anything debrief could be told of
	}
	g.releases++
	if g.newest == nil || r.At.After(g.newest.At) {
		g.newest = r
	}
	return g.item(service, pastItem{Deployment: d})
}

// key names the release, so that importing it again doubles nothing.
func (g *gatherer) key(service string, r *past.Release) string {
	if key := "git/" + g.repository + "/" + debrief.Slug(service) + "/" + r.Assumed + "/" + r.Version; keyShape.MatchString(key) {
		return key
	}
	return "git/" + debrief.ID("release", g.repository, service, r.Assumed, r.Version)
}

func (g *gatherer) changeOf(c *past.Commit, l past.Landing) debrief.Change {
	ch := debrief.Change{
		ID: debrief.ID("change", g.repository, c.ID), Repository: g.repository, Commit: c.ID, Title: short(c.Subject, 300), PullNumber: l.Pull,
		Branch: plain(l.Branch), AuthoredAt: since2000(c.Authored), Committed: since2000(c.Committed), Merged: since2000(l.Merged), Commits: 1,
		Files: c.Files, Added: c.Added, Deleted: c.Deleted, Squashed: l.Squashed, Bot: l.Bot,
	}
	if ch.Committed.IsZero() {
		ch.Committed = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // or earlier, or by a clock that was never set
	}
	for _, p := range c.Paths {
		ch.Paths = append(ch.Paths, short(p, 1000))
	}
	if l.Revert {
		ch.Reverts = short(cmp.Or(l.Undoes, c.Subject), 300)
	}
	if c.Email != "" {
		ch.AuthorHash = debrief.ID("author", g.salt, strings.ToLower(c.Email))
	}
	return ch
}

// since2000 drops what the server takes for a mistake.
func since2000(t time.Time) time.Time {
	if t.Year() < 2000 {
		return time.Time{}
	}
	return debrief.Instant(t)
}

// plain is a name as it may be kept; one with what cannot be seen is dropped.
func plain(s string) string {
	if s = short(s, 190); strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }) {
		return ""
	}
	return s
}

// short is text as it may be kept: masked, clean, and at most n bytes long.
func short(s string, n int) string {
	return cutBytes(strings.TrimSpace(clean(debrief.Mask(s))), n)
}

// cutBytes shortens text to n bytes, between letters.
func cutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[:n-3]
	for len(s) > 0 && s[len(s)-1]&0xC0 == 0x80 {
		s = s[:len(s)-1]
	}
	return strings.TrimSpace(strings.ToValidUTF8(s, "")) + "…"
}
