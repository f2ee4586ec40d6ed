package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/delivery"
	"github.com/debriefhq/debrief/internal/tell"
)

func incidentCmd(e *Env) *cobra.Command {
	c := &cobra.Command{
		Use:   "incident",
		Short: "Show what an incident may have come from, and say what it was",
		Long: `An incident, a rollback, a hotfix or a revert is held against every change that overlaps
with it; the likeliest is held, or a person is asked (docs/attribution.md). Without a
subcommand the open questions are listed.

Exit codes: 0; 1 the server refuses or does not answer; 2 wrong input.`,
		Args: cobra.NoArgs,
	}
	var service string
	var asJSON bool
	c.Flags().StringVar(&service, "service", "", "only this service's questions")
	c.Flags().BoolVar(&asJSON, "json", false, "print the API's answer")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		r, err := newReader(cmd.Context(), e)
		if err != nil {
			return err
		}
		q := url.Values{"limit": {"50"}}
		if service != "" {
			q.Set("service", service)
		}
		var page struct {
			Attributions []debrief.Attribution `json:"attributions"`
		}
		raw, err := r.get(cmd.Context(), "/api/v1/attributions", q, &page)
		if err != nil {
			return err
		}
		return printed(e, raw, asJSON, func() error { return tell.TerminalAsked(terminal(e), page.Attributions) })
	}
	c.AddCommand(incidentShowCmd(e), blameCmd(e), accuracyCmd(e))
	return c
}

func incidentShowCmd(e *Env) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "show ID",
		Short: "Show the changes it may have come from, and why",
		Long: `Shows an incident's candidates, the likeliest first, each with the reasons its odds are the
sum of. ID is an incident's, or that of a rollback, a hotfix or a revert.

Exit codes: 0; 1 nothing is attributed under that id, or the server does not answer.`,
		Args: between(1, 1, "an incident's or a release's id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := newReader(cmd.Context(), e)
			if err != nil {
				return err
			}
			var a debrief.Attribution
			raw, err := r.get(cmd.Context(), "/api/v1/attributions/"+url.PathEscape(args[0]), nil, &a)
			if err != nil {
				return err
			}
			title := string(a.Kind) + " of " + a.Service
			if a.Kind == debrief.SubjectIncident && !asJSON {
				var i debrief.Incident
				if _, err := r.get(cmd.Context(), "/api/v1/incidents/"+url.PathEscape(a.Subject), nil, &i); err == nil {
					title = tell.Incident(i)
				}
			}
			return printed(e, raw, asJSON, func() error { return tell.TerminalBlame(terminal(e), title, a) })
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the API's answer")
	return c
}

func blameCmd(e *Env) *cobra.Command {
	var asJSON, undo bool
	var note string
	c := &cobra.Command{
		Use:   `blame ID RELEASE|FLAG|"not a deployment"`,
		Short: "Say which change it came from",
		Long: `Says what an incident (or a rollback, a hotfix, a revert) came from: a release by its id or
version, a flag or another change by its id or a part of its title, or "not a deployment". The
answer stands, whatever is worked out anew, until --undo takes it back; then the one before
stands again.

Exit codes: 0; 1 nothing is attributed under that id, or the server does not answer; 2 no
such change.`,
		Example: `debrief incident blame 7k2jq3xw5zmb4f6d v1.42
debrief incident blame 7k2jq3xw5zmb4f6d "not a deployment" --note "the provider was down"`,
		Args: between(1, 8, "an incident's or a release's id, and what it came from"),
		RunE: func(cmd *cobra.Command, args []string) error {
			answer := strings.TrimSpace(strings.Join(args[1:], " "))
			if undo == (answer != "") {
				return debrief.Errorf(debrief.Invalid, "", "say what it came from, or --undo").WithHint(`a release's id or version, a flag, or "%s"`, debrief.NotADeployment)
			}
			r, err := newReader(cmd.Context(), e)
			if err != nil {
				return err
			}
			var raw json.RawMessage
			err = within(cmd.Context(), readLimit, func(ctx context.Context) error {
				path := "/api/v1/attributions/" + url.PathEscape(args[0]) + "/answer"
				if undo {
					return r.do(ctx, "DELETE", path, nil, &raw)
				}
				return r.do(ctx, "POST", path, map[string]string{"answer": answer, "note": note}, &raw)
			})
			if err != nil {
				return err
			}
			return printed(e, raw, asJSON, func() error {
				var a debrief.Attribution
				if err := json.Unmarshal(raw, &a); err != nil {
					return err
				}
				fmt.Fprintln(e.Stdout, tell.Blame(a))
				return nil
			})
		},
	}
	c.Flags().BoolVar(&undo, "undo", false, "take the latest answer back")
	c.Flags().StringVar(&note, "note", "", "why, in a sentence")
	c.Flags().BoolVar(&asJSON, "json", false, "print the API's answer")
	return c
}

func accuracyCmd(e *Env) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "accuracy",
		Short: "How often attribution was right, how often it asked, and its weights",
		Long: `Holds every answer against what stood before it was given: how often what was held was
right, and how often a person was asked. Beside it the weights as they are used; answers
move them once there are 30.

Exit codes: 0; 1 the server does not answer.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := newReader(cmd.Context(), e)
			if err != nil {
				return err
			}
			var a delivery.Accuracy
			raw, err := r.get(cmd.Context(), "/api/v1/attributions/accuracy", nil, &a)
			if err != nil {
				return err
			}
			return printed(e, raw, asJSON, func() error {
				says := tell.Accuracy(a.Answered, a.Held, a.Right, a.Asked)
				if says == "" {
					says = "Nobody answered yet."
				}
				fmt.Fprintf(e.Stdout, "%s\n%d of %d are open.\n", says, a.Open, a.Attributed)
				for _, w := range a.Weights {
					fmt.Fprintf(e.Stdout, "%+5.1f  %s: %s\n", w.Weight, w.Name, w.Says)
				}
				return nil
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the API's answer")
	return c
}
