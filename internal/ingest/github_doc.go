package ingest

import "strings"

// githubDoc is docs/sources/github.md, below its title; a test holds the two
// together. A tilde stands for the backquote, which such a text cannot hold.
func githubDoc() string {
	return strings.ReplaceAll(githubConnect+githubPoll+githubOwner+githubEvents+githubLimits, "~", "`")
}

const githubConnect = `GitHub tells debrief of deployments, workflow runs and jobs, pushes, releases, pull requests, reviews and issues by webhook.
Every delivery is signed with a secret that only GitHub and debrief know; without one, debrief takes none.

## Connect it

1. Make a secret and give it to debrief, in a file of its own or in the environment:

   ~~~sh
   openssl rand -hex 32 > github-secret
   export DEBRIEF_SOURCES=github DEBRIEF_SOURCES_GITHUB_SECRET="$(cat github-secret)"
   ~~~

   In the configuration the same is ~sources.github.secret_file: github-secret~.

2. Let GitHub reach it, and nothing else. ~--public-listen~ opens a second address that serves
   signed webhooks only, no page and no API:

   ~~~sh
   debrief serve --public-listen 127.0.0.1:8081
   ~~~

   debrief speaks no TLS itself: put a proxy with a certificate in front of that address, for
   example Caddy with ~hooks.example.com { reverse_proxy 127.0.0.1:8081 }~. GitHub must be able to
   open it from the internet; a server behind a firewall needs only this one way in.

3. In the repository (or the organisation): Settings, Webhooks, Add webhook.

   - Payload URL: ~https://hooks.example.com/hooks/github~
   - Content type: ~application/json~
   - Secret: what stands in ~github-secret~
   - SSL verification: enabled
   - Let me select individual events: **Deployments**, **Deployment statuses**, **Workflow runs**,
     **Workflow jobs**, **Pushes**, **Releases**, **Pull requests**, **Pull request reviews**, **Issues**;
     **Check runs** too, where checks of other tools belong to a deployment

4. GitHub sends a ping at once. Under Recent Deliveries it must show 202 and
   ~{"accepted":false,"new":false,"ignored":"ping: the webhook works"}~. The same without GitHub:

   ~~~sh
   body='{"zen":"Keep it simple."}'
   sign=$(printf %s "$body" | openssl dgst -sha256 -hmac "$(cat github-secret)" -r | cut -d' ' -f1)
   curl -i http://127.0.0.1:8081/hooks/github -H "X-GitHub-Event: ping" -H "X-GitHub-Delivery: try-1" \
     -H "X-Hub-Signature-256: sha256=$sign" -d "$body"
   ~~~

| answer | what it means |
|---|---|
| 202 | taken, or well-formed and not for us: ~ignored~ says why |
| 401 | the signature is missing or does not match: the two secrets differ |
| 403 | debrief has no secret for GitHub |
| 409 | a delivery id that was used before with another body |
| 422 | not what debrief can read: ~field~ says where; a web form means the wrong content type |
| 429, 503 | busy: redeliver it later |

GitHub does not send again what failed. After an outage of yours, choose Redeliver under Recent
Deliveries; what debrief had taken already changes nothing when it comes again.

To replace the secret, set the new one as ~secret~ and the one before as ~secret_old~, change it at
GitHub, and take ~secret_old~ out.

`

const githubPoll = `## Without webhooks: polling

Where a firewall lets nothing in, debrief asks GitHub itself, with a token that can only read:

~~~yaml
sources:
  github:
    token_file: github-token
    poll:
      repositories: [acme/shop, acme/web]
~~~

A fine-grained token needs read access to Actions, Contents, Deployments, Issues and Pull requests of these
repositories. ~every~ (1m) and ~since~ (30d, how far back the first time) are in
[configuration.md](../configuration.md). Webhooks and polling may both be on: a fact is one event however often it comes.

Asked for: deployments with every status, workflow runs with all attempts and jobs, pull requests with
their reviews, what moved the default branch with its commits, releases, issues. Each answer is worded as the
webhook that would have told of it and read by the same code. How far a repository was read is kept, so a
restart goes on where it stopped. Unchanged lists are asked for with ~If-None-Match~; ~Retry-After~ and
~X-RateLimit-Reset~ are heeded, and a tenth of the limit is left to whoever else uses the token.

What polling cannot know: tags without a release; states between two rounds (their times stand in what follows);
files of a push's commits after the fiftieth. A run that is run again after a hundred newer ones is seen
within the hour.

`

const githubOwner = `## Which service a deployment belongs to

In this order:

1. The deployment's own payload, where it names one: ~{"service":"shop"}~. Target, version and
   rollout can stand there too. This is how one repository holds several services.
2. The service with the alias ~github:OWNER/NAME~ (~services.shop.aliases~).
3. The one service that told of the same workflow run, by ~debrief deploy~ in one of its steps.
   Webhooks and command line then tell of one deployment, whatever comes first. Where several
   services did, each told of its own and GitHub's is not shown again.
4. A service called like the repository.

Commits, tags and pull requests know only the repository: they are counted for the service with the
alias, so set it where ~debrief deploy~ cannot see the work tree's history itself.

`

const githubEvents = `## What each event becomes

| event | becomes |
|---|---|
| deployment, deployment_status | a report about a deployment to its environment |
| workflow_run | attempt, waiting and outcome of the run, for the deployments that name it |
| workflow_job; check_run that names a workflow run or a deployment | a stage of what the run deployed |
| push to the default branch | one change per commit |
| push of a tag, published release | a name for a commit |
| merged pull request | a change, with opened and merged times |
| pull_request_review that approves or asks for changes | when the change was reviewed and approved |
| issue with a label that ~sources.github.incident_labels~ names (~incident~) | a report about an incident; closed as completed is restored |
| any other issue | a ticket |

GitHub marks a deployment inactive when a newer one replaces it; that takes nothing back from one that
had succeeded. A label ~sev2~, ~severity:NAME~ or ~P1~ gives an incident its severity, ~service:NAME~
its service, ~env:NAME~ its environment. GitHub Actions tells each job twice, as a workflow job and as a
check run, and only the first says which attempt it was: choose workflow jobs. Every other event is answered with 202 and ignored, and not kept.

`

const githubLimits = `## What is kept, and what is not

Payloads are masked before they are kept (for ~keep.raw~, 30 days): secrets, addresses of mail, and
everything that says who it was: authors, committers, pushers, senders, reviewers, the names behind
~Co-authored-by~.

A delivery may have 25 MiB (GitHub's own limit) and ten seconds to arrive (as long as GitHub waits);
50 a second are taken, 500 at once after a pause.

## How far it is proven

Tested: signatures, both secrets, every event above, over payloads written from GitHub's
documentation and third-party collections of real ones, with the resulting events kept as files and
the fields compared with what go-github reads from the same bytes; deliveries in any order and repeated; a run
told by webhook and command line; made-up lives of a repository, told by webhooks and by an API that answers
as documented, give the same events, also where polling is cut off at any request. Not proven: a live repository. Nobody has connected one yet, so a
field that GitHub fills differently than it documents may be missed; it would be ignored or refused
with its name, and stands in ~/metrics~ as ~debrief_events_total{source="github"}~.

GitHub Enterprise Server sends the same events; it has not been tried. GitHub Apps' own webhooks have
the same form. Commit statuses and environments' protection rules are not read.
`
