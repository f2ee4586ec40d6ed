package ingest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	// Blank: only its test's signed body is read, which PagerDuty wrote.
	_ "github.com/PagerDuty/go-pagerduty/webhookv3"

	"github.com/debriefhq/debrief"
)

// The body, secret and signature in PagerDuty's own library.
func TestPagerDutysOwnBody(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/PagerDuty/go-pagerduty").Output()
	if err != nil {
		t.Fatalf("the module with the signed body is not there: %v", err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(out)), "webhookv3", "webhookv3_test.go"), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	var signatures []string
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			for i, v := range n.Values {
				if l, ok := v.(*ast.BasicLit); ok && l.Kind == token.STRING {
					said[n.Names[i].Name], _ = strconv.Unquote(l.Value)
				}
			}
		case *ast.BasicLit:
			if s, _ := strconv.Unquote(n.Value); strings.HasPrefix(s, "v1=") {
				signatures = append(signatures, s)
			}
		}
		return true
	})
	body, secret := []byte(said["defaultBody"]), said["secret"]
	if len(body) == 0 || secret == "" || len(signatures) < 2 {
		t.Fatalf("the library's test reads otherwise now: %d signatures", len(signatures))
	}
	valid, wrong := signatures[0], signatures[1]
	for sig, ok := range map[string]bool{valid: true, wrong: false, wrong + "," + valid: true} {
		err := verifyPagerDuty(map[string]string{pagerdutySignature: sig}, body, []string{"new", secret})
		if (err == nil) != ok || err != nil && debrief.KindOf(err) != debrief.Unauthorized {
			t.Errorf("%s: %v", sig, err)
		}
	}
	r := Request{Body: body, Received: time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)}
	if r.Key, err = pagerdutyKey(r); err != nil || r.Key != "01BWDWL3NYY7LUFPZCC28QUCMK" {
		t.Fatal(r.Key, err)
	}
	events, err := parsePagerDuty(r)
	check(t, r, events, err)
	if len(events) != 1 {
		t.Fatal(err)
	}
	i := events[0].Incident
	if i.Keys[0] != "pagerduty/incident/PGR0VU2" || i.Service != "API Service" || i.Title != "A little bump in the road" || i.Severity != "P1" ||
		i.People != 2 || !i.Acknowledges || !events[0].At.Equal(time.Date(2021, 4, 26, 17, 36, 27, 458000000, time.UTC)) {
		t.Errorf("%+v", i)
	}
}
