package loop_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"

	"pgregory.net/rapid"
)

type obj = map[string]any

// webhook is one delivery.
type webhook struct {
	kind string
	body []byte
	at   time.Time
}

// ghWorld is a repository on GitHub: what happens in it changes what the API
// answers and is told by webhook.
type ghWorld struct {
	*fakeForge
	now         time.Time
	n           int
	runs        []obj
	jobs        map[int][]obj // by run
	earlier     map[string]obj
	deployments []obj
	statuses    map[int][]obj
	pulls       []obj
	reviews     map[int][]obj
	pushes      []obj
	compared    map[string][]obj
	issues      []obj
	releases    []obj
	told        []webhook
	watch       func() // sees every state before it passes
}

var ghRepository = obj{"full_name": "acme/shop", "html_url": "https://github.com/acme/shop", "default_branch": "main", "owner": obj{"login": "acme"}}

func newGitHubWorld(t testing.TB, now time.Time) *ghWorld {
	w := &ghWorld{
		fakeForge: newFakeForge(t), now: now, jobs: map[int][]obj{}, earlier: map[string]obj{}, statuses: map[int][]obj{},
		reviews: map[int][]obj{}, compared: map[string][]obj{},
	}
	const r = "/repos/acme/shop"
	w.objects[r] = func() any { return ghRepository }
	w.lists[r+"/deployments"] = func(url.Values) []any { return newest(w.deployments, "created_at") }
	w.lists[r+"/actions/runs"] = func(url.Values) []any { return newest(w.runs, "created_at") }
	w.under[r+"/actions/runs"] = "workflow_runs"
	w.lists[r+"/pulls"] = func(url.Values) []any { return newest(w.pulls, "updated_at") }
	w.lists[r+"/activity"] = func(url.Values) []any { return newest(w.pushes, "timestamp") }
	w.lists[r+"/releases"] = func(url.Values) []any { return newest(w.releases, "published_at") }
	w.lists[r+"/issues"] = func(url.Values) []any {
		return newest(append(append([]obj{}, w.issues...), obj{"number": 9999, "pull_request": obj{}, "updated_at": iso(now)}), "updated_at")
	}
	return w
}

func (w *ghWorld) id() int { w.n++; return w.n }

func (w *ghWorld) tick(t *rapid.T) {
	if w.watch != nil {
		w.watch()
	}
	w.now = w.now.Add(time.Duration(rapid.IntRange(1, 600).Draw(t, "pause")) * time.Second)
}

func (w *ghWorld) tell(kind string, body obj) {
	if body["repository"] == nil {
		body["repository"] = ghRepository
	}
	body["sender"] = obj{"login": "quartermaster", "id": 7}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	w.told = append(w.told, webhook{kind, text, w.now})
}

func (w *ghWorld) set(list []obj, i int, more ...any) obj {
	w.mu.Lock()
	defer w.mu.Unlock()
	list[i] = with(list[i], more...)
	return list[i]
}

// Steps of a world's life. Each tells what GitHub would tell.

func (w *ghWorld) startRun(t *rapid.T) {
	id := w.id()
	w.mu.Lock()
	w.runs = append(w.runs, obj{
		"id": id, "run_attempt": 1, "status": "queued", "conclusion": nil, "head_sha": hash(rapid.IntRange(1, 3).Draw(t, "commit")),
		"html_url": fmt.Sprintf("https://github.com/acme/shop/actions/runs/%d", id), "created_at": iso(w.now), "run_started_at": iso(w.now), "updated_at": iso(w.now), "actor": obj{"login": "person"},
	})
	run := w.runs[len(w.runs)-1]
	path := fmt.Sprintf("/repos/acme/shop/actions/runs/%d/jobs", id)
	w.lists[path] = func(url.Values) []any { return newest(w.jobs[id], "started_at") }
	w.under[path] = "jobs"
	at := len(w.runs) - 1
	w.objects[fmt.Sprintf("/repos/acme/shop/actions/runs/%d", id)] = func() any { return w.runs[at] }
	w.mu.Unlock()
	w.tell("workflow_run", obj{"action": "requested", "workflow_run": run})
	w.tick(t)
	run = w.set(w.runs, len(w.runs)-1, "status", "in_progress", "updated_at", iso(w.now))
	w.tell("workflow_run", obj{"action": "in_progress", "workflow_run": run})
}

func (w *ghWorld) open() []int {
	var list []int
	for i, r := range w.runs {
		if r["status"] == "in_progress" {
			list = append(list, i)
		}
	}
	return list
}

func (w *ghWorld) finishRun(t *rapid.T, i int) {
	run := w.set(w.runs, i, "status", "completed", "conclusion", rapid.SampledFrom([]string{"success", "failure", "cancelled", "skipped"}).Draw(t, "end"), "updated_at", iso(w.now))
	w.tell("workflow_run", obj{"action": "completed", "workflow_run": run})
}

func (w *ghWorld) rerun(t *rapid.T, i int) {
	run := w.runs[i]
	attempt := run["run_attempt"].(int)
	w.mu.Lock()
	w.objects[fmt.Sprintf("/repos/acme/shop/actions/runs/%d/attempts/%d", run["id"], attempt)] = func() any { return run }
	w.mu.Unlock()
	run = w.set(w.runs, i, "status", "queued", "conclusion", nil, "run_attempt", attempt+1, "run_started_at", iso(w.now), "updated_at", iso(w.now))
	w.tell("workflow_run", obj{"action": "requested", "workflow_run": run})
	w.tick(t)
	run = w.set(w.runs, i, "status", "in_progress", "updated_at", iso(w.now))
	w.tell("workflow_run", obj{"action": "in_progress", "workflow_run": run})
}

// job runs a job; one that deploys makes a deployment with its statuses.
func (w *ghWorld) job(t *rapid.T, i int) {
	run := w.runs[i]
	rid, jid := run["id"].(int), w.id()
	page := fmt.Sprintf("https://github.com/acme/shop/actions/runs/%d/job/%d", rid, jid)
	environment := rapid.SampledFrom([]string{"", "staging", "production"}).Draw(t, "environment")
	w.mu.Lock()
	w.jobs[rid] = append(w.jobs[rid], obj{
		"id": jid, "run_id": rid, "run_attempt": run["run_attempt"], "name": "job " + environment, "status": "in_progress", "conclusion": nil, "head_sha": run["head_sha"],
		"html_url": page, "created_at": iso(w.now), "started_at": iso(w.now), "completed_at": nil,
	})
	at := len(w.jobs[rid]) - 1
	w.runs[i] = with(run, "updated_at", iso(w.now))
	w.objects[fmt.Sprintf("/repos/acme/shop/actions/jobs/%d", jid)] = func() any { return w.jobs[rid][at] }
	w.mu.Unlock()
	w.tell("workflow_job", obj{"action": "in_progress", "workflow_job": w.jobs[rid][at]})
	end := rapid.SampledFrom([]string{"success", "failure"}).Draw(t, "result")
	if environment != "" {
		w.deploy(t, run, environment, page, end)
	}
	w.tick(t)
	job := w.set(w.jobs[rid], at, "status", "completed", "conclusion", end, "completed_at", iso(w.now))
	w.tell("workflow_job", obj{"action": "completed", "workflow_job": job})
	w.set(w.runs, i, "updated_at", iso(w.now))
}

func (w *ghWorld) deploy(t *rapid.T, run obj, environment, page, end string) {
	id := w.id()
	d := obj{
		"id": id, "sha": run["head_sha"], "ref": "v1.2." + fmt.Sprint(id), "task": "deploy", "environment": environment, "original_environment": environment,
		"created_at": iso(w.now), "updated_at": iso(w.now), "payload": obj{}, "creator": obj{"login": "person"},
	}
	path := fmt.Sprintf("/repos/acme/shop/deployments/%d", id)
	w.mu.Lock()
	w.deployments = append(w.deployments, d)
	at := len(w.deployments) - 1
	w.objects[path] = func() any { return w.deployments[at] }
	w.lists[path+"/statuses"] = func(url.Values) []any { return newest(w.statuses[id], "created_at") }
	w.mu.Unlock()
	about := obj{"id": run["id"], "run_attempt": run["run_attempt"]}
	w.tell("deployment", obj{"action": "created", "deployment": d, "workflow_run": about})
	for _, state := range []string{"in_progress", end, "inactive"} {
		if state == "inactive" && rapid.Bool().Draw(t, "still active") {
			break
		}
		w.mu.Lock()
		status := obj{"id": w.id(), "state": state, "created_at": iso(w.now), "log_url": page, "target_url": page}
		w.statuses[id] = append(w.statuses[id], status)
		w.deployments[at] = with(w.deployments[at], "updated_at", iso(w.now))
		w.mu.Unlock()
		w.tell("deployment_status", obj{"action": "created", "deployment": d, "deployment_status": status, "workflow_run": about})
		w.tick(t)
	}
}

func (w *ghWorld) pull(t *rapid.T) {
	n := w.id()
	p := obj{
		"number": n, "title": "Faster checkout", "html_url": fmt.Sprintf("https://github.com/acme/shop/pull/%d", n), "merged": false, "merge_commit_sha": nil,
		"created_at": iso(w.now), "updated_at": iso(w.now), "merged_at": nil, "commits": 2, "additions": 10, "deletions": 3, "changed_files": 2,
		"base": obj{"ref": "main"}, "user": obj{"login": "person"},
	}
	path := fmt.Sprintf("/repos/acme/shop/pulls/%d", n)
	w.mu.Lock()
	w.pulls = append(w.pulls, p)
	i := len(w.pulls) - 1
	w.objects[path] = func() any { return w.pulls[i] }
	w.lists[path+"/reviews"] = func(url.Values) []any { return newest(w.reviews[n], "submitted_at") }
	w.mu.Unlock()
	w.tick(t)
	state := rapid.SampledFrom([]string{"approved", "changes_requested", "commented"}).Draw(t, "review")
	w.mu.Lock()
	w.reviews[n] = append(w.reviews[n], obj{"id": w.id(), "state": map[string]string{"approved": "APPROVED", "changes_requested": "CHANGES_REQUESTED", "commented": "COMMENTED"}[state], "submitted_at": iso(w.now)})
	w.pulls[i] = with(w.pulls[i], "updated_at", iso(w.now))
	w.mu.Unlock()
	w.tell("pull_request_review", obj{"action": "submitted", "review": obj{"id": w.n, "state": state, "submitted_at": iso(w.now), "user": obj{"login": "person"}}, "pull_request": w.pulls[i]})
	if !rapid.Bool().Draw(t, "merged") {
		return
	}
	w.tick(t)
	merge := hash(w.id())
	p = w.set(w.pulls, i, "merged", true, "merge_commit_sha", merge, "merged_at", iso(w.now), "updated_at", iso(w.now))
	w.tell("pull_request", obj{"action": "closed", "pull_request": p})
	w.push("pr_merge", merge, hash(w.id()))
}

func (w *ghWorld) push(kind string, commits ...string) {
	before, after := hash(w.id()), commits[len(commits)-1]
	var came []obj
	var listed []any
	for i, sha := range commits {
		page := "https://github.com/acme/shop/commit/" + sha
		message := fmt.Sprintf("Change %d (#%d)\n\nmore", i, i+1)
		came = append(came, obj{"sha": sha, "html_url": page, "commit": obj{"message": message, "committer": obj{"date": iso(w.now.Add(-time.Hour)), "name": "person"}}})
		listed = append(listed, obj{"id": sha, "message": message, "timestamp": w.now.Add(-time.Hour).In(time.FixedZone("", 3600)).Format(time.RFC3339), "url": page, "added": []string{"new", "b"}, "removed": []string{"a"}, "modified": []string{"price"}})
	}
	w.mu.Lock()
	w.pushes = append(w.pushes, obj{"id": w.id(), "before": before, "after": after, "ref": "refs/heads/main", "activity_type": kind, "timestamp": iso(w.now)})
	path := "/repos/acme/shop/compare/" + before + "..." + after
	w.under[path] = "commits"
	w.lists[path] = func(url.Values) []any {
		out := []any{}
		for _, c := range came {
			out = append(out, c)
		}
		return out
	}
	for _, sha := range commits {
		w.objects["/repos/acme/shop/commits/"+sha] = func() any {
			return obj{"sha": sha, "files": []obj{
				{"filename": "new", "status": "added"},
				{"filename": "b", "previous_filename": "a", "status": "renamed"},
				{"filename": "price", "status": "modified"},
			}}
		}
	}
	w.mu.Unlock()
	w.tell("push", obj{"ref": "refs/heads/main", "before": before, "after": after, "commits": listed, "repository": with(ghRepository, "pushed_at", w.now.Unix()), "pusher": obj{"name": "person"}})
}

func (w *ghWorld) issue(t *rapid.T) {
	n := w.id()
	w.mu.Lock()
	w.issues = append(w.issues, obj{
		"number": n, "title": "Down", "body": "All of it.\nSince noon.", "html_url": fmt.Sprintf("https://github.com/acme/shop/issues/%d", n), "state": "open", "state_reason": nil,
		"labels": []obj{{"name": rapid.SampledFrom([]string{"incident", "bug"}).Draw(t, "label")}}, "created_at": iso(w.now), "updated_at": iso(w.now), "closed_at": nil,
	})
	i := len(w.issues) - 1
	w.mu.Unlock()
	w.tell("issues", obj{"action": "opened", "issue": w.issues[i]})
}

func (w *ghWorld) close(t *rapid.T, i int) {
	issue := w.set(w.issues, i, "state", "closed", "state_reason", rapid.SampledFrom([]string{"completed", "not_planned"}).Draw(t, "why"), "closed_at", iso(w.now), "updated_at", iso(w.now))
	w.tell("issues", obj{"action": "closed", "issue": issue})
}

func (w *ghWorld) release() {
	id := w.id()
	v := obj{
		"id": id, "tag_name": fmt.Sprintf("v1.2.%d", id), "target_commitish": hash(1), "body": "Better.", "html_url": "https://github.com/acme/shop/releases/1", "draft": false,
		"created_at": iso(w.now.Add(-time.Hour)), "published_at": iso(w.now),
	}
	w.mu.Lock()
	w.releases = append(w.releases, v)
	w.mu.Unlock()
	w.tell("release", obj{"action": "published", "release": v})
}

// step is one thing that happens.
func (w *ghWorld) step(t *rapid.T) {
	w.tick(t)
	running := w.open()
	pick := func() int { return rapid.SampledFrom(running).Draw(t, "which") }
	switch what := rapid.IntRange(0, 8).Draw(t, "step"); {
	case what == 0 || len(running) == 0 && what < 5:
		w.startRun(t)
	case what < 3:
		w.job(t, pick())
	case what == 3:
		w.finishRun(t, pick())
	case what == 4:
		i := pick()
		w.finishRun(t, i)
		w.tick(t)
		w.rerun(t, i)
	case what == 5:
		w.pull(t)
	case what == 6:
		w.issue(t)
	case what == 7 && len(w.issues) > 0:
		w.close(t, rapid.IntRange(0, len(w.issues)-1).Draw(t, "issue"))
	default:
		w.release()
	}
}
