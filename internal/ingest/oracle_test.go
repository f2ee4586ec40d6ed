package ingest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	gogithub "github.com/google/go-github/v84/github"
	gitlabapi "gitlab.com/gitlab-org/api/client-go"

	"github.com/debriefhq/debrief"
)

// What the forges' own clients read from the same bytes is held against what
// debrief made of them, field by field.

// said is one field as the other client read it; empty values were not said.
type said struct {
	field    string
	ours     any
	theirs   any
	required bool
}

func compare(t *testing.T, name string, list []said) {
	t.Helper()
	for _, s := range list {
		ours, theirs := plainly(s.ours), plainly(s.theirs)
		if ours != theirs {
			t.Errorf("%s: %s is %q, the other client reads %q", name, s.field, ours, theirs)
		}
		if s.required && ours == "" {
			t.Errorf("%s: %s is empty in both", name, s.field)
		}
	}
}

// plainly writes times alike, whatever way they were written in the payload.
func plainly(v any) string {
	switch v := v.(type) {
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.UTC().Truncate(time.Second).Format(time.RFC3339)
	case *time.Time:
		if v == nil {
			return ""
		}
		return plainly(*v)
	case gogithub.Timestamp:
		return plainly(v.Time)
	case string:
		for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05 UTC", "2006-01-02 15:04:05 -0700"} {
			if at, err := time.Parse(layout, v); err == nil {
				return plainly(at)
			}
		}
		return v
	}
	return fmt.Sprint(v)
}

func TestGitHubsOwnClientReadsTheSame(t *testing.T) {
	t.Parallel()
	held := map[string]int{}
	list := payloads(t, "github")
	for _, c := range corpora() {
		if c.source == "github" {
			list = append(list, c.read(t)...)
		}
	}
	for _, p := range list {
		events, err := parseGitHub(p.Request)
		if err != nil {
			continue
		}
		kind := header(p.Header, githubEvent)
		parsed, err := gogithub.ParseWebHook(kind, p.Body)
		if err != nil {
			continue // ours is more patient: null and numbers where the client expects text
		}
		held[kind]++
		e := events[0]
		switch o := parsed.(type) {
		case *gogithub.DeploymentEvent:
			compare(t, p.name, deploymentSaid(e.Report, o.GetRepo(), o.GetDeployment()))
		case *gogithub.DeploymentStatusEvent:
			compare(t, p.name, append(deploymentSaid(e.Report, o.GetRepo(), o.GetDeployment()), said{"at", e.At, o.GetDeploymentStatus().GetCreatedAt(), true}))
		case *gogithub.WorkflowRunEvent:
			run := o.GetWorkflowRun()
			compare(t, p.name, []said{
				{"key", e.Report.Keys[0], fmt.Sprintf("github/run/%d", run.GetID()), true},
				{"commit", e.Report.Commit, run.GetHeadSHA(), true},
				{"attempt", e.Report.Attempt, run.GetRunAttempt(), false},
				{"queued", e.Report.Times.Queued, run.GetCreatedAt(), true},
				{"url", e.Report.URL, run.GetHTMLURL(), false},
			})
		case *gogithub.WorkflowJobEvent:
			j, s := o.GetWorkflowJob(), e.Report.Stages[0]
			compare(t, p.name, []said{
				{"key", e.Report.Keys[0], fmt.Sprintf("github/run/%d", j.GetRunID()), true},
				{"commit", e.Report.Commit, j.GetHeadSHA(), true},
				{"stage", s.Name, j.GetName(), true},
				{"attempt", s.Attempt, int(j.GetRunAttempt()), true},
				{"finished", s.Finished, j.GetCompletedAt(), false},
			})
		case *gogithub.CheckRunEvent:
			c, s := o.GetCheckRun(), e.Report.Stages[0]
			compare(t, p.name, []said{
				{"stage", s.Name, c.GetName(), true},
				{"commit", e.Report.Commit, c.GetHeadSHA(), true},
				{"started", s.Started, c.GetStartedAt(), true},
				{"finished", s.Finished, c.GetCompletedAt(), false},
			})
		case *gogithub.PushEvent:
			if e.Change == nil {
				continue // a tag
			}
			for i, c := range o.Commits {
				compare(t, p.name, []said{
					{"commit", events[i].Change.Commit, c.GetID(), true},
					{"title", events[i].Change.Title, strings.SplitN(c.GetMessage(), "\n", 2)[0], true},
					{"committed", events[i].Change.Committed, c.GetTimestamp(), true},
					{"pushed", events[i].Change.Pushed, o.GetRepo().GetPushedAt(), true},
					{"files", events[i].Change.Files, len(c.Added) + len(c.Removed) + len(c.Modified), false},
				})
			}
		case *gogithub.ReleaseEvent:
			compare(t, p.name, []said{
				{"name", e.Version.Name, o.GetRelease().GetTagName(), true},
				{"published", e.Version.Published, o.GetRelease().GetPublishedAt(), true},
				{"repository", e.Version.Repository, o.GetRepo().GetFullName(), true},
			})
		case *gogithub.PullRequestEvent:
			pull := o.GetPullRequest()
			compare(t, p.name, []said{
				{"commit", e.Change.Commit, pull.GetMergeCommitSHA(), true},
				{"number", e.Change.PullNumber, pull.GetNumber(), true},
				{"title", e.Change.Title, pull.GetTitle(), true},
				{"opened", e.Change.Opened, pull.GetCreatedAt(), true},
				{"merged", e.Change.Merged, pull.GetMergedAt(), true},
				{"commits", e.Change.Commits, pull.GetCommits(), true},
				{"files", e.Change.Files, pull.GetChangedFiles(), true},
			})
		case *gogithub.PullRequestReviewEvent:
			compare(t, p.name, []said{
				{"number", e.Change.PullNumber, o.GetPullRequest().GetNumber(), true},
				{"reviewed", e.Change.Reviewed, o.GetReview().GetSubmittedAt(), true},
			})
		case *gogithub.IssuesEvent:
			i, labels := o.GetIssue(), []string(nil)
			for _, l := range i.Labels {
				labels = append(labels, l.GetName())
			}
			key := fmt.Sprintf("github/issue/%s/%d", o.GetRepo().GetFullName(), i.GetNumber())
			if e.Ticket != nil {
				compare(t, p.name, []said{
					{"key", e.Ticket.Keys[0], key, true},
					{"title", e.Ticket.Title, i.GetTitle(), true},
					{"opened", e.Ticket.Opened, i.GetCreatedAt(), true},
					{"state", e.Ticket.State, i.GetState(), true},
					{"labels", strings.Join(e.Ticket.Labels, ","), strings.Join(labels, ","), false},
				})
				continue
			}
			compare(t, p.name, []said{{"key", e.Incident.Keys[0], key, true}, {"title", e.Incident.Title, i.GetTitle(), true}, {"detected", e.Incident.Detected, i.GetCreatedAt(), true}})
		default:
			t.Errorf("%s: nothing holds %T", p.name, o)
		}
	}
	for kind := range githubKinds() {
		if kind != "ping" && held[kind] == 0 {
			t.Errorf("no payload of kind %s was held against the client", kind)
		}
	}
}

func deploymentSaid(r *debrief.Report, repo *gogithub.Repository, d *gogithub.Deployment) []said {
	return []said{
		{"key", r.Keys[0], fmt.Sprintf("github/deployment/%s/%d", repo.GetFullName(), d.GetID()), true},
		{"commit", r.Commit, d.GetSHA(), true},
		{"queued", r.Times.Queued, d.GetCreatedAt(), true},
	}
}

func TestGitLabsOwnClientReadsTheSame(t *testing.T) {
	t.Parallel()
	hooks := map[string]gitlabapi.EventType{
		"deployment": gitlabapi.EventTypeDeployment, "pipeline": gitlabapi.EventTypePipeline, "build": gitlabapi.EventTypeJob, "merge_request": gitlabapi.EventTypeMergeRequest,
		"push": gitlabapi.EventTypePush, "tag_push": gitlabapi.EventTypeTagPush, "release": gitlabapi.EventTypeRelease, "issue": gitlabapi.EventTypeIssue,
		"feature_flag": gitlabapi.EventTypeFeatureFlag,
	}
	held := map[string]int{}
	list := payloads(t, "gitlab")
	for _, c := range corpora() {
		if c.source == "gitlab" {
			list = append(list, c.read(t)...)
		}
	}
	for _, p := range list {
		events, err := parseGitLab(p.Request)
		if err != nil {
			continue
		}
		var about struct {
			Kind string `json:"object_kind"`
		}
		if err := decode(p.Body, &about); err != nil || about.Kind == "" {
			continue // a system hook
		}
		parsed, err := gitlabapi.ParseHook(hooks[about.Kind], p.Body)
		if err != nil {
			continue
		}
		held[about.Kind]++
		e := events[0]
		switch o := parsed.(type) {
		case *gitlabapi.DeploymentEvent:
			project := o.Project.PathWithNamespace
			want := []said{
				{"key", e.Report.Keys[0], fmt.Sprintf("gitlab/deployment/%s/%d", project, o.DeploymentID), true},
				{"environment", e.Report.Environment, o.Environment, true},
				{"at", e.At, o.StatusChangedAt, true},
				{"url", e.Report.URL, o.DeployableURL, false},
				{"commit", strings.HasPrefix(e.Report.Commit, o.ShortSHA), true, true},
			}
			if o.DeployableID > 0 {
				want = append(want, said{"job", e.Report.Keys[1], fmt.Sprintf("gitlab/job/%s/%d", project, o.DeployableID), true})
			}
			compare(t, p.name, want)
		case *gitlabapi.PipelineEvent:
			began := 0
			for _, b := range o.Builds {
				switch b.Status {
				case "running", "success", "failed", "canceled":
					began++
				}
			}
			compare(t, p.name, []said{
				{"key", e.Report.Keys[0], fmt.Sprintf("gitlab/pipeline/%s/%d", o.Project.PathWithNamespace, o.ObjectAttributes.ID), true},
				{"commit", e.Report.Commit, o.ObjectAttributes.SHA, true},
				{"queued", e.Report.Times.Queued, o.ObjectAttributes.CreatedAt, true},
				{"finished", e.Report.Times.Finished, o.ObjectAttributes.FinishedAt, false},
				{"stages", len(e.Report.Stages), began, true},
			})
		case *gitlabapi.JobEvent:
			s := e.Report.Stages[0]
			run := e.Report.Keys[len(e.Report.Keys)-1]
			compare(t, p.name, []said{
				{"run", strings.HasSuffix(run, fmt.Sprintf("/%d", o.PipelineID)), true, true},
				{"stage", s.Name, o.BuildName, true},
				{"started", s.Started, o.BuildStartedAt, false},
				{"finished", s.Finished, o.BuildFinishedAt, false},
				{"commit", e.Report.Commit, o.SHA, true},
			})
			if o.Environment.Action == "start" {
				compare(t, p.name, []said{{"environment", e.Report.Environment, o.Environment.Name, true}})
			}
		case *gitlabapi.MergeEvent:
			a := o.ObjectAttributes
			compare(t, p.name, []said{
				{"number", e.Change.PullNumber, int(a.IID), true},
				{"at", e.At, a.UpdatedAt, true},
				{"repository", e.Change.Repository, o.Project.PathWithNamespace, true},
			})
			if a.Action == "merge" && a.MergeCommitSHA != "" {
				compare(t, p.name, []said{{"commit", e.Change.Commit, a.MergeCommitSHA, true}, {"title", e.Change.Title, a.Title, true}, {"opened", e.Change.Opened, a.CreatedAt, true}})
			}
		case *gitlabapi.PushEvent:
			for i, c := range o.Commits {
				compare(t, p.name, []said{
					{"commit", events[i].Change.Commit, c.ID, true},
					{"title", events[i].Change.Title, strings.SplitN(strings.TrimSpace(c.Message), "\n", 2)[0], true},
					{"committed", events[i].Change.Committed, c.Timestamp, true},
					{"files", events[i].Change.Files, len(c.Added) + len(c.Removed) + len(c.Modified), false},
				})
			}
		case *gitlabapi.TagEvent:
			compare(t, p.name, []said{{"name", e.Version.Name, strings.TrimPrefix(o.Ref, "refs/tags/"), true}, {"commit", e.Version.Commit, o.CheckoutSHA, true}})
		case *gitlabapi.ReleaseEvent:
			compare(t, p.name, []said{{"name", e.Version.Name, o.Tag, true}, {"published", e.Version.Published, o.ReleasedAt, true}, {"commit", e.Version.Commit, o.Commit.ID, true}})
		case *gitlabapi.IssueEvent:
			a, keys, title := o.ObjectAttributes, []string(nil), ""
			if e.Ticket != nil {
				keys, title = e.Ticket.Keys, e.Ticket.Title
			} else {
				keys, title = e.Incident.Keys, e.Incident.Title
			}
			compare(t, p.name, []said{{"key", keys[0], fmt.Sprintf("gitlab/issue/%s/%d", o.Project.PathWithNamespace, a.IID), true}, {"at", e.At, a.UpdatedAt, true}})
			if !a.Confidential {
				compare(t, p.name, []said{{"title", title, a.Title, true}})
			}
		case *gitlabapi.FeatureFlagEvent:
			compare(t, p.name, []said{
				{"title", e.Change.Title, "flag " + o.ObjectAttributes.Name + map[bool]string{true: " on", false: " off"}[o.ObjectAttributes.Active], true},
				{"repository", e.Change.Repository, o.Project.PathWithNamespace, true},
			})
		default:
			t.Errorf("%s: nothing holds %T", p.name, o)
		}
	}
	for kind := range hooks {
		if held[kind] == 0 {
			t.Errorf("no payload of kind %s was held against the client", kind)
		}
	}
}
