package config

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// The kinds of provider debrief can ask.
const (
	KindPrometheus = "prometheus" // and what speaks its API: Mimir, Thanos, VictoriaMetrics
	KindLoki       = "loki"
)

// Kinds lists them, for messages that name them.
func Kinds() []string { return []string{KindPrometheus, KindLoki} }

// Validate says everything that is wrong, each with its field and what to do.
// Load has already done so, with the lines of the file.
func (c Config) Validate() error { return errors.Join(c.problems(nil, nil)...) }

// placed is a path together with where the file or environment said it; for a
// key that was left out, where the block around it stands.
func placed(at map[string]string, path string) string {
	for p := path; p != ""; {
		if where, ok := at[p]; ok && !strings.HasSuffix(where, ":0") {
			return where + ": " + path
		}
		cut := strings.LastIndexAny(p, ".[")
		if cut < 0 {
			break
		}
		p = p[:cut]
	}
	return path
}

type complaints struct {
	at   map[string]string
	skip func(path string) bool // what only follows from another problem; may be nil
	list []error
}

// say notes a problem where wrong holds; fix says what to do.
func (c *complaints) say(wrong bool, path, fix, format string, args ...any) {
	if !wrong || c.skip != nil && c.skip(path) {
		return
	}
	err := debrief.Errorf(debrief.Invalid, placed(c.at, path), format, args...)
	if fix != "" {
		err.Hint = fix
	}
	c.list = append(c.list, err)
}

func (c Config) problems(at map[string]string, skip func(path string) bool) []error {
	out := &complaints{at: at, skip: skip}
	c.checkServer(out)
	c.checkLooks(out)
	c.checkNotice(out)
	c.Kinds.check(out)
	for _, name := range slices.Sorted(maps.Keys(c.Providers)) {
		c.checkProvider(out, join("providers", name), c.Providers[name])
	}
	aliases := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(c.Services)) {
		c.checkService(out, join("services", name), name, aliases)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Sources)) {
		s := c.Sources[name]
		checkPoll(out, join("sources", name), name, s)
		out.say(s.SecretOld != "" && s.Secret == "", join("sources", name)+".secret_old", "set secret, the new one, beside it", "an old secret without a new one")
	}
	return out.list
}

// checkPoll wants repositories only where there is somebody to ask.
func checkPoll(out *complaints, path, name string, s Source) {
	_, known := forges[name]
	out.say(!known && len(s.Poll.Repositories) > 0, path+".poll.repositories", "only github and gitlab can be asked", "%s cannot be asked, it only sends", name)
	out.say(s.Comment && !known, path+".comment", "only github and gitlab have pull requests", "%s has no pull requests to comment on", name)
	out.say(s.Comment && known && s.Token == "" && s.TokenFile == "", path+".token", "a token that may write comments", "comments need a token")
	out.say(!known && s.URL != "", path+".url", "only github and gitlab can be asked", "%s is not asked, so it has no address", name)
	for i, r := range s.Poll.Repositories {
		parts := strings.Split(r, "/")
		bad := slices.Contains(parts, "") || slices.Contains(parts, "..") || len(parts) < 2 || name == "github" && len(parts) > 2 || len(r) > 150
		out.say(bad, fmt.Sprintf("%s.poll.repositories[%d]", path, i), "write it as owner/name", "%q is no repository", r)
		out.say(slices.Contains(s.Poll.Repositories[:i], r), fmt.Sprintf("%s.poll.repositories[%d]", path, i), "keep one", "%q is named twice", r)
	}
	if !known || len(s.Poll.Repositories) == 0 {
		return
	}
	checkURL(out, path+".url", s.URL)
	out.say(s.Poll.Every < 10*time.Second, path+".poll.every", "for example 1m", "%s is more often than a forge likes", s.Poll.Every)
	out.say(s.Poll.Since <= 0, path+".poll.since", "for example 30d", "a time longer than nothing is needed")
}

func (c Config) checkServer(out *complaints) {
	for path, addr := range map[string]string{"listen": c.Listen, "public_listen": c.PublicListen} {
		if addr == "" {
			out.say(path == "listen", path, "for example 127.0.0.1:8080", "an address is needed")
			continue
		}
		_, port, err := net.SplitHostPort(addr)
		n, bad := strconv.Atoi(port)
		out.say(err != nil || bad != nil || n < 0 || n > 65535, path, "for example 127.0.0.1:8080", "%q is no address of the form host:port", addr)
	}
	out.say(c.DB == "", "db", "a file name, or postgres://…", "a database is needed")
	if c.URL != "" {
		checkURL(out, "url", c.URL)
	}
	_, err := time.LoadLocation(c.TimeZone)
	out.say(err != nil, "time_zone", "an IANA name, for example Europe/Berlin", "%q is not a known time zone", c.TimeZone)
	out.say(len(c.Production) == 0, "production", "for example [production, prod, live]", "no environment counts as production")
	for i, p := range c.Production {
		both := slices.ContainsFunc(c.Staging, func(s string) bool { return strings.EqualFold(s, p) })
		out.say(both, fmt.Sprintf("production[%d]", i), "take it out of one of the two", "%q is named as production and as staging", p)
	}
	if c.Chat.Webhook != "" {
		checkURL(out, "chat.webhook", c.Chat.Webhook)
	}
	c.checkHabits(out)
	if c.Chat.Daily != "" {
		_, err := time.Parse("15:04", c.Chat.Daily)
		out.say(err != nil, "chat.daily", "for example 09:00", "%q is no time of day", c.Chat.Daily)
	}
	out.say(c.Keep.Raw <= 0, "keep.raw", "for example 30d", "a time longer than nothing is needed")
	out.say(c.Logs.KnownAfter < 0, "logs.known_after", "for example 24h", "a duration cannot be negative")
}

func (c Config) checkLooks(out *complaints) {
	l := c.Looks
	out.say(len(l.After) == 0, "looks.after", "for example [5m, 1h, 24h]", "at least one look is needed")
	for i, d := range l.After {
		path := fmt.Sprintf("looks.after[%d]", i)
		out.say(d <= 0, path, "for example 5m", "%s is not after the release", d)
		out.say(i > 0 && d <= l.After[i-1], path, "order them from early to late", "%s does not come after the look before it (%s)", d, l.After[max(i-1, 0)])
		out.say(i == 0 && l.Step > 0 && d > 0 && d < l.Step, path, "make the look later or looks.step shorter", "the first look (%s) is shorter than one step (%s)", d, l.Step)
	}
	for path, d := range map[string]time.Duration{"looks.before": l.Before, "looks.step": l.Step, "looks.past": l.Past} {
		out.say(d <= 0, path, "for example 1m, 1h or 28d", "a duration longer than nothing is needed")
	}
	if l.Step > 0 {
		out.say(l.Before > 0 && l.Before < l.Step, "looks.before", "make it several steps long", "shorter than one step (%s)", l.Step)
		points := l.Past / l.Step
		out.say(points > 500_000, "looks.past", "shorten it or lengthen looks.step", "%d points per series are too many", points)
	}
	out.say(!(l.Budget > 0 && l.Budget < 1), "looks.budget", "0.05 is one false alarm in twenty releases", "%v is not between 0 and 1", l.Budget)
	for name, m := range map[string]Margin{"latency": c.Judge.Latency, "errors": c.Judge.Errors, "traffic": c.Judge.Traffic, "other": c.Judge.Other} {
		path := "judge." + name
		out.say(!(m.Practical > 0), path+".practical", "0.10 is ten percent", "a margin greater than 0 is needed")
		out.say(m.Coarse < m.Practical, path+".coarse", "make it at least as large as practical", "%v is less than the practical margin (%v)", m.Coarse, m.Practical)
	}
	out.say(c.Judge.MinN < 0, "judge.min_n", "", "a count cannot be negative")
}

func (c Config) checkNotice(out *complaints) {
	n := c.Notice
	out.say(!(n.SlowFactor >= 1), "notice.slow_factor", "2 is twice as long", "%v would call a faster deployment slow", n.SlowFactor)
	out.say(!(n.StepFactor >= 1), "notice.step_factor", "3 is three times as long", "%v would call a faster step slow", n.StepFactor)
	out.say(!(n.SlowMADs >= 0), "notice.slow_mads", "", "a number of deviations cannot be negative")
	out.say(n.SlowAtLeast < 0, "notice.slow_at_least", "", "a duration cannot be negative")
	out.say(n.StepAtLeast < 0, "notice.step_at_least", "", "a duration cannot be negative")
	out.say(n.AlertAfter < time.Second, "notice.alert_after", "15m is a quarter of an hour", "nobody can acknowledge an alert within %v", n.AlertAfter)
	out.say(n.RollbackPeople < 2, "notice.rollback_people", "3 is the default", "%d would call every rollback crowded", n.RollbackPeople)
	out.say(!(n.UnshippedFactor >= 1), "notice.unshipped_factor", "3 is three times the usual gap", "%v would call the usual wait long", n.UnshippedFactor)
	out.say(n.SlowMinHistory < 1, "notice.slow_min_history", "", "at least one earlier deployment is needed to compare with")
}

// checkURL wants an absolute http(s) address without credentials: those have
// keys of their own, which are never printed.
func checkURL(out *complaints, path, address string) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		out.say(true, path, "", "an address beginning with http:// or https:// is needed")
		return
	}
	out.say(u.User != nil, path, "use username and password, or token", "credentials do not belong into an address")
}
