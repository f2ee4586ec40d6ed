package ingest

import (
	"github.com/debriefhq/debrief"
)

// service takes what was put into an environment as a finished deployment: the
// specification has no event for its beginning.
func (c *cdEvent) service(e *debrief.Event, predicate string) error {
	if err := c.needSubject(); err != nil {
		return err
	}
	content, said, art := c.Subject.Content, c.said(), readPurl(c.Subject.Content.Artifact)
	e.Service = first(said.Service, serviceName(c.Subject.ID))
	environment := first(line(content.Environment.ID, maxName), line(content.Environment.Name, maxName))
	switch {
	case e.Service == "":
		return debrief.Errorf(debrief.Invalid, "subject.id", "no name a service could have: %q", line(c.Subject.ID, 60))
	case environment == "":
		return debrief.Errorf(debrief.Invalid, "subject.content.environment.id", "missing")
	case predicate == "removed":
		c.configuration(e, e.Service+" removed from "+environment, "")
		return nil
	}
	report := &debrief.Report{
		Keys:        []string{cdKey("event", e.ID)},
		Service:     e.Service,
		Environment: environment,
		Target:      said.Target,
		Version:     first(said.Version, art.version),
		Commit:      first(said.Commit, art.commit),
		Rollout:     first(said.Rollout, line(c.Context.Chain, maxVersion)),
	}
	switch predicate {
	case "deployed", "upgraded":
		report.State, report.Times.Finished = debrief.Succeeded, c.at
		report.Keys = append(report.Keys, c.around()...)
	case "rolledback":
		// Its own deployment, even where the same pipeline had brought what it
		// takes back.
		report.State, report.Times.Finished, report.Rollback = debrief.Succeeded, c.at, true
	case "published":
		if c.Context.Chain == "" {
			return ignored("service.published without a chainId: it says of no deployment that it can be reached")
		}
		report.Keys, report.Times.FullExposure = c.around(), c.at
	default:
		return ignored("debrief reads nothing from CDEvents' service.%s", line(predicate, 60))
	}
	e.Kind, e.Report = debrief.EventDeployment, report
	return nil
}

// around are the keys a deployment shares with the other events of its flow:
// the chain, for the same service and environment, and the pipeline run that
// customData or a link names.
func (c *cdEvent) around() []string {
	var keys []string
	if c.Context.Chain != "" {
		keys = append(keys, cdKey("chain", debrief.ID(c.Context.Chain)))
	}
	if run := c.said().Run; run != "" {
		keys = append(keys, c.runKey(cdRef{ID: run}))
	}
	for _, l := range c.Context.Links[:min(len(c.Context.Links), maxKeys/2)] {
		if l.From.ID != "" {
			keys = append(keys, cdKey("run", "event/"+debrief.ID(l.From.ID)))
		}
	}
	return keys
}

func (c *cdEvent) runKey(r cdRef) string { return cdKey("run", c.id(r)) }

// runKeys are a run's own, and the event's, by which links name it.
func (c *cdEvent) runKeys(r cdRef) []string {
	return []string{c.runKey(r), cdKey("run", "event/"+debrief.ID(c.Context.ID))}
}

// pipelineRun tells of a whole run, which may deploy to several environments
// or none: it floats to the deployments that name it.
func (c *cdEvent) pipelineRun(e *debrief.Event, predicate string) error {
	if err := c.needSubject(); err != nil {
		return err
	}
	content := c.Subject.Content
	report := &debrief.Report{Keys: c.runKeys(c.self()), URL: content.address()}
	if content.Pipeline != "" {
		report.Facts = debrief.Facts{"pipeline": line(content.Pipeline, maxFact)}
	}
	switch predicate {
	case "queued":
		report.State, report.Times.Queued = debrief.Queued, c.at
	case "started":
		report.State, report.Times.Started = debrief.Running, c.at
	case "finished":
		report.State, report.Times.Finished = outcomeState(content.Outcome), c.at
		if s := line(content.Errors, maxFact); s != "" {
			if report.Facts == nil {
				report.Facts = debrief.Facts{}
			}
			report.Facts["errors"] = s
		}
	default:
		return ignored("debrief reads nothing from CDEvents' pipelinerun.%s", line(predicate, 60))
	}
	e.Kind, e.Report = debrief.EventDeployment, report
	return nil
}

// taskRun is one step of a run: a stage of the deployments that name the run.
func (c *cdEvent) taskRun(e *debrief.Event, predicate string) error {
	if err := c.needSubject(); err != nil {
		return err
	}
	content := c.Subject.Content
	if content.Run.ID == "" {
		return ignored("a task run that names no pipeline run belongs to no deployment")
	}
	s := debrief.Stage{Name: first(line(content.Task, maxName), line(c.Subject.ID, maxName)), URL: content.address()}
	switch predicate {
	case "queued":
		return ignored("a task run that waits says nothing yet")
	case "started":
		s.State, s.Started = debrief.Running, c.at
	case "finished":
		s.State, s.Finished = outcomeState(content.Outcome), c.at
		if t := line(content.Errors, maxFact); t != "" {
			s.Facts = debrief.Facts{"errors": t}
		}
	default:
		return ignored("debrief reads nothing from CDEvents' taskrun.%s", line(predicate, 60))
	}
	e.Kind, e.Report = debrief.EventDeployment, &debrief.Report{Keys: c.runKeys(content.Run), Stages: []debrief.Stage{s}}
	return nil
}

// outcomeState maps how a run ended. The specification knows success, failure
// and error, and cancel since 0.4; other words say nothing of the outcome.
func outcomeState(s string) debrief.DeploymentState {
	switch s {
	case "success":
		return debrief.Succeeded
	case "failure", "error":
		return debrief.Failed
	case "cancel", "canceled", "cancelled":
		return debrief.Aborted
	}
	return ""
}
