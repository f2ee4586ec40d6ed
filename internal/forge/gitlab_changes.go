package forge

import (
	"context"
	"net/url"
	"strconv"
	"time"
)

type glMergeRequest struct {
	Number    int       `json:"iid"`
	Title     string    `json:"title"`
	WebURL    string    `json:"web_url"`
	State     string    `json:"state"`
	Target    string    `json:"target_branch"`
	SHA       string    `json:"sha"`
	MergeSHA  string    `json:"merge_commit_sha"`
	SquashSHA string    `json:"squash_commit_sha"`
	Created   time.Time `json:"created_at"`
	Updated   time.Time `json:"updated_at"`
	Merged    time.Time `json:"merged_at,omitzero"`
}

func (r *glPoll) merges(ctx context.Context) error {
	return sweep(ctx, &r.poll, list[glMergeRequest]{
		name: "merge_requests", path: r.path + "/merge_requests?scope=all&state=all&order_by=updated_at&sort=desc&per_page=50",
		moved: func(m glMergeRequest) time.Time { return m.Updated },
		items: func(m glMergeRequest) ([]Item, error) { return r.merge(ctx, m) },
	})
}

// merge is a merge request that was merged, and the approvals of any, which
// GitLab notes below it.
func (r *glPoll) merge(ctx context.Context, m glMergeRequest) ([]Item, error) {
	var items []Item
	told := func(action string, at time.Time, what ...any) error {
		commit := any(nil)
		for _, sha := range []string{m.MergeSHA, m.SquashSHA} {
			if sha != "" && commit == nil {
				commit = sha
			}
		}
		it, err := r.item("Merge Request Hook", "merge_request", object{"object_attributes": object{
			"iid": m.Number, "title": m.Title, "url": m.WebURL, "action": action, "target_branch": m.Target, "merge_commit_sha": commit,
			"created_at": m.Created, "updated_at": at, "last_commit": object{"id": m.SHA},
		}}, append([]any{m.Number}, what...)...)
		items = append(items, it)
		return err
	}
	if m.State == "merged" && !m.Merged.IsZero() {
		if err := told("merge", m.Merged); err != nil {
			return nil, err
		}
	}
	type note struct {
		ID      int64     `json:"id"`
		System  bool      `json:"system"`
		Body    string    `json:"body"`
		Created time.Time `json:"created_at"`
	}
	notes, err := all[note](ctx, &r.poll, r.path+"/merge_requests/"+strconv.Itoa(m.Number)+"/notes?order_by=created_at&sort=asc&per_page=100", "")
	if err != nil && !lost(err) {
		return nil, err
	}
	for _, n := range notes {
		if n.System && n.Body == "approved this merge request" {
			if err := told("approval", n.Created, n.ID); err != nil {
				return nil, err
			}
		}
	}
	return items, nil
}

type glEvent struct {
	ID   int64     `json:"id"`
	At   time.Time `json:"created_at"`
	Push struct {
		Action string `json:"action"` // created, removed, pushed
		Kind   string `json:"ref_type"`
		Ref    string `json:"ref"`
		From   string `json:"commit_from"`
		To     string `json:"commit_to"`
	} `json:"push_data"`
}

// pushes are what moved the default branch, with the commits that came with it.
func (r *glPoll) pushes(ctx context.Context) error {
	return sweep(ctx, &r.poll, list[glEvent]{
		name: "pushes", path: r.path + "/events?action=pushed&sort=desc&per_page=100",
		moved: func(e glEvent) time.Time { return e.At },
		items: func(e glEvent) ([]Item, error) { return r.push(ctx, e) },
	})
}

func (r *glPoll) push(ctx context.Context, e glEvent) ([]Item, error) {
	p := e.Push
	if p.Kind == "tag" && p.Action == "created" && p.To != "" {
		return r.tag(ctx, e)
	}
	if p.Kind != "branch" || p.Ref != r.project.Branch || p.Action != "pushed" || p.From == "" || p.To == "" {
		return nil, nil
	}
	var came struct {
		Commits []struct {
			ID        string    `json:"id"`
			Message   string    `json:"message"`
			Committed time.Time `json:"committed_date"`
			WebURL    string    `json:"web_url"`
		} `json:"commits"`
	}
	q := url.Values{"from": {p.From}, "to": {p.To}}
	if _, err := r.ask(ctx, r.path+"/repository/compare?"+q.Encode(), "", &came); err != nil || len(came.Commits) == 0 {
		return nil, err
	}
	commits := make([]object, 0, len(came.Commits))
	for i, c := range came.Commits {
		told := object{"id": c.ID, "message": c.Message, "timestamp": c.Committed, "url": c.WebURL}
		if i < filesOf {
			if err := r.files(ctx, c.ID, told); err != nil {
				return nil, err
			}
		}
		commits = append(commits, told)
	}
	it, err := r.item("Push Hook", "push", object{"ref": "refs/heads/" + p.Ref, "after": p.To, "checkout_sha": p.To, "pushed_at": e.At, "commits": commits}, e.ID)
	return []Item{it}, err
}

// tag is a tag with the commit behind it: of an annotated one, the event only
// knows the tag's own id.
func (r *glPoll) tag(ctx context.Context, e glEvent) ([]Item, error) {
	var tag struct {
		Commit struct {
			ID string `json:"id"`
		} `json:"commit"`
	}
	if _, err := r.ask(ctx, r.path+"/repository/tags/"+url.PathEscape(e.Push.Ref), "", &tag); err != nil {
		return nil, err
	}
	it, err := r.item("Tag Push Hook", "tag_push", object{"ref": "refs/tags/" + e.Push.Ref, "after": e.Push.To, "checkout_sha": tag.Commit.ID, "pushed_at": e.At}, e.ID)
	return []Item{it}, err
}

// files adds the paths a commit touched, as pushes list them.
func (r *glPoll) files(ctx context.Context, sha string, to object) error {
	type diff struct {
		New     string `json:"new_path"`
		Old     string `json:"old_path"`
		Added   bool   `json:"new_file"`
		Deleted bool   `json:"deleted_file"`
	}
	diffs, err := all[diff](ctx, &r.poll, r.path+"/repository/commits/"+url.PathEscape(sha)+"/diff?per_page=100", "")
	if lost(err) {
		return nil
	}
	if err != nil {
		return err
	}
	var added, removed, modified []string
	for _, d := range diffs {
		switch {
		case d.Added:
			added = append(added, d.New)
		case d.Deleted:
			removed = append(removed, d.Old)
		default:
			modified = append(modified, d.New)
		}
	}
	to["added"], to["removed"], to["modified"] = added, removed, modified
	return nil
}
