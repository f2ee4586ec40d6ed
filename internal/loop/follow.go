package loop

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/measure"
)

// runFollowers follows the log files the configuration names, beside the
// steps, for as long as the process lives.
func (l *Loop) runFollowers(ctx context.Context, wg *sync.WaitGroup) {
	for name, s := range l.Config.Services {
		for _, src := range s.Logs {
			if src.File == "" {
				continue
			}
			wg.Go(func() { l.keepFollowing(ctx, debrief.Slug(name), src.File) })
		}
	}
}

// keepFollowing starts over after an error, from where it was.
func (l *Loop) keepFollowing(ctx context.Context, service, file string) {
	for pause := time.Second; ctx.Err() == nil; pause = min(2*pause, time.Minute) {
		err := l.follow(ctx, service, file)
		if err == nil || ctx.Err() != nil {
			return
		}
		l.Log.Warn("cannot follow the log file", "service", service, "file", file, "err", err)
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
}

// follow counts a file's lines by kind. A file met for the first time is read
// from its beginning: its lines carry times, and the past is what makes a new
// kind of line new.
func (l *Loop) follow(ctx context.Context, service, file string) error {
	mark := "followed " + file
	var from measure.Position
	data, err := l.mark(ctx, service, mark)
	if err != nil {
		return err
	}
	if data != "" {
		if err := json.Unmarshal([]byte(data), &from); err != nil {
			return debrief.Errorf(debrief.Internal, "", "the position in %s cannot be read back: %w", file, err)
		}
	}
	c, err := l.counter(ctx, service)
	if err != nil {
		return err
	}
	o := measure.FollowOptions{Path: file, From: from, Begin: true, Every: 500 * time.Millisecond, Location: l.Location, Now: l.Now}
	return measure.Follow(ctx, o, func(b measure.Batch) error {
		for _, line := range b.Lines {
			c.Add(line, l.Now())
		}
		at, err := json.Marshal(b.Position)
		if err != nil {
			return err
		}
		return l.keepCounts(ctx, service, c.Take(), mark, string(at))
	})
}
