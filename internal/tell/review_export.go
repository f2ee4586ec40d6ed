package tell

import (
	"bytes"
	"html/template"
	"strings"
	"time"

	"github.com/debriefhq/debrief"
)

// ReviewMarkdown is a review to be put anywhere Markdown is read.
func ReviewMarkdown(r debrief.Review, url string, names map[string]string, loc *time.Location) string {
	var b strings.Builder
	bold, rest := ReviewLead(r)
	b.WriteString("# " + markdown(exportTitle(r, names)) + "\n\n")
	if len(r.Findings) == 0 {
		b.WriteString(markdown(strings.TrimSpace(bold+" "+rest)) + "\n")
	} else {
		b.WriteString("**" + markdown(bold) + "** " + markdown(rest) + "\n")
	}
	for i, f := range r.Findings {
		b.WriteString("\n## " + numbered(i) + markdown(capital(Clean(f.Subject))) + "\n\n" + markdown(f.Sentence) + "\n\n**" + markdown(f.Question) + "**\n\n")
		for _, x := range exportFacts(f) {
			b.WriteString("- " + x[0] + ": " + markdown(x[1]) + "\n")
		}
		if len(f.Evidence) > 0 {
			var links []string
			for _, e := range f.Evidence {
				says := markdown(EvidenceSays(e, names, loc))
				if path := EvidencePath(e); path != "" {
					says = "[" + says + "](" + url + path + ")"
				}
				links = append(links, says)
			}
			b.WriteString("- Evidence: " + strings.Join(links, "; ") + "\n")
		}
	}
	if len(r.Beside) > 0 {
		b.WriteString("\n## Also worth knowing\n\n")
		for _, x := range r.Beside {
			b.WriteString("- " + markdown(x) + "\n")
		}
	}
	if len(r.Few) > 0 {
		b.WriteString("\n## Too few to say\n\n" + markdown(strings.Join(r.Few, "; ")) + "\n")
	}
	if len(r.Findings) > 0 {
		b.WriteString("\n" + markdown(ReviewAsked(r)) + "\n")
	}
	return b.String()
}

func exportTitle(r debrief.Review, names map[string]string) string {
	title := ReviewTitle(r)
	if r.Service != "" {
		name := names[r.Service]
		if name == "" {
			name = r.Service
		}
		title = Clean(name) + ", " + title
	}
	if r.Sample {
		title += " (sample)"
	}
	return title
}

// exportFacts are what stands below a finding, each with its name.
func exportFacts(f debrief.Finding) (out [][2]string) {
	for _, x := range [][2]string{{"Why it matters", f.Why}, {"How sure", f.Sure}, {"Acting on it would save", ReviewSaves(f)}, {"First said in", sinceTitle(f.Since)}} {
		if x[1] != "" {
			out = append(out, x)
		}
	}
	return out
}

// markdown escapes what would be read as markup.
func markdown(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "<", "&lt;", "#", `\#`, "|", `\|`).Replace(Clean(s))
}

// ReviewHTML is a page that stands alone: to be mailed, printed or kept.
func ReviewHTML(r debrief.Review, url string, names map[string]string, loc *time.Location) (string, error) {
	type finding struct {
		debrief.Finding
		Facts [][2]string
		Links [][2]string
	}
	bold, rest := ReviewLead(r)
	v := struct {
		Title, Bold, Rest, Asked, Few string
		Findings                      []finding
		Beside                        []string
	}{Title: exportTitle(r, names), Bold: bold, Rest: rest, Asked: ReviewAsked(r), Beside: r.Beside, Few: strings.Join(r.Few, "; ")}
	for _, f := range r.Findings {
		x := finding{Finding: f, Facts: exportFacts(f)}
		for _, e := range f.Evidence {
			path := EvidencePath(e)
			if path != "" {
				path = url + path
			}
			x.Links = append(x.Links, [2]string{path, EvidenceSays(e, names, loc)})
		}
		v.Findings = append(v.Findings, x)
	}
	t, err := template.New("review").Parse(reviewPage)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = t.Execute(&b, v)
	return b.String(), err
}

const reviewPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{.Title}} · debrief</title>
<style>
:root { --ink: #1d2125; --mut: #5f666e; --paper: #fcfbf8; --acc: #3b4cc0; --rule: #e4e1da }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e4df; --mut: #a0a6ac; --paper: #16181b; --acc: #96a2ff; --rule: #2e3237 } }
body { margin: 2.5rem auto; padding: 0 1rem; max-width: 42rem; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); font-variant-numeric: tabular-nums }
h1 { font-size: 26px; font-weight: 600; margin: 0 0 .5rem } h2 { font-size: 13px; font-weight: 400; color: var(--mut); margin: 2rem 0 .25rem }
.lead { font-size: 18px } article { border-top: 1px solid var(--rule); padding-top: .5rem; margin-top: 1.5rem } article p { margin: .25rem 0 }
.q { font-weight: 600 } .fine, dl { font-size: 13px; color: var(--mut) } dl { margin: .5rem 0 } dt { float: left; clear: left; margin-right: .4em } dt::after { content: ":" } dd { margin: 0 }
a { color: var(--acc) }
</style>
</head>
<body>
<h1>{{.Title}}</h1>
<p class="lead"><b>{{.Bold}}</b> {{.Rest}}</p>
{{range .Findings}}<article>
<p>{{.Sentence}}</p>
<p class="q">{{.Question}}</p>
<dl>{{range .Facts}}<dt>{{index . 0}}</dt><dd>{{index . 1}}</dd>{{end}}</dl>
{{if .Links}}<p class="fine">{{range $i, $l := .Links}}{{if $i}}; {{end}}{{if index $l 0}}<a href="{{index $l 0}}">{{index $l 1}}</a>{{else}}{{index $l 1}}{{end}}{{end}}</p>{{end}}
</article>
{{end}}{{if .Beside}}<h2>Also worth knowing</h2>
<ul>{{range .Beside}}<li>{{.}}</li>{{end}}</ul>
{{end}}{{if .Few}}<h2>Too few to say</h2>
<p class="fine">{{.Few}}</p>
{{end}}{{if .Findings}}<p class="fine">{{.Asked}}</p>
{{end}}</body>
</html>
`
