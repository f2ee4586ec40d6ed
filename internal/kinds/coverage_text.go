package kinds

import (
	"strconv"
	"strings"

	"github.com/debriefhq/debrief"
)

// eachLine calls fn with every line, cut at a bound; n counts from 1.
func eachLine(text []byte, fn func(n int, line string) error) error {
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if len(line) > maxCoverageLine {
			return debrief.Errorf(debrief.TooLarge, "", "line %d is longer than %d bytes", n, maxCoverageLine)
		}
		if err := fn(n, line); err != nil {
			return err
		}
	}
	return nil
}

// goProfile reads what go test -coverprofile writes, as golang.org/x/tools/cover
// does: "mode: set", then "file:line.column,line.column statements count". A
// block that several test binaries report comes several times; it is covered
// where one of them ran it.
func (c *covering) goProfile(text []byte) error {
	type block struct{ file, at string }
	ran := map[block]bool{}
	statements := map[block]int{}
	err := eachLine(text, func(n int, line string) error {
		if line == "" || strings.HasPrefix(line, "mode: ") {
			return nil
		}
		bad := debrief.Errorf(debrief.Invalid, "", "line %d of the Go cover profile is not file:line.column,line.column statements count", n)
		file, rest := cutLast(line, ":")
		at, figures, ok := strings.Cut(rest, " ")
		many, count, ok2 := strings.Cut(figures, " ")
		if file == "" || !ok || !ok2 {
			return bad
		}
		s, err := strconv.Atoi(many)
		k, err2 := strconv.ParseUint(count, 10, 64)
		if err != nil || err2 != nil || s < 0 || s > 1<<20 {
			return bad
		}
		b := block{file, at}
		statements[b] = s
		ran[b] = ran[b] || k > 0
		return nil
	})
	if err != nil {
		return err
	}
	for b, s := range statements {
		covered := 0
		if ran[b] {
			covered = s
		}
		if err := c.add(b.file, covered, s); err != nil {
			return err
		}
	}
	return nil
}

func cutLast(s, sep string) (before, after string) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return "", s
	}
	return s[:i], s[i+len(sep):]
}

// lcov reads geninfo's trace files: SF names a file, DA a line and how often it
// ran; LF and LH are their sums, where no DA is given.
func (c *covering) lcov(text []byte) error {
	file := ""
	lines := map[int]bool{}
	found, hit := 0, 0
	end := func() error {
		covered, total := 0, len(lines)
		for _, ran := range lines {
			if ran {
				covered++
			}
		}
		if total == 0 {
			covered, total = hit, found
		}
		name := file
		file, found, hit = "", 0, 0
		clear(lines)
		if name == "" {
			return nil
		}
		return c.add(name, covered, total)
	}
	err := eachLine(text, func(n int, line string) error {
		what, value, _ := strings.Cut(line, ":")
		switch what {
		case "SF":
			if err := end(); err != nil {
				return err
			}
			file = value
		case "DA":
			number, rest, ok := strings.Cut(value, ",")
			count, _, _ := strings.Cut(rest, ",") // a checksum may follow
			l, err := strconv.Atoi(number)
			k, err2 := strconv.ParseFloat(count, 64)
			if !ok || err != nil || err2 != nil || l < 0 {
				return debrief.Errorf(debrief.Invalid, "", "line %d of the LCOV file is not DA:line,count", n)
			}
			lines[l] = lines[l] || k > 0
		case "LF", "LH":
			k, err := strconv.Atoi(value)
			if err != nil || k < 0 {
				return debrief.Errorf(debrief.Invalid, "", "line %d of the LCOV file is not %s:count", n, what)
			}
			if what == "LF" {
				found = k
			} else {
				hit = k
			}
		case "end_of_record":
			return end()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return end()
}
