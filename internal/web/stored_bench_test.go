package web

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/store"
	"github.com/debriefhq/debrief/internal/store/storetest"
)

// BenchmarkReleasePageStored is a page's whole server time, store included,
// with 100,000 releases stored.
func BenchmarkReleasePageStored(b *testing.B) {
	for _, engine := range storetest.Engines() {
		b.Run(engine, func(b *testing.B) {
			st, _ := storetest.Open(b, engine)
			fill(b, st, 100_000)
			s := creep()
			keep(b, st, s)
			o := options(newRecords())
			o.Reader = st
			h := New(o)
			for b.Loop() {
				if w, _ := getQuick(h, "/releases/"+s.Release.ID); w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}

// fill stores n releases of two hundred services.
func fill(b *testing.B, st *store.Store, n int) {
	b.Helper()
	start := liveAt.Add(-time.Duration(n) * 5 * time.Minute)
	services := map[string][]int{}
	for i := range n {
		name := fmt.Sprintf("service-%d", i%200)
		services[name] = append(services[name], i)
	}
	for name, mine := range services {
		err := st.Update(b.Context(), func(tx *store.Tx) error {
			if _, err := tx.Service(name, false); err != nil {
				return err
			}
			var ds []debrief.Deployment
			var rs []debrief.Release
			for _, i := range mine {
				at := start.Add(time.Duration(i) * 5 * time.Minute)
				id := fmt.Sprintf("filled-%d", i)
				ds = append(ds, debrief.Deployment{
					ID: id, Service: name, Environment: "production", Version: fmt.Sprintf("v%d", i), State: debrief.Succeeded,
					Times: debrief.Times{Started: at, Finished: at.Add(3 * time.Minute)}, Keys: []string{"api/" + id}, Sources: []string{"api"},
				})
				rs = append(rs, debrief.Release{
					ID: id, Service: name, Environment: "production", Version: fmt.Sprintf("v%d", i), Kind: debrief.ReleaseNew,
					DeploymentIDs: []string{id}, Started: at, FirstExposure: at, FullExposure: at.Add(3 * time.Minute), Changes: -1,
				})
			}
			if err := tx.SaveDeployments(name, ds, nil); err != nil {
				return err
			}
			return tx.SaveReleases(name, rs)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// keep stores a story as the loop would.
func keep(b *testing.B, st *store.Store, s debrief.Story) {
	b.Helper()
	service := s.Release.Service
	err := st.Update(b.Context(), func(tx *store.Tx) error {
		if _, err := tx.Service(service, false); err != nil {
			return err
		}
		for i := range s.Deployments {
			s.Deployments[i].Service = service
		}
		s.Release.DeploymentIDs = []string{s.Deployments[0].ID}
		s.Release.PreviousID = ""
		if err := tx.SaveDeployments(service, append(s.Deployments, append(s.Staging, s.Recent...)...), nil); err != nil {
			return err
		}
		if err := tx.SaveReleases(service, []debrief.Release{s.Release}); err != nil {
			return err
		}
		for _, l := range s.Looks {
			l.ReleaseID, l.Service = s.Release.ID, service
			if err := tx.SaveLook(l); err != nil {
				return err
			}
		}
		return tx.SaveSurprises(service, s.Release.ID, s.Surprises)
	})
	if err != nil {
		b.Fatal(err)
	}
}
