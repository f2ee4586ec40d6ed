package api_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/access"
	"github.com/debriefhq/debrief/internal/store"
)

// TestDocumentation runs every example of docs/api.md in its order, and holds
// the page to the list in OpenAPI: an endpoint without an example fails.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	h := open(t)
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "api.md"))
	if err != nil {
		t.Fatal(err)
	}
	seed(t, h)
	vars := map[string]string{"DEBRIEF_URL": "https://debrief.example", "DEBRIEF_TOKEN": h.token("docs", access.Write), "RELEASE": "r1", "SURPRISE": "s1", "INCIDENT": "i1", "TICKET": "t1"}
	about := debrief.ID("debrief", "release", "r1")
	vars["DEBRIEF"], vars["ACTION"] = about, debrief.ID("action", about, "2")
	vars["BRIEF"] = debrief.ID("brief", "shop", "f00dfeedf00dfeedf00dfeedf00dfeedf00dfeed")
	missing := endpoints(t, h)
	examples := 0
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		for _, line := range commands(block[1]) {
			examples++
			r := curl(t, line, vars)
			stranger(r)
			w := httptest.NewRecorder()
			h.main.ServeHTTP(w, r)
			if w.Code < 200 || w.Code > 299 {
				t.Errorf("%s\n%d %s", line, w.Code, w.Body)
			}
			delete(missing, r.Pattern)
		}
	}
	if examples < 15 {
		t.Errorf("only %d examples were found", examples)
	}
	for pattern := range missing {
		t.Errorf("docs/api.md has no example of %s", pattern)
	}
	// A test of the test: what is promised of errors holds.
	w := h.ask("POST", "/api/v1/deployments", strings.Replace(deployed, `"state"`, `"stages":[{"name":"x","took":3}],"state"`, 1))
	if !strings.Contains(w.Body.String(), `"field":"stages.0.took"`) {
		t.Error(w.Body)
	}
}

// endpoints are all of ours, as "METHOD /path".
func endpoints(t *testing.T, h *hall) map[string]bool {
	t.Helper()
	var spec struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]struct {
			OperationID string         `json:"operationId"`
			Summary     string         `json:"summary"`
			Responses   map[string]any `json:"responses"`
			RequestBody any            `json:"requestBody"`
		} `json:"paths"`
	}
	w := h.ask("GET", "/openapi.json", "")
	if err := json.Unmarshal(w.Body.Bytes(), &spec); err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{"GET /healthz": true, "GET /readyz": true, "GET /metrics": true}
	for path, methods := range spec.Paths {
		for method, op := range methods {
			all[strings.ToUpper(method)+" "+path] = true
			if op.OperationID == "" || op.Summary == "" || op.Responses["default"] == nil {
				t.Errorf("%s %s is not described: %+v", method, path, op)
			}
			if (method == "post" || method == "patch") && path != "/hooks/{source}" && !strings.HasSuffix(path, "/parse-again") && op.RequestBody == nil {
				t.Errorf("%s %s: its body is not described", method, path)
			}
		}
	}
	if len(all) < 15 {
		t.Errorf("OpenAPI lists only %d", len(all))
	}
	return all
}

// seed puts one release with a surprise and a message into the store.
func seed(t *testing.T, h *hall) {
	t.Helper()
	live := h.clock.Now().Add(-time.Hour)
	seeded := func() error {
		// One message of which nobody knows whether it arrived.
		if _, err := h.store.TakeMessage(t.Context(), "look/r1/1"); err != nil {
			return err
		}
		return h.store.SettleMessage(t.Context(), "look/r1/1", debrief.MessageUnresolved, "no answer")
	}
	err := h.store.Update(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Service("shop", false); err != nil {
			return err
		}
		d := debrief.Deployment{
			ID: "r1", Service: "shop", Environment: "production", Version: "v1.39", Commit: "abc", State: debrief.Succeeded,
			Times: debrief.Times{Started: live.Add(-time.Minute), Finished: live}, Keys: []string{"api/x"}, Sources: []string{"api"},
		}
		if err := tx.SaveDeployments("shop", []debrief.Deployment{d}, nil); err != nil {
			return err
		}
		r := debrief.Release{
			ID: "r1", Service: "shop", Environment: "production", Version: "v1.39", Kind: debrief.ReleaseNew, DeploymentIDs: []string{"r1"},
			Started: live.Add(-time.Minute), FirstExposure: live, FullExposure: live, Headline: "as usual", Looks: []debrief.Word{},
		}
		if err := tx.SaveReleases("shop", []debrief.Release{r}); err != nil {
			return err
		}
		if err := tx.Index("shop", "release", "r1", "shop v1.39 migration of orders"); err != nil {
			return err
		}
		if err := tx.SaveIncidents([]debrief.Incident{{ID: "i1", Service: "shop", Services: []string{"shop"}, State: debrief.IncidentDetected, Began: live}}, nil); err != nil {
			return err
		}
		a := debrief.Attribution{Subject: "i1", Kind: debrief.SubjectIncident, Service: "shop", At: live, State: debrief.BlamePicked, Candidates: []debrief.Candidate{{Kind: debrief.CandidateRelease, ID: "r1", Service: "shop", Title: "shop v1.39", At: live}}}
		if _, err := tx.SaveAttribution(a); err != nil {
			return err
		}
		if err := tx.SaveTickets([]debrief.Ticket{{ID: "t1", Service: "shop", Title: "lost cart", Opened: live}}, nil); err != nil {
			return err
		}
		s := debrief.Surprise{ID: "s1", ReleaseID: "r1", Service: "shop", Kind: "slow-step", Subject: "migrate", Sentence: "Migration 5.4× staging.", At: live}
		if err := tx.SaveSurprises("shop", "r1", []debrief.Surprise{s}); err != nil {
			return err
		}
		return tx.Post(debrief.Message{Key: "look/r1/1", Channel: "chat", Text: "shop v1.39: slower", State: debrief.MessageWaiting, Created: live})
	})
	if err == nil {
		err = seeded()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// commands splits a block of shell into its curl commands.
func commands(block string) []string {
	var out []string
	for _, line := range strings.Split(strings.ReplaceAll(block, "\\\n", " "), "\n") {
		if strings.HasPrefix(line, "curl ") {
			out = append(out, line)
		} else if len(out) > 0 {
			out[len(out)-1] += "\n" + line
		}
	}
	return out
}

// curl makes the request that a command line would.
func curl(t *testing.T, line string, vars map[string]string) *http.Request {
	t.Helper()
	method, target, body := "", "", ""
	header := http.Header{}
	words := shellWords(line, vars)
	for i := 1; i < len(words); i++ {
		switch words[i] {
		case "-X":
			i++
			method = words[i]
		case "-H":
			i++
			name, value, _ := strings.Cut(words[i], ": ")
			header.Set(name, value)
		case "-d":
			i++
			body = words[i]
		default:
			target = words[i]
		}
	}
	if method == "" {
		method = "GET"
		if body != "" {
			method = "POST"
		}
	}
	if strings.Contains(header.Get("X-Hub-Signature-256"), "$SIGNATURE") {
		m := hmac.New(sha256.New, []byte(secret))
		m.Write([]byte(body))
		header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(m.Sum(nil)))
	}
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header = header
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded") // as curl -d does
	}
	return r
}

// shellWords splits at spaces, honours quotes, and puts variables in, except
// within single quotes.
func shellWords(line string, vars map[string]string) []string {
	var words []string
	var b strings.Builder
	quote := rune(0)
	expand := func(s string) string {
		return os.Expand(s, func(name string) string {
			if v, ok := vars[name]; ok {
				return v
			}
			return "$" + name
		})
	}
	flush := func() {
		if b.Len() > 0 {
			words = append(words, b.String())
			b.Reset()
		}
	}
	var part strings.Builder
	end := func(single bool) {
		if single {
			b.WriteString(part.String())
		} else {
			b.WriteString(expand(part.String()))
		}
		part.Reset()
	}
	for _, c := range line {
		switch {
		case quote == 0 && (c == '\'' || c == '"'):
			end(false)
			quote = c
		case c == quote:
			end(quote == '\'')
			quote = 0
		case quote == 0 && (c == ' ' || c == '\n'):
			end(false)
			flush()
		default:
			part.WriteRune(c)
		}
	}
	end(false)
	flush()
	return words
}
