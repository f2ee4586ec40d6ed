package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/ingest"
)

// Past is the body of POST /api/v1/events/batch: facts of the past.
type Past struct {
	From  string     `json:"from" enum:"csv,git" doc:"Where they come from"`
	Items []PastItem `json:"items" maxItems:"1000"`
}

// PastItem is one fact: exactly one of the objects.
type PastItem struct {
	Service    string                  `json:"service,omitempty"`
	Assumed    bool                    `json:"assumed,omitempty" doc:"The service is only derived from the repository's name"`
	Deployment *debrief.Report         `json:"deployment,omitempty" doc:"With keys of its own, which make importing again safe"`
	Change     *debrief.Change         `json:"change,omitempty"`
	Incident   *debrief.IncidentReport `json:"incident,omitempty"`
	Ticket     *debrief.TicketReport   `json:"ticket,omitempty"`
}

// Taken answers an import.
type Taken struct {
	Accepted int `json:"accepted"`
	New      int `json:"new" doc:"Items of requests that had not come before"`
}

type takenOut struct {
	Status int
	Body   Taken
}

func (a *API) importRoutes(h huma.API) {
	register(a, h, operation{
		method: http.MethodPost, path: "/api/v1/events/batch", id: "import-events", tag: "import", status: http.StatusAccepted, body: Past{},
		summary: "Import up to 1000 facts of the past, all of them or none", describe: "What debrief import sends. Equal facts are one, however often they come.",
	}, func(ctx context.Context, in *request) (*takenOut, error) {
		body, err := in.jsonBody(maxBatch)
		if err != nil {
			return nil, err
		}
		out, err := a.takePast(ctx, body)
		if err != nil {
			a.metrics.event("import", outcomeOf(err))
		}
		return out, err
	})
}

// Of one service's deployments, those of one envelope are recomputed together,
// with so many around them: an envelope holds few enough of them.
const (
	pieceItems       = 250
	pieceDeployments = 20
)

func (a *API) takePast(ctx context.Context, body []byte) (*takenOut, error) {
	masked, ok := maskJSON(body)
	if !ok {
		return nil, debrief.Errorf(debrief.Invalid, "", "not JSON")
	}
	received := debrief.Instant(a.now())
	// As a whole first, so that an error names the item as its author counts.
	if _, err := a.sources["import"].Parse(ingest.Request{Body: masked, Received: received}); err != nil {
		return nil, err
	}
	var past struct {
		From  string            `json:"from"`
		Items []json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(masked, &past); err != nil {
		return nil, debrief.Errorf(debrief.Invalid, "", "not readable: %w", err)
	}
	var envelopes []debrief.Envelope
	var sizes []int
	for _, items := range pieces(past.Items) {
		var b bytes.Buffer
		b.WriteString(`{"from":` + quote(past.From) + `,"items":[`)
		b.Write(bytes.Join(items, []byte(",")))
		b.WriteString("]}")
		sum := digest(b.Bytes())
		envelopes = append(envelopes, debrief.Envelope{Source: "import", Key: past.From + "/" + sum, Received: received, Body: b.Bytes(), Digest: sum})
		sizes = append(sizes, len(items))
	}
	got, err := a.store.Accept(ctx, envelopes...)
	if err != nil {
		return nil, err
	}
	out := &takenOut{Status: http.StatusAccepted, Body: Taken{Accepted: len(past.Items)}}
	for i, g := range got {
		outcome := "known"
		if g.New {
			outcome = "accepted"
			out.Body.New += sizes[i]
		}
		a.metrics.event("import", outcome)
	}
	if out.Body.New == 0 {
		out.Status = http.StatusOK
	}
	return out, nil
}

// pieces are the items as envelopes will hold them.
func pieces(items []json.RawMessage) [][][]byte {
	var out [][][]byte
	var piece [][]byte
	deployments := 0
	for _, it := range items {
		is := isDeployment(it)
		if len(piece) == pieceItems || is && deployments == pieceDeployments {
			out, piece, deployments = append(out, piece), nil, 0
		}
		piece = append(piece, it)
		if is {
			deployments++
		}
	}
	return append(out, piece)
}

func isDeployment(item json.RawMessage) bool {
	var it struct {
		Deployment *json.RawMessage `json:"deployment"`
	}
	return json.Unmarshal(item, &it) == nil && it.Deployment != nil
}
