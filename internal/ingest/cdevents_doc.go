package ingest

const cdeventsDoc = "[CDEvents](https://cdevents.dev) is the Continuous Delivery Foundation's vocabulary for what happens in\n" +
	"pipelines, carried by CloudEvents over HTTP. Whatever speaks it can tell debrief of deployments, runs and their\n" +
	"steps, incidents, tickets and changes.\n" + `
## Connect it

1. Make a secret and give it to debrief:

   ` + "```sh" + `
   openssl rand -hex 32 > cdevents-secret
   export DEBRIEF_SOURCES=cdevents DEBRIEF_SOURCES_CDEVENTS_SECRET="$(cat cdevents-secret)"
   ` + "```" + `

   In the configuration the same is ` + "`sources.cdevents.secret_file: cdevents-secret`" + `. While you replace it, the
   one before stays valid as ` + "`secret_old`" + `.

2. Send events to ` + "`https://hooks.example.com/hooks/cdevents`" + ` with the header
   ` + "`Authorization: Bearer SECRET`" + `, as the CloudEvents webhook specification has it. A Knative or Tekton sink, an
   event broker's HTTP subscription and the SDKs' HTTP clients can all set a header.

3. Try it:

   ` + "```sh" + `
   curl -i http://127.0.0.1:8081/hooks/cdevents -H "Authorization: Bearer $(cat cdevents-secret)" \
     -H "Content-Type: application/json" -H "ce-specversion: 1.0" -H "ce-id: try-1" -H "ce-source: /me" \
     -H "ce-type: dev.cdevents.service.deployed.0.3.0" -d '{
       "context": {"specversion": "0.5.1", "id": "try-1", "source": "/me",
         "type": "dev.cdevents.service.deployed.0.3.0", "timestamp": "2026-03-03T14:09:40Z"},
       "subject": {"id": "service/shop", "content": {"environment": {"id": "production"},
         "artifactId": "pkg:oci/shop@sha256%3A0b31b1c02ff458ad?tag=v1.42"}}}'
   ` + "```" + `

Binary mode (attributes as ` + "`ce-`" + ` headers), structured mode and batches (up to 1,000 events) are read; data may be JSON or
JSON in base64. ` + "`source`" + ` and ` + "`id`" + ` make an event one: it counts once however often it comes, alone or in a batch. A
batch is taken whole or not at all; one with events that are not for us is taken without them.

## What each event becomes

| event | becomes |
|---|---|
| service.deployed, service.upgraded | a deployment of the service to its environment that succeeded at ` + "`timestamp`" + ` |
| service.rolledback | the same, marked as a rollback |
| service.published | full exposure of the deployment of the same service, environment and ` + "`chainId`" + `; without a chain it is ignored |
| service.removed | a change that took effect then |
| pipelinerun.queued, started, finished | queueing, start, end and outcome, for the deployments that name the run |
| taskrun.started, finished | a stage of the deployments that name the run |
| environment.created, modified, deleted | a change that took effect then |
| incident.detected, reported, resolved | an incident: when it was detected, when service was restored |
| ticket.created, updated, closed | a ticket |
| change.created, merged | a change: when it was opened, when it was merged |

A service is called by the last part of its subject's id (` + "`service/shop`" + ` is shop). The version is the artifact's
` + "`tag`" + `, else what stands after its ` + "`@`" + `; in package URLs of Go modules and repositories that is the commit.

A deployment names a pipeline run by a link (` + "`links[].from.contextId`" + ` is the id of one of the run's events) or in
customData. There a sender may say more than the specification has room for, and it goes before what is derived:
` + "`service`, `target`, `version`, `commit`, `rollout`, `pipelineRun`, `severity`" + `.

change.reviewed, updated and abandoned, taskrun.queued, and all events of artifacts, branches, builds, repositories and
tests are answered with 202 and the reason, and not kept.

## How far it is proven

Tested: every event type of the versions 0.3, 0.4 and 0.5, made by the CDEvents project's own Go SDK (0.5.1) with every field
set, in the three modes of CloudEvents, and what the SDK reads from the same bytes held against what debrief made of them;
the SDK's own files for unknown, broken and custom events. Not proven: a sender in somebody's pipeline.
`
