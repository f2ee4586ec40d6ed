package loop_test

import (
	"strings"
	"testing"
	"time"
)

// Where nobody knows how people reach the pages, a message has no link rather
// than one that cannot be opened.
func TestAMessageWithoutAnAddressHasNoLink(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{"": "", "https://debrief.example/": "<https://debrief.example/releases/"} {
		each(t, func(h *house) {
			h.cfg.URL = url
			h.build()
			h.slowStep()
			h.run(10 * time.Minute)
			if len(h.chat.got) != 1 {
				h.t.Fatalf("said: %q", h.chat.got)
			}
			if said := h.chat.got[0]; want == "" && strings.Contains(said, "/releases/") || !strings.Contains(said, want) {
				h.t.Errorf("url %q: said: %q", url, said)
			}
		})
	}
}
