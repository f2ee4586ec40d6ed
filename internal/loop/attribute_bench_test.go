package loop_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

// BenchmarkAttribution attributes one incident, store included, where 2,000
// services released 10,000 times in the 24 hours before: of one service that
// depends on ten others, and where nothing says which service it is about.
func BenchmarkAttribution(b *testing.B) {
	for _, engine := range storetest.Engines() {
		st, clock := storetest.Open(b, engine)
		now := clock.Now()
		err := st.Update(b.Context(), func(tx *store.Tx) error {
			for i := range 2000 {
				service := fmt.Sprintf("service-%d", i)
				if _, err := tx.Service(service, false); err != nil {
					return err
				}
				var rs []debrief.Release
				for n := range 5 {
					at := now.Add(-time.Duration(n*280+i%270+5) * time.Minute)
					rs = append(rs, debrief.Release{
						ID: debrief.ID(service, fmt.Sprint(n)), Service: service, Environment: "production", Version: fmt.Sprintf("v%d", n), Kind: debrief.ReleaseNew,
						Started: at.Add(-time.Minute), FirstExposure: at, FullExposure: at, Looks: []debrief.Word{},
					})
				}
				if err := tx.SaveReleases(service, rs); err != nil {
					return err
				}
			}
			return tx.SaveIncidents([]debrief.Incident{
				{ID: "one service", Service: "service-7", Services: []string{"service-7"}, Title: "cannot pay", Began: now},
				{ID: "no service named", Service: debrief.Org, Title: "nothing loads", Began: now},
			}, nil)
		})
		if err != nil {
			b.Fatal(err)
		}
		c := config.Default()
		var depends []string
		for i := range 10 {
			depends = append(depends, fmt.Sprintf("service-%d", 20+i))
		}
		c.Services = map[string]config.Service{"service-7": {DependsOn: depends}}
		l := loop.New(loop.Options{Store: st, Config: c, Now: clock.Now, Log: slog.New(slog.DiscardHandler)})
		for _, id := range []string{"one service", "no service named"} {
			b.Run(engine+"/"+id, func(b *testing.B) {
				for b.Loop() {
					err := st.Update(b.Context(), func(tx *store.Tx) error {
						return tx.Enqueue(store.Work{Kind: store.WorkAttribute, Key: "incident/" + id, Due: now})
					})
					if did, serr := l.Step(b.Context(), store.WorkAttribute); err != nil || serr != nil || !did {
						b.Fatal(did, err, serr)
					}
				}
				if a, found, err := st.Attribution(b.Context(), id); err != nil || !found || len(a.Candidates) < 5 {
					b.Fatal(found, len(a.Candidates), err)
				}
			})
		}
	}
}
