package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/tell"
)

// sourcesView is every source: those that were heard, those that wait for a
// first word, and those nobody has connected.
type sourcesView struct {
	Heard, Waiting, Unset []sourceRow
}

type sourceRow struct {
	loop.SourceState
	Came    string // what became of what came
	Trouble bool   // something came to nothing that should not have
}

type sourceView struct {
	sourceRow
	Groups []deliveryGroup
	Asked  bool // it is being parsed again
}

// deliveryGroup are a source's newest deliveries of one state.
type deliveryGroup struct {
	State, Heading, Means string
	N                     int
	Rows                  []delivered
}

type delivered struct {
	store.Delivery
	Shown string // the payload, laid out
	Cut   bool
}

// Count is how many there are, for a sentence.
func (g deliveryGroup) Count() float64 { return float64(g.N) }

const (
	deliveriesShown = 5
	payloadShown    = 32 << 10
)

func (s *site) sources(w http.ResponseWriter, r *http.Request) error {
	list, err := loop.Sources(r.Context(), s.Reader, s.Config)
	if err != nil {
		return err
	}
	var v sourcesView
	for _, st := range list {
		row := rowOfSource(st)
		switch {
		case st.Heard():
			v.Heard = append(v.Heard, row)
		case st.Hook == "":
			// The API needs no connecting, and shows once it was used.
		case st.Configured:
			v.Waiting = append(v.Waiting, row)
		default:
			v.Unset = append(v.Unset, row)
		}
	}
	return s.show(w, r, "sources", view{Title: "Sources", Nav: "sources", Body: v})
}

func (s *site) source(w http.ResponseWriter, r *http.Request) error {
	st, err := loop.Source(r.Context(), s.Reader, s.Config, r.PathValue("name"), deliveriesShown)
	if err != nil {
		return err
	}
	v := sourceView{sourceRow: rowOfSource(st), Asked: r.URL.Query().Get("asked") == "1"}
	for _, g := range deliveryGroups(st) {
		for _, d := range st.Deliveries {
			if d.State == g.State {
				g.Rows = append(g.Rows, laidOut(d))
			}
		}
		if len(g.Rows) > 0 {
			v.Groups = append(v.Groups, g)
		}
	}
	return s.show(w, r, "source", view{Title: st.Title, Nav: "sources", Body: v})
}

// parseAgain asks for a source's kept deliveries to be read once more. It is a
// plain form; another site's is refused before it gets here.
func (s *site) parseAgain(w http.ResponseWriter, r *http.Request) error {
	st, err := loop.Source(r.Context(), s.Reader, s.Config, r.PathValue("name"), 1)
	if err != nil {
		return err
	}
	if err := s.Reader.ParseAgain(r.Context(), st.Name); err != nil {
		return err
	}
	http.Redirect(w, r, "/sources/"+url.PathEscape(st.Name)+"?asked=1", http.StatusSeeOther)
	return nil
}

// deliveryGroups in the order that matters to somebody who looks for a fault.
func deliveryGroups(st loop.SourceState) []deliveryGroup {
	return []deliveryGroup{
		{State: store.EnvelopeDead, N: st.Dead, Heading: "Could not be recorded", Means: "Tried several times and put aside. Parsing again tries once more."},
		{State: store.EnvelopeRejected, N: st.Rejected, Heading: "Rejected", Means: "Signed, and not readable. The sender was told so."},
		{State: store.EnvelopeIgnored, N: st.Ignored, Heading: "Ignored", Means: "Well-formed, and not for debrief."},
		{State: store.EnvelopeOpen, N: st.Open, Heading: "Waiting to be recorded"},
		{State: store.EnvelopeDone, N: st.Accepted, Heading: "Recorded"},
	}
}

func rowOfSource(st loop.SourceState) sourceRow {
	var parts []string
	for _, p := range []struct {
		n    int
		says string
	}{
		{st.Accepted, "recorded"},
		{st.Open, "waiting"},
		{st.Ignored, "ignored"},
		{st.Rejected, "rejected"},
		{st.Dead, "could not be recorded"},
		{st.Refused, "not believed"},
	} {
		if p.n > 0 {
			parts = append(parts, tell.Number(float64(p.n), "")+" "+p.says)
		}
	}
	if n := len(st.Polls); n > 0 {
		asked := tell.Number(float64(n), "") + " " + map[bool]string{true: "repository", false: "repositories"}[n == 1] + " asked"
		if stuck := st.Stuck(); stuck > 0 {
			asked += ", " + tell.Number(float64(stuck), "") + " in vain"
		}
		parts = append(parts, asked)
	}
	return sourceRow{SourceState: st, Came: strings.Join(parts, ", "), Trouble: st.Rejected+st.Dead+st.Refused+st.Stuck() > 0}
}

// laidOut indents a payload for reading; what is too long is cut.
func laidOut(d store.Delivery) delivered {
	out := delivered{Delivery: d, Shown: d.Body}
	var b bytes.Buffer
	if json.Indent(&b, []byte(d.Body), "", "  ") == nil {
		out.Shown = b.String()
	}
	if len(out.Shown) > payloadShown {
		out.Shown, out.Cut = strings.ToValidUTF8(out.Shown[:payloadShown], ""), true
	}
	return out
}

// headers of a delivery as lines, in one order.
func (d delivered) Headers() []string {
	var out []string
	for name, value := range d.Header {
		out = append(out, name+": "+debrief.Mask(value))
	}
	slices.Sort(out)
	return out
}
