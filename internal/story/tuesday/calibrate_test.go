package tuesday

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

// How many twins and how many faults: make calibrate-story. What is drawn
// cannot be tuned to: the seed is chosen when the test starts.
var (
	releases = flag.Int("releases", 0, "releases of each kind, with the fault and without (0: none)")
	seed     = flag.Uint64("seed", 0, "what is drawn (0: chosen at start)")
)

// drawn is one release of the calibration.
type drawn struct {
	fault bool
	shop  *street
}

func (d drawn) String() string {
	what := "twin"
	if d.fault {
		what = "fault"
	}
	return fmt.Sprintf("%s, %d rows on staging, %d in production, %.1f requests a second", what, d.shop.small, d.shop.large, d.shop.rate)
}

func draw(rng *rand.Rand, n int) []drawn {
	out := make([]drawn, 0, 2*n)
	for i := range 2 * n {
		small := 20_000 + rng.IntN(40_000)
		out = append(out, drawn{fault: i%2 == 0, shop: &street{
			name: "shop", small: small, large: small * (6 + rng.IntN(9)), rate: 22 + 8*rng.Float64(),
		}})
	}
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func TestCalibrate(t *testing.T) {
	if *releases == 0 {
		t.Skip("takes hours: make calibrate-story")
	}
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d: the same releases again with -seed %d", *seed, *seed)
	var wolf, found, early int
	var offsets []string
	for i, d := range draw(rand.New(rand.NewPCG(*seed, 40)), *releases) {
		t.Run(fmt.Sprint(i+1), func(t *testing.T) {
			w := newTown(t, d.shop)
			w.prepare()
			version := "v1.42-twin"
			if d.fault {
				version = "v1.42"
			}
			d.shop.deploy(version)
			s := d.shop.latest(version)
			s = d.shop.looked(s.Release.ID, 2, 4*time.Minute)
			for _, l := range s.Looks {
				t.Logf("%s: look %d: %s", d, l.Number, said(l))
			}
			if !d.fault {
				if s.Looks[0].Word == debrief.Worse || s.Looks[1].Word == debrief.Worse {
					wolf++
				}
				return
			}
			if s.Looks[0].Word == debrief.Worse {
				early++
			}
			v, ok := verdict(s.Looks[1], "median of /checkout")
			if !ok || v.Word != debrief.Worse {
				return
			}
			off := v.Since.Sub(s.Release.FullExposure)
			offsets = append(offsets, off.Round(100*time.Millisecond).String())
			// One scrape, and a tenth of the window.
			if off.Abs() <= time.Second+lastLook/10 {
				found++
			}
		})
	}
	t.Logf("%d twins: %d called worse. %d faults: %d found with the right metric and time, %d of them called worse at the first look already. Onset found after %s",
		*releases, wolf, *releases, found, early, strings.Join(offsets, ", "))
	if *releases >= 20 && (wolf > *releases/20 || found < *releases*9/10) {
		t.Errorf("at most %d twins may be called worse and at least %d faults have to be found", *releases/20, *releases*9/10)
	}
}
