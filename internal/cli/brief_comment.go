package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/send"
	"github.com/debriefhq/debrief/internal/tell"
)

// pull is the pull or merge request a CI job is about; Pull is 0 where it is
// about none.
type pull struct {
	Forge, Repository, API string
	Pull                   int
}

// maxCIEvent bounds the file in which GitHub tells a job what it is about.
const maxCIEvent = 25 << 20

// pullOf reads the variables of GitHub Actions and GitLab CI.
func pullOf(e *Env) pull {
	if n, err := strconv.Atoi(e.Getenv("CI_MERGE_REQUEST_IID")); err == nil && n > 0 {
		return pull{"gitlab", e.Getenv("CI_PROJECT_PATH"), e.Getenv("CI_API_V4_URL"), n}
	}
	if e.Getenv("GITHUB_ACTIONS") == "" {
		return pull{}
	}
	p := pull{Forge: "github", Repository: e.Getenv("GITHUB_REPOSITORY"), API: cmp.Or(e.Getenv("GITHUB_API_URL"), "https://api.github.com")}
	// refs/pull/12/merge; where the job was begun by something else, its event.
	if rest, ok := strings.CutPrefix(e.Getenv("GITHUB_REF"), "refs/pull/"); ok {
		number, _, _ := strings.Cut(rest, "/")
		p.Pull, _ = strconv.Atoi(number)
	}
	if p.Pull == 0 {
		p.Pull = pullInEvent(e.Getenv("GITHUB_EVENT_PATH"))
	}
	return p
}

func pullInEvent(path string) int {
	if path == "" {
		return 0
	}
	file, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer file.Close()
	var event struct {
		Pull struct {
			Number int `json:"number"`
		} `json:"pull_request"`
	}
	if json.NewDecoder(io.LimitReader(file, maxCIEvent)).Decode(&event) != nil {
		return 0
	}
	return max(event.Pull.Number, 0)
}

// commentBrief writes a brief on the job's pull request with the job's token.
func commentBrief(ctx context.Context, e *Env, b debrief.Brief, pages string) error {
	at := pullOf(e)
	if at.Pull == 0 || at.Repository == "" || at.API == "" {
		return debrief.Errorf(debrief.Invalid, "--comment", "this is no CI job of a pull or merge request").
			WithHint("GitHub Actions: on: pull_request; GitLab CI: rules with merge_request_event")
	}
	token := cmp.Or(e.Getenv("DEBRIEF_COMMENT_TOKEN"), e.Getenv("GITHUB_TOKEN"))
	open := send.GitHubComments
	if at.Forge == "gitlab" {
		token, open = cmp.Or(e.Getenv("DEBRIEF_COMMENT_TOKEN"), e.Getenv("GITLAB_TOKEN")), send.GitLabComments
	}
	if token == "" {
		return debrief.Errorf(debrief.Invalid, "--comment", "there is no token to comment with").
			WithHint("set DEBRIEF_COMMENT_TOKEN, or GITHUB_TOKEN: ${{ github.token }}")
	}
	text, _ := tell.BriefComment(b, pages, e.Now().Location())
	_, err := open(at.API, token, send.Client(at.API)).Send(ctx, debrief.Message{
		Channel: send.CommentOn(at.Forge, at.Repository, at.Pull), Text: text,
	})
	return err
}
