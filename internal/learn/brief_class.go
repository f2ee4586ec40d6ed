package learn

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"github.com/debriefhq/debrief"
)

// A class is a set of past releases that are like the change in one named way.
// A lesson is told of the class whose releases showed it most clearly more
// often than all others did, never of the change alone.
type class struct {
	like  string // "migration", "module billing", "migration, module billing"
	does  string // after "releases that": "bring a migration and touch billing"
	in    []bool // by place in the past, newest first
	n     int
	parts []*class // those it is the intersection of
	// members are the releases themselves, the newest first.
	members []debrief.ReleaseFacts
}

func (k *class) put(i int, f debrief.ReleaseFacts) {
	k.in[i] = true
	k.members = append(k.members, f)
	k.n++
}

// mostModules of a change are looked at: the rarest first. A change that
// touches everything is like nothing in particular.
const mostModules = 8

// classes lists the ways in which past releases may be like the change.
func classes(c debrief.Upcoming, past []debrief.ReleaseFacts) []*class {
	var single []*class
	add := func(like, does string, is func(debrief.ReleaseFacts) bool) {
		k := &class{like: like, does: does, in: make([]bool, len(past))}
		for i, f := range past {
			if is(f) {
				k.put(i, f)
			}
		}
		if k.n > 0 && k.n < len(past) { // what all have tells nothing apart
			single = append(single, k)
		}
	}
	for _, kind := range c.Kinds {
		add(kind, kindPhrase(kind), func(f debrief.ReleaseFacts) bool { return slices.Contains(f.Kinds, kind) })
	}
	modules := slices.Clone(c.Modules)
	has := rarity(past, func(f debrief.ReleaseFacts) []string { return f.Modules })
	slices.SortStableFunc(modules, func(a, b string) int { return cmp.Compare(has[a], has[b]) })
	for _, m := range modules[:min(len(modules), mostModules)] {
		add("module "+m, "touch "+m, func(f debrief.ReleaseFacts) bool { return slices.Contains(f.Modules, m) })
	}
	if big, than := large(c, past); big {
		add("size", "change "+grouped(than)+" lines or more", func(f debrief.ReleaseFacts) bool { return f.Added+f.Deleted >= than })
	}
	all := single
	for i, a := range single {
		for _, b := range single[:i] {
			both := &class{like: b.like + ", " + a.like, does: b.does + " and " + a.does, in: make([]bool, len(past)), parts: []*class{a, b}}
			for j := range past {
				if a.in[j] && b.in[j] {
					both.put(j, past[j])
				}
			}
			if both.n > 1 && both.n < a.n && both.n < b.n {
				all = append(all, both)
			}
		}
	}
	return all
}

// large: the change is larger than four of five past ones, and by how many
// lines one is.
func large(c debrief.Upcoming, past []debrief.ReleaseFacts) (bool, int) {
	var sizes []int
	for _, f := range past {
		if f.Added+f.Deleted > 0 {
			sizes = append(sizes, f.Added+f.Deleted)
		}
	}
	if len(sizes) < 2*fewPast {
		return false, 0
	}
	sort.Ints(sizes)
	than := roundUp(sizes[len(sizes)*4/5])
	return c.Added+c.Deleted >= than, than
}

// roundUp to two digits, so that a sentence does not say "1,237 lines or more".
func roundUp(n int) int {
	unit := 1
	for n/unit >= 100 {
		unit *= 10
	}
	return (n + unit - 1) / unit * unit
}

// rarity counts how many releases have each word.
func rarity(past []debrief.ReleaseFacts, words func(debrief.ReleaseFacts) []string) map[string]int {
	out := map[string]int{}
	for _, f := range past {
		for _, w := range words(f) {
			out[w]++
		}
	}
	return out
}

// topicsOf are what a release showed, and whether that can be said: while
// nobody knows whether it failed, it is left out of that topic.
func topicsOf(f debrief.ReleaseFacts) (topics []string) {
	for _, s := range f.Surprises {
		if s != "usual-shift" {
			topics = append(topics, s)
		}
	}
	if f.Failure == debrief.DidFail {
		topics = append(topics, debrief.TopicFailed)
	}
	return topics
}

func known(f debrief.ReleaseFacts, topic string) bool {
	if f.Failure == debrief.TooEarly {
		return false // what has not shown yet may still
	}
	return topic != debrief.TopicFailed || f.Failure == debrief.NotFailed || f.Failure == debrief.DidFail
}

// commonest is what most past releases showed, and the share that did.
func commonest(past []debrief.ReleaseFacts) (topic string, share float64) {
	most := 0
	seen := rarity(past, topicsOf)
	for t, n := range seen {
		if n > most || n == most && t < topic {
			topic, most = t, n
		}
	}
	if most == 0 {
		return "", 0
	}
	return topic, float64(most) / float64(len(past))
}

// wilson95 is Wilson's score interval (E. B. Wilson 1927).
func wilson95(k, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	const z = 1.959964
	p, m := float64(k)/float64(n), float64(n)
	mid := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	low, high = max(mid-half, 0), min(mid+half, 1)
	if k == 0 {
		low = 0
	}
	if k == n {
		high = 1
	}
	return low, high
}

// atLeast is Fisher's exact test, one-sided: the chance that of n releases
// drawn from all, of which `with` show something, k or more do.
func atLeast(k, n, with, all int) float64 {
	sum := 0.0
	for i := k; i <= min(n, with); i++ {
		sum += math.Exp(lchoose(with, i) + lchoose(all-with, n-i) - lchoose(all, n))
	}
	return min(sum, 1)
}

// lchoose is the logarithm of the binomial coefficient; minus infinity where
// there is no such choice.
func lchoose(n, k int) float64 {
	if k < 0 || k > n {
		return math.Inf(-1)
	}
	if k == 0 || k == n {
		return 0
	}
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}
