package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
	"github.com/debriefhq/debrief/internal/access"
	"github.com/debriefhq/debrief/internal/delivery"
	"github.com/debriefhq/debrief/internal/plot"
	"github.com/debriefhq/debrief/internal/tell"
)

//go:embed *.html
var templateFiles embed.FS

// pages are the parsed templates by page: the layout with one body each.
type pages map[string]*template.Template

// view is what the layout shows around a page.
type view struct {
	Title string
	Nav   string // which entry of the navigation is this
	Query string // what was searched for
	Live  int64  // the revision the page shows; 0: the page does not follow
	Write bool   // the visitor may answer
	URL   string // where the server is reached
	Env   string // what commands need to reach it; empty where it is where they look
	Body  any
}

func loadPages(s *site) pages {
	funcs := template.FuncMap{
		"asset":   func(name string) string { return s.assets.named[name] },
		"time":    s.timeTag,
		"clock":   func(t, beside time.Time) template.HTML { return s.clockTag(t, beside) },
		"moment":  s.momentTag,
		"times":   tell.Times,
		"blind":   tell.Unreachables,
		"day":     s.dayName,
		"capital": capital,
		"mark":    mark,
		"words":   words,
		"number":  tell.Number,
		"took":    tell.Duration,
		"count":   tell.Count,
		"plus":    func(n int) int { return n + 1 },
		"coded":   coded,
		"short":   shortCommit,
		"answers": func() []debrief.Answer {
			return debrief.Answers()
		},
		"desk":    func() bool { return s.Desk != nil },
		"dict":    dict,
		"date":    func(t time.Time) template.HTML { return s.tag(t, t.In(s.Location).Format("2 January 2006")) },
		"brief":   func(t time.Time) template.HTML { return s.tag(t, t.In(s.Location).Format("2 Jan 15:04")) },
		"sure":    sure,
		"value":   delivery.Value,
		"signed":  delivery.Signed,
		"minus":   func(a, b float64) float64 { return a - b },
		"lasting": func(x debrief.Seconds) string { return delivery.Lasting(float64(x)) },
		"weblink": weblink,
	}
	layout := template.Must(template.New("").Funcs(funcs).ParseFS(templateFiles, "layout.html", "parts.html", "blame.html"))
	out := pages{}
	files, err := templateFiles.ReadDir(".")
	if err != nil {
		panic(err) // embedded: cannot happen in a binary that was built
	}
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".html")
		if name != "layout" && name != "parts" && name != "blame" {
			out[name] = template.Must(template.Must(layout.Clone()).ParseFS(templateFiles, f.Name()))
		}
	}
	return out
}

// render writes a whole page or, when it cannot be made, an error: never half.
func (s *site) render(w http.ResponseWriter, r *http.Request, status int, name string, v view) {
	v.Write = v.Live > 0 && s.may(r, access.Write) == nil
	v.URL = s.address(r)
	if v.URL != "http://127.0.0.1:8080" && v.URL != "http://localhost:8080" {
		v.Env = "DEBRIEF_URL=" + v.URL + " "
	}
	var b bytes.Buffer
	if err := s.pages[name].ExecuteTemplate(&b, "layout", v); err != nil {
		s.Log.Error("template failed", "page", name, "err", err)
		http.Error(w, "This page could not be made; the reason stands in the server's log.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w)
}

// address is how people reach this server: as configured, else as this one
// just did. It stands in commands to be copied, so nothing but a host gets in.
func (s *site) address(r *http.Request) string {
	if s.Config.URL != "" {
		return strings.TrimRight(s.Config.URL, "/")
	}
	for _, c := range r.Host {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]", c) {
			return "http://127.0.0.1:8080"
		}
	}
	return "http://" + r.Host
}

// show renders a page that follows what happens.
func (s *site) show(w http.ResponseWriter, r *http.Request, name string, v view) error {
	rev, err := s.Reader.Revision(r.Context())
	if err != nil {
		return err
	}
	v.Live = max(rev, 1)
	s.render(w, r, http.StatusOK, name, v)
	return nil
}

func (s *site) timeTag(t time.Time) template.HTML { return s.clockTag(t, t) }

// clockTag writes an instant as said beside another one, with the whole of it
// for machines and for whoever points at it.
func (s *site) clockTag(t, beside time.Time) template.HTML {
	return s.tag(t, tell.Clock(t, beside, s.Location))
}

// momentTag is clockTag on a story's page: to the second where it is quick.
func (s *site) momentTag(t time.Time, story debrief.Story) template.HTML {
	return s.tag(t, s.moment(story, t))
}

func (s *site) tag(t time.Time, says string) template.HTML {
	if t.IsZero() {
		return "not known"
	}
	return template.HTML(`<time datetime="` + t.UTC().Format(time.RFC3339) + `" title="` +
		t.In(s.Location).Format("Monday 2 January 2006, 15:04:05 MST") + `">` + //nolint:gosec // digits and names of days only
		template.HTMLEscapeString(says) + `</time>`)
}

// stamp is an instant in a table of many, one every step: short.
func (s *site) stamp(t time.Time, step time.Duration) template.HTML {
	layout := "15:04"
	switch {
	case step < time.Minute:
		layout = "15:04:05"
	case step >= 30*time.Minute:
		layout = "Mon 15:04"
	}
	return template.HTML(`<time datetime="` + t.UTC().Format(time.RFC3339) + `">` + t.In(s.Location).Format(layout) + `</time>`) //nolint:gosec // digits only
}

// dayName is a day as a heading: "today", "yesterday", "Tuesday, 17 November".
func (s *site) dayName(t time.Time) string {
	now, t := s.Now().In(s.Location), t.In(s.Location)
	switch days := daysBetween(t, now); {
	case days == 0:
		return "today"
	case days == 1:
		return "yesterday"
	case t.Year() == now.Year():
		return t.Format("Monday, 2 January")
	}
	return t.Format("Monday, 2 January 2006")
}

// daysBetween counts midnights from a to b in their zone.
func daysBetween(a, b time.Time) int {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC) }
	return int(day(b).Sub(day(a)) / (24 * time.Hour))
}

func mark(w debrief.Word, title string) template.HTML {
	return template.HTML(plot.Mark(plot.Word(w), title)) // plot escapes
}

func words(w debrief.Word) string { return tell.Word(w) }

// coded sets what stands in a sentence as code into code (paths such as
// /checkout), and keeps a number on one line with its unit, and "n = 14" with its name.
func coded(s string) template.HTML {
	var b strings.Builder
	before := ""
	for i, word := range strings.Split(s, " ") {
		core := strings.TrimRight(word, ".,;:)")
		switch {
		case i > 0 && before != "" && before[len(before)-1] >= '0' && before[len(before)-1] <= '9' && units[core],
			i > 0 && (word == "=" || before == "="):
			b.WriteString("\u00a0")
		case i > 0:
			b.WriteByte(' ')
		}
		if len(core) > 1 && core[0] == '/' && core[1] > ' ' && core[1] != '/' && !units[core] {
			b.WriteString("<code>" + template.HTMLEscapeString(core) + "</code>" + template.HTMLEscapeString(word[len(core):]))
		} else {
			b.WriteString(template.HTMLEscapeString(word))
		}
		before = word
	}
	return template.HTML(b.String()) //nolint:gosec // every piece is escaped above
}

// units are written after a number and a space.
var units = map[string]bool{"%": true, "ms": true, "s": true, "min": true, "h": true, "k": true, "M": true, "G": true, "/s": true}

func shortCommit(c string) string { return c[:min(len(c), 9)] }

// weblink is a foreign address that may be followed: nothing but http and https.
func weblink(s string) string {
	if u, err := url.Parse(s); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
		return s
	}
	return ""
}

func dict(kv ...any) map[string]any {
	m := map[string]any{}
	for i := 0; i+1 < len(kv); i += 2 {
		m[kv[i].(string)] = kv[i+1]
	}
	return m
}

// capital begins a sentence; what is no plain word, as v1.3 or p95, stays.
func capital(s string) string {
	if s != "" && s[0] >= 'a' && s[0] <= 'z' && (len(s) == 1 || s[1] < '0' || s[1] > '9') {
		return strings.ToUpper(s[:1]) + s[1:]
	}
	return s
}

// sentence makes an error's message one: a capital and a full stop.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	s = capital(s)
	if !strings.ContainsAny(s[len(s)-1:], ".?") {
		s += "."
	}
	return s
}

// sure is a probability in words: nothing is certain.
func sure(p float64) string {
	if p > 0.995 {
		return "more than 99 %"
	}
	return delivery.Value(100*p, "%")
}
