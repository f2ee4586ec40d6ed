package loop

import (
	"context"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/send"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/tell"
)

// A comment's key is brief/FORGE/BRIEF/WHAT-IT-SAYS: the same words about the
// same change are written once, others take their place.
const commentPrefix = "brief/"

func commentKey(key string) (forge string, ok bool) {
	rest, ok := strings.CutPrefix(key, commentPrefix)
	forge, _, _ = strings.Cut(rest, "/")
	return forge, ok
}

// comment posts what a brief has to say on its pull request, where the
// configuration wants that. Nothing to say is posted too: it takes the place of
// what an earlier push had to be told.
func (m *Briefs) comment(tx *store.Tx, b debrief.Brief) error {
	s, ok := m.config.Sources[b.Forge]
	if !ok || !s.Comment || b.Repository == "" || b.Pull == 0 || b.Sample {
		return nil
	}
	loc, err := time.LoadLocation(m.config.TimeZone)
	if err != nil {
		loc = time.UTC
	}
	text, _ := tell.BriefComment(b, m.config.URL, loc)
	return tx.Post(debrief.Message{
		Key: commentPrefix + b.Forge + "/" + b.ID + "/" + debrief.ID("text", text), Channel: send.CommentOn(b.Forge, b.Repository, b.Pull), Text: text,
		Created: debrief.Instant(m.now()), State: debrief.MessageWaiting,
	})
}

// staleComment: a newer push's brief, or newer words of this one, have been
// posted since.
func (l *Loop) staleComment(ctx context.Context, m debrief.Message) (bool, error) {
	parts := strings.Split(m.Key, "/")
	if _, ok := commentKey(m.Key); !ok || len(parts) != 4 {
		return false, nil
	}
	k, err := l.Store.Brief(ctx, parts[2])
	if err != nil {
		return false, err
	}
	latest, err := l.Store.LatestBrief(ctx, k.Service, k.Repository, k.Pull)
	if err != nil || latest != k.ID {
		return latest != k.ID, err
	}
	text, _ := tell.BriefComment(k.Brief, l.Config.URL, l.Location)
	return k.Settled.IsZero() && text != m.Text, nil
}
