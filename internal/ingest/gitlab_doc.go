package ingest

import "strings"

// gitlabDoc is docs/sources/gitlab.md, below its title; a test holds the two
// together. A tilde stands for the backquote, which such a text cannot hold.
func gitlabDoc() string {
	return strings.ReplaceAll(gitlabConnect+gitlabPoll+gitlabEvents+gitlabLimits, "~", "`")
}

const gitlabConnect = `GitLab tells debrief of deployments, pipelines and their jobs, merge requests, pushes, releases, issues and feature flags by webhook.
Every delivery carries a secret token; without a configured secret, debrief takes none.

## Connect it

1. Make a secret and give it to debrief, in a file of its own or in the environment:

   ~~~sh
   openssl rand -hex 32 > gitlab-secret
   export DEBRIEF_SOURCES=gitlab DEBRIEF_SOURCES_GITLAB_SECRET="$(cat gitlab-secret)"
   ~~~

   In the configuration the same is ~sources.gitlab.secret_file: gitlab-secret~.

2. Let GitLab reach it, and nothing else: ~debrief serve --public-listen 127.0.0.1:8081~ opens a
   second address that serves webhooks only. debrief speaks no TLS itself, so put a proxy with a
   certificate in front of it; the token travels in a header, and only TLS keeps it secret.

3. In the project (or the group): Settings, Webhooks, Add new webhook.

   - URL: ~https://hooks.example.com/hooks/gitlab~
   - Secret token: what stands in ~gitlab-secret~
   - SSL verification: enabled
   - Trigger: **Deployment events**, **Job events**, **Pipeline events**, **Merge request events**,
     **Push events**, **Tag push events**, **Releases events**, **Issues events**, **Feature flag events**
   - leave the custom webhook template empty

4. Test, Push events. Under Recent events it must show 202. The same without GitLab:

   ~~~sh
   curl -i http://127.0.0.1:8081/hooks/gitlab -H "X-Gitlab-Event: Push Hook" -H "X-Gitlab-Event-UUID: try-1" \
     -H "X-Gitlab-Token: $(cat gitlab-secret)" -d '{"object_kind":"wiki_page"}'
   ~~~

   answers ~{"accepted":false,"new":false,"ignored":"debrief reads nothing from GitLab's \"wiki_page\" events"}~.

| answer | what it means |
|---|---|
| 202 | taken, or well-formed and not for us: ~ignored~ says why |
| 401 | the token is missing or does not match |
| 403 | debrief has no secret for GitLab |
| 422 | not what debrief can read: ~field~ says where |
| 429, 503 | busy: GitLab tries again, or choose Resend later |

A delivery is known by ~Idempotency-Key~, which stays the same when GitLab tries again; by
~X-Gitlab-Event-UUID~ with the body where that is missing; else by the body. To replace the
secret, set the new one as ~secret~ and the one before as ~secret_old~, change it at GitLab, and take
~secret_old~ out.

`

const gitlabPoll = `## Without webhooks: polling

Where a firewall lets nothing in, debrief asks GitLab itself, with a token of scope ~read_api~ (a
project or group access token with the role Reporter):

~~~yaml
sources:
  gitlab:
    url: https://gitlab.example.com   # without it: https://gitlab.com
    token_file: gitlab-token
    poll:
      repositories: [acme/shop]
~~~

Asked for: deployments with their jobs, pipelines with their jobs, merge requests with their approvals (as GitLab notes
them below), pushes to the default branch with all their commits, tags, releases, issues. Each answer is worded as the webhook that
would have told of it and read by the same code. How far a project was read is kept; unchanged lists are asked for with ~If-None-Match~;
~Retry-After~ and ~RateLimit-Reset~ are heeded, and a tenth of the limit is left to others. A server of
your own may have a private address: it is asked because the configuration names it.

What polling cannot know: when a feature flag was flipped, how often a job was retried, states between two rounds.
~every~ and ~since~ are in [configuration.md](../configuration.md).

`

const gitlabEvents = `## What each event becomes

| event | becomes |
|---|---|
| deployment | a report about a deployment to its environment; ~blocked~ is waiting for an approval |
| job that deploys (~environment~ with action ~start~) | a report about the same deployment: when its job began and ended, retries |
| job, pipeline | stages and outcome of the pipeline, for the deployments that belong to it |
| merge request merged | a change, with opened and merged times |
| merge request approved | when the change was approved |
| push to the default branch | one change per commit (GitLab lists at most 20 of a push) |
| push of a tag, release | a name for a commit |
| incident, or issue with a label that ~sources.gitlab.incident_labels~ names | a report about an incident |
| any other issue | a ticket; of a confidential one only its number |
| feature flag turned on or off | a change of kind ~flag~, in effect when it was told |

Every other event is answered with 202 and ignored, and not kept.

Deployment events name the job and job and pipeline events the pipeline: choose all three, so that
they meet. Environments are taken by name; those that are production are listed in ~production~ of
the configuration. Stages are known by their job's name; a job that was retried is one stage, from
its first start to its last end.

A label ~severity::NAME~, ~sev1~ or ~P1~ gives an incident its severity, ~service::NAME~ its
service, ~env::NAME~ its environment.

## Which service a deployment belongs to

1. The service with the alias ~gitlab:GROUP/NAME~ (~services.shop.aliases~).
2. The one service that told of the same pipeline, by ~debrief deploy~ in one of its jobs.
3. A service called like the project.

`

const gitlabLimits = `## What is kept, and what is not

Payloads are masked before they are kept (for ~keep.raw~, 30 days): secrets, addresses of mail,
values of pipeline variables, and everything that says who it was.

A delivery may have 25 MiB; 50 a second are taken, 500 at once after a pause.

## How far it is proven

Tested: both secrets; every event above, over payloads written from GitLab's documentation; the 32
payloads of GitLab's own Go client and 39 that go-playground/webhooks collected, with the resulting events kept as files
and the fields compared with what GitLab's client reads from the same bytes; the same life of a project told by webhooks and
by an API that answers as documented gives the same events. Not proven: a live
project. GitLab's signing tokens (a signature instead of the token) are not read.

Not in the payloads: when a push happened and when a feature flag was flipped (the time of receipt
stands in), sizes of merge requests, the pipeline of a deployment (found over its job).
`
