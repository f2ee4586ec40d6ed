package cli

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/delivery"
)

func metricsCmd(e *Env) *cobra.Command {
	var environment, by, rework string
	var periods int
	var bots, events, rollbacks, list, asJSON bool
	c := &cobra.Command{
		Use:   "metrics SERVICE",
		Short: "Show one service's five delivery metrics, and what is behind each number",
		Long: `Shows deployment frequency, change lead time, change failure rate, failed
deployment recovery time and deployment rework rate of one service: medians and
shares with 95 % intervals, by day, week or month of the team's calendar. With
--list every deployment is listed with the rule that put it where it is.

There are no targets, bands, scores, comparisons or figures for people; asking
for one is answered with the reason.

Exit codes: 0; 1 the server does not answer or does not know the service; 2 wrong
flags.`,
		Example: `  debrief metrics shop
  debrief metrics shop --by month --list
  debrief metrics shop --json`,
		Args: between(1, 1, "one service"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := delivery.ParseBy(by); err != nil {
				return err
			}
			r, err := newReader(cmd.Context(), e)
			if err != nil {
				return err
			}
			q := url.Values{}
			for k, v := range map[string]string{"environment": environment, "by": by, "rework": rework} {
				if v != "" {
					q.Set(k, v)
				}
			}
			for k, v := range map[string]bool{"bots": bots, "events": events, "rollbacks": rollbacks} {
				if v {
					q.Set(k, "true")
				}
			}
			if periods != 0 {
				q.Set("periods", strconv.Itoa(periods))
			}
			var m delivery.Metrics
			raw, err := r.get(cmd.Context(), "/api/v1/services/"+url.PathEscape(args[0])+"/metrics", q, &m)
			if err != nil {
				return err
			}
			return printed(e, raw, asJSON, func() error { return printMetrics(e, m, list) })
		},
	}
	fs := c.Flags()
	fs.StringVar(&environment, "env", "", "this environment's; else that of the latest release")
	fs.StringVar(&by, "by", "", "day, week or month (default week)")
	fs.IntVar(&periods, "periods", 0, "how many, the current one among them (default 30 days, 13 weeks or 12 months)")
	fs.BoolVar(&bots, "bots", false, "count dependency bots' changes in the lead time's median")
	fs.BoolVar(&events, "events", false, "count flag flips, configuration edits and steps by hand in the frequency")
	fs.BoolVar(&rollbacks, "rollbacks", false, "count rollbacks among the deployments that may fail")
	fs.StringVar(&rework, "rework", "", `"with rollbacks" or "without rollbacks"; else as configured`)
	fs.BoolVar(&list, "list", false, "list every deployment with the rule that put it where it is")
	fs.BoolVar(&asJSON, "json", false, "print the API's answer")
	c.SetFlagErrorFunc(refusedFlag)
	return c
}

// refusedFlag answers flags that would compare, grade or name people with why
// there are none.
func refusedFlag(cmd *cobra.Command, err error) error {
	if name, ok := strings.CutPrefix(err.Error(), "unknown flag: "); ok {
		if why := delivery.Refuse(name); why != nil {
			return why
		}
	}
	return flagError(cmd, err)
}

func printMetrics(e *Env, m delivery.Metrics, list bool) error {
	loc := zoneOf(m.TimeZone)
	w := tabwriter.NewWriter(e.Stdout, 0, 0, 2, ' ', 0)
	line := func(name, format string, a ...any) { fmt.Fprintf(w, "%s\t%s\n", name, fmt.Sprintf(format, a...)) }
	fmt.Fprintf(e.Stdout, "%s, %s, %s to %s (%s)\n\n", clean(m.Service), clean(cmp.Or(m.Environment, "no environment yet")),
		m.From.In(loc).Format("2 January 2006"), m.To.In(loc).Add(-time.Second).Format("2 January 2006"), m.TimeZone)
	f := m.Frequency
	line("Deployment frequency", "%s; median %s", f.Text, middleWords(f.PerPeriod, f.Unit))
	if f.Gap.N > 0 {
		line("", "from one release to the next %s", secondsWords(f.Gap))
	}
	if f.Attempts > 0 {
		line("", "failed attempts beside them: %d, caught early: %d", f.Attempts, f.Early)
	}
	if f.Assumed != "" {
		line("", "%s", f.Assumed)
	}
	l := m.LeadTime
	if l.Changes.N == 0 {
		line("Change lead time", "%s", l.Sentence)
	} else {
		line("Change lead time", "median %s; nine in ten took no longer than %s", secondsWords(l.Changes), delivery.Lasting(l.P90))
		if l.Pulls.N > 0 {
			line("", "per pull request median %s", secondsWords(l.Pulls))
		}
	}
	if len(m.Waiting) > 0 {
		line("", "waiting to ship: %d, the oldest for %s", len(m.Waiting), delivery.Lasting(float64(m.Waiting[0].Waited)))
	}
	line("Change failure rate", "%s", shareWords(m.FailureRate.Share))
	if n := m.FailureRate.TooEarly; n > 0 {
		line("", "too early to say: %d", n)
	}
	switch r := m.Recovery; {
	case len(r.List) == 0:
		line("Recovery time", "nothing failed")
	case r.Restored.N == 0:
		line("Recovery time", "not known yet: %d running", r.Running)
	default:
		line("Recovery time", "median %s", secondsWords(r.Restored))
		if r.Running > 0 {
			line("", "running: %d", r.Running)
		}
	}
	line("Deployment rework rate", "%s (%s; other reading: %s)", shareWords(m.Rework.Share), m.Rework.Reading, m.Rework.Other.Text)
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(e.Stdout)
	printPeriods(e, m, loc)
	if list {
		printPlaces(e, m, loc)
	}
	return nil
}

func printPeriods(e *Env, m delivery.Metrics, loc *time.Location) {
	w := tabwriter.NewWriter(e.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s\treleases\tlead time\tfailed\trecovery\trework\n", m.Settings.By)
	for _, p := range m.Periods {
		so := ""
		if p.Current {
			so = " so far"
		}
		fmt.Fprintf(w, "%s%s\t%d\t%s\t%s\t%s\t%s\n", p.From.In(loc).Format("2 Jan 2006"), so, p.Releases, medianWords(p.Lead), someWords(p.Failure), medianWords(p.Recovery), someWords(p.Rework))
	}
	_ = w.Flush() // into a writer of ours
}

// printPlaces lists every deployment, the newest first, with where it stands.
func printPlaces(e *Env, m delivery.Metrics, loc *time.Location) {
	for _, d := range m.Deployments {
		fmt.Fprintf(e.Stdout, "\n%s  %s  %s\n", d.At.In(loc).Format("2 Jan 2006 15:04"), clean(cmp.Or(d.Version, d.ReleaseID)), d.Kind)
		w := tabwriter.NewWriter(e.Stdout, 0, 0, 2, ' ', 0)
		for _, p := range []struct {
			name string
			delivery.Standing
		}{{"frequency", d.Frequency}, {"lead time", d.Lead}, {"failure", d.Failure}, {"recovery", d.Recovery}, {"rework", d.Rework}} {
			fmt.Fprintf(w, "  %s\t%s\t%s\n", p.name, p.As, clean(p.Rule))
		}
		_ = w.Flush() // into a writer of ours
	}
}

func zoneOf(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return loc
}

func middleWords(m delivery.Middle, unit string) string {
	if m.N == 0 {
		return "not known yet"
	}
	text := fmt.Sprintf("%g %s", m.Median, unit)
	if m.Bounded {
		text += fmt.Sprintf(" (%g to %g)", m.Low, m.High)
	}
	return text
}

func secondsWords(m delivery.Middle) string {
	text := delivery.Lasting(m.Median)
	if m.Bounded {
		text += " (" + delivery.Lasting(m.Low) + " to " + delivery.Lasting(m.High) + ")"
	}
	return fmt.Sprintf("%s, n = %d", text, m.N)
}

func medianWords(m delivery.Middle) string {
	if m.N == 0 {
		return "–"
	}
	return delivery.Lasting(m.Median)
}

func someWords(s delivery.Share) string {
	if s.Of == 0 {
		return "–"
	}
	return s.Text
}

func shareWords(s delivery.Share) string {
	if s.Of == 0 {
		return "nothing to count yet"
	}
	text := s.Text
	if s.Percent != nil {
		text += fmt.Sprintf(", %.3g %%", *s.Percent)
	}
	return fmt.Sprintf("%s (%.0f to %.0f %%)", text, 100*s.Low, 100*s.High)
}

func questionsCmd(e *Env) *cobra.Command {
	var environment string
	var asJSON bool
	c := &cobra.Command{
		Use:   "questions [SERVICE]",
		Short: "Ask what moved in a service's delivery, and which part accounts for it",
		Long: `Looks for weeks in which one of the five metrics, or a part of one, changed its
level; says when, takes the move apart, says what else changed at that time, and
asks one question. Without a service it asks the services that released last,
each by itself.

Exit codes: 0; 1 the server does not answer or does not know the service; 2 wrong
flags.`,
		Example: `  debrief questions shop
  debrief questions`,
		Args: between(0, 1, "one service, or none"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := newReader(cmd.Context(), e)
			if err != nil {
				return err
			}
			q := url.Values{}
			if environment != "" {
				q.Set("environment", environment)
			}
			if len(args) == 0 {
				var all struct {
					Questions []debrief.Question `json:"questions"`
					Services  int                `json:"services"`
				}
				if environment != "" {
					return debrief.Errorf(debrief.Invalid, "--env", "an environment is one service's: name it too")
				}
				raw, err := r.get(cmd.Context(), "/api/v1/questions", nil, &all)
				if err != nil {
					return err
				}
				return printed(e, raw, asJSON, func() error {
					if len(all.Questions) == 0 {
						fmt.Fprintf(e.Stdout, "Nothing moved in the %d services looked at.\n", all.Services)
					}
					printQuestions(e, all.Questions, true)
					return nil
				})
			}
			var asked delivery.QuestionSet
			raw, err := r.get(cmd.Context(), "/api/v1/services/"+url.PathEscape(args[0])+"/questions", q, &asked)
			if err != nil {
				return err
			}
			return printed(e, raw, asJSON, func() error {
				if len(asked.Questions) == 0 {
					fmt.Fprintln(e.Stdout, asked.Sentence)
				}
				printQuestions(e, asked.Questions, false)
				return nil
			})
		},
	}
	c.Flags().StringVar(&environment, "env", "", "this environment's; else that of the latest release")
	c.Flags().BoolVar(&asJSON, "json", false, "print the API's answer")
	c.SetFlagErrorFunc(refusedFlag)
	return c
}

func printQuestions(e *Env, qs []debrief.Question, named bool) {
	for i, q := range qs {
		if i > 0 {
			fmt.Fprintln(e.Stdout)
		}
		if named {
			fmt.Fprintf(e.Stdout, "%s: ", clean(q.Service))
		}
		fmt.Fprintln(e.Stdout, clean(q.Sentence))
		fmt.Fprintf(e.Stdout, "  %s\n", q.Question)
		for _, m := range q.Moves {
			fmt.Fprintf(e.Stdout, "  over %s, by %s:\n", m.Of, m.Method)
			w := tabwriter.NewWriter(e.Stdout, 0, 0, 2, ' ', 0)
			for _, p := range m.Parts {
				fmt.Fprintf(w, "    %s\t%s\t(%s to %s)\n", clean(p.Name), delivery.Signed(p.Adds, m.Unit), delivery.Signed(p.Low, m.Unit), delivery.Signed(p.High, m.Unit))
			}
			_ = w.Flush() // into a writer of ours
		}
		for _, b := range q.Beside {
			fmt.Fprintf(e.Stdout, "  At that time: %s.\n", clean(b))
		}
	}
}
