package forge

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// ghPoll is one round over one repository. Shapes: docs.github.com/en/rest.
type ghPoll struct {
	poll
	path       string // /repos/OWNER/NAME
	full       string // OWNER/NAME
	branch     string
	repository object         // as webhooks carry it
	attempts   map[string]int // of jobs asked for in this round
}

// Poll reads deployments with their statuses, workflow runs with their jobs,
// pull requests with their reviews, pushes with their commits, releases and
// issues.
func (g GitHub) Poll(ctx context.Context, repository string, since time.Time, p Progress, take Take) error {
	path, err := repositoryPath(repository)
	if err != nil {
		return err
	}
	r := &ghPoll{poll: poll{ask: g.asker(g.Now).get, now: g.Now, progress: p, since: since, take: take}, path: path, attempts: map[string]int{}}
	if err := r.describe(ctx); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{r.open, r.deployments, r.runs, r.pulls, r.pushes, r.releases, r.issues} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// describe asks what the repository is called and which branch counts.
func (r *ghPoll) describe(ctx context.Context) error {
	var text json.RawMessage
	ans, err := r.ask(ctx, r.path, r.progress.ETag, &text)
	if err != nil {
		return err
	}
	var repo struct {
		FullName      string `json:"full_name"`
		HTMLURL       string `json:"html_url"`
		DefaultBranch string `json:"default_branch"`
	}
	if ans.unchanged {
		text = r.progress.Repository
	}
	if err := json.Unmarshal(text, &repo); err != nil {
		r.progress.ETag = "" // what was kept is of no use
		return debrief.Errorf(debrief.Unavailable, "repository", "GitHub's description of %s cannot be read: %w", r.path, err)
	}
	r.full, r.branch = repo.FullName, repo.DefaultBranch
	r.repository = object{"full_name": repo.FullName, "html_url": repo.HTMLURL, "default_branch": repo.DefaultBranch}
	if !ans.unchanged {
		r.progress.ETag = ans.etag
		r.progress.Repository, err = json.Marshal(repo)
	}
	return err
}

// item words something of this repository as the webhook of that kind.
func (r *ghPoll) item(kind string, body object, what ...any) (Item, error) {
	if body["repository"] == nil {
		body["repository"] = r.repository
	}
	name := kind + "/" + r.full
	for _, w := range what {
		name += "/" + fmt.Sprint(w)
	}
	return item("X-Github-Event", kind, name, body)
}

type ghDeployed struct {
	ID          int64           `json:"id"`
	SHA         string          `json:"sha"`
	Ref         string          `json:"ref"`
	Task        string          `json:"task"`
	Environment string          `json:"environment"`
	Original    string          `json:"original_environment"`
	Created     time.Time       `json:"created_at"`
	Updated     time.Time       `json:"updated_at"`
	Payload     json.RawMessage `json:"payload"`
}

type ghStatus struct {
	ID        int64     `json:"id"`
	State     string    `json:"state"`
	Created   time.Time `json:"created_at"`
	LogURL    string    `json:"log_url"`
	TargetURL string    `json:"target_url"`
}

func (r *ghPoll) deployments(ctx context.Context) error {
	return sweep(ctx, &r.poll, list[ghDeployed]{
		name: "deployments", path: r.path + "/deployments?per_page=100",
		moved: func(d ghDeployed) time.Time { return d.Updated },
		made:  func(d ghDeployed) time.Time { return d.Created },
		items: func(d ghDeployed) ([]Item, error) { return r.deployment(ctx, d) },
	})
}

// open asks again for what had not ended: a status need not move anything in
// the list of deployments.
func (r *ghPoll) open(ctx context.Context) error {
	err := again(ctx, &r.poll, "deployments", r.path+"/deployments/", func(d ghDeployed) ([]Item, error) { return r.deployment(ctx, d) })
	if err != nil {
		return err
	}
	return again(ctx, &r.poll, "runs", r.path+"/actions/runs/", func(w ghWorkflowRun) ([]Item, error) { return r.run(ctx, w) })
}

// deployment is the deployment and each of its statuses.
func (r *ghPoll) deployment(ctx context.Context, d ghDeployed) ([]Item, error) {
	statuses, err := all[ghStatus](ctx, &r.poll, r.path+"/deployments/"+strconv.FormatInt(d.ID, 10)+"/statuses?per_page=100", "")
	if err != nil {
		return nil, err
	}
	run, err := r.runOf(ctx, statuses)
	if err != nil {
		return nil, err
	}
	body := func() object {
		b := object{"action": "created", "deployment": object{
			"id": d.ID, "sha": d.SHA, "ref": d.Ref, "task": d.Task, "environment": d.Environment, "original_environment": d.Original,
			"created_at": d.Created, "payload": d.Payload,
		}}
		if run != nil {
			b["workflow_run"] = run
		}
		return b
	}
	first, err := r.item("deployment", body(), d.ID)
	if err != nil {
		return nil, err
	}
	items, ended := []Item{first}, false
	for _, s := range statuses {
		b := body()
		b["deployment_status"] = object{"state": s.State, "created_at": s.Created, "log_url": s.LogURL, "target_url": s.TargetURL}
		it, err := r.item("deployment_status", b, d.ID, s.ID)
		if err != nil {
			return nil, err
		}
		items = append(items, it)
		switch s.State {
		case "success", "failure", "error", "inactive":
			ended = true
		}
	}
	r.note("deployments", d.ID, d.Created, ended)
	return items, nil
}

var jobAddress = regexp.MustCompile(`/actions/runs/(\d{1,18})(?:/job/(\d{1,18}))?`)

// runOf finds the workflow run that made a deployment, which its statuses name
// in their addresses, and which attempt it was.
func (r *ghPoll) runOf(ctx context.Context, statuses []ghStatus) (object, error) {
	for _, s := range statuses {
		m := jobAddress.FindStringSubmatch(s.LogURL)
		if m == nil {
			m = jobAddress.FindStringSubmatch(s.TargetURL)
		}
		if m == nil {
			continue
		}
		id, _ := strconv.ParseInt(m[1], 10, 64)
		attempt, known := r.attempts[m[2]]
		if m[2] != "" && !known {
			var job struct {
				Attempt int `json:"run_attempt"`
			}
			if _, err := r.ask(ctx, r.path+"/actions/jobs/"+m[2], "", &job); err != nil && !lost(err) {
				return nil, err
			}
			attempt = job.Attempt
			r.attempts[m[2]] = attempt
		}
		return object{"id": id, "run_attempt": attempt}, nil
	}
	return nil, nil
}

type ghWorkflowRun struct {
	ID         int64     `json:"id"`
	Attempt    int       `json:"run_attempt"`
	Status     string    `json:"status"`
	Conclusion string    `json:"conclusion"`
	SHA        string    `json:"head_sha"`
	HTMLURL    string    `json:"html_url"`
	Created    time.Time `json:"created_at"`
	Started    time.Time `json:"run_started_at"`
	Updated    time.Time `json:"updated_at"`
}

type ghWorkflowJob struct {
	ID         int64     `json:"id"`
	RunID      int64     `json:"run_id"`
	Attempt    int       `json:"run_attempt"`
	Name       string    `json:"name"`
	Status     string    `json:"status"`
	Conclusion string    `json:"conclusion"`
	SHA        string    `json:"head_sha"`
	HTMLURL    string    `json:"html_url"`
	Started    time.Time `json:"started_at"`
	Completed  time.Time `json:"completed_at,omitzero"`
}

func (r *ghPoll) runs(ctx context.Context) error {
	return sweep(ctx, &r.poll, list[ghWorkflowRun]{
		name: "runs", path: r.path + "/actions/runs?per_page=100", under: "workflow_runs",
		moved: func(w ghWorkflowRun) time.Time { return w.Updated },
		made:  func(w ghWorkflowRun) time.Time { return w.Created },
		items: func(w ghWorkflowRun) ([]Item, error) { return r.run(ctx, w) },
	})
}

// run is a run as it stands, its earlier attempts, and all their jobs.
func (r *ghPoll) run(ctx context.Context, w ghWorkflowRun) ([]Item, error) {
	const tries = 10
	path := r.path + "/actions/runs/" + strconv.FormatInt(w.ID, 10)
	told := []ghWorkflowRun{w}
	for n := max(w.Attempt-tries, 1); n < w.Attempt; n++ {
		var earlier ghWorkflowRun
		if _, err := r.ask(ctx, path+"/attempts/"+strconv.Itoa(n), "", &earlier); lost(err) {
			continue
		} else if err != nil {
			return nil, err
		}
		told = append(told, earlier)
	}
	var items []Item
	for _, w := range told {
		action := "requested"
		switch w.Status {
		case "completed", "in_progress":
			action = w.Status
		}
		it, err := r.item("workflow_run", object{"action": action, "workflow_run": w}, w.ID, w.Attempt)
		if err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	jobs, err := all[ghWorkflowJob](ctx, &r.poll, path+"/jobs?filter=all&per_page=100", "jobs")
	if err != nil {
		return nil, err
	}
	for _, j := range jobs {
		it, err := r.item("workflow_job", object{"action": j.Status, "workflow_job": j}, j.ID)
		if err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	r.note("runs", w.ID, w.Created, w.Status == "completed")
	return items, nil
}

func (r *ghPoll) issues(ctx context.Context) error {
	type label struct {
		Name string `json:"name"`
	}
	type issue struct {
		Number      int64           `json:"number"`
		Title       string          `json:"title"`
		Body        string          `json:"body"`
		HTMLURL     string          `json:"html_url"`
		State       string          `json:"state"`
		StateReason string          `json:"state_reason"`
		Labels      []label         `json:"labels"`
		Created     time.Time       `json:"created_at"`
		Updated     time.Time       `json:"updated_at"`
		Closed      time.Time       `json:"closed_at,omitzero"`
		Pull        json.RawMessage `json:"pull_request,omitempty"`
	}
	return sweep(ctx, &r.poll, list[issue]{
		name: "issues", path: r.path + "/issues?state=all&sort=updated&direction=desc&per_page=100",
		moved: func(i issue) time.Time { return i.Updated },
		items: func(i issue) ([]Item, error) {
			if len(i.Pull) > 0 {
				return nil, nil
			}
			it, err := r.item("issues", object{"action": "edited", "issue": i}, i.Number)
			return []Item{it}, err
		},
	})
}

func (r *ghPoll) releases(ctx context.Context) error {
	type release struct {
		ID        int64     `json:"id"`
		Tag       string    `json:"tag_name"`
		Commitish string    `json:"target_commitish"`
		Body      string    `json:"body"`
		HTMLURL   string    `json:"html_url"`
		Draft     bool      `json:"draft"`
		Created   time.Time `json:"created_at"`
		Published time.Time `json:"published_at"`
	}
	return sweep(ctx, &r.poll, list[release]{
		name: "releases", path: r.path + "/releases?per_page=50",
		moved: func(v release) time.Time { return v.Published },
		made:  func(v release) time.Time { return later(v.Created, v.Published) },
		items: func(v release) ([]Item, error) {
			if v.Draft || v.Published.IsZero() {
				return nil, nil
			}
			it, err := r.item("release", object{"action": "published", "release": v}, v.ID)
			return []Item{it}, err
		},
	})
}

// escaped is a branch or commit within a path.
func escaped(s string) string { return strings.ReplaceAll(url.PathEscape(s), "%2F", "/") }
