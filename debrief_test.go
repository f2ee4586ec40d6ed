package debrief_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
)

func TestIDsDependOnThePartsAndOnNothingElse(t *testing.T) {
	t.Parallel()
	if debrief.ID("ab", "c") == debrief.ID("a", "bc") || debrief.ID("a") == debrief.ID("a", "") {
		t.Error("different parts gave the same id")
	}
	if got := debrief.ID("deployment", "shop", "production"); got != debrief.ID("deployment", "shop", "production") || len(got) != 16 || got != strings.ToLower(got) {
		t.Errorf("id %q", got)
	}
}

func TestSlug(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"Shop": "shop", " My Shop! ": "my-shop", "a//b": "a-b", "api.v2_x": "api.v2_x", "Bücher": "bücher", "---": "", "": "", ".": "", "..": "", "._": "", "\xff": "", "a\xffb": "a-b", "🚀": "", "v.": "v.", "日本": "日本"} {
		if got := debrief.Slug(name); got != want {
			t.Errorf("Slug(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestAServiceIsNeverCalledLikeTheReservedWord(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"org": "org-service", " ORG ": "org-service", "orga": "orga", "..": ""} {
		if got := debrief.ServiceID(name); got != want {
			t.Errorf("ServiceID(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestErrorsSayWhatWhereAndWhatToDo(t *testing.T) {
	t.Parallel()
	cause := errors.New("connection refused")
	err := debrief.Errorf(debrief.Unavailable, "providers.main.url", "does not answer: %w", cause).WithHint("is it running?")
	if got, want := err.Error(), "providers.main.url: does not answer: connection refused (is it running?)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if !errors.Is(err, cause) || debrief.KindOf(err) != debrief.Unavailable {
		t.Error("cause or kind was lost")
	}
	if debrief.KindOf(cause) != debrief.Internal {
		t.Error("an error without a kind is ours")
	}
}

func TestNumbersKeepMissingOnesAndNothingOdd(t *testing.T) {
	t.Parallel()
	in := debrief.Numbers{1, math.NaN(), -2.5e-7, math.Inf(1), 1234567}
	b, err := json.Marshal(in)
	if err != nil || string(b) != "[1,null,-2.5e-07,null,1.23457e+06]" {
		t.Fatalf("%s, %v", b, err)
	}
	var out debrief.Numbers
	if err := json.Unmarshal([]byte(" [ 1 , null, -2.5e-07 ] "), &out); err != nil || len(out) != 3 || out[0] != 1 || !math.IsNaN(out[1]) || out[2] != -2.5e-7 {
		t.Errorf("%v, %v", out, err)
	}
	if err := json.Unmarshal([]byte("[]"), &out); err != nil || len(out) != 0 {
		t.Errorf("%v, %v", out, err)
	}
	for _, bad := range []string{`{"a":1}`, `["x"]`, `[1,[2]]`, `7`, `[true]`} {
		if err := json.Unmarshal([]byte(bad), &out); err == nil {
			t.Errorf("%s was taken for numbers", bad)
		}
	}
}

func TestMaskHidesSecretsAndLeavesTheRest(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"postgres://shop:hunter2@db:5432/shop":                    "postgres://shop:***@db:5432/shop",
		"PASSWORD=hunter2 make":                                   "PASSWORD=*** make",
		`{"api_key": "abc123def"}`:                                `{"api_key": "***"}`,
		"Authorization: Bearer abcdefgh12345678":                  "Authorization: *** ***",
		"token ghp_0123456789abcdefghij0123456789abcdef in a log": "token *** in a log",
		"mail jane.doe@example.org now":                           "mail ***@*** now",
		"took 312 s for 31000000 rows at v1.42":                   "took 312 s for 31000000 rows at v1.42",
		"https://example.org/a/b?c=d":                             "https://example.org/a/b?c=d",
	} {
		got := debrief.Mask(in)
		if strings.Contains(got, "hunter2") || (got != want && !strings.HasPrefix(in, "Authorization")) {
			t.Errorf("Mask(%q) = %q, want %q", in, got, want)
		}
		if strings.Contains(got, "abcdefgh12345678") {
			t.Errorf("a bearer token stayed: %q", got)
		}
	}
}

func TestRollUp(t *testing.T) {
	t.Parallel()
	v := func(role debrief.Role, word debrief.Word) debrief.Verdict {
		return debrief.Verdict{Role: role, Word: word}
	}
	for _, c := range []struct {
		name string
		in   []debrief.Verdict
		want debrief.Word
	}{
		{"nothing", nil, debrief.CannotTell},
		{"all steady", []debrief.Verdict{v(debrief.Latency, debrief.Steady), v(debrief.Errors, debrief.Steady)}, debrief.Steady},
		{"one worse beats all", []debrief.Verdict{v(debrief.Latency, debrief.CannotTell), v(debrief.Other, debrief.Worse)}, debrief.Worse},
		{"latency unknown beats better", []debrief.Verdict{v(debrief.Latency, debrief.CannotTell), v(debrief.Errors, debrief.Better)}, debrief.CannotTell},
		{"traffic unknown does not blind", []debrief.Verdict{v(debrief.Traffic, debrief.CannotTell), v(debrief.Errors, debrief.Better)}, debrief.Better},
		{"a changed metric has no good direction", []debrief.Verdict{v(debrief.Traffic, debrief.Changed), v(debrief.Errors, debrief.Steady)}, debrief.Steady},
	} {
		if got := debrief.RollUp(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWaitingAndWorkingAreKeptApart(t *testing.T) {
	t.Parallel()
	at := func(min int) time.Time { return time.Date(2026, 11, 17, 14, min, 0, 0, time.UTC) }
	d := debrief.Deployment{
		Times: debrief.Times{Queued: at(0), WaitingSince: at(2), Approved: at(12), Started: at(13), Finished: at(33)},
		Stages: []debrief.Stage{
			{Name: "build", Started: at(13), Finished: at(18)},
			{Name: "approve", Waiting: true, Started: at(18), Finished: at(28)},
			{Name: "roll out", Started: at(28), Finished: at(33)},
		},
	}
	if got := d.Worked(); got != 10*time.Minute {
		t.Errorf("worked %s", got)
	}
	if got := d.Waited(); got != 22*time.Minute {
		t.Errorf("waited %s", got)
	}
	if (debrief.Stage{Started: at(5), Finished: at(1)}).Took() != 0 {
		t.Error("a negative span was kept")
	}
}

func BenchmarkNumbersUnmarshal(b *testing.B) {
	in := make(debrief.Numbers, 480)
	for i := range in {
		in[i] = float64(i) * 1.2345
	}
	text, _ := json.Marshal(in)
	b.ReportAllocs()
	for b.Loop() {
		var out debrief.Numbers
		if err := json.Unmarshal(text, &out); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMask(b *testing.B) {
	line := `time=2026-11-17T14:03:00Z level=error msg="canceling statement due to lock timeout" pid=4711 url=postgres://shop:hunter2@db/shop`
	b.ReportAllocs()
	for b.Loop() {
		debrief.Mask(line)
	}
}
