package coach

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWording(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"The reviewer should have caught this.":                        {"should have"},
		"We failed to notice, which was careless.":                     {"failed to", "careless"},
		"It was a human error, the culprit is known.":                  {"human error", "culprit"},
		"Why did the developer skip staging?":                          {"Why did the developer"},
		"Obviously nobody looked.":                                     {"Obviously"},
		"Anna pushed the fix at 14:05.":                                {"Anna"},
		"Then Anna Schmidt accidentally dropped the table.":            {"Anna Schmidt"},
		"(Bob reverted it)":                                            {"Bob"},
		"ask @jane-doe about it":                                       {"@jane-doe"},
		"Next time be more careful.":                                   {"be more careful"},
		"They didn't read the runbook.":                                {"didn't read"},
		"The migration took five minutes; staging has 1.2 M rows.":     nil,
		"Shop deployed v1.42 and Kubernetes restarted the pods.":       nil,
		"We noticed it after 20 minutes. Users told support.":          nil,
		"The log said \"you should have set a timeout\".":              nil,
		"`git commit -m 'failed to parse'` was the message":            nil,
		"> they should have known\nThe answer to this was no.":         nil,
		"mail jane@example.com":                                        nil,
		"The deploy job failed. It should not happen twice a week.":    nil,
		"What would have made it easy to see?":                         nil,
		"The rollback needed three people, and the runbook named two.": nil,
	} {
		var got []string
		for _, h := range Wording(text, []string{"shop"}) {
			got = append(got, h.Found)
			if text[h.From:h.To] != h.Found || h.Why == "" || h.Better == "" {
				t.Errorf("%q: %+v", text, h)
			}
		}
		if strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// What is offered instead must not itself be pointed out.
func TestBetterWordsAreBetter(t *testing.T) {
	t.Parallel()
	for _, w := range wordings {
		if hints := Wording(w.better, nil); len(hints) > 0 {
			t.Errorf("%q is offered and pointed out: %+v", w.better, hints)
		}
	}
}

func FuzzWording(f *testing.F) {
	f.Add("Anna should have `known` \"that\" @bob ```x")
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for _, h := range Wording(text, []string{"shop"}) {
			if h.From < end || h.To <= h.From || h.To > len(text) || text[h.From:h.To] != h.Found {
				t.Fatalf("%+v", h)
			}
			if utf8.ValidString(text) && !utf8.ValidString(h.Found) {
				t.Fatalf("a hint cuts a character: %+v", h)
			}
			end = h.To
		}
	})
}

func BenchmarkWording(b *testing.B) {
	text := strings.Repeat("The migration took five minutes and Anna should have seen it; staging has 1.2 M rows.\n", 50)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Wording(text, []string{"shop"})
	}
}
