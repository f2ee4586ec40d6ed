package kinds

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"

	"github.com/debriefhq/debrief"
)

// maxDepth bounds how deep elements may lie in one another: real reports have
// seven.
const maxDepth = 64

// elements reads XML token by token. Entities are never resolved beyond the
// five of XML itself and nothing outside is loaded: encoding/xml does neither,
// and a document type that declares entities is refused.
func elements(text []byte, start func(name string, attr func(string) string) error, end func(name string) error) error {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		return in, nil // paths and numbers; other letters than ASCII's may come out wrong
	}
	depth := 0
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if depth != 0 {
				return debrief.Errorf(debrief.Invalid, "", "the report ends in the middle")
			}
			return nil
		}
		if err != nil {
			return debrief.Errorf(debrief.Invalid, "", "the report is not XML: %w", err)
		}
		switch t := t.(type) {
		case xml.Directive:
			if bytes.Contains(bytes.ToUpper(t), []byte("ENTITY")) {
				return debrief.Errorf(debrief.Invalid, "", "the report declares entities, which no coverage tool does")
			}
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return debrief.Errorf(debrief.TooLarge, "", "the report's elements lie more than %d deep", maxDepth)
			}
			err = start(t.Name.Local, func(name string) string {
				for _, a := range t.Attr {
					if a.Name.Local == name {
						return a.Value
					}
				}
				return ""
			})
		case xml.EndElement:
			depth--
			if depth < 0 {
				return debrief.Errorf(debrief.Invalid, "", "the report closes what it did not open")
			}
			err = end(t.Name.Local)
		}
		if err != nil {
			return err
		}
	}
}

// cobertura reads <class filename> with its <line number hits>. A class's lines
// stand below its methods and once more below itself; several classes may lie in
// one file.
func (c *covering) cobertura(text []byte) error {
	lines := map[string]map[int]bool{}
	file := ""
	err := elements(text, func(name string, attr func(string) string) error {
		switch name {
		case "class":
			file = attr("filename")
			if len(lines) >= maxCoverageFiles {
				return debrief.Errorf(debrief.TooLarge, "", "a coverage file names at most %d files", maxCoverageFiles)
			}
			if file != "" && lines[file] == nil {
				lines[file] = map[int]bool{}
			}
		case "line":
			if file == "" {
				return nil
			}
			l, err := strconv.Atoi(attr("number"))
			hits, err2 := strconv.ParseFloat(attr("hits"), 64)
			if err != nil || err2 != nil {
				return debrief.Errorf(debrief.Invalid, "", "a line of %.100q has no number or no hits", file)
			}
			lines[file][l] = lines[file][l] || hits > 0
		}
		return nil
	}, func(name string) error {
		if name == "class" {
			file = ""
		}
		return nil
	})
	if err != nil {
		return err
	}
	for file, ls := range lines {
		covered := 0
		for _, ran := range ls {
			if ran {
				covered++
			}
		}
		if err := c.add(file, covered, len(ls)); err != nil {
			return err
		}
	}
	return nil
}

// jacoco reads <package name><sourcefile name><counter type="LINE" missed
// covered>. A source file's path is its package and its name: the source root
// (src/main/java) is not in the report.
func (c *covering) jacoco(text []byte) error {
	pkg, file := "", ""
	return elements(text, func(name string, attr func(string) string) error {
		switch name {
		case "package":
			pkg = attr("name")
		case "sourcefile":
			file = attr("name")
		case "counter":
			if file == "" || attr("type") != "LINE" {
				return nil
			}
			missed, err := strconv.Atoi(attr("missed"))
			covered, err2 := strconv.Atoi(attr("covered"))
			if err != nil || err2 != nil || missed < 0 || covered < 0 || missed > 1<<30 || covered > 1<<30 {
				return debrief.Errorf(debrief.Invalid, "", "the counter of %.100q has no numbers", file)
			}
			return c.add(pkg+"/"+file, covered, covered+missed)
		}
		return nil
	}, func(name string) error {
		switch name {
		case "package":
			pkg = ""
		case "sourcefile":
			file = ""
		}
		return nil
	})
}
