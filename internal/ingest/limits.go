package ingest

// Limits of one request. They are far above what honest senders need and far
// below what could hurt; each refusal names the field and the limit.
const (
	maxAPIBody    = 8 << 20  // a batch is split into one request per deployment before
	maxGitHubBody = 25 << 20 // GitHub's own cap
	maxEventsBody = 8 << 20  // CloudEvents, alone or in batches
	maxEvents     = 1000     // of one batch
	maxUnpacked   = 32 << 20 // traces, without their compression
	maxSpans      = 5000     // of pipelines, in one request of traces
	maxGitLabBody = 25 << 20 // GitLab's default cap of a push

	maxServices = 100
	maxName     = 100 // service, environment, target, stage
	maxVersion  = 200
	maxKey      = 200
	maxKeys     = 20
	maxStages   = 200
	maxFacts    = 100
	maxLabels   = 50 // of a ticket
	maxFact     = 1000
	maxURL      = 2000
	maxTitle    = 500
	maxCommand  = 4 << 10
	maxOutput   = 64 << 10
	maxNotes    = 64 << 10
	maxTicket   = 4 << 10
	maxCommits  = 5000
	maxPaths    = 500
	maxPath     = 1000
)
