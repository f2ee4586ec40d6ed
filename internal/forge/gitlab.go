package forge

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// GitLab asks GitLab's REST API with a read-only token (scope read_api).
type GitLab struct {
	URL    string // "https://gitlab.com", or an own server's
	Token  string
	Client *http.Client
	Now    func() time.Time
}

// glPoll is one round over one project. Shapes: docs.gitlab.com/api.
type glPoll struct {
	poll
	path    string // /api/v4/projects/GROUP%2FNAME
	project glProject
}

type glProject struct {
	Path   string `json:"path_with_namespace"`
	WebURL string `json:"web_url"`
	Branch string `json:"default_branch"`
}

// Poll reads deployments with their jobs, pipelines, merge requests with their
// approvals, pushes with their commits, releases and issues.
func (g GitLab) Poll(ctx context.Context, repository string, since time.Time, p Progress, take Take) error {
	if strings.Count(repository, "/") == 0 || strings.HasPrefix(repository, "/") || strings.HasSuffix(repository, "/") {
		return debrief.Errorf(debrief.Invalid, "repository", "%q is not a project of the form group/name", repository)
	}
	h := http.Header{"Accept": {"application/json"}}
	if g.Token != "" {
		h.Set("Private-Token", g.Token)
	}
	a := &asker{name: "GitLab", base: g.URL, header: h, client: g.Client, now: g.Now, hint: "a token with the scope read_api is enough; set sources.gitlab.token"}
	r := &glPoll{poll: poll{ask: a.get, now: g.Now, progress: p, since: since, take: take}, path: "/api/v4/projects/" + url.PathEscape(repository)}
	if err := r.describe(ctx); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{r.deployments, r.pipelines, r.merges, r.pushes, r.releases, r.issues} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r *glPoll) describe(ctx context.Context) error {
	var text json.RawMessage
	ans, err := r.ask(ctx, r.path, r.progress.ETag, &text)
	if err != nil {
		return err
	}
	if ans.unchanged {
		text = r.progress.Repository
	}
	if err := json.Unmarshal(text, &r.project); err != nil {
		return debrief.Errorf(debrief.Unavailable, "repository", "GitLab's description of the project cannot be read: %w", err)
	}
	if !ans.unchanged {
		r.progress.ETag = ans.etag
		r.progress.Repository, err = json.Marshal(r.project)
	}
	return err
}

// item words something of this project as the webhook of that kind.
func (r *glPoll) item(hook, kind string, body object, what ...any) (Item, error) {
	body["object_kind"], body["project"] = kind, r.project
	name := kind + "/" + r.project.Path
	for _, w := range what {
		name += "/" + fmt.Sprint(w)
	}
	if len(name) > 150 { // a key has an end; the digest behind it tells things apart
		name = name[:150]
	}
	return item("X-Gitlab-Event", hook, name, body)
}

func (r *glPoll) page(what string, id int64) string {
	return r.project.WebURL + "/-/" + what + "/" + strconv.FormatInt(id, 10)
}

// glJob is a job as the API writes it.
type glJob struct {
	ID       int64     `json:"id"`
	Name     string    `json:"name"`
	Status   string    `json:"status"`
	Ref      string    `json:"ref"`
	Tag      bool      `json:"tag"`
	Started  time.Time `json:"started_at,omitzero"`
	Finished time.Time `json:"finished_at,omitzero"`
	Commit   struct {
		ID string `json:"id"`
	} `json:"commit"`
	Pipeline struct {
		ID int64 `json:"id"`
	} `json:"pipeline"`
}

type glDeployed struct {
	ID          int64     `json:"id"`
	Ref         string    `json:"ref"`
	SHA         string    `json:"sha"`
	Status      string    `json:"status"`
	Updated     time.Time `json:"updated_at"`
	Environment struct {
		Name string `json:"name"`
	} `json:"environment"`
	Job *glJob `json:"deployable"`
}

func (r *glPoll) deployments(ctx context.Context) error {
	return sweep(ctx, &r.poll, list[glDeployed]{
		name: "deployments", path: r.path + "/deployments?order_by=updated_at&sort=desc&per_page=100",
		moved: func(d glDeployed) time.Time { return d.Updated },
		items: r.deployment,
	})
}

// deployment is a deployment as it stands and the job that made it.
func (r *glPoll) deployment(d glDeployed) ([]Item, error) {
	body := object{
		"status": d.Status, "status_changed_at": d.Updated, "deployment_id": d.ID, "environment": d.Environment.Name, "ref": d.Ref,
		"short_sha": d.SHA[:min(len(d.SHA), 8)], "commit_url": r.project.WebURL + "/-/commit/" + d.SHA,
	}
	if j := d.Job; j != nil {
		body["deployable_id"], body["deployable_url"] = j.ID, r.page("jobs", j.ID)
		if !j.Finished.IsZero() {
			body["status_changed_at"] = j.Finished // the row may be touched again later
		}
	}
	it, err := r.item("Deployment Hook", "deployment", body, d.ID)
	if err != nil || d.Job == nil || d.Job.Pipeline.ID == 0 {
		return []Item{it}, err
	}
	j := d.Job
	job, err := r.item("Job Hook", "build", object{
		"ref": j.Ref, "tag": j.Tag, "sha": d.SHA, "build_id": j.ID, "build_name": j.Name, "build_status": j.Status, "build_started_at": stamp(j.Started),
		"build_finished_at": stamp(j.Finished), "pipeline_id": j.Pipeline.ID, "environment": object{"name": d.Environment.Name, "action": "start"},
	}, j.ID)
	return []Item{it, job}, err
}

// stamp is a time, or null.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

func (r *glPoll) pipelines(ctx context.Context) error {
	type pipeline struct {
		ID      int64     `json:"id"`
		Updated time.Time `json:"updated_at"`
	}
	return sweep(ctx, &r.poll, list[pipeline]{
		name: "pipelines", path: r.path + "/pipelines?order_by=updated_at&sort=desc&per_page=100",
		moved: func(p pipeline) time.Time { return p.Updated },
		items: func(p pipeline) ([]Item, error) { return r.pipeline(ctx, p.ID) },
	})
}

// pipeline is one pipeline with its jobs. What its jobs deploy to the API does
// not say here; it says so with the deployments.
func (r *glPoll) pipeline(ctx context.Context, id int64) ([]Item, error) {
	path := r.path + "/pipelines/" + strconv.FormatInt(id, 10)
	var p struct {
		ID       int64     `json:"id"`
		Ref      string    `json:"ref"`
		Tag      bool      `json:"tag"`
		SHA      string    `json:"sha"`
		Status   string    `json:"status"`
		Created  time.Time `json:"created_at"`
		Finished time.Time `json:"finished_at,omitzero"`
	}
	if _, err := r.ask(ctx, path, "", &p); err != nil {
		return nil, err
	}
	jobs, err := all[glJob](ctx, &r.poll, path+"/jobs?per_page=100", "")
	if err != nil && !lost(err) {
		return nil, err
	}
	builds := make([]object, 0, len(jobs))
	for _, j := range jobs {
		builds = append(builds, object{"id": j.ID, "name": j.Name, "status": j.Status, "started_at": stamp(j.Started), "finished_at": stamp(j.Finished)})
	}
	it, err := r.item("Pipeline Hook", "pipeline", object{"object_attributes": p, "builds": builds}, p.ID)
	return []Item{it}, err
}

func (r *glPoll) releases(ctx context.Context) error {
	type release struct {
		Tag         string    `json:"tag_name"`
		Description string    `json:"description"`
		Released    time.Time `json:"released_at"`
		Commit      struct {
			ID string `json:"id"`
		} `json:"commit"`
		Links struct {
			Self string `json:"self"`
		} `json:"_links"`
	}
	return sweep(ctx, &r.poll, list[release]{
		name: "releases", path: r.path + "/releases?order_by=released_at&sort=desc&per_page=100",
		moved: func(v release) time.Time { return v.Released },
		items: func(v release) ([]Item, error) {
			it, err := r.item("Release Hook", "release", object{
				"action": "create", "tag": v.Tag, "description": v.Description, "released_at": v.Released, "url": v.Links.Self, "commit": v.Commit,
			}, v.Tag)
			return []Item{it}, err
		},
	})
}

func (r *glPoll) issues(ctx context.Context) error {
	type issue struct {
		Number       int64     `json:"iid"`
		Title        string    `json:"title"`
		Description  string    `json:"description"`
		WebURL       string    `json:"web_url"`
		State        string    `json:"state"`
		Type         string    `json:"issue_type"`
		Severity     string    `json:"severity"`
		Confidential bool      `json:"confidential"`
		Labels       []string  `json:"labels"`
		Created      time.Time `json:"created_at"`
		Updated      time.Time `json:"updated_at"`
		Closed       time.Time `json:"closed_at,omitzero"`
	}
	return sweep(ctx, &r.poll, list[issue]{
		name: "issues", path: r.path + "/issues?scope=all&state=all&order_by=updated_at&sort=desc&per_page=100",
		moved: func(i issue) time.Time { return i.Updated },
		items: func(i issue) ([]Item, error) {
			labels := make([]object, 0, len(i.Labels))
			for _, l := range i.Labels {
				labels = append(labels, object{"title": l})
			}
			it, err := r.item("Issue Hook", "issue", object{"object_attributes": object{
				"iid": i.Number, "title": i.Title, "description": i.Description, "url": i.WebURL, "state": i.State, "type": i.Type, "severity": i.Severity,
				"confidential": i.Confidential, "labels": labels, "created_at": i.Created, "updated_at": i.Updated, "closed_at": stamp(i.Closed),
			}}, i.Number)
			return []Item{it}, err
		},
	})
}
