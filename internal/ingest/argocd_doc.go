package ingest

import "strings"

// argocdTemplate is applied to the cluster as it stands. It must survive
// whatever an Application lacks: a sync that has only begun has no result, one
// created by hand no annotations.
const argocdTemplate = `apiVersion: v1
kind: ConfigMap
metadata:
  name: argocd-notifications-cm
  namespace: argocd
data:
  context: |
    argocdUrl: https://argocd.example.com
  service.webhook.debrief: |
    url: https://hooks.example.com/hooks/argocd
    headers:
    - name: Content-Type
      value: application/json
    - name: Authorization
      value: Bearer $debrief-token
  trigger.debrief: |
    - when: app.status.operationState?.phase in ['Running']
      oncePer: app.status.operationState?.startedAt
      send: [debrief]
    - when: app.status.operationState?.phase in ['Succeeded', 'Failed', 'Error']
      oncePer: app.status.operationState?.finishedAt
      send: [debrief]
    - when: app.status.operationState?.phase in ['Succeeded'] and app.status.health?.status == 'Healthy'
      oncePer: app.status.operationState?.startedAt
      send: [debrief]
  subscriptions: |
    - recipients: [debrief]
      triggers: [debrief]
  template.debrief: |
    webhook:
      debrief:
        method: POST
        body: |
          {
            "app": {{toJson .app.metadata.name}},
            "namespace": {{toJson .app.metadata.namespace}},
            "project": {{toJson .app.spec.project}},
            "destination": {{toJson .app.spec.destination}},
            "labels": {{toJson .app.metadata.labels}},
            {{- with .app.metadata.annotations}}
            "service": {{toJson (index . "debrief/service")}},
            "environment": {{toJson (index . "debrief/environment")}},
            "image": {{toJson (index . "debrief/image")}},
            {{- end}}
            {{- with .context}}
            "url": {{toJson (print .argocdUrl "/applications/" $.app.metadata.namespace "/" $.app.metadata.name)}},
            {{- end}}
            {{- with .app.status}}
            {{- with .summary}}
            "images": {{toJson .images}},
            {{- end}}
            {{- with .sync}}
            "sync": {{toJson .status}},
            {{- end}}
            {{- with .health}}
            "health": {{toJson .}},
            {{- end}}
            {{- with .history}}{{with last .}}
            "history": {"id": {{toJson .id}}, "deployStartedAt": {{toJson .deployStartedAt}}},
            {{- end}}{{end}}
            {{- with .operationState}}
            "operation": {
              {{- with .operation}}{{with .initiatedBy}}{{if .username}}
              "manual": true,
              {{- end}}{{end}}{{end}}
              {{- with .syncResult}}
              "revision": {{toJson .revision}},
              "revisions": {{toJson .revisions}},
              {{- with .source}}
              "repo": {{toJson .repoURL}},
              {{- end}}{{end}}
              "phase": {{toJson .phase}},
              "message": {{toJson .message}},
              "startedAt": {{toJson .startedAt}},
              "finishedAt": {{toJson .finishedAt}},
              "retryCount": {{with .retryCount}}{{toJson .}}{{else}}0{{end}}
            },
            {{- end}}{{end}}
            "template": 1
          }
`

func argocdDoc() string { return strings.Replace(argocdText, "TEMPLATE", argocdTemplate, 1) }

const argocdText = "Argo CD tells of syncs through its notifications. What it sends is whatever a template says, so debrief brings the\n" +
	"template: it sends when a sync begins, when it ends, and when the application is healthy afterwards.\n" + `
## Connect it

1. Make a secret and give it to debrief:

   ` + "```sh" + `
   openssl rand -hex 32 > argocd-secret
   export DEBRIEF_SOURCES=argocd DEBRIEF_SOURCES_ARGOCD_SECRET="$(cat argocd-secret)"
   ` + "```" + `

   In the configuration the same is ` + "`sources.argocd.secret_file: argocd-secret`" + `. While you replace it, the one
   before stays valid as ` + "`secret_old`" + `.

2. Give it to Argo CD, beside what its notifications' secret holds already:

   ` + "```sh" + `
   kubectl -n argocd patch secret argocd-notifications-secret --type merge \
     -p "{\"stringData\":{\"debrief-token\":\"$(cat argocd-secret)\"}}"
   ` + "```" + `

3. Merge this into ` + "`argocd-notifications-cm`" + `, with your two addresses. ` + "`debrief source template argocd`" + ` prints it too.
   The subscription there is for all applications; without it, annotate single ones with
   ` + "`notifications.argoproj.io/subscribe.debrief.debrief: \"\"`" + `.

` + "```yaml" + `
TEMPLATE` + "```" + `

4. Say on each Application what debrief cannot know:

   ` + "```yaml" + `
   metadata:
     annotations:
       debrief/service: shop              # else the application's name
       debrief/environment: production    # else the label environment or env, else the destination's namespace
       debrief/image: checkout            # whose tag is the version, where there are several images
   ` + "```" + `

## What it becomes

Each notification is a report about one deployment, known by application and start of the sync.

| of the Application | becomes |
|---|---|
| phase Running; Succeeded; Failed or Error | running; succeeded; failed (aborted where somebody terminated it) |
| startedAt, finishedAt | start and end of the deployment |
| healthy after a sync that succeeded | full exposure, since when it is healthy |
| revision | the commit |
| the image's tag, once the application is healthy anew | the version; a tag that is a commit (5d2a8f0, sha-5d2a8f0) is the commit instead |
| health, project, cluster, namespace, revision, images, history id, message | facts beside the deployment |
| started by a person, retries | manual, attempt; who it was is not sent |

The commit is what makes this the same deployment as GitHub's or your pipeline's: of the same service and environment, within 30
minutes. Where manifests live in a repository of their own, the revision is a commit nobody else tells of; tag images by the
commit they were built from, or let the pipeline name the version.

## How far it is proven

Tested: the template above, rendered by Go's template engine (the one Argo CD uses) over applications written from its
API reference: a sync begun, ended, failed, terminated, healthy later; with several sources; with nothing optional; and what is
parsed from it. Not proven: a live Argo CD. Which fields are there differs by version; what is missing is left out.
`
