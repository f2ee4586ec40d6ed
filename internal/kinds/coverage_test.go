package kinds_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/kinds"
)

// Small reports in the forms the tools' documentation gives.
var reports = []struct{ name, format, text, want string }{
	{"go", "go", "mode: atomic\nexample.com/shop/cart/total.go:10.33,12.2 3 7\nexample.com/shop/cart/total.go:14.2,15.3 2 0\nexample.com/shop/pay/pay.go:3.1,9.2 4 0\n", "example.com/shop/cart/total.go 3/5; example.com/shop/pay/pay.go 0/4"},
	{"go, a block of two test binaries", "go", "mode: set\na/b.go:1.1,2.2 2 0\na/b.go:1.1,2.2 2 1\n", "a/b.go 2/2"},
	{"lcov", "lcov", "TN:\nSF:/home/ci/shop/src/cart.js\nFN:1,total\nFNDA:3,total\nDA:1,3\nDA:2,0\nDA:2,1,checksum\nDA:7,0\nLF:3\nLH:2\nBRDA:1,0,0,-\nend_of_record\nSF:src\\win.ts\nDA:1,0\nend_of_record\n", "home/ci/shop/src/cart.js 2/3; src/win.ts 0/1"},
	{"lcov, only sums, no end", "lcov", "SF:a.c\nLF:10\nLH:4\n", "a.c 4/10"},
	{"cobertura", "cobertura", `<?xml version="1.0" ?>
<!DOCTYPE coverage SYSTEM 'http://cobertura.sourceforge.net/xml/coverage-04.dtd'>
<coverage line-rate="0.5"><sources><source>/home/ci/shop</source></sources><packages><package name="cart"><classes>
<class name="Total" filename="cart/total.py"><methods><method name="sum"><lines><line number="1" hits="2"/></lines></method></methods><lines><line number="1" hits="2"/><line number="2" hits="0" branch="true"/></lines></class>
<class name="Total$1" filename="cart/total.py"><lines><line number="2" hits="1"/><line number="9" hits="0"/></lines></class>
</classes></package></packages></coverage>`, "cart/total.py 2/3"},
	{"jacoco", "jacoco", `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="shop"><sessioninfo id="x" start="1" dump="2"/>
<package name="com/acme/cart"><class name="com/acme/cart/Total" sourcefilename="Total.java"><method name="sum" desc="()I" line="3"><counter type="LINE" missed="1" covered="2"/></method><counter type="LINE" missed="1" covered="2"/></class>
<sourcefile name="Total.java"><line nr="3" mi="0" ci="2" mb="0" cb="0"/><counter type="INSTRUCTION" missed="9" covered="1"/><counter type="LINE" missed="1" covered="2"/></sourcefile></package></report>`, "com/acme/cart/Total.java 2/3"},
	{"debrief's own", "debrief", `{"files":[{"path":"./a/../b.go","covered":1,"total":2}]}`, "b.go 1/2"},
}

func TestCoverage(t *testing.T) {
	t.Parallel()
	for _, r := range reports {
		files, format, err := kinds.ReadCoverage([]byte(r.text))
		if err != nil || format != r.format {
			t.Errorf("%s: %s %v", r.name, format, err)
		}
		var got []string
		for _, f := range files {
			got = append(got, fmt.Sprintf("%s %d/%d", f.Path, f.Covered, f.Total))
		}
		if text := strings.Join(got, "; "); text != r.want {
			t.Errorf("%s: %s, want %s", r.name, text, r.want)
		}
	}
}

func TestCoverageThatCannotBe(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"nothing":         {"", "known formats: go, lcov, cobertura, jacoco, debrief"},
		"another file":    {"package main\n", "no coverage"},
		"no files":        {"mode: set\n", "names no file"},
		"go":              {"mode: set\nnonsense\n", "line 2 of the Go cover profile"},
		"lcov":            {"SF:a\nDA:x,1\n", "line 2 of the LCOV file"},
		"more than all":   {`{"files":[{"path":"a","covered":3,"total":2}]}`, "3 of 2 lines"},
		"an unknown key":  {`{"filez":[]}`, "unknown field"},
		"entities":        {`<!DOCTYPE coverage [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><coverage><class filename="&b;"/></coverage>`, "declares entities"},
		"a file's entity": {`<coverage><packages><class filename="&passwd;"/></packages></coverage>`, "not XML"},
		"torn":            {`<coverage><packages><class filename="a">`, "ends in the middle"},
		"too deep":        {"<coverage>" + strings.Repeat("<a>", 100), "deep"},
		"no numbers":      {`<report><package name="a"><sourcefile name="b"><counter type="LINE" missed="x" covered="1"/></sourcefile></package></report>`, "has no numbers"},
	} {
		_, _, err := kinds.ReadCoverage([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		if k := debrief.KindOf(err); k != debrief.Invalid && k != debrief.TooLarge {
			t.Errorf("%s: %s", name, k)
		}
	}
	if _, _, err := kinds.ReadCoverage(make([]byte, kinds.MaxCoverage+1)); debrief.KindOf(err) != debrief.TooLarge {
		t.Error(err)
	}
}

// What tools call files is found in a repository.
func TestPlaces(t *testing.T) {
	t.Parallel()
	p := kinds.NewPlaces([]string{"cart/total.go", "main.go", "a/src/main/java/com/acme/Total.java", "a/src/main/java/com/acme/Two.java", "b/src/main/java/com/acme/Two.java"})
	for file, want := range map[string]string{
		"example.com/shop/cart/total.go": "cart/total.go",
		"home/ci/shop/cart/total.go":     "cart/total.go",
		"com/acme/Total.java":            "a/src/main/java/com/acme/Total.java",
		"com/acme/Two.java":              "com/acme/Two.java", // two of them
		"elsewhere.go":                   "elsewhere.go",
	} {
		if got := p.Find(file); got != want {
			t.Errorf("%s: %s, want %s", file, got, want)
		}
	}
	got := kinds.Relocate([]debrief.FileCoverage{{Path: "x/main.go", Covered: 1, Total: 2}, {Path: "y/main.go", Covered: 0, Total: 3}}, p.Find)
	if diff := cmp.Diff([]debrief.FileCoverage{{Path: "main.go", Covered: 1, Total: 5}}, got); diff != "" {
		t.Error(diff)
	}
}

// Whatever comes: no panic, and files that make sense.
func FuzzCoverage(f *testing.F) {
	for _, r := range reports {
		f.Add([]byte(r.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		files, _, err := kinds.ReadCoverage(text)
		if err != nil {
			if k := debrief.KindOf(err); k != debrief.Invalid && k != debrief.TooLarge {
				t.Fatalf("%s: %v", k, err)
			}
			return
		}
		last := ""
		for _, c := range files {
			if c.Path <= last || strings.HasPrefix(c.Path, "/") || c.Covered < 0 || c.Covered > c.Total || c.Total < 1 || c.Total > math.MaxInt32 {
				t.Fatalf("%+v after %q", c, last)
			}
			last = c.Path
		}
	})
}

// BenchmarkCoverage reads a profile of 200,000 blocks in 2,000 files.
func BenchmarkCoverage(b *testing.B) {
	var s strings.Builder
	s.WriteString("mode: atomic\n")
	for i := range 200_000 {
		fmt.Fprintf(&s, "example.com/shop/internal/part%d/file%d.go:%d.2,%d.3 2 %d\n", i%50, i%2000, i, i+1, i%3)
	}
	text := []byte(s.String())
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if files, _, err := kinds.ReadCoverage(text); err != nil || len(files) != 2000 {
			b.Fatal(len(files), err)
		}
	}
}
