package loop_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/forge"
)

// The same life of a GitLab project, told by its webhooks and by its API: a
// push, a merge request with an approval, a pipeline whose job deploys, an
// incident, a release.
func TestGitLabPolledOrSentIsTheSame(t *testing.T) {
	t.Parallel()
	const p, web = "/api/v4/projects/acme%2Fshop", "https://gitlab.example.com/acme/shop"
	f := newFakeForge(t)
	now := began
	project := obj{"id": 30, "path_with_namespace": "acme/shop", "web_url": web, "default_branch": "main"}
	f.objects[p] = func() any { return project }
	lists := map[string][]obj{}
	for name, by := range map[string]string{"deployments": "updated_at", "pipelines": "updated_at", "merge_requests": "updated_at", "events": "created_at", "releases": "released_at", "issues": "updated_at"} {
		f.lists[p+"/"+name] = func(url.Values) []any { return newest(lists[name], by) }
	}
	gl := forge.GitLab{URL: f.URL, Token: "read-only", Client: f.Client(), Now: func() time.Time { return now }}
	sent, polled, once := newHeard("gitlab", "X-Gitlab-Event"), newHeard("gitlab", "X-Gitlab-Event"), newHeard("gitlab", "X-Gitlab-Event")
	var progress forge.Progress
	tell := func(kind string, body obj) {
		text, err := json.Marshal(with(body, "object_kind", kind, "project", project, "user", obj{"name": "A. Person"}))
		if err != nil {
			t.Fatal(err)
		}
		sent.add(t, kind, fmt.Sprint(len(sent.events), now), text, now)
	}
	next := func() {
		if err := round(t, gl, "acme/shop", polled, &progress, now); err != nil {
			t.Fatal(err)
		}
		now = now.Add(97 * time.Second)
	}
	hook := func(at time.Time) any { // as most of GitLab's webhooks write times
		if at.IsZero() {
			return nil
		}
		return at.Format("2006-01-02 15:04:05 UTC")
	}
	fine := func(at time.Time) any { // as the API does
		if at.IsZero() {
			return nil
		}
		return at.Add(444 * time.Millisecond).Format("2006-01-02T15:04:05.000Z")
	}

	// A merge request is approved and merged, which pushes two commits.
	mr := obj{"iid": 7, "title": "Faster", "web_url": web + "/-/merge_requests/7", "state": "opened", "target_branch": "main", "sha": hash(1), "merge_commit_sha": nil, "created_at": fine(now), "updated_at": fine(now)}
	attributes := obj{"iid": 7, "title": "Faster", "url": web + "/-/merge_requests/7", "target_branch": "main", "created_at": hook(now), "last_commit": obj{"id": hash(1)}}
	lists["merge_requests"] = []obj{mr}
	notes := []obj{}
	f.lists[p+"/merge_requests/7/notes"] = func(url.Values) []any { return newest(notes, "created_at") }
	next()
	notes = []obj{{"id": 1, "system": true, "body": "approved this merge request", "created_at": fine(now)}, {"id": 2, "system": false, "body": "approved this merge request", "created_at": fine(now)}}
	lists["merge_requests"][0] = with(mr, "updated_at", fine(now))
	tell("merge_request", obj{"object_attributes": with(attributes, "action", "approval", "updated_at", hook(now))})
	next()
	lists["merge_requests"][0] = with(mr, "state", "merged", "merge_commit_sha", hash(2), "merged_at", fine(now), "updated_at", fine(now))
	tell("merge_request", obj{"object_attributes": with(attributes, "action", "merge", "merge_commit_sha", hash(2), "updated_at", hook(now))})
	var came, listed []obj
	for i := 1; i <= 2; i++ {
		c := obj{"id": hash(i), "message": "Change\n\nSee merge request acme/shop!7"}
		came = append(came, with(c, "web_url", web+"/-/commit/"+hash(i), "committed_date", fine(began)))
		listed = append(listed, with(c, "url", web+"/-/commit/"+hash(i), "timestamp", began.Format(time.RFC3339), "added", []string{"new"}, "modified", []string{"price"}, "removed", []string{"old"}))
		f.lists[p+"/repository/commits/"+hash(i)+"/diff"] = func(url.Values) []any {
			return []any{obj{"new_path": "new", "old_path": "new", "new_file": true}, obj{"new_path": "price", "old_path": "price"}, obj{"new_path": "old", "old_path": "old", "deleted_file": true}}
		}
	}
	f.objects[p+"/repository/compare"] = func() any { return obj{"commits": came} }
	pushed := now
	lists["events"] = []obj{{"id": 1, "created_at": iso(pushed), "push_data": obj{"action": "pushed", "ref_type": "branch", "ref": "main", "commit_from": hash(9), "commit_to": hash(2)}}}
	tell("push", obj{"ref": "refs/heads/main", "after": hash(2), "checkout_sha": hash(2), "commits": listed})
	next()

	// A pipeline tests and deploys.
	type job struct {
		id            int
		name, status  string
		started, done time.Time
		env           any
	}
	production := obj{"name": "production", "action": "start"}
	jobs := []*job{{id: 11, name: "test", status: "created"}, {id: 12, name: "deploy", status: "created", env: production}}
	status, finished, created := "pending", time.Time{}, now
	pipeline := func(at func(time.Time) any) obj {
		return obj{"id": 31, "ref": "v1.2.0", "tag": true, "sha": hash(2), "status": status, "created_at": at(created), "finished_at": at(finished)}
	}
	asAPI := func(j *job) obj {
		return obj{
			"id": j.id, "name": j.name, "status": j.status, "started_at": fine(j.started), "finished_at": fine(j.done), "ref": "v1.2.0", "tag": true,
			"commit": obj{"id": hash(2)}, "pipeline": obj{"id": 31},
		}
	}
	f.objects[p+"/pipelines/31"] = func() any { return pipeline(fine) }
	f.lists[p+"/pipelines/31/jobs"] = func(url.Values) []any { return []any{asAPI(jobs[0]), asAPI(jobs[1])} }
	moved := func() {
		lists["pipelines"] = []obj{{"id": 31, "updated_at": fine(now)}}
		var builds []obj
		for _, j := range jobs {
			builds = append(builds, obj{"id": j.id, "name": j.name, "status": j.status, "started_at": hook(j.started), "finished_at": hook(j.done), "environment": j.env})
		}
		tell("pipeline", obj{"object_attributes": pipeline(hook), "builds": builds})
		for _, j := range jobs {
			if !j.started.IsZero() {
				tell("build", obj{
					"ref": "v1.2.0", "tag": true, "sha": hash(2), "build_id": j.id, "build_name": j.name, "build_status": j.status, "build_started_at": hook(j.started),
					"build_finished_at": hook(j.done), "pipeline_id": 31, "environment": j.env,
				})
			}
		}
		if d := jobs[1]; d.status != "created" {
			lists["deployments"] = []obj{{"id": 15, "ref": "v1.2.0", "sha": hash(2), "status": d.status, "created_at": fine(created), "updated_at": fine(now), "environment": obj{"name": "production"}, "deployable": asAPI(d)}}
			tell("deployment", obj{
				"status": d.status, "status_changed_at": now.In(time.FixedZone("", 7200)).Format("2006-01-02 15:04:05 -0700"), "deployment_id": 15, "deployable_id": 12,
				"deployable_url": web + "/-/jobs/12", "environment": "production", "short_sha": hash(2)[:8], "commit_url": web + "/-/commit/" + hash(2), "ref": "v1.2.0",
			})
		}
		next()
	}
	moved()
	status = "running"
	for _, j := range jobs {
		j.status, j.started = "running", now
		moved()
		j.status, j.done = "success", now
		if j == jobs[1] {
			status, finished = "success", now
		}
		moved()
	}

	// An incident, a release.
	issue := obj{"iid": 3, "title": "Down", "description": "All.", "state": "opened", "confidential": false}
	lists["issues"] = []obj{with(issue, "issue_type", "incident", "severity", "HIGH", "labels", []string{"service::shop"}, "web_url", web+"/-/issues/3", "created_at", fine(now), "updated_at", fine(now))}
	tell("issue", obj{"object_attributes": with(issue, "type", "Incident", "severity", "high", "labels", []obj{{"title": "service::shop"}}, "url", web+"/-/issues/3", "created_at", hook(now), "updated_at", hook(now))})
	lists["releases"] = []obj{{"tag_name": "v1.2.0", "description": "Better.", "released_at": fine(now), "commit": obj{"id": hash(2)}, "_links": obj{"self": web + "/-/releases/v1.2.0"}}}
	tell("release", obj{"action": "create", "tag": "v1.2.0", "description": "Better.", "released_at": hook(now), "commit": obj{"id": hash(2)}, "url": web + "/-/releases/v1.2.0"})
	next()

	none := func(debrief.Event) bool { return false }
	// A job that deploys nothing is told by a webhook of its own; asked for, it stands in its pipeline.
	lone := func(e debrief.Event) bool {
		return e.Report != nil && e.Report.State == "" && len(e.Report.Stages) == 1
	}
	if lost := missing(sent, polled, lone); len(lost) > 0 {
		t.Errorf("sent and not polled: %v", lost)
	}
	if more := missing(polled, sent, none); len(more) > 0 {
		t.Errorf("polled and not sent: %v", more)
	}
	if err := round(t, gl, "acme/shop", once, &forge.Progress{}, now); err != nil {
		t.Fatal(err)
	}
	sameObjects(t, sent, once)
	ds, _ := once.objects()
	if len(ds) != 1 || ds[0].Version != "v1.2.0" || len(ds[0].Stages) != 2 || ds[0].State != debrief.Succeeded {
		t.Errorf("deployments: %+v", ds)
	}
	before := f.asked
	if err := round(t, gl, "acme/shop", polled, &progress, now); err != nil || f.unchanged == 0 {
		t.Errorf("%v; %d answers unchanged", err, f.unchanged)
	}
	if quiet := f.asked - before; quiet > 7 {
		t.Errorf("%d requests where nothing happened", quiet)
	}
}

// A round ends while a tenth of the limit is left, and says when to go on.
func TestAPollLeavesSomeOfTheLimit(t *testing.T) {
	t.Parallel()
	w := newGitHubWorld(t, began)
	reset := began.Add(20 * time.Minute)
	w.limit = [2]int64{12, reset.Unix()}
	gh := forge.GitHub{URL: w.URL, Client: w.Client(), Now: func() time.Time { return began }}
	err := round(t, gh, "acme/shop", newHeard("github", "X-Github-Event"), &forge.Progress{}, began)
	var wait *forge.Wait
	if !errors.As(err, &wait) || !wait.Until.Equal(reset) || debrief.KindOf(err) != debrief.TooMany || w.asked > 4 {
		t.Errorf("after %d requests: %v", w.asked, err)
	}
	w.limit = [2]int64{}
	w.fail = func(int) int { return 403 }
	err = round(t, gh, "acme/shop", newHeard("github", "X-Github-Event"), &forge.Progress{}, began)
	if debrief.KindOf(err) != debrief.Forbidden || !strings.Contains(err.Error(), "read-only token") {
		t.Errorf("a refusal that is no limit: %v", err)
	}
}
