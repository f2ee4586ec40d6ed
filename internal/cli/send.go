package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/debriefhq/debrief"
)

func sendCmd(e *Env) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "send [SPOOL…]",
		Short: "Send reports that could not be sent before",
		Long: `Sends the reports kept in a spool directory, or single files of one, for
example a CI job's artifact; without an argument, this user's own spool. Sending
one twice is harmless. A report the server refuses is put into rejected/ beside
the others, with the reason in it.

Exit codes: 0 all sent, or there were none; 1 the server does not answer, or a
report was refused or is not readable.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := newClient(e)
			if err != nil {
				return err
			}
			if len(args) == 0 {
				args = []string{spoolOf(e).dir}
			}
			var sum flushed
			var failed error
			for _, arg := range args {
				s, files, err := spoolAt(e, arg)
				if err != nil {
					return err
				}
				n, err := sendFiles(cmd.Context(), newCourier(c, s, e.Now), files, flushLimits{any: true}, e.Stderr)
				sum.Sent, sum.Rejected, sum.Kept = sum.Sent+n.Sent, sum.Rejected+n.Rejected, sum.Kept+n.Kept
				if err != nil {
					failed = err
					break
				}
			}
			if asJSON {
				fmt.Fprintf(e.Stdout, "{\"sent\":%d,\"rejected\":%d,\"kept\":%d}\n", sum.Sent, sum.Rejected, sum.Kept)
			} else {
				fmt.Fprintln(e.Stdout, sum)
			}
			if failed == nil && sum.Rejected+sum.Kept > 0 {
				return &ExitError{Code: 1}
			}
			return failed
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the counts as JSON")
	return c
}

func (n flushed) String() string {
	if n == (flushed{}) {
		return "nothing to send"
	}
	s := fmt.Sprintf("%s sent", reports(n.Sent))
	if n.Rejected > 0 {
		s += fmt.Sprintf(", %d refused and put aside", n.Rejected)
	}
	if n.Kept > 0 {
		s += fmt.Sprintf(", %d kept", n.Kept)
	}
	return s
}

// spoolAt is a spool directory's files, or one file.
func spoolAt(e *Env, arg string) (spool, []string, error) {
	if !filepath.IsAbs(arg) {
		arg = filepath.Join(e.Dir, arg)
	}
	info, err := os.Stat(arg)
	switch {
	case err != nil && arg == spoolOf(e).dir && os.IsNotExist(err):
		return spool{arg}, nil, nil // nothing was ever kept
	case err != nil:
		return spool{}, nil, debrief.Errorf(debrief.NotFound, "", "%s cannot be read: %w", arg, unwrapPath(err))
	case info.IsDir():
		s := spool{arg}
		files, err := s.list()
		return s, files, err
	}
	return spool{filepath.Dir(arg)}, []string{arg}, nil
}

// unwrapPath drops the path an error repeats.
func unwrapPath(err error) error {
	var p *fs.PathError
	if asError(err, &p) {
		return p.Err
	}
	return err
}
