package cli

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/story/shop"
	"github.com/debriefhq/debrief/internal/tell"
)

// tell is the story: each step happens, then is said.
func (d *demo) tell(ctx context.Context) error {
	d.say("debrief runs: %s", d.url)
	if err := d.release(ctx, "v1.41"); err != nil {
		return err
	}
	load, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	d.load = &shop.Load{Target: d.host.URL("production"), Rate: demoRate, Seed: 1}
	go func() { d.load.Run(load); close(ended) }()
	defer func() { stop(); <-ended }()

	last := demoTimes.After[len(demoTimes.After)-1]
	d.say("v1.41 serves %d requests a second. For %s nothing is released, so that there is something to compare with.", demoRate, tell.Duration(last))
	if err := d.wait(ctx, last+2*time.Second); err != nil {
		return err
	}
	p50, _ := d.load.Quantile("/checkout", 0.5, d.e.Now().Add(-20*time.Second), time.Time{})
	d.say("A checkout takes %s. Now comes v1.42: what was sold is kept as documents from now on.", tell.Duration(p50))

	if err := d.release(ctx, "v1.42"); err != nil {
		return err
	}
	faulty, err := d.latest(ctx)
	if err != nil {
		return err
	}
	page := d.url + "/releases/" + faulty.Release.ID
	for _, s := range faulty.Surprises {
		d.say("Already noticed: %s", s.Sentence)
	}
	d.say("The release's page: %s", page)
	d.browse(ctx, page)
	told, err := d.watch(ctx, faulty.Release.ID)
	if err != nil {
		return err
	}
	bold, rest := tell.Lead(told, time.Local)
	d.say("%s %s", bold, rest)
	if d.once {
		return nil
	}
	d.say("The fault: the table that every checkout reads through lacks an index. v1.43 adds it.")
	if err := d.release(ctx, "v1.43"); err != nil {
		return err
	}
	repaired := d.e.Now()
	if err := d.wait(ctx, 15*time.Second); err != nil {
		return err
	}
	p50, _ = d.load.Quantile("/checkout", 0.5, repaired, time.Time{})
	d.say("A checkout takes %s again.", tell.Duration(p50))
	d.say("That was the demo. The shop goes on selling; look around at %s, and end it with Ctrl-C.", d.url)
	d.say("In another terminal:  DEBRIEF_URL=%s %s show latest", d.url, d.self)
	<-ctx.Done()
	return nil
}

// release takes a version to staging and then to production, each with the
// command a team would have in its pipeline.
func (d *demo) release(ctx context.Context, version string) error {
	tree := filepath.Join(d.dir, "shop")
	if _, err := shop.Commit(ctx, tree, version); err != nil {
		tree = d.dir // without git there are no commits to tell of
	}
	for _, env := range []string{"staging", "production"} {
		d.say("$ debrief deploy --service shop --env %s --version %s -- ./deploy.sh", env, version)
		began := d.e.Now()
		cmd := exec.CommandContext(ctx, d.self, "deploy", "--service", "shop", "--env", env, "--version", version,
			"--", d.self, "shop", "deploy", "--env", env, "--version", version)
		cmd.Dir = tree
		// Nothing of this terminal's own: a pipeline's variables would tell of another deployment.
		cmd.Env = []string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + d.dir, "TMPDIR=" + os.TempDir(), "DEBRIEF_SPOOL=" + filepath.Join(d.dir, "spool"),
			"DEBRIEF_URL=" + d.url, "DEBRIEF_FACTS_DSN=" + d.host.Place(env).DSN, "SHOP_HOST=" + d.host.Control(),
		}
		var out strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Run(); err != nil {
			return debrief.Errorf(debrief.Internal, "", "deploying %s to %s: %w\n%s", version, env, err, strings.TrimSpace(out.String()))
		}
		d.say("  %s runs %s after %s.", env, version, tell.Duration(d.e.Now().Sub(began)))
	}
	return nil
}

// latest waits until the shop's newest release is recorded as live, and a
// moment for what is noticed at once.
func (d *demo) latest(ctx context.Context) (debrief.Story, error) {
	var s debrief.Story
	err := d.until(ctx, 20*time.Second, "the release was recorded", func() (bool, error) {
		s = debrief.Story{}
		if err := d.api.do(ctx, "GET", "/api/v1/releases/latest?service=shop", nil, &s); err != nil {
			return false, err
		}
		return s.Release.Live(), nil
	})
	if err != nil || s.Release.PreviousID == "" {
		return s, err
	}
	// What is noticed at once is worked out a moment after the release is recorded.
	_ = d.until(ctx, 3*time.Second, "something was noticed", func() (bool, error) {
		err := d.api.do(ctx, "GET", "/api/v1/releases/"+url.PathEscape(s.Release.ID), nil, &s)
		return len(s.Surprises) > 0, err
	})
	return s, ctx.Err()
}

// watch says what each look finds, when it is found.
func (d *demo) watch(ctx context.Context, id string) (debrief.Story, error) {
	said := 0
	var s debrief.Story
	last := demoTimes.After[len(demoTimes.After)-1]
	err := d.until(ctx, last+time.Minute, "the last look was taken", func() (bool, error) {
		s = debrief.Story{}
		if err := d.api.do(ctx, "GET", "/api/v1/releases/"+url.PathEscape(id), nil, &s); err != nil {
			return false, err
		}
		for said < len(s.Looks) && s.Looks[said].State == debrief.LookDone {
			k := s.Looks[said]
			d.say("%s.", capital(tell.Look(k, time.Local)))
			said++
		}
		return said > 0 && said == len(demoTimes.After), nil
	})
	return s, err
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// wait lets the shop do business.
func (d *demo) wait(ctx context.Context, long time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(long):
		return nil
	}
}

func (d *demo) until(ctx context.Context, most time.Duration, what string, ok func() (bool, error)) error {
	late, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		done, err := ok()
		if done || (err != nil && debrief.KindOf(err) != debrief.NotFound) {
			return err
		}
		select {
		case <-late.Done():
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return debrief.Errorf(debrief.Internal, "", "%s", fmt.Sprintf("waited %s and never saw that %s", tell.Duration(most), what))
		case <-tick.C:
		}
	}
}
