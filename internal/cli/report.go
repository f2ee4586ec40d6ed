package cli

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/debriefhq/debrief"
)

var (
	keyShape    = regexp.MustCompile(`^[A-Za-z0-9._:/-]{1,200}$`)
	commitShape = regexp.MustCompile(`^[0-9a-fA-F]{7,64}$`)
)

// posted is the body of POST /api/v1/deployments.
type posted struct {
	Key      string   `json:"key"`
	Services []string `json:"services,omitempty"`
	debrief.Report
}

const deploymentsPath = "/api/v1/deployments"

func deploymentPath(key string) string { return deploymentsPath + "/" + url.PathEscape(key) }

// deployFlags are what `deploy` and `deploy start` say about a deployment.
type deployFlags struct {
	services             []string
	env, version, target string
	rollout, key         string
	facts                []string
	manual, rollback     bool
	people               int
	noOutput, noGit      bool
	quiet                bool
}

func (f *deployFlags) add(fs *pflag.FlagSet) {
	fs.StringSliceVar(&f.services, "service", nil, "service that is deployed; several with commas (default $DEBRIEF_SERVICE)")
	fs.StringVar(&f.env, "env", "", "environment, such as production or staging (default $DEBRIEF_ENVIRONMENT)")
	fs.StringVar(&f.version, "version", "", "version (default: git describe with -dirty, else the short commit)")
	fs.StringVar(&f.target, "target", "", "region, cluster or customer, where there are several")
	fs.StringVar(&f.rollout, "rollout", "", "name that releases of several services share when they go out together (default: the CI run)")
	fs.StringVar(&f.key, "key", "", "name of this deployment for later reports; one used before gets a number (default: a new one)")
	fs.StringArrayVar(&f.facts, "fact", nil, "measured thing beside the deployment, NAME=VALUE; repeatable")
	fs.BoolVar(&f.manual, "manual", false, "a person runs this by hand")
	fs.IntVar(&f.people, "people", 0, "how many people it took; only the number is kept")
	fs.BoolVar(&f.rollback, "rollback", false, "this puts an earlier version back")
	fs.BoolVar(&f.noGit, "no-git", false, "do not look at the git work tree")
	fs.BoolVar(&f.quiet, "quiet", false, "say nothing on stderr unless something could not be recorded")
}

// complete takes from the environment what no flag said, and checks it all
// before anything runs.
func (f *deployFlags) complete(e *Env) error {
	if len(f.services) == 0 && e.Getenv("DEBRIEF_SERVICE") != "" {
		f.services = strings.Split(e.Getenv("DEBRIEF_SERVICE"), ",")
	}
	if f.env == "" {
		f.env = e.Getenv("DEBRIEF_ENVIRONMENT")
	}
	var services []string
	for _, s := range f.services {
		if s = strings.TrimSpace(s); s != "" {
			services = append(services, s)
		}
	}
	f.services = services
	if len(f.services) == 0 {
		return debrief.Errorf(debrief.Invalid, "--service", "which service is deployed?").WithHint("for example: debrief deploy --service shop --env production -- ./deploy.sh")
	}
	if f.env == "" {
		return debrief.Errorf(debrief.Invalid, "--env", "into which environment?").WithHint("for example --env production")
	}
	if f.key == "" {
		id, err := uuid.NewV7()
		if err != nil {
			return debrief.Errorf(debrief.Internal, "--key", "no new key can be made: %w", err)
		}
		f.key = id.String()
	}
	return checkKey(f.key)
}

func checkKey(key string) error {
	if !keyShape.MatchString(key) || key == "." || key == ".." {
		return debrief.Errorf(debrief.Invalid, "--key", "%q must be 1 to 200 letters, digits or . _ : / -", key)
	}
	return nil
}

// parseFacts reads NAME=VALUE words.
func parseFacts(words []string) (debrief.Facts, error) {
	if len(words) == 0 {
		return nil, nil
	}
	facts := debrief.Facts{}
	for _, w := range words {
		name, value, ok := strings.Cut(w, "=")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, debrief.Errorf(debrief.Invalid, "--fact", "%q is not NAME=VALUE", w).WithHint("for example --fact rows=31000000")
		}
		facts[strings.TrimSpace(name)] = shortened(debrief.Mask(clean(value)), maxFact)
	}
	return facts, nil
}

// maxFact is how long a fact's value may be: it is a measurement, not a log.
const maxFact = 1000

func shortened(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// parseTime reads a time as people and scripts write it: RFC 3339, or "now".
func parseTime(flag, s string, now time.Time) (time.Time, error) {
	switch s {
	case "":
		return time.Time{}, nil
	case "now":
		return debrief.Instant(now), nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, debrief.Errorf(debrief.Invalid, flag, "%q is not a time", s).WithHint("for example 2026-11-22T14:21:00Z (date -u +%%FT%%TZ), or now")
	}
	return debrief.Instant(t), nil
}

func ptr[T any](v T) *T { return &v }

// passThrough makes a command take everything after its own flags as it is.
func passThrough(c *cobra.Command) *cobra.Command {
	c.Flags().SetInterspersed(false)
	c.Args = cobra.ArbitraryArgs
	return c
}
