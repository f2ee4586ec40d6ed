package ingest

import "github.com/debriefhq/debrief"

// ghPull is https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request
type ghPull struct {
	Action string `json:"action"`
	Pull   struct {
		Number    int    `json:"number"`
		Title     string `json:"title"`
		HTMLURL   string `json:"html_url"`
		Merged    bool   `json:"merged"`
		MergeSHA  string `json:"merge_commit_sha"`
		CreatedAt ghTime `json:"created_at"`
		MergedAt  ghTime `json:"merged_at"`
		Commits   int    `json:"commits"`
		Added     int    `json:"additions"`
		Deleted   int    `json:"deletions"`
		Files     int    `json:"changed_files"`
		Base      struct {
			Ref string `json:"ref"`
		} `json:"base"`
	} `json:"pull_request"`
	Repository ghRepository `json:"repository"`
}

// githubPullRequest takes a merged pull request as a change that may ship.
func githubPullRequest(r Request) ([]debrief.Event, error) {
	var p ghPull
	if err := decode(r.Body, &p); err != nil {
		return nil, err
	}
	if err := p.Repository.check(); err != nil {
		return nil, err
	}
	pull := p.Pull
	switch {
	case p.Action != "closed":
		return nil, ignored("pull_request %s: only merged ones count", line(p.Action, 40))
	case !pull.Merged:
		return nil, ignored("pull request closed without merging")
	case p.Repository.branch() != "" && pull.Base.Ref != p.Repository.branch():
		return nil, ignored("pull request merged into %s: only the default branch's commits can ship", line(pull.Base.Ref, 100))
	case !isCommit(pull.MergeSHA):
		return nil, debrief.Errorf(debrief.Invalid, "pull_request.merge_commit_sha", "missing or not a commit")
	}
	if err := ghTimes(r.Received, ghAt("pull_request.created_at", pull.CreatedAt), ghAt("pull_request.merged_at", pull.MergedAt)); err != nil {
		return nil, err
	}
	e := event("github", r, 0, debrief.EventChange, pull.MergedAt.Time)
	e.Service = p.Repository.service()
	e.Change = &debrief.Change{
		ID:         changeID(p.Repository.FullName, pull.MergeSHA),
		Repository: p.Repository.FullName,
		Commit:     pull.MergeSHA,
		Title:      firstLine(pull.Title),
		PullNumber: max(pull.Number, 0),
		URL:        webAddress(pull.HTMLURL),
		Branch:     line(pull.Base.Ref, maxVersion),
		Opened:     pull.CreatedAt.Time,
		Merged:     e.At,
		Commits:    max(pull.Commits, 0),
		Files:      max(pull.Files, 0),
		Added:      max(pull.Added, 0),
		Deleted:    max(pull.Deleted, 0),
	}
	return []debrief.Event{e}, nil
}
