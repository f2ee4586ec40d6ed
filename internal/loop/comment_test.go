package loop_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/send"
)

// A brief about a pull request is written there by the server, where the
// configuration wants it; the same words once, and never those that a newer
// brief has replaced.
func TestABriefIsCommentedOnItsPullRequest(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		forge := &chat{}
		h.cfg.Sources = map[string]config.Source{"github": {Comment: true, Token: "secret", URL: "https://api.github.com"}}
		h.l = loop.New(loop.Options{Store: h.st, Config: h.cfg, Now: h.clock.Now, Log: slog.New(slog.DiscardHandler), Comments: map[string]send.Sender{"github": forge}})
		briefs := loop.NewBriefs(h.st, h.cfg, h.clock.Now)
		ask := func(head string, pull int, files int) debrief.Brief {
			t.Helper()
			b, err := briefs.Make(t.Context(), debrief.Upcoming{Service: "shop", Head: head, Repository: "acme/shop", Forge: "github", Pull: pull, Paths: []string{"a.go"}, Commits: 1, Files: files})
			if err != nil {
				t.Fatal(err)
			}
			h.clock.Advance(time.Second)
			return b
		}
		ask("aaa", 0, 1) // about no pull request
		b := ask("bbb", 12, 1)
		h.run(time.Second)
		if len(forge.got) != 1 || !strings.HasPrefix(forge.got[0], "<!-- debrief:brief:shop -->\n") || !strings.Contains(forge.got[0], send.QuietMark) {
			t.Fatalf("said: %q", forge.got)
		}
		ask("bbb", 12, 1) // the same words
		h.run(time.Second)
		if len(forge.got) != 1 {
			t.Errorf("said again: %q", forge.got)
		}
		ask("bbb", 12, 2) // other words, and before they leave a newer push
		ask("ccc", 12, 3)
		h.run(time.Second)
		if len(forge.got) != 2 || !strings.Contains(forge.got[1], "3 files") {
			t.Errorf("said: %q", forge.got)
		}
		if ms, err := h.st.Messages(t.Context(), []debrief.MessageState{debrief.MessageFailed}, 10); err != nil || len(ms) != 1 || ms[0].Problem != "a newer brief took its place" {
			t.Errorf("%+v, %v", ms, err)
		}
		if k, err := h.st.Brief(t.Context(), b.ID); err != nil || k.Pull != 12 {
			t.Errorf("%+v, %v", k, err)
		}
	})
}
