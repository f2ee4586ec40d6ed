package loop

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/forge"
	"github.com/debriefhq/debrief/internal/ingest"
	"github.com/debriefhq/debrief/internal/store"
)

// planPolls asks for one routine per repository that is read from its forge.
func (l *Loop) planPolls(tx *store.Tx, now time.Time) error {
	for _, source := range sorted(l.Forges) {
		for _, r := range l.Config.Sources[source].Poll.Repositories {
			if err := tx.Enqueue(store.Work{Kind: "poll", Key: source + "/" + r, Due: now}); err != nil {
				return err
			}
		}
	}
	return nil
}

// poll reads one repository from where it was left, and comes back later. What
// it reads goes the way of a webhook: accepted with its work, then recorded.
func (l *Loop) poll(ctx context.Context, w *store.Work) error {
	source, repository, _ := strings.Cut(w.Key, "/")
	cfg := l.Config.Sources[source].Poll
	from, known := l.Forges[source]
	if !known || !slices.Contains(cfg.Repositories, repository) {
		return l.Store.Finish(ctx, w, func(*store.Tx) error { return nil }) // no longer configured
	}
	src, err := ingest.Lookup(source)
	if err != nil {
		return err
	}
	kept, found, err := l.Store.Poll(ctx, source, repository)
	if err != nil {
		return err
	}
	var progress forge.Progress
	if found && json.Unmarshal([]byte(kept.Progress), &progress) != nil {
		progress = forge.Progress{} // another version's: read anew, nothing counts twice
	}
	save := func(tx *store.Tx, problem string) error {
		text, err := json.Marshal(progress)
		if err != nil {
			return err
		}
		return tx.SavePoll(store.Poll{Source: source, Repository: repository, Progress: string(text), Problem: problem, At: l.Now()})
	}
	failed := from.Poll(ctx, repository, l.Now().Add(-cfg.Since), progress, func(ctx context.Context, items []forge.Item, p forge.Progress) error {
		if err := l.takeIn(ctx, src, items); err != nil {
			return err
		}
		// After the items: cut off between the two, they come again and are known.
		progress = p
		return l.Store.Update(ctx, func(tx *store.Tx) error { return save(tx, "") })
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	at, problem := l.Now().Add(cfg.Every), ""
	if failed != nil {
		problem = failed.Error()
		at = l.Now().Add(max(cfg.Every, time.Minute))
		var wait *forge.Wait
		if errors.As(failed, &wait) {
			if wait.Until.After(at) {
				at = wait.Until
			}
			l.Log.Info("the forge asks for a pause", "source", source, "repository", repository, "until", at, "why", problem)
		} else {
			l.Log.Warn("cannot read everything from the forge", "source", source, "repository", repository, "err", failed)
		}
	}
	return l.Store.Retry(ctx, w, at, problem, func(tx *store.Tx) error { return save(tx, problem) })
}

// takeIn takes items as the hall takes webhooks: masked, and only what the
// source reads.
func (l *Loop) takeIn(ctx context.Context, src ingest.Source, items []forge.Item) error {
	var envs []debrief.Envelope
	for _, it := range items {
		body, ok := it.Body, true
		if l.Mask != nil {
			body, ok = l.Mask(src.Name, body)
		}
		if !ok {
			continue // no JSON: cannot be, and must not be kept
		}
		env := debrief.Envelope{
			Source: src.Name, Key: it.Key, Received: debrief.Instant(l.Now()), Header: it.Header, Body: body,
			Digest: it.Key[strings.LastIndexByte(it.Key, '/')+1:], // the key says what the content is
		}
		if _, err := src.Parse(l.request(env)); err != nil && debrief.KindOf(err) == debrief.Ignored {
			continue
		}
		envs = append(envs, env)
	}
	const atOnce = 200
	for len(envs) > 0 {
		n := min(len(envs), atOnce)
		if _, err := l.Store.Accept(ctx, envs[:n]...); err != nil {
			return err
		}
		envs = envs[n:]
	}
	return nil
}
