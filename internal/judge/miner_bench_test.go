package judge_test

import (
	"bytes"
	"hash/maphash"
	"slices"
	"strings"
	"testing"

	"github.com/debriefhq/debrief/internal/judge"
)

// storage is a system as uniform as a distributed file system's log: long
// lines, few statements, hardly a word that varies.
var storage = system{"storage", "260303 140005 {n} {level} dfs.DataNode$DataXceiver: ", `
INFO|Receiving block blk_{n}{n} src: /{ip}:{port} dest: /{ip}:{port}
INFO|BLOCK* NameSystem.addStoredBlock: blockMap updated: {ip}:{port} is added to blk_{n}{n} size {n}
INFO|PacketResponder {d} for block blk_{n}{n} terminating
INFO|Received block blk_{n}{n} of size {n} from /{ip}
INFO|BLOCK* NameSystem.delete: blk_{n}{n} is added to invalidSet of {ip}:{port}
WARN|{ip}:{port}:Got exception while serving blk_{n}{n} to /{ip}:
INFO|Deleting block blk_{n}{n} file /mnt/hadoop/dfs/data/current/subdir{d}/blk_{n}{n}
`}

// mixed are lines of all systems in turns, each in one line.
func mixed(n int) (lines [][]byte) {
	all := slices.Concat(systems, harder)
	var of [][]string
	for i, y := range all {
		events, _ := y.write(n/len(all)+1, uint64(i))
		of = append(of, events)
	}
	for i := range n {
		line, _, _ := strings.Cut(of[i%len(all)][i/len(all)], "\n")
		lines = append(lines, []byte(line))
	}
	return lines
}

func uniform(n int) (lines [][]byte) {
	events, _ := storage.write(n, 1)
	for _, e := range events {
		lines = append(lines, []byte(e))
	}
	return lines
}

func BenchmarkMiner(b *testing.B) {
	for _, c := range []struct {
		name  string
		lines [][]byte
	}{{"mixed", mixed(20000)}, {"uniform", uniform(20000)}} {
		size := 0
		for _, l := range c.lines {
			size += len(l) + 1
		}
		size /= len(c.lines)
		b.Run(c.name, func(b *testing.B) {
			m := judge.NewMiner(nil)
			for _, l := range c.lines {
				m.AddBytes(l)
			}
			b.ReportAllocs()
			b.SetBytes(int64(size))
			i := 0
			for b.Loop() {
				m.AddBytes(c.lines[i])
				if i++; i == len(c.lines) {
					i = 0
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lines/s")
		})
		// What reading costs: the same lines found and hashed, and nothing else.
		text := append(bytes.Join(c.lines, []byte("\n")), '\n')
		b.Run(c.name+"-read-and-hash", func(b *testing.B) {
			b.SetBytes(int64(size))
			seed := maphash.MakeSeed()
			rest, sum := text, uint64(0)
			for b.Loop() {
				line, after, _ := bytes.Cut(rest, []byte("\n"))
				sum += maphash.Bytes(seed, line)
				if rest = after; len(rest) == 0 {
					rest = text
				}
			}
			_ = sum
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}

func BenchmarkMinerSettles(b *testing.B) {
	lines := mixed(20000)
	m := judge.NewMiner(nil)
	for _, l := range lines {
		m.AddBytes(l)
	}
	state, err := m.State()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		m, err := judge.OpenMiner(state)
		if err != nil {
			b.Fatal(err)
		}
		m.Add("a line never seen before")
		if len(m.Patterns()) == 0 {
			b.Fatal("no patterns")
		}
	}
}

// TestMinerAllocatesNothing once it knows the patterns, whatever the values.
func TestMinerAllocatesNothing(t *testing.T) {
	for name, lines := range map[string][][]byte{"mixed": mixed(20000), "uniform": uniform(20000)} {
		m := judge.NewMiner(nil)
		for range 2 {
			for _, l := range lines {
				m.AddBytes(l)
			}
		}
		m.Patterns()
		got := testing.AllocsPerRun(1, func() {
			for _, l := range lines {
				m.AddBytes(l)
			}
		})
		if got > 0 {
			t.Errorf("%s: %.0f allocations for %d lines", name, got, len(lines))
		}
	}
}
