package judge_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/judge"
)

// A system is a made-up program that logs in the style of a well-known kind
// of program. Its truth is known: every line comes from one statement.
type system struct {
	name       string
	header     string // goes before each statement; {..} as in statements, and {level}
	statements string // one a line; LEVEL| before it sets {level}; \n and \t inside make more lines of one event
}

// speaker fills in {placeholders}. The same seed says the same.
type speaker struct {
	r    *rand.Rand
	at   time.Time
	vals map[string]string // said once a line: {ip=a} is the same wherever it stands
}

var (
	users    = strings.Fields("alice bob carol dave erin frank grace heidi ivan judy mallory oscar peggy trent victor walter root admin test guest oracle mysql nagios ftp")
	machines = strings.Fields("combo web db cache apollo zeus hera atlas gateway worker titan mercury")
	domains  = strings.Fields("example.com mail.example.org ns.provider.net cdn.shop.example host.isp.example static.dsl.example.net proxy.corp.example api.bank.example")
	animals  = strings.Fields("orders carts payments invoices customers sessions products shipments refunds emails coupons reviews")
	classes  = strings.Fields("com.shop.PaymentService com.shop.cart.CartController com.shop.db.Pool com.shop.mail.Sender com.shop.stock.StockKeeper")
)

func (s *speaker) pick(from []string) string { return from[s.r.IntN(len(from))] }

func (s *speaker) value(name string) string {
	switch name {
	case "n":
		return fmt.Sprint(s.r.IntN(90000))
	case "d":
		return fmt.Sprint(s.r.IntN(10))
	case "pid":
		return fmt.Sprint(1000 + s.r.IntN(9000))
	case "f":
		return fmt.Sprintf("%.3f", s.r.Float64()*10)
	case "ms":
		return fmt.Sprintf("%d ms", s.r.IntN(2000))
	case "dur":
		return [...]string{"12ms", "1.5s", "3m2s", "250µs"}[s.r.IntN(4)]
	case "size":
		return [...]string{"812 KB", "3.2 MB", "512 B", "1 GB"}[s.r.IntN(4)]
	case "ip":
		return fmt.Sprintf("%d.%d.%d.%d", 10+s.r.IntN(180), s.r.IntN(256), s.r.IntN(256), 1+s.r.IntN(250))
	case "port":
		return fmt.Sprint(1024 + s.r.IntN(60000))
	case "hex":
		return fmt.Sprintf("0x%08x", s.r.Uint32())
	case "sha":
		return fmt.Sprintf("%016x", s.r.Uint64())
	case "uuid":
		return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", s.r.Uint32(), s.r.IntN(1<<16), s.r.IntN(1<<12), s.r.IntN(1<<12), s.r.Uint64()>>16)
	case "mac":
		return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", s.r.IntN(256), s.r.IntN(256), s.r.IntN(256), s.r.IntN(256), s.r.IntN(256), s.r.IntN(256))
	case "user":
		return s.pick(users)
	case "machine":
		return s.pick(machines)
	case "domain":
		return s.pick(domains)
	case "thing":
		return s.pick(animals)
	case "class":
		return s.pick(classes)
	case "bool":
		return [...]string{"true", "false"}[s.r.IntN(2)]
	case "path":
		return "/" + s.pick(animals) + "/" + s.pick(machines) + [...]string{"", "/index.html", ".conf", "/data/log"}[s.r.IntN(4)]
	case "url":
		return "https://" + s.pick(domains) + "/" + s.pick(animals) + "?id=" + fmt.Sprint(s.r.IntN(500))
	case "mail":
		return s.pick(users) + "@" + s.pick(domains)
	case "list":
		var l []string
		for range 1 + s.r.IntN(5) {
			l = append(l, fmt.Sprint(s.r.IntN(500)))
		}
		return strings.Join(l, ", ")
	case "agent":
		return [...]string{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "curl/8.5.0", "Go-http-client/2.0", "kube-probe/1.29"}[s.r.IntN(4)]
	case "status":
		return [...]string{"200", "201", "304", "404", "499", "502"}[s.r.IntN(6)]
	}
	for _, layout := range [...]struct{ name, layout string }{
		{"iso", "2006-01-02T15:04:05.000Z"},
		{"py", "2006-01-02 15:04:05,000"},
		{"sql", "2006-01-02 15:04:05.000"},
		{"syslog", "Jan _2 15:04:05"},
		{"slash", "2006/01/02 15:04:05"},
		{"apache", "02/Jan/2006:15:04:05 +0000"},
		{"ctime", "Mon Jan 02 15:04:05 2006"},
		{"klog", "0102 15:04:05.000000"},
		{"dot", "01.02 15:04:05"},
		{"day", "2006.01.02"},
		{"dense", "2006-01-02-15.04.05.000000"},
		{"php", "02-Jan-2006 15:04:05 UTC"},
		{"comma", "2006-01-02T15:04:05,000"},
		{"usec", "2006-01-02T15:04:05.000000"},
	} {
		if layout.name == name {
			return s.at.Format(layout.layout)
		}
	}
	if name == "epoch" {
		return fmt.Sprint(s.at.Unix())
	}
	panic("no such placeholder: " + name)
}

func (s *speaker) say(text string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		if v, ok := s.vals[name]; ok {
			b.WriteString(v)
		} else if kind, _, tied := strings.Cut(name, "="); tied {
			s.vals[name] = s.value(kind)
			b.WriteString(s.vals[name])
		} else if name == "" || strings.ContainsAny(name, "\" :") {
			b.WriteByte('{')
			after = rest
		} else {
			b.WriteString(s.value(name))
		}
		text = after
	}
}

// write makes n events and tells which statement each came from. Statements
// are as uneven as real ones: the k-th is said about 1/k as often as the first.
func (y system) write(n int, seed uint64) (events []string, truth []int) {
	s := &speaker{r: rand.New(rand.NewPCG(seed, 7)), at: time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC)}
	statements := strings.Split(strings.TrimSpace(y.statements), "\n")
	var weights []float64
	total := 0.0
	order := s.r.Perm(len(statements))
	for _, k := range order {
		total += 1 / float64(k+1)
		weights = append(weights, total)
	}
	for range n {
		x, k := s.r.Float64()*total, 0
		for weights[k] < x {
			k++
		}
		s.at = s.at.Add(time.Duration(s.r.IntN(3000)) * time.Millisecond)
		level, text, ok := strings.Cut(strings.TrimSpace(statements[k]), "|")
		if !ok || len(level) > 8 || strings.ContainsAny(level, " {<\"") {
			level, text = "INFO", strings.TrimSpace(statements[k])
		}
		s.vals = map[string]string{"level": level}
		line := s.say(y.header + text)
		line = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\e`, "\x1b").Replace(line)
		events = append(events, line)
		truth = append(truth, k)
	}
	return events, truth
}

// grouping is the share of events whose pattern holds exactly the events of
// their statement (grouping accuracy, Zhu et al. 2019).
func grouping(truth []int, ids []string) float64 {
	want, got := map[int]int{}, map[string]int{}
	both := map[string]int{}
	for i := range truth {
		want[truth[i]]++
		got[ids[i]]++
		both[fmt.Sprint(truth[i], " ", ids[i])]++
	}
	right := 0
	for i := range truth {
		if n := both[fmt.Sprint(truth[i], " ", ids[i])]; n == want[truth[i]] && n == got[ids[i]] {
			right++
		}
	}
	return float64(right) / float64(len(truth))
}

// mine gives the final id of each event.
func mine(m *judge.Miner, events []string) []string {
	var refs []judge.Ref
	for _, e := range events {
		for i, line := range strings.Split(e, "\n") {
			ref, more := m.AddBytes([]byte(line))
			switch {
			case i == 0:
				refs = append(refs, ref)
			case !more:
				refs[len(refs)-1] = ref // .NET names the category first, then says what happened
			}
		}
	}
	ids := make([]string, len(refs))
	for i, r := range refs {
		ids[i] = m.ID(r)
	}
	return ids
}

func TestMinerOnManySystems(t *testing.T) {
	t.Parallel()
	mean := 0.0
	systems := append(slices.Clone(systems), harder...)
	for _, y := range systems {
		events, truth := y.write(2000, 1)
		m := judge.NewMiner(nil)
		ids := mine(m, events)
		ga := grouping(truth, ids)
		mean += ga / float64(len(systems))
		t.Logf("%-14s %.3f", y.name, ga)
		if ga < 0.9 || testing.Verbose() && ga < 0.999 {
			explain(t, y, m, truth, ids)
		}
		if ga < 0.85 {
			t.Errorf("%s: grouping accuracy %.3f", y.name, ga)
		}
	}
	t.Logf("mean of %d systems: %.3f", len(systems), mean)
	if mean < 0.97 {
		t.Errorf("mean grouping accuracy %.3f", mean)
	}
}

// TestMinerTellsNewPatterns: one statement in four is only there after a
// release halfway; it is new, and nothing else is.
func TestMinerTellsNewPatterns(t *testing.T) {
	t.Parallel()
	falsely, found, all, files := 0, 0, 0, 0
	for _, n := range []int{200, 2000} {
		for _, y := range slices.Concat(systems, harder) {
			events, truth := y.write(n, uint64(n))
			var kept []string
			var of []int
			for i, k := range truth {
				if k%4 != 1 || i > n/2 {
					kept, of = append(kept, events[i]), append(of, k)
				}
			}
			half := slices.IndexFunc(of, func(k int) bool { return k%4 == 1 })
			if half < 0 {
				continue
			}
			files++
			ids := mine(judge.NewMiner(nil), kept)
			for i := half; i < len(ids); i++ {
				if slices.Contains(ids[:i], ids[i]) {
					continue
				}
				if slices.Contains(of[:half], of[i]) {
					falsely++
					t.Logf("%s, %d lines: not new: %s", y.name, n, kept[i])
				} else if !slices.Contains(of[:i], of[i]) {
					found++
				}
			}
			for i := half; i < len(of); i++ {
				if !slices.Contains(of[:i], of[i]) {
					all++
				}
			}
		}
	}
	t.Logf("%d of %d new statements found, %d told falsely in %d logs", found, all, falsely, files)
	if 100*found < 97*all || 2*falsely > files {
		t.Errorf("%d of %d new statements found, %d told falsely in %d logs", found, all, falsely, files)
	}
}

// explain shows which statements were torn apart or thrown together.
func explain(t *testing.T, y system, m *judge.Miner, truth []int, ids []string) {
	t.Helper()
	statements := strings.Split(strings.TrimSpace(y.statements), "\n")
	templates := map[string]string{}
	for _, p := range m.Patterns() {
		templates[p.ID] = p.Template
	}
	by := map[int]map[string]int{}
	of := map[string]map[int]bool{}
	for i, k := range truth {
		if by[k] == nil {
			by[k] = map[string]int{}
		}
		if of[ids[i]] == nil {
			of[ids[i]] = map[int]bool{}
		}
		by[k][ids[i]]++
		of[ids[i]][k] = true
	}
	shown := 0
	for k, got := range by {
		for id := range got {
			if (len(got) > 1 || len(of[id]) > 1) && shown < 9 {
				shown++
				t.Logf("   %s | %s (%d) %v", statements[k], templates[id], got[id], of[id])
			}
		}
	}
}
