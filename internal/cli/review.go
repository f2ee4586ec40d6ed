package cli

import (
	"context"
	"io"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/learn"
	"github.com/debriefhq/debrief/internal/tell"
)

func reviewCmd(e *Env) *cobra.Command {
	var month, service, format string
	var again, asJSON bool
	c := &cobra.Command{
		Use:   "review",
		Short: "Look back on a month: at most five things that keep happening, each with one question",
		Long: `Looks back on a month, held against up to twelve: which kinds of change, modules, hours
and ways to roll out precede trouble; which surprises and gaps recur; what was put off,
and what happened meanwhile; where pipelines grew; what staging does not show; alarms
nobody answers; where debrief itself calls out for nothing. At most five findings, those
first that acting on would save most, each with how sure it is and one question.

The server keeps each month's review on the second day of the next one. What was not
kept, and one service's, is reckoned from what is known now.

Exit codes: 0, whatever was found; 1 the server does not answer, or knows no such
service; 2 wrong input.`,
		Example: "  debrief review --month 2026-10\n  debrief review --service shop --format markdown > review.md",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			now := e.Now()
			if month == "" {
				month = learn.MonthOf(now, now.Location()).Before(1).String()
			}
			if _, err := learn.ParseMonth(month, now.Location()); err != nil {
				return debrief.Errorf(debrief.Invalid, "--month", "%q is no month", month).WithHint("write it as 2026-10")
			}
			if format != "text" && format != "markdown" && format != "html" {
				return debrief.Errorf(debrief.Invalid, "--format", "%q is no format", format).WithHint("known are text, markdown and html")
			}
			r, err := newReader(cmd.Context(), e)
			if err != nil {
				return err
			}
			q := url.Values{}
			if service != "" {
				q.Set("service", service)
			}
			if again {
				q.Set("again", "true")
			}
			var rev debrief.Review
			raw, err := r.get(cmd.Context(), "/api/v1/reviews/"+url.PathEscape(month), q, &rev)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(e.Stdout, raw)
			}
			return printReview(cmd.Context(), r, rev, format)
		},
	}
	fs := c.Flags()
	fs.StringVar(&month, "month", "", "the month, as in 2026-10; default: the last one that is over")
	fs.StringVar(&service, "service", "", "only this service")
	fs.StringVar(&format, "format", "text", "text, markdown or html")
	fs.BoolVar(&again, "again", false, "reckon it anew, also where it was kept")
	fs.BoolVar(&asJSON, "json", false, "print the API's answer")
	return c
}

func printReview(ctx context.Context, r *reader, rev debrief.Review, format string) error {
	w := terminal(r.e)
	if format == "text" {
		return tell.TerminalReview(w, rev, r.base)
	}
	names, err := serviceNames(ctx, r)
	if err != nil {
		return err
	}
	text := tell.ReviewMarkdown(rev, r.base, names, w.Loc)
	if format == "html" {
		if text, err = tell.ReviewHTML(rev, r.base, names, w.Loc); err != nil {
			return err
		}
	}
	_, err = io.WriteString(r.e.Stdout, text)
	return err
}

// serviceNames are what people call services, by id.
func serviceNames(ctx context.Context, r *reader) (map[string]string, error) {
	var page struct {
		Services []debrief.Service `json:"services"`
	}
	if _, err := r.get(ctx, "/api/v1/services", nil, &page); err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, s := range page.Services {
		names[s.ID] = s.Name
	}
	return names, nil
}
