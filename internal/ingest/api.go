package ingest

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// api is debrief's own API and the command line, which speaks it.
func api() Source {
	return Source{
		Name:   "api",
		Title:  "debrief's API and command line",
		Proven: "our own format; every field, limit and refusal is tested",
		Doc:    apiDoc,
		Key:    apiKey,
		Parse:  parseAPI,
	}
}

const apiDoc = `Tell debrief of a deployment from anything that can send HTTP:

    curl -H "Authorization: Bearer $DEBRIEF_TOKEN" -d '{"key":"ci-17","service":"shop",
      "environment":"production","version":"v1.42","state":"running","started_at":"2026-03-03T14:02:11Z"}' \
      $DEBRIEF_URL/api/v1/deployments
    curl -X PATCH -H "Authorization: Bearer $DEBRIEF_TOKEN" -d '{"state":"succeeded","finished_at":"2026-03-03T14:09:40Z"}' \
      $DEBRIEF_URL/api/v1/deployments/ci-17

The key makes it safe to repeat: the same request again changes nothing, the
same key with another content is refused. "services" tells of several services
at once. Unknown fields are refused, so that a typing mistake is not lost.
`

const deploymentsKey = "deployments/"

// apiBody is what the API keeps of a POST or PATCH.
type apiBody struct {
	Key      string     `json:"key"`
	Services []string   `json:"services"`
	Report   *apiReport `json:"report"`
}

// apiReport is a report whose times may stand in "times" or, as people write
// them by hand, beside the other fields.
type apiReport struct {
	debrief.Report
	debrief.Times
}

// gather moves times said beside the other fields to where they belong. The
// prefix is how the author wrote them, for messages.
func (r *apiReport) gather() (prefix string, err error) {
	prefix = "times."
	flat, nested := momentsOf(&r.Times), momentsOf(&r.Report.Times)
	for i, f := range flat {
		if f.at.IsZero() {
			continue
		}
		if !nested[i].at.IsZero() {
			return "", debrief.Errorf(debrief.Invalid, f.field, "given twice: also in times")
		}
		*nested[i].at, prefix = *f.at, ""
	}
	return prefix, nil
}

func apiKey(r Request) (string, error) {
	if r.Key != "" {
		return r.Key, nil
	}
	b, err := readAPI(r.Body)
	if err != nil {
		return "", err
	}
	return deploymentsKey + b.Key, nil
}

// parseAPI reads one POST (envelope key deployments/K) or PATCH
// (deployments/K/digest). A POST must say what was deployed where; a PATCH
// adds to it by key alone.
func parseAPI(r Request) ([]debrief.Event, error) {
	if !strings.HasPrefix(r.Key, deploymentsKey) {
		return nil, debrief.Errorf(debrief.Ignored, "", "nothing is read from API requests of this kind")
	}
	b, err := readAPI(r.Body)
	if err != nil {
		return nil, err
	}
	rest, ok := strings.CutPrefix(r.Key, deploymentsKey+b.Key)
	if !ok || rest != "" && rest[0] != '/' {
		return nil, debrief.Errorf(debrief.Invalid, "key", "%q is not the key it was sent under", b.Key)
	}
	services, err := servicesOf(b)
	if err != nil {
		return nil, err
	}
	report := &b.Report.Report
	if rest == "" {
		if err := complete(report, services); err != nil {
			return nil, err
		}
	}
	prefix, err := b.Report.gather()
	if err != nil {
		return nil, err
	}
	if err := plausible(report, prefix, r.Received); err != nil {
		return nil, err
	}
	tidy(report, b.Key)
	if len(services) == 0 {
		services = []string{""} // a PATCH by key: it floats to every service that has the key
	}
	events := make([]debrief.Event, 0, len(services))
	for i, s := range services {
		e := event("api", r, i, debrief.EventDeployment, latest(report))
		own := *report // its lists are shared between services and never written again
		own.Service = s
		e.Service, e.Report = s, &own
		events = append(events, e)
	}
	return events, nil
}

func readAPI(body []byte) (*apiBody, error) {
	if len(body) > maxAPIBody {
		return nil, debrief.Errorf(debrief.TooLarge, "", "%d bytes, and at most %d are allowed", len(body), maxAPIBody)
	}
	v, err := ReadJSON(body)
	if err != nil {
		return nil, err
	}
	if err := theBodyRule("", v); err != nil {
		return nil, err
	}
	var b apiBody
	if err := json.Unmarshal(body, &b); err != nil {
		return nil, debrief.Errorf(debrief.Invalid, "", "not readable: %w", err)
	}
	if b.Key == "" {
		return nil, debrief.Errorf(debrief.Invalid, "key", "missing").
			WithHint("a name of yours for this deployment, such as the pipeline run's id; it makes repeating safe")
	}
	if b.Report == nil {
		b.Report = &apiReport{}
	}
	return &b, nil
}

// servicesOf are the distinct services a request names, in its order.
func servicesOf(b *apiBody) ([]string, error) {
	var names []string
	if b.Report.Service != "" {
		names = append(names, b.Report.Service)
	}
	for i, s := range b.Services {
		if s == "" {
			return nil, debrief.Errorf(debrief.Invalid, "services."+itoa(i), "missing")
		}
		names = append(names, s)
	}
	seen := map[string]bool{}
	distinct := names[:0]
	for i, s := range names {
		id := debrief.Slug(s)
		if id == "" {
			field := "service"
			if len(b.Services) > 0 && (b.Report.Service == "" || i > 0) {
				field = "services." + itoa(i-min(len(b.Report.Service), 1))
			}
			return nil, debrief.Errorf(debrief.Invalid, field, "has no letter or digit")
		}
		if !seen[id] {
			seen[id] = true
			distinct = append(distinct, s)
		}
	}
	return distinct, nil
}

// complete holds a first report to what identifies a deployment.
func complete(r *debrief.Report, services []string) error {
	switch {
	case len(services) == 0:
		return debrief.Errorf(debrief.Invalid, "service", "missing").WithHint("which service was deployed, such as shop")
	case r.Environment == "":
		return debrief.Errorf(debrief.Invalid, "environment", "missing").WithHint("where it was deployed, such as production")
	case r.Version == "" && r.Commit == "":
		return debrief.Errorf(debrief.Invalid, "version", "missing").WithHint("what was deployed: a version, a tag, or a commit in the field commit")
	}
	return nil
}

// latest is when a report was so: the last moment it speaks of.
func latest(r *debrief.Report) time.Time {
	var last time.Time
	for _, t := range reportTimes(r, "times.") {
		if t.at.After(last) {
			last = *t.at
		}
	}
	return last
}
