package config

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// leaves lists the path of every scalar key, as the documentation spells it.
func leaves(t reflect.Type, path string) []string {
	var all []string
	for _, k := range keysOf(t) {
		sub, kind := join(path, k.name), k.typ
		all = append(all, "")
		switch {
		case kind.Kind() == reflect.Struct:
			all = append(all, leaves(kind, sub)...)
		case kind.Kind() == reflect.Map && kind.Elem().Kind() != reflect.Struct:
			all = append(all, sub+".NAME")
		case kind.Kind() == reflect.Map:
			all = append(all, leaves(kind.Elem(), sub+".NAME")...)
		case kind.Kind() == reflect.Slice && kind.Elem().Kind() == reflect.Struct:
			all = append(all, leaves(kind.Elem(), sub+"[]")...)
		default:
			all = append(all, sub)
		}
	}
	return all
}

var documented = regexp.MustCompile("(?m)^\\| `([a-zA-Z_.\\[\\]]+)` \\|[^|]*\\|([^|]*)\\|")

func TestEveryKeyIsDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, m := range documented.FindAllStringSubmatch(string(page), -1) {
		said[m[1]] = strings.Trim(strings.TrimSpace(m[2]), "`")
	}
	known := map[string]bool{"services.NAME.metrics": true, "services.NAME.logs": true, "services.NAME.probes": true, "services.NAME.version": true}
	for _, path := range leaves(reflect.TypeFor[Config](), "") {
		if path == "" {
			continue
		}
		known[path] = true
		if _, ok := said[path]; !ok {
			t.Errorf("docs/configuration.md does not name %s", path)
		}
	}
	for path := range said {
		if !known[path] {
			t.Errorf("docs/configuration.md names %s, which does not exist", path)
		}
	}
	defaults(t, reflect.ValueOf(Default()), "", said)
}

// defaults compares what the page says with what Default does.
func defaults(t *testing.T, v reflect.Value, path string, said map[string]string) {
	for _, k := range keysOf(v.Type()) {
		sub, f := join(path, k.name), v.Field(k.index)
		want := said[sub]
		switch d := f.Interface().(type) {
		case time.Duration:
			if got, err := ParseDuration(want); err != nil || got != d {
				t.Errorf("%s: the page says %s, the default is %s", sub, want, d)
			}
		case string:
			if d != "" && d != want {
				t.Errorf("%s: the page says %s, the default is %s", sub, want, d)
			}
		case float64, int:
			a, err := strconv.ParseFloat(want, 64)
			if b, _ := strconv.ParseFloat(fmt.Sprint(d), 64); err != nil || a != b {
				t.Errorf("%s: the page says %s, the default is %v", sub, want, d)
			}
		case []time.Duration:
			for i, text := range strings.Split(strings.Trim(want, "[]"), ", ") {
				if got, err := ParseDuration(text); err != nil || i >= len(d) || d[i] != got {
					t.Errorf("%s: the page says %s, the default is %s", sub, want, d)
				}
			}
		case []string:
			if want != "["+strings.Join(d, ", ")+"]" {
				t.Errorf("%s: the page says %s, the default is %v", sub, want, d)
			}
		default:
			if f.Kind() == reflect.Struct {
				defaults(t, f, sub, said)
			}
		}
	}
}

func TestTheExampleLoads(t *testing.T) {
	t.Parallel()
	cfg, err := Load("../../docs/debrief.example.yaml", env(nil), os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(cfg.Services["shop"].Metrics); n != 4 {
		t.Errorf("%d metrics", n)
	}
	if cfg.Services["shop"].Version.Provider != "main" || cfg.Services["shop"].Logs[0].Provider != "logs" {
		t.Errorf("providers: %+v", cfg.Services["shop"])
	}
}

// What the page shows between its tables is one configuration, in pieces.
func TestThePagesExamplesLoad(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, m := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		all.WriteString(m[1])
	}
	cfg, err := load(t, all.String(), nil)
	if err != nil || len(cfg.Providers) != 1 || len(cfg.Services["shop"].Metrics) != 1 {
		t.Errorf("%v\n%s", err, all.String())
	}
}
