package web

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
)

func TestOutbox(t *testing.T) {
	t.Parallel()
	h, st, _, _ := deskSite(t)
	_, doc := get(t, h, "/outbox")
	want(t, doc, ".lead", "Nothing was said yet.", "pre", "webhook")
	if err := st.Update(t.Context(), func(tx *store.Tx) error {
		for _, key := range []string{"look/1", "look/2"} {
			if err := tx.Post(debrief.Message{Key: key, Channel: "chat", Text: "shop v2: slower <b>" + key}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	_, doc = get(t, h, "/outbox")
	want(t, doc, ".lead", "Nothing stands open.", ".outbox", "waiting", ".outbox pre", "slower <b>")
	if _, err := st.TakeMessage(t.Context(), "look/1"); err != nil {
		t.Fatal(err)
	}
	if err := st.SettleMessage(t.Context(), "look/1", debrief.MessageUnresolved, "no answer within 10s"); err != nil {
		t.Fatal(err)
	}
	_, doc = get(t, h, "/outbox")
	want(t, doc, ".lead", "One message needs a word.", ".outbox", "unresolved: no answer within 10s", ".outbox button", "it arrived")
	if w := post(h, "/outbox", url.Values{"key": {"look/1"}, "as": {"maybe"}}); w.Code != http.StatusUnprocessableEntity {
		t.Error(w.Code)
	}
	if w := post(h, "/outbox", url.Values{"key": {"look/2"}, "as": {"arrived"}}); w.Code != http.StatusConflict {
		t.Error(w.Code)
	}
	if w := post(h, "/outbox", url.Values{"key": {"look/1"}, "as": {"arrived"}}); w.Code != http.StatusSeeOther {
		t.Error(w.Code, w.Body)
	}
	_, doc = get(t, h, "/outbox")
	want(t, doc, ".lead", "Nothing stands open.", "summary", "chat")
	if w, _ := get(t, New(options(newRecords())), "/outbox"); w.Code != http.StatusNotFound {
		t.Error(w.Code)
	}
}
