package web

import (
	"context"
	"net/http"

	"github.com/debriefhq/debrief"
)

// Outbox is what debrief says to the outside: the store.
type Outbox interface {
	Messages(ctx context.Context, states []debrief.MessageState, limit int) ([]debrief.Message, error)
	ResolveMessage(ctx context.Context, key string, arrived bool) (debrief.Message, error)
}

type outboxView struct {
	Open []debrief.Message // unresolved and failed: a person has to say
	Wait []debrief.Message
	Sent []debrief.Message
}

// outbox lists what was said, and what stands there unresolved: whether it
// arrived, nobody knows but people.
func (s *site) outbox(w http.ResponseWriter, r *http.Request) error {
	box, ok := s.Reader.(Outbox)
	if !ok {
		return debrief.Errorf(debrief.NotFound, "", "there is no outbox here")
	}
	var v outboxView
	for _, l := range []struct {
		into   *[]debrief.Message
		states []debrief.MessageState
		limit  int
	}{
		{&v.Open, []debrief.MessageState{debrief.MessageUnresolved, debrief.MessageFailed}, 200},
		{&v.Wait, []debrief.MessageState{debrief.MessageWaiting, debrief.MessageSending}, 50},
		{&v.Sent, []debrief.MessageState{debrief.MessageSent}, 30},
	} {
		var err error
		if *l.into, err = box.Messages(r.Context(), l.states, l.limit); err != nil {
			return err
		}
	}
	return s.show(w, r, "outbox", view{Title: "Outbox", Nav: "sources", Body: v})
}

// resolve takes a person's word on a message.
func (s *site) resolve(w http.ResponseWriter, r *http.Request) error {
	box, ok := s.Reader.(Outbox)
	if !ok {
		return debrief.Errorf(debrief.NotFound, "", "there is no outbox here")
	}
	if err := s.form(w, r); err != nil {
		return err
	}
	as := r.PostForm.Get("as")
	if as != "arrived" && as != "again" {
		return debrief.Errorf(debrief.Invalid, "as", "it arrived, or it is to be sent again")
	}
	if _, err := box.ResolveMessage(r.Context(), r.PostForm.Get("key"), as == "arrived"); err != nil {
		return err
	}
	http.Redirect(w, r, "/outbox", http.StatusSeeOther)
	return nil
}
