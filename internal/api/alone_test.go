package api_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// others is the share of the machine's cores that other programs had while
// work ran: what is not this process's and not a database server's. A figure
// taken beside a compiler is the compiler's. ok is false where the system does
// not tell.
func others(work func()) (share float64, ok bool) {
	busy, all, ok1 := machine()
	mine := own()
	work()
	busy2, all2, ok2 := machine()
	if !ok1 || !ok2 || all2 <= all {
		return 0, false
	}
	return max(0, float64(busy2-busy-(own()-mine))/float64(all2-all)), true
}

// alone runs work when nobody else is at work, and again where somebody came
// in between, until a time; then once as it is. It reports whether nobody else
// had a fifth of a core meanwhile.
func alone(until time.Time, work func()) bool {
	disturbed := func(do func()) bool {
		share, ok := others(do)
		return ok && share*float64(runtime.NumCPU()) >= 0.2
	}
	for time.Now().Before(until) {
		if disturbed(func() { time.Sleep(200 * time.Millisecond) }) { // long enough for the kernel's ticks
			continue
		}
		if !disturbed(work) {
			return true
		}
	}
	return !disturbed(work)
}

// machine is the time all cores were busy with more than what gives way (nice),
// and the time there was, in ticks.
func machine() (busy, all int64, ok bool) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, false
	}
	line, _, _ := strings.Cut(string(b), "\n")
	for i, f := range strings.Fields(line)[1:] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil || i > 7 { // guests are counted in what came before
			break
		}
		all += n
		if i != 1 && i != 3 && i != 4 { // what gives way to others, nothing, waiting for the disk
			busy += n
		}
	}
	return busy, all, all > 0
}

// own is the time this process and the database servers had, in ticks.
func own() (ticks int64) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	me := strconv.Itoa(os.Getpid())
	for _, at := range stats {
		b, err := os.ReadFile(at)
		if err != nil {
			continue // it has ended
		}
		name, rest, _ := strings.Cut(string(b), ") ")
		if !strings.HasPrefix(name, me+" (") && !strings.HasSuffix(name, "(postgres") {
			continue
		}
		fields := strings.Fields(rest)
		for _, i := range []int{11, 12} { // utime, stime
			if i < len(fields) {
				n, _ := strconv.ParseInt(fields[i], 10, 64)
				ticks += n
			}
		}
	}
	return ticks
}

func median(vs []float64) float64 {
	vs = slices.Clone(vs)
	slices.Sort(vs)
	return vs[len(vs)/2]
}
