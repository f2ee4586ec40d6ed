package story

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/debriefhq/debrief"
)

// SampleSeed makes the year of the demo: the same one each time.
const SampleSeed = 20

// fate is what became of a made-up release.
type fate int

const (
	usual fate = iota
	faster
	slower
	failing
	quiet // too little traffic to tell
)

// sampleService is one made-up service and its habits.
type sampleService struct {
	name   string
	gap    float64 // days between releases, on average
	level  float64 // usual p95, ms
	rate   float64 // requests a second
	table  float64 // production table against staging's
	paths  []string
	change []string
}

func sampleServices() []sampleService {
	return []sampleService{
		{"storefront", 2.2, 180, 240, 6, []string{"web/", "web/cart/"}, []string{"Show delivery dates in the cart", "Smaller product pictures", "Remember the last search", "Fix the currency of gift cards", "New colours for sale prices"}},
		{"payments", 6, 95, 60, 12, []string{"charge/", "db/migrations/"}, []string{"Retry declined cards once", "Keep receipts ten years", "Ask the bank before midnight only", "Split shipping from the total", "Index refunds by order"}},
		{"search", 4, 60, 180, 3, []string{"index/", "rank/"}, []string{"Rank by what is in stock", "Understand plurals", "Rebuild the index in parts", "Drop the old tokenizer", "Cache the first page"}},
		{"mobile-api", 9, 140, 90, 4, []string{"api/", "api/v3/"}, []string{"Version three of the order list", "Smaller answers for old phones", "Push when a parcel moves", "Remove version one"}},
		{"warehouse", 13, 400, 1.2, 9, []string{"stock/", "db/migrations/"}, []string{"Count returns at the door", "Two shelves for one product", "Print labels from the browser", "Keep the stock's history"}},
	}
}

// sampleDeployment is one made-up deployment and what its checks found.
type sampleDeployment struct {
	report debrief.Report
	fate   fate
	effect float64 // of a fate that has one
}

// samplePlan makes one service's year, oldest first. It is a pure function of
// its arguments.
func samplePlan(s sampleService, seed uint64, end time.Time) []sampleDeployment {
	h := fnv.New64a()
	h.Write([]byte(s.name))
	p := planner{s: s, rng: rand.New(rand.NewPCG(seed, h.Sum64())), minor: 3}
	for at := end.AddDate(-1, 0, 0); ; {
		at = p.next(at)
		if !at.Before(end) {
			return p.out
		}
		at = p.release(at)
	}
}

type planner struct {
	s       sampleService
	rng     *rand.Rand
	minor   int
	patch   int
	n       int
	version string
	commit  string
	out     []sampleDeployment
}

// next is when the next release is ready: in working hours, seldom on a Friday
// afternoon, half as often in August, never between the years.
func (p *planner) next(at time.Time) time.Time {
	gap := p.s.gap * p.rng.ExpFloat64()
	if at.Month() == time.August {
		gap *= 2
	}
	at = at.Add(time.Duration(gap * 24 * float64(time.Hour)))
	for {
		day, yd := at.Weekday(), at.YearDay()
		switch {
		case day == time.Saturday, day == time.Sunday, day == time.Friday && p.rng.Float64() < 0.6, yd > 350, yd < 4:
			at = at.Add(24 * time.Hour)
			continue
		}
		return time.Date(at.Year(), at.Month(), at.Day(), 8, 0, 0, 0, time.UTC).Add(time.Duration(p.rng.Float64() * 8.5 * float64(time.Hour)))
	}
}

// release takes one version through staging and production, and what follows
// from how it went. It returns when that was over.
func (p *planner) release(at time.Time) time.Time {
	before, beforeCommit := p.version, p.commit
	p.patch++
	if p.rng.Float64() < 0.35 {
		p.minor, p.patch = p.minor+1, 0
	}
	p.version = fmt.Sprintf("v%d.%d.%d", 2, p.minor, p.patch)
	p.commit = p.sha()
	migrate := 0.0
	if p.rng.Float64() < 0.18 {
		migrate = 8 + 50*p.rng.Float64() // seconds on staging
	}
	git := p.git(beforeCommit)
	p.deploy("staging", at.Add(-time.Duration(20+p.rng.IntN(70))*time.Minute), migrate, debrief.Succeeded, git, usual)
	if p.rng.Float64() < 0.03 {
		done := p.deploy("production", at, 0, debrief.Failed, git, usual)
		at = done.Add(time.Duration(5+p.rng.IntN(25)) * time.Minute)
	}
	f := p.fate()
	live := p.deploy("production", at, migrate*p.s.table*(0.7+0.6*p.rng.Float64()), debrief.Succeeded, git, f)
	if (f == slower || f == failing) && before != "" && p.rng.Float64() < 0.6 {
		// Taken back, and repaired the next day.
		p.version, p.commit = before, beforeCommit
		back := live.Add(time.Duration(15+p.rng.IntN(120)) * time.Minute)
		done := p.deploy("production", back, 0, debrief.Succeeded, nil, usual)
		p.out[len(p.out)-1].report.Rollback = true
		return done
	}
	return live
}

func (p *planner) fate() fate {
	switch x := p.rng.Float64(); {
	case p.s.rate < 5 && x < 0.5:
		return quiet
	case x < 0.05:
		return slower
	case x < 0.075:
		return failing
	case x < 0.14:
		return faster
	}
	return usual
}

func (p *planner) deploy(env string, at time.Time, migrate float64, state debrief.DeploymentState, git *debrief.GitFacts, f fate) time.Time {
	p.n++
	at = debrief.Instant(at)
	r := debrief.Report{
		Keys:    []string{"sample/" + p.s.name + "/" + strconv.Itoa(p.n)},
		Service: p.s.name, Environment: env, Version: p.version, Commit: p.commit, State: state, Git: git,
		Command: "./deploy.sh " + env, Sample: true,
	}
	end := at
	stage := func(name string, seconds float64, facts debrief.Facts) {
		st := debrief.Stage{Name: name, State: debrief.Succeeded, Started: end, Facts: facts}
		end = debrief.Instant(end.Add(time.Duration(seconds * float64(time.Second))))
		st.Finished = end
		r.Stages = append(r.Stages, st)
	}
	stage("build", p.around(70), nil)
	if migrate > 0 {
		rows := 1_200_000.0
		if env == "production" {
			rows *= p.s.table
		}
		stage("migrate", migrate, debrief.Facts{"rows": strconv.FormatFloat(rows, 'f', 0, 64)})
	}
	if state == debrief.Failed {
		r.ExitCode = new(int)
		*r.ExitCode = 1
		r.Stages[len(r.Stages)-1].State = debrief.Failed
	} else {
		slow := 1.0
		if p.rng.Float64() < 0.02 {
			slow = 3.5 // a deployment that took far longer than usual
		}
		stage("roll out", p.around(110)*slow, nil)
		stage("verify", p.around(25), nil)
		r.Times.FirstExposure = r.Stages[len(r.Stages)-2].Started
		r.Times.FullExposure = end
	}
	r.Times.Started, r.Times.Finished = at, end
	p.out = append(p.out, sampleDeployment{report: r, fate: f, effect: p.effect(f)})
	return end
}

func (p *planner) effect(f fate) float64 {
	switch f {
	case slower:
		return 0.25 + 1.2*p.rng.Float64()
	case faster:
		return -0.12 - 0.25*p.rng.Float64()
	case failing:
		return 0.01 + 0.04*p.rng.Float64() // share of requests
	}
	return 0.04 * (p.rng.Float64() - 0.5)
}

// around is a positive time that is now and then twice as long.
func (p *planner) around(seconds float64) float64 {
	return seconds * math.Exp(0.25*p.rng.NormFloat64())
}

func (p *planner) sha() string {
	return fmt.Sprintf("%016x%016x%08x", p.rng.Uint64(), p.rng.Uint64(), p.rng.Uint32())
}

func (p *planner) git(from string) *debrief.GitFacts {
	g := &debrief.GitFacts{Repository: "example/" + p.s.name, From: from, To: p.commit}
	for i := range 1 + p.rng.IntN(6) {
		c := debrief.Change{
			Repository: g.Repository, Commit: p.sha(), Title: p.s.change[p.rng.IntN(len(p.s.change))],
			PullNumber: 100 + p.n*7 + i, Files: 1 + p.rng.IntN(9), Added: 3 + p.rng.IntN(120), Deleted: p.rng.IntN(60),
		}
		if i == 0 {
			c.Commit = p.commit
		}
		g.Commits = append(g.Commits, c)
		g.Files, g.Added, g.Deleted = g.Files+c.Files, g.Added+c.Added, g.Deleted+c.Deleted
	}
	g.Paths = p.s.paths
	return g
}
