package ingest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/debriefhq/debrief"
)

const (
	gitlabEvent = "X-Gitlab-Event"
	gitlabUUID  = "X-Gitlab-Event-Uuid" // Go's canonical form of X-Gitlab-Event-UUID
	gitlabOnce  = "Idempotency-Key"
	gitlabToken = "X-Gitlab-Token"
)

// gitlab is GitLab's webhooks, of a project, a group or (as system hooks) a
// whole instance.
func gitlab() Source {
	return Source{
		Name:    "gitlab",
		Title:   "GitLab",
		Proven:  "payloads written from GitLab's documentation, and third-party collections of real ones; not yet seen live",
		Doc:     gitlabDoc(),
		Headers: []string{gitlabEvent, gitlabUUID, gitlabOnce},
		People: []string{
			"user_name", "user_username", "user_email", "user_avatar", "author_name", "author_email", "author_url",
			"committer_name", "committer_email", "users", "merge_user", "approved_by", "user_url", "variables",
		},
		Verify: verifyGitLab,
		Key:    gitlabKey,
		Parse:  parseGitLab,
	}
}

// gitlabKinds is what is read, by the body's object_kind; everything else is
// ignored, by name.
func gitlabKinds() map[string]func(Request) ([]debrief.Event, error) {
	return map[string]func(Request) ([]debrief.Event, error){
		"deployment":    gitlabDeployment,
		"pipeline":      gitlabPipeline,
		"build":         gitlabJob, // what GitLab called jobs once
		"job":           gitlabJob,
		"merge_request": gitlabMerge,
		"push":          gitlabPush,
		"tag_push":      gitlabTag,
		"release":       gitlabRelease,
		"issue":         gitlabIssue,
		"incident":      gitlabIssue,
		"feature_flag":  gitlabFlag,
	}
}

func parseGitLab(r Request) ([]debrief.Event, error) {
	if len(r.Body) > maxGitLabBody {
		return nil, debrief.Errorf(debrief.TooLarge, "", "%d bytes, and at most %d are allowed", len(r.Body), maxGitLabBody)
	}
	var p struct {
		Kind string `json:"object_kind"`
		Name string `json:"event_name"` // what system hooks have instead
	}
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	if p.Kind == "" {
		p.Kind = p.Name
	}
	if p.Kind == "" {
		return nil, debrief.Errorf(debrief.Invalid, "object_kind", "missing").WithHint("is this a webhook of GitLab's?")
	}
	parse, ok := gitlabKinds()[p.Kind]
	if !ok {
		return nil, ignored("debrief reads nothing from GitLab's %q events", line(p.Kind, 60))
	}
	events, err := parse(r)
	return seal("gitlab", events), err
}

// gitlabKey tells deliveries apart. Idempotency-Key stays the same when GitLab
// tries again. The event's UUID does too, but one webhook that sets off another
// hands it on, so the body has its say; older versions send neither.
func gitlabKey(r Request) (string, error) {
	if id := header(r.Header, gitlabOnce); IsKey(id) {
		return id, nil
	}
	sum := sha256.Sum256([]byte(r.Digest))
	if r.Digest == "" {
		sum = sha256.Sum256(r.Body)
	}
	body := hex.EncodeToString(sum[:16])
	if id := header(r.Header, gitlabUUID); IsKey(id) && len(id)+1+len(body) <= maxKey {
		return id + "/" + body, nil
	}
	if !json.Valid(r.Body) {
		return "", debrief.Errorf(debrief.Invalid, "", "the body is not JSON")
	}
	return "body/" + body, nil
}

// verifyGitLab compares the token with every secret before it answers. Hashes
// are compared, so that the time taken does not tell a secret's length either.
func verifyGitLab(h map[string]string, _ []byte, secrets []string) error {
	token := header(h, gitlabToken)
	if token == "" {
		return debrief.Errorf(debrief.Unauthorized, gitlabToken, "missing").WithHint("give the webhook a secret token in GitLab's settings")
	}
	got := sha256.Sum256([]byte(token))
	match, any := false, false
	for _, secret := range secrets {
		if secret == "" {
			continue // an empty secret would let anybody in
		}
		any = true
		want := sha256.Sum256([]byte(secret))
		if hmac.Equal(want[:], got[:]) {
			match = true
		}
	}
	switch {
	case !any:
		return debrief.Errorf(debrief.Unauthorized, gitlabToken, "no secret is configured for GitLab").WithHint("set sources.gitlab.secret")
	case !match:
		return debrief.Errorf(debrief.Unauthorized, gitlabToken, "the token does not match").
			WithHint("the webhook's secret token and sources.gitlab.secret differ")
	}
	return nil
}
