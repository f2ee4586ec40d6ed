package loop_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/config"
	"github.com/debriefhq/debrief/internal/kinds"
	"github.com/debriefhq/debrief/internal/loop"
	"github.com/debriefhq/debrief/internal/store"
)

// carries is a report whose work tree told of commits, one path list each.
func carries(from, to string, at time.Time, commits ...[]string) func(*debrief.Report) {
	return func(r *debrief.Report) {
		r.Commit = to
		r.Git = &debrief.GitFacts{Repository: "acme/shop", From: from, To: to}
		for i, paths := range commits {
			r.Git.Commits = append(r.Git.Commits, debrief.Change{
				Repository: "acme/shop", Commit: fmt.Sprintf("%s%02d", to[:8], i), Title: "Change", Committed: at, Paths: paths, Files: len(paths), Added: 3,
			})
		}
	}
}

func words(k debrief.Kinds) string { return k.Primary + ": " + strings.Join(k.Names, ", ") }

// What a release brought is known when it is recorded, stands in its facts, and
// is worked out again when something older turns up.
func TestKindsOfAReleaseAreRecorded(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		start := h.clock.Now()
		h.deploy("production", "v1", func(r *debrief.Report) { r.Commit = "aaaaaaaaaa" })
		h.run(time.Hour)
		if s := h.latest(); len(s.Kinds.Names) > 0 || s.Kinds.Primary != "" {
			t.Errorf("nothing is known of the first release, and it is %+v", s.Kinds)
		}
		h.deploy("production", "v2", carries("aaaaaaaaaa", "bbbbbbbbbb", start, []string{"db/migrate/1_carts.rb", "app/cart/cart.rb"}, []string{"README.md"}))
		h.run(time.Hour)
		s := h.latest()
		if got := words(s.Kinds); got != "migration: migration" {
			t.Fatalf("%q (%+v)", got, s.Kinds)
		}
		if got := strings.Join(s.Kinds.Modules, " "); got != "(top) app/cart/ db/migrate/" {
			t.Errorf("modules %q", got)
		}
		if got := s.ChangeKinds[s.Changes[0].ID]; len(s.ChangeKinds) != 2 || strings.Join(got, ",") != "migration" && strings.Join(got, ",") != "documentation only" {
			t.Errorf("by change: %v", s.ChangeKinds)
		}
		facts, _, err := h.st.Facts(t.Context(), store.FactFilter{Service: "shop"})
		if err != nil || len(facts) != 2 {
			t.Fatal(facts, err)
		}
		if f := facts[1]; f.PrimaryKind != "migration" || strings.Join(f.Kinds, ",") != "migration" || len(f.Modules) != 3 {
			t.Errorf("facts: %q %v %v", f.PrimaryKind, f.Kinds, f.Modules)
		}
		// A year later the same folder is an old module, until it turns out that
		// somebody was there meanwhile.
		h.clock.Set(start.AddDate(1, 2, 0))
		h.deploy("production", "v3", carries("bbbbbbbbbb", "cccccccccc", h.clock.Now(), []string{"app/cart/cart.rb"}))
		h.run(time.Hour)
		if got := words(h.latest().Kinds); got != "code: old module" {
			t.Errorf("a year later: %q", got)
		}
		h.change("dddddddddd", start.AddDate(0, 6, 0), "app/cart/other.rb")
		h.run(time.Minute)
		if got := words(h.latest().Kinds); got != "code: " {
			t.Errorf("touched in between: %q", got)
		}
		facts, _, err = h.st.Facts(t.Context(), store.FactFilter{Service: "shop"})
		if err != nil || len(facts) != 3 || len(facts[2].Kinds) != 0 || facts[2].PrimaryKind != "code" {
			t.Errorf("its facts: %+v %v", facts[2].Kinds, err)
		}
	})
}

// change accepts one change of the past, as an import brings it.
func (h *house) change(commit string, at time.Time, paths ...string) {
	h.t.Helper()
	body := fmt.Sprintf(`{"from":"git","items":[{"service":"shop","change":{"repository":"acme/shop","commit":%q,"title":"Change","committed_at":%q,"paths":["%s"],"files":%d}}]}`,
		commit, at.UTC().Format(time.RFC3339), strings.Join(paths, `","`), len(paths))
	if _, err := h.st.Accept(h.t.Context(), debrief.Envelope{Source: "import", Key: "git/" + commit, Body: []byte(body), Received: h.clock.Now()}); err != nil {
		h.t.Fatal(err)
	}
}

// Rules of a team's sort everything again, at the next start; coverage that says
// that tests run nothing of a module does so at once.
func TestOtherRulesSortAgain(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		if err := h.l.Plan(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.deploy("production", "v1", func(r *debrief.Report) { r.Commit = "aaaaaaaaaa" })
		h.run(time.Hour)
		h.deploy("production", "v2", carries("aaaaaaaaaa", "bbbbbbbbbb", h.clock.Now(), []string{"app/cart/cart.rb"}))
		h.run(time.Hour)
		if got := words(h.latest().Kinds); got != "code: " {
			t.Fatal(got)
		}
		h.cfg.Kinds = config.ChangeKinds{Own: []string{"payments"}, Rules: map[string]config.KindRule{"carts": {Kind: "payments", Paths: []string{"cart/**"}}}}
		table, err := loop.KindsTable(h.cfg)
		if err != nil {
			t.Fatal(err)
		}
		again := loop.New(loop.Options{Store: h.st, Config: h.cfg, Now: h.clock.Now, Kinds: table, Log: slog.New(slog.DiscardHandler)})
		if err := again.Plan(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.l = again
		h.run(time.Minute)
		if got := words(h.latest().Kinds); got != "payments: payments" {
			t.Errorf("by the team's rules: %q", got)
		}
		err = h.st.Update(t.Context(), func(tx *store.Tx) error {
			if err := tx.SaveCoverage("shop", "", h.clock.Now(), []debrief.FileCoverage{{Path: "app/cart/cart.rb", Covered: 0, Total: 9}}); err != nil {
				return err
			}
			return tx.Enqueue(store.Work{Kind: store.WorkKinds, Key: "shop", Service: "shop"})
		})
		if err != nil {
			t.Fatal(err)
		}
		h.run(time.Minute)
		if got := words(h.latest().Kinds); got != "payments: module without tests, payments" {
			t.Errorf("with coverage: %q", got)
		}
	})
}

// The limits of the configuration are those the rules have by themselves.
func TestLimitsAreTheSame(t *testing.T) {
	t.Parallel()
	table, err := loop.KindsTable(config.Default())
	if err != nil || table.Limits() != kinds.DefaultLimits() {
		t.Errorf("%+v, %v", table.Limits(), err)
	}
}
