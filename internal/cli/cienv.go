package cli

import (
	"strconv"
	"strings"

	"github.com/debriefhq/debrief/internal/ingest"
)

// pipeline is what the environment of a CI job says about the run it is part of.
type pipeline struct {
	Key        string // the same in every job of the run, and in the forge's webhooks
	URL        string
	Attempt    int
	Commit     string
	Repository string
}

// pipelineOf reads the variables of the CI systems debrief knows. No CI: zero.
func pipelineOf(getenv func(string) string) pipeline {
	switch {
	case getenv("GITHUB_RUN_ID") != "":
		p := pipeline{Key: "github/run/" + getenv("GITHUB_RUN_ID"), Commit: getenv("GITHUB_SHA"), Repository: getenv("GITHUB_REPOSITORY")}
		if server := strings.TrimRight(getenv("GITHUB_SERVER_URL"), "/"); server != "" && p.Repository != "" {
			p.URL = server + "/" + p.Repository + "/actions/runs/" + getenv("GITHUB_RUN_ID")
		}
		p.Attempt, _ = strconv.Atoi(getenv("GITHUB_RUN_ATTEMPT"))
		return p.valid()
	case getenv("CI_PIPELINE_ID") != "":
		p := pipeline{
			Key: "gitlab/pipeline/" + getenv("CI_PROJECT_PATH") + "/" + getenv("CI_PIPELINE_ID"),
			URL: getenv("CI_PIPELINE_URL"), Commit: getenv("CI_COMMIT_SHA"), Repository: getenv("CI_PROJECT_PATH"),
		}
		return p.valid()
	case getenv("JENKINS_URL") != "" && getenv("BUILD_URL") != "":
		return pipeline{Key: ingest.JenkinsRun(getenv("BUILD_URL")), URL: getenv("BUILD_URL"), Commit: getenv("GIT_COMMIT")}.valid()
	}
	return pipeline{}
}

// valid drops what is not what its name says; a strange environment must not
// make the server refuse the whole report.
func (p pipeline) valid() pipeline {
	if !keyShape.MatchString(p.Key) {
		p.Key = ""
	}
	if !commitShape.MatchString(p.Commit) {
		p.Commit = ""
	}
	if p.Attempt < 0 || p.Attempt > 1000 {
		p.Attempt = 0
	}
	if !strings.HasPrefix(p.URL, "http://") && !strings.HasPrefix(p.URL, "https://") {
		p.URL = ""
	}
	return p
}
