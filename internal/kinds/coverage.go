package kinds

import (
	"bytes"
	"cmp"
	"encoding/json"
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
func CoverageFormats() []string { return []string{"go", "lcov", "cobertura", "jacoco", "debrief"} }

// ReadCoverage reads what a coverage tool wrote: a Go cover profile, LCOV,
// Cobertura or JaCoCo XML, or what debrief coverage sends, told apart by how
// they begin. Files come sorted, each
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
	case "debrief":
		err = c.own(text)
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
	case bytes.HasPrefix(head, []byte("{")):
		return "debrief"
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

// own reads what debrief coverage sends.
func (c *covering) own(text []byte) error {
	var sent struct {
		Files []debrief.FileCoverage `json:"files"`
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&sent); err != nil {
		return debrief.Errorf(debrief.Invalid, "", "not {\"files\": [{\"path\", \"covered\", \"total\"}]}: %w", err)
	}
	for _, f := range sent.Files {
		if err := c.add(f.Path, f.Covered, f.Total); err != nil {
			return err
		}
	}
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

// Places finds a repository's files by what coverage tools call them.
type Places struct {
	all    map[string]bool
	byName map[string][]string
}

// NewPlaces takes the files of a repository.
func NewPlaces(files []string) Places {
	p := Places{make(map[string]bool, len(files)), map[string][]string{}}
	for _, f := range files {
		p.all[f] = true
		p.byName[path.Base(f)] = append(p.byName[path.Base(f)], f)
	}
	return p
}

// Find is the file a tool means: with what stands before it cut off (a folder
// of the machine that ran the tests, a Go module's name), or with what is left
// out put before it (JaCoCo knows no src/main/java), where only one file ends
// so. Else what the tool said.
func (p Places) Find(file string) string {
	for rest := file; ; {
		if p.all[rest] {
			return rest
		}
		_, after, more := strings.Cut(rest, "/")
		if !more {
			break
		}
		rest = after
	}
	found := ""
	for _, f := range p.byName[path.Base(file)] {
		if strings.HasSuffix(f, "/"+file) {
			if found != "" {
				return file // two of them
			}
			found = f
		}
	}
	return cmp.Or(found, file)
}

// Relocate renames files, and joins those that turn out to be one.
func Relocate(files []debrief.FileCoverage, find func(string) string) []debrief.FileCoverage {
	at := map[string]int{}
	var out []debrief.FileCoverage
	for _, f := range files {
		f.Path = find(f.Path)
		if i, ok := at[f.Path]; ok {
			out[i].Covered, out[i].Total = out[i].Covered+f.Covered, out[i].Total+f.Total
			continue
		}
		at[f.Path] = len(out)
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b debrief.FileCoverage) int { return cmp.Compare(a.Path, b.Path) })
	return out
}
