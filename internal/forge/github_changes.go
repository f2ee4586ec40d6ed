package forge

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"
)

type ghPullRequest struct {
	Number   int       `json:"number"`
	Title    string    `json:"title"`
	HTMLURL  string    `json:"html_url"`
	Merged   bool      `json:"merged"`
	MergeSHA string    `json:"merge_commit_sha"`
	Created  time.Time `json:"created_at"`
	Updated  time.Time `json:"updated_at"`
	MergedAt time.Time `json:"merged_at,omitzero"`
	Commits  int       `json:"commits"`
	Added    int       `json:"additions"`
	Deleted  int       `json:"deletions"`
	Files    int       `json:"changed_files"`
	Base     struct {
		Ref string `json:"ref"`
	} `json:"base"`
}

func (r *ghPoll) pulls(ctx context.Context) error {
	return sweep(ctx, &r.poll, list[ghPullRequest]{
		name: "pulls", path: r.path + "/pulls?state=all&sort=updated&direction=desc&per_page=50",
		moved: func(p ghPullRequest) time.Time { return p.Updated },
		items: func(p ghPullRequest) ([]Item, error) { return r.pull(ctx, p) },
	})
}

// pull is a merged pull request, which the list knows without its sizes, and
// the reviews of any.
func (r *ghPoll) pull(ctx context.Context, p ghPullRequest) ([]Item, error) {
	path := r.path + "/pulls/" + strconv.Itoa(p.Number)
	var items []Item
	if !p.MergedAt.IsZero() {
		if _, err := r.ask(ctx, path, "", &p); err != nil {
			return nil, err
		}
		whole := object{
			"number": p.Number, "title": p.Title, "html_url": p.HTMLURL, "merged": p.Merged, "merge_commit_sha": p.MergeSHA, "created_at": p.Created,
			"merged_at": p.MergedAt, "commits": p.Commits, "additions": p.Added, "deletions": p.Deleted, "changed_files": p.Files, "base": p.Base,
		}
		it, err := r.item("pull_request", object{"action": "closed", "pull_request": whole}, p.Number)
		if err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	type review struct {
		ID        int64     `json:"id"`
		State     string    `json:"state"`
		Submitted time.Time `json:"submitted_at,omitzero"`
	}
	reviews, err := all[review](ctx, &r.poll, path+"/reviews?per_page=100", "")
	if err != nil {
		return nil, err
	}
	for _, v := range reviews {
		if v.Submitted.IsZero() { // not handed in yet
			continue
		}
		v.State = strings.ToLower(v.State) // as webhooks write it
		it, err := r.item("pull_request_review", object{"action": "submitted", "review": v, "pull_request": object{"number": p.Number}}, p.Number, v.ID)
		if err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	return items, nil
}

type ghActivity struct {
	ID     int64     `json:"id"`
	Before string    `json:"before"`
	After  string    `json:"after"`
	Kind   string    `json:"activity_type"`
	At     time.Time `json:"timestamp"`
}

// pushes are what moved the default branch, with the commits that came with it.
func (r *ghPoll) pushes(ctx context.Context) error {
	return sweep(ctx, &r.poll, list[ghActivity]{
		name: "pushes", path: r.path + "/activity?per_page=50&ref=" + url.QueryEscape("refs/heads/"+r.branch),
		moved: func(a ghActivity) time.Time { return a.At },
		items: func(a ghActivity) ([]Item, error) { return r.push(ctx, a) },
	})
}

// filesOf is how many commits of one push are asked for their files, each
// another request.
const filesOf = 50

func (r *ghPoll) push(ctx context.Context, a ghActivity) ([]Item, error) {
	switch a.Kind {
	case "push", "force_push", "pr_merge", "merge_queue_merge":
	default:
		return nil, nil
	}
	type commit struct {
		SHA     string `json:"sha"`
		HTMLURL string `json:"html_url"`
		Commit  struct {
			Message   string `json:"message"`
			Committer struct {
				Date time.Time `json:"date"`
			} `json:"committer"`
		} `json:"commit"`
	}
	came, err := all[commit](ctx, &r.poll, r.path+"/compare/"+escaped(a.Before)+"..."+escaped(a.After)+"?per_page=100", "commits")
	if err != nil || len(came) == 0 {
		return nil, err
	}
	commits := make([]object, 0, len(came))
	for i, c := range came {
		told := object{"id": c.SHA, "message": c.Commit.Message, "timestamp": c.Commit.Committer.Date, "url": c.HTMLURL}
		if i < filesOf {
			if err := r.files(ctx, c.SHA, told); err != nil {
				return nil, err
			}
		}
		commits = append(commits, told)
	}
	repository := object{"pushed_at": a.At.Unix()}
	for k, v := range r.repository {
		repository[k] = v
	}
	it, err := r.item("push", object{"ref": "refs/heads/" + r.branch, "after": a.After, "commits": commits, "repository": repository}, a.ID)
	return []Item{it}, err
}

// files adds the paths a commit touched, as pushes list them: a renamed file
// was removed and added.
func (r *ghPoll) files(ctx context.Context, sha string, to object) error {
	var c struct {
		Files []struct {
			Name     string `json:"filename"`
			Previous string `json:"previous_filename"`
			Status   string `json:"status"`
		} `json:"files"`
	}
	if _, err := r.ask(ctx, r.path+"/commits/"+escaped(sha), "", &c); lost(err) {
		return nil
	} else if err != nil {
		return err
	}
	var added, removed, modified []string
	for _, f := range c.Files {
		switch f.Status {
		case "added", "copied":
			added = append(added, f.Name)
		case "removed":
			removed = append(removed, f.Name)
		case "renamed":
			added, removed = append(added, f.Name), append(removed, f.Previous)
		default:
			modified = append(modified, f.Name)
		}
	}
	to["added"], to["removed"], to["modified"] = added, removed, modified
	return nil
}
