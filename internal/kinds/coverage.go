package kinds

import (
	"bytes"
	"cmp"
	"math"
	"path"
	"slices"
	"strings"

	"github.com/debriefhq/debrief"
)

// Bounds of a coverage file.
const (
	MaxCoverage      = 32 << 20 // bytes
	maxCoverageFiles = 100_000
	maxCoverageLine  = 1 << 20
	maxCoveragePath  = 1000
)

// CoverageFormats lists the formats that can be read.
func CoverageFormats() []string { return []string{"go", "lcov", "cobertura", "jacoco"} }

// ReadCoverage reads what a coverage tool wrote: a Go cover profile, LCOV,
// Cobertura or JaCoCo XML, told apart by how they begin. Files come sorted, each
// once, with paths as the tool wrote them, cleaned.
func ReadCoverage(text []byte) ([]debrief.FileCoverage, string, error) {
	if len(text) > MaxCoverage {
		return nil, "", debrief.Errorf(debrief.TooLarge, "", "a coverage file has at most %d MiB", MaxCoverage>>20)
	}
	format := sniff(text)
	c := covering{files: map[string]*debrief.FileCoverage{}}
	var err error
	switch format {
	case "go":
		err = c.goProfile(text)
	case "lcov":
		err = c.lcov(text)
	case "cobertura":
		err = c.cobertura(text)
	case "jacoco":
		err = c.jacoco(text)
	default:
		return nil, "", debrief.Errorf(debrief.Invalid, "", "no coverage that debrief reads").
			WithHint("known formats: %s", strings.Join(CoverageFormats(), ", "))
	}
	if err != nil {
		return nil, format, err
	}
	out := make([]debrief.FileCoverage, 0, len(c.files))
	for _, f := range c.files {
		if f.Total > 0 {
			out = append(out, *f)
		}
	}
	if len(out) == 0 {
		return nil, format, debrief.Errorf(debrief.Invalid, "", "the coverage file names no file with lines")
	}
	slices.SortFunc(out, func(a, b debrief.FileCoverage) int { return cmp.Compare(a.Path, b.Path) })
	return out, format, nil
}

// sniff tells the format by its first words.
func sniff(text []byte) string {
	head := bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), " \t\r\n")
	head = head[:min(len(head), 4096)]
	switch {
	case bytes.HasPrefix(head, []byte("mode: ")):
		return "go"
	case bytes.HasPrefix(head, []byte("TN:")), bytes.HasPrefix(head, []byte("SF:")), bytes.HasPrefix(head, []byte("#")) && bytes.Contains(head, []byte("\nSF:")):
		return "lcov"
	case bytes.Contains(head, []byte("<report")):
		return "jacoco"
	case bytes.Contains(head, []byte("<coverage")):
		return "cobertura"
	}
	return ""
}

// covering adds up what several entries say of one file.
type covering struct {
	files map[string]*debrief.FileCoverage
}

func (c *covering) add(file string, covered, total int) error {
	if total < 0 || covered < 0 || covered > total || total > math.MaxInt32 {
		return debrief.Errorf(debrief.Invalid, "", "%d of %d lines of %.100q cannot be", covered, total, file)
	}
	name := cleanPath(file)
	if name == "" {
		return nil
	}
	f := c.files[name]
	if f == nil {
		if len(c.files) >= maxCoverageFiles {
			return debrief.Errorf(debrief.TooLarge, "", "a coverage file names at most %d files", maxCoverageFiles)
		}
		f = &debrief.FileCoverage{Path: name}
		c.files[name] = f
	}
	f.Covered = min(f.Covered+covered, math.MaxInt32)
	f.Total = min(f.Total+total, math.MaxInt32)
	return nil
}

// cleanPath is a path as a repository writes it, as far as that can be told;
// empty where it is none.
func cleanPath(file string) string {
	file = strings.ReplaceAll(strings.TrimSpace(strings.ToValidUTF8(file, "\uFFFD")), `\`, "/")
	if file == "" || len(file) > maxCoveragePath || strings.ContainsAny(file, "\x00\n") {
		return ""
	}
	if len(file) > 1 && file[1] == ':' { // a drive
		file = file[2:]
	}
	return strings.TrimPrefix(path.Clean("/"+file), "/")
}

// Under makes paths relative to where a repository lies: what comes before is
// cut off, be it a folder of the machine that ran the tests (/home/ci/shop), or
// a Go module's name (example.com/shop). Given the files of the repository, a
// path is the longest of its ends that is one of them.
func Under(files []debrief.FileCoverage, prefixes []string, known func(string) bool) []debrief.FileCoverage {
	out := make([]debrief.FileCoverage, 0, len(files))
	for _, f := range files {
		f.Path = under(f.Path, prefixes, known)
		out = append(out, f)
	}
	c := covering{files: map[string]*debrief.FileCoverage{}}
	for _, f := range out {
		if c.add(f.Path, f.Covered, f.Total) != nil {
			return out // as they came
		}
	}
	out = out[:0]
	for _, f := range c.files {
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b debrief.FileCoverage) int { return cmp.Compare(a.Path, b.Path) })
	return out
}

func under(file string, prefixes []string, known func(string) bool) string {
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(file, strings.Trim(p, "/")+"/"); ok && p != "" {
			return rest
		}
	}
	if known == nil {
		return file
	}
	for rest := file; ; {
		if known(rest) {
			return rest
		}
		_, after, ok := strings.Cut(rest, "/")
		if !ok {
			return file
		}
		rest = after
	}
}
