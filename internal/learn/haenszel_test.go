package learn

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Fisher's tea: eight cups, four with milk first, all four named rightly. The
// chance of that is 1 in 70; the mid-p half of it.
func TestChanceOfOneTableIsFishers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		t    table
		want float64
	}{
		{table{8, 4, 4, 4}, 0.5 / 70},
		{table{8, 4, 4, 3}, 1.0/70 + 8.0/70},
		{table{8, 4, 4, 0}, 1 - 0.5/70},
		{table{8, 8, 4, 4}, 1}, // all failed: it tells nothing
		{table{0, 0, 0, 0}, 1},
	} {
		if got := chance([]table{c.t}); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%+v: %v, want %v", c.t, got, c.want)
		}
	}
}

// The exact answer is what dealing out the factor anew within each stratum
// gives, again and again.
func TestChanceIsWhatPermutationsShow(t *testing.T) {
	t.Parallel()
	tables := []table{{12, 3, 4, 2}, {20, 2, 9, 2}, {7, 5, 3, 3}, {30, 4, 6, 1}}
	seen := 0
	for _, x := range tables {
		seen += int(x.a)
	}
	r := rand.New(rand.NewPCG(1, 2))
	const rounds = 200_000
	more := 0.0
	for range rounds {
		sum := 0
		for _, x := range tables {
			for i, k := range r.Perm(int(x.n))[:x.k] {
				_ = i
				if k < int(x.m) {
					sum++
				}
			}
		}
		switch {
		case sum > seen:
			more++
		case sum == seen:
			more += 0.5
		}
	}
	if got, want := chance(tables), more/rounds; math.Abs(got-want) > 4*math.Sqrt(want/rounds) {
		t.Errorf("exactly %v, by %d permutations %v", got, rounds, want)
	}
}

// The saddlepoint stays near the exact mid-p, also where that is one in ten
// million.
func TestSaddlepointAgainstExact(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	compared := 0
	for range 60 {
		var tables []table
		low, high := 0, 0
		for range 40 + r.IntN(60) {
			n := 8 + r.Int32N(40)
			x := table{n: n, m: 1 + r.Int32N(n/3), k: 1 + r.Int32N(n-1)}
			tables = append(tables, x)
			low += int(max(0, x.k+x.m-x.n))
			high += int(min(x.k, x.m))
		}
		cum := dealt(tables)
		_, mean, variance := cum(0)
		for _, z := range []float64{0.5, 1, 2, 3, 4, 5, 6} {
			s := int(mean + z*math.Sqrt(variance))
			if s >= high {
				continue
			}
			exact, near := exactTail(tables, s), midTail(cum, float64(s), float64(low), float64(high))
			compared++
			if math.Abs(near/exact-1) > 0.05*max(1, z) {
				t.Errorf("%d tables at %v: %g, exactly %g", len(tables), z, near, exact)
			}
		}
	}
	if compared < 300 {
		t.Fatalf("only %d compared", compared)
	}
}

func TestDiscoveries(t *testing.T) {
	t.Parallel()
	// The example of Benjamini and Hochberg (1995): 15 tests, at 5 % four stand.
	p := []float64{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0}
	n := 0
	for _, s := range discoveries(p, len(p), 0.05) {
		if s {
			n++
		}
	}
	if n != 4 {
		t.Errorf("%d stand, the paper says 4", n)
	}
	if s := discoveries([]float64{0.04, 0.03}, 2, 0.05); !s[0] || !s[1] {
		t.Error("a smaller p that fails by itself stands where a larger one does")
	}
	if s := discoveries([]float64{0.04}, 10, 0.05); s[0] {
		t.Error("tests that are not listed were made too")
	}
}

// The rank-sum tail against all ways to deal out the ranks.
func TestRankSumAgainstEnumeration(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{5, 5}, {5, 9}, {6, 12}, {8, 8}} {
		n, m := size[0], size[1]
		// ways[k][s]: k of the ranks so far chosen, with sum s
		ways := make([]map[int]float64, n+1)
		for i := range ways {
			ways[i] = map[int]float64{}
		}
		ways[0][0] = 1
		for rank := 1; rank <= n+m; rank++ {
			for k := n - 1; k >= 0; k-- {
				for s, w := range ways[k] {
					ways[k+1][s+rank] += w
				}
			}
		}
		all := 0.0
		for _, w := range ways[n] {
			all += w
		}
		for u := n*m/2 + 1; u < n*m; u++ {
			exact := 0.0
			for s, w := range ways[n] {
				switch got := s - n*(n+1)/2; {
				case got > u:
					exact += w / all
				case got == u:
					exact += w / all / 2
				}
			}
			near := midTail(pairs(n, m), float64(u), 0, float64(n*m))
			if math.Abs(near/exact-1) > 0.12 && u < n*m-1 {
				t.Errorf("%d against %d, %d pairs: %g, exactly %g", n, m, u, near, exact)
			}
		}
	}
	if p := larger([]float64{3, 3, 3, 3, 3}, []float64{3, 3, 3, 3, 3}); p < 0.49 || p > 1 {
		t.Errorf("all alike: %v", p)
	}
}
