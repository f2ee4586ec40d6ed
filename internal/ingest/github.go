package ingest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"

	"github.com/debriefhq/debrief"
)

const (
	githubEvent     = "X-Github-Event" // Go's canonical form of X-GitHub-Event
	githubDelivery  = "X-Github-Delivery"
	githubSignature = "X-Hub-Signature-256"
)

// github is GitHub's webhooks, of a repository, an organisation or an app.
func github() Source {
	return Source{
		Name:    "github",
		Title:   "GitHub",
		Proven:  "payloads written from GitHub's documentation, and third-party collections of real ones; not yet seen live",
		Doc:     githubDoc(),
		Headers: []string{githubEvent, githubDelivery},
		Verify:  verifyGitHub,
		Key:     githubKey,
		Parse:   parseGitHub,
	}
}

// githubKinds is what is read; everything else is ignored, by name.
func githubKinds() map[string]func(Request) ([]debrief.Event, error) {
	return map[string]func(Request) ([]debrief.Event, error){
		"deployment":          githubDeployment,
		"deployment_status":   githubDeploymentStatus,
		"workflow_run":        githubWorkflowRun,
		"workflow_job":        githubWorkflowJob,
		"check_run":           githubCheckRun,
		"push":                githubPush,
		"release":             githubRelease,
		"pull_request":        githubPullRequest,
		"pull_request_review": githubReview,
		"issues":              githubIssue,
		"ping":                githubPing,
	}
}

func parseGitHub(r Request) ([]debrief.Event, error) {
	kind := header(r.Header, githubEvent)
	if kind == "" {
		return nil, debrief.Errorf(debrief.Invalid, "X-GitHub-Event", "missing")
	}
	parse, ok := githubKinds()[kind]
	if !ok {
		return nil, ignored("debrief reads nothing from GitHub's %q events", line(kind, 60))
	}
	if len(r.Body) > maxGitHubBody {
		return nil, debrief.Errorf(debrief.TooLarge, "", "%d bytes, and at most %d are allowed", len(r.Body), maxGitHubBody)
	}
	if strings.HasPrefix(string(r.Body[:min(len(r.Body), 8)]), "payload=") {
		return nil, debrief.Errorf(debrief.Invalid, "Content-Type", "the body is a web form").
			WithHint("choose application/json as the webhook's content type")
	}
	events, err := parse(r)
	return seal("github", events), err
}

func githubPing(Request) ([]debrief.Event, error) {
	return nil, ignored("ping: the webhook works")
}

func githubKey(r Request) (string, error) {
	id := header(r.Header, githubDelivery)
	if !IsKey(id) {
		return "", debrief.Errorf(debrief.Invalid, "X-GitHub-Delivery", "missing or not an identifier")
	}
	return id, nil
}

// verifyGitHub compares with every secret before it answers, so that the time
// taken tells nothing about which one came close.
func verifyGitHub(h map[string]string, body []byte, secrets []string) error {
	given, _ := strings.CutPrefix(header(h, githubSignature), "sha256=")
	mac, err := hex.DecodeString(given)
	if err != nil || len(mac) != sha256.Size {
		return debrief.Errorf(debrief.Unauthorized, githubSignature, "missing or not a signature").
			WithHint("give the webhook a secret in GitHub's settings")
	}
	match, any := false, false
	for _, secret := range secrets {
		if secret == "" {
			continue // an empty secret would let anybody sign
		}
		any = true
		sum := hmac.New(sha256.New, []byte(secret))
		sum.Write(body)
		if hmac.Equal(sum.Sum(nil), mac) {
			match = true
		}
	}
	switch {
	case !any:
		return debrief.Errorf(debrief.Unauthorized, githubSignature, "no secret is configured for GitHub").
			WithHint("set sources.github.secret")
	case !match:
		return debrief.Errorf(debrief.Unauthorized, githubSignature, "the signature does not match").
			WithHint("the webhook's secret and sources.github.secret differ")
	}
	return nil
}

func ignored(format string, args ...any) error {
	return debrief.Errorf(debrief.Ignored, "", format, args...)
}

// header finds a value whatever case its sender wrote the name in.
func header(h map[string]string, name string) string {
	if v, ok := h[name]; ok {
		return v
	}
	for k, v := range h {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}

// decode reads the fields a struct names and no others: GitHub adds fields all the time.
func decode(body []byte, into any) error {
	err := json.Unmarshal(body, into)
	var typed *json.UnmarshalTypeError
	switch {
	case errors.As(err, &typed):
		return debrief.Errorf(debrief.Invalid, typed.Field, "must not be %s", article(typed.Value))
	case err != nil:
		return debrief.Errorf(debrief.Invalid, "", "not JSON: %w", err)
	}
	return nil
}

// article names a JSON type; numbers come with their digits.
func article(kind string) string {
	kind, _, _ = strings.Cut(kind, " ")
	switch kind {
	case "array", "object":
		return "an " + kind
	case "bool":
		return "true or false"
	}
	return "a " + kind
}
