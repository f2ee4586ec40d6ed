package ingest

const jenkinsDoc = `Jenkins tells of its runs through the [CDEvents plug-in](https://plugins.jenkins.io/cdevents): queued, started, finished, with
the commit and the outcome. Which run deployed what, the pipeline says.

## Connect it

1. Make a secret and give it to debrief:

   ` + "```sh" + `
   openssl rand -hex 32 > jenkins-secret
   export DEBRIEF_SOURCES=jenkins DEBRIEF_SOURCES_JENKINS_SECRET="$(cat jenkins-secret)"
   ` + "```" + `

   In the configuration the same is ` + "`sources.jenkins.secret_file: jenkins-secret`" + `. While you replace it, the one
   before stays valid as ` + "`secret_old`" + `.

2. In Jenkins: Manage Jenkins, System, CDEvents. Sink type HTTP, URL
   ` + "`https://hooks.example.com/hooks/jenkins?access_token=SECRET`" + `. The plug-in can send no header, so the secret stands in
   the address, as the CloudEvents webhook specification allows: only over TLS, and a proxy in front must not log it. Where
   something in between can add a header, ` + "`Authorization: Bearer SECRET`" + ` is better.

3. Under Manage Jenkins, System, set the Jenkins URL: without it runs of two servers cannot be told apart.

## Which run deployed what

A run's events stand for no deployment by themselves. Either of these makes one of them:

- ` + "`debrief deploy`" + ` in the pipeline: it reads BUILD_URL and meets the plug-in's events.
- Parameters of the job: ` + "`DEBRIEF_SERVICE`, `DEBRIEF_ENVIRONMENT`" + ` and, where known, ` + "`DEBRIEF_VERSION`, `DEBRIEF_TARGET`" + `. Then the
  run is the deployment.

| event | becomes |
|---|---|
| pipelinerun.queued | queued since |
| pipelinerun.started | running since, and the commit |
| pipelinerun.finished | the end, when it began, and the outcome by Jenkins' own result: SUCCESS and UNSTABLE succeeded, FAILURE failed, ABORTED and NOT_BUILT aborted |
| taskrun.started, finished | answered with 202 and ignored: the plug-in does not say which Jenkins a step belongs to, and not which step ended |

For stages, send traces with Jenkins' OpenTelemetry plug-in, or wrap steps in ` + "`debrief stage`" + `.

## What the plug-in really sends

Not JSON: it posts the event as Java prints it (` + "`CloudEvent{id='…', source=job/shop/7/, … data=BytesCloudEventData{value=[123, 34, …]}}`" + `)
and calls it application/json. debrief reads that, and JSON too, should the plug-in send it one day. The timestamp in the data is
Jenkins' local time called UTC, so the time of the CloudEvent around it counts. Who started a run is not kept.

## How far it is proven

Tested: payloads written after the plug-in's source code (HttpSink, BuildCDEvent, ModelBuilder) and that of the libraries that
print them (CDEvents SDK for Java 0.1.2, CloudEvents SDK for Java 2.3.0). Not proven: a live Jenkins.
`
