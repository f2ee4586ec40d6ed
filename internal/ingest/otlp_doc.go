package ingest

const otlpDoc = `Traces of pipelines and deployments over OTLP/HTTP, from Jenkins' OpenTelemetry plug-in, otel-cli, a collector's GitHub or
GitLab receiver, or whatever instruments your pipelines by OpenTelemetry's conventions. Spans of anything else are left out.

## Connect it

1. Make a secret and give it to debrief:

   ` + "```sh" + `
   openssl rand -hex 32 > otlp-secret
   export DEBRIEF_SOURCES=otlp DEBRIEF_SOURCES_OTLP_SECRET="$(cat otlp-secret)"
   ` + "```" + `

   In the configuration the same is ` + "`sources.otlp.secret_file: otlp-secret`" + `. While you replace it, the one before stays
   valid as ` + "`secret_old`" + `.

2. Send traces to ` + "`/hooks/otlp`" + `, with the secret as a bearer token. An exporter in the pipeline itself:

   ` + "```sh" + `
   export OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=https://hooks.example.com/hooks/otlp
   export OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf
   export OTEL_EXPORTER_OTLP_TRACES_HEADERS="authorization=Bearer%20$(cat otlp-secret)"
   ` + "```" + `

   A collector, which should send nothing else here:

   ` + "```yaml" + `
   processors:
     filter/pipelines:
       error_mode: ignore
       traces:
         span:
           - 'not IsMatch(Concat([attributes["cicd.pipeline.task.name"], attributes["cicd.pipeline.result"], attributes["deployment.status"]], ""), "[a-z]")'
   exporters:
     otlp_http/debrief:
       traces_endpoint: https://hooks.example.com/hooks/otlp
       headers: {authorization: "Bearer ${env:DEBRIEF_OTLP_SECRET}"}
   ` + "```" + `

Protobuf and JSON are read, plain or gzip, up to 32 MiB unpacked. The answer is the one OTLP asks for (200 and an empty
response). How many spans were left out stands in ` + "`/metrics`" + ` as ` + "`debrief_left_out_total{source=\"otlp\"}`" + `.

## What each span becomes

| span with | becomes |
|---|---|
| ` + "`deployment.id`, `deployment.name` or `deployment.status`" + `; or ` + "`cicd.pipeline.task.type`" + ` deploy and ` + "`deployment.environment.name`" + ` | a deployment to that environment, with start, end and outcome. Without an environment: a stage |
| ` + "`cicd.pipeline.task.name`" + ` or ` + "`cicd.pipeline.task.run.id`" + ` | a stage of the deployments of the same run |
| ` + "`cicd.pipeline.result`" + `, or another attribute of a pipeline's run | start, end and outcome of the run, for its deployments |
| ` + "`cicd.pipeline.run.state`" + ` pending | queued since |
| result ` + "`skip`" + `, anything else | left out |

Outcome: the conventions' result (success; failure, error, timeout; cancellation), else the span's status: an error is a failure.
The deployed service is, in this order: ` + "`debrief.service`" + ` (on the span or its resource), the service with the alias
` + "`github:OWNER/NAME` or `gitlab:GROUP/NAME`" + ` of ` + "`vcs.repository.url.full`, `vcs.repository.name`, `service.name`" + `. Commit and version come from
` + "`vcs.ref.head.revision`" + ` and a tag in ` + "`vcs.ref.head.name`" + `, or ` + "`debrief.version`" + `; a target from ` + "`debrief.target`" + `.

Spans of one run arrive in several requests, in any order; they meet by trace and by ` + "`cicd.pipeline.run.id`" + `. Runs of GitHub
Actions, GitLab and Jenkins are recognised by ` + "`cicd.pipeline.run.url.full`" + `, so that they meet the webhooks of these and ` + "`debrief deploy`" + `.

Kept are these attributes only; events, links and all other attributes (command lines, environments) are dropped on arrival.

## How far it is proven

Tested: requests made by OpenTelemetry's own library in both encodings, compressed and not, with spans written from the
conventions as of 2026 and their names of before; a trace in pieces, repeated, cut off, and among other spans. Not proven: a live exporter.
`
