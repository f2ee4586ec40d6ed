// Package tuesday holds the story "a normal Tuesday" and nothing else: an
// end-to-end test that runs the debrief program against a real shop on a real
// PostgreSQL, scraped by a real Prometheus and read in a real Chromium. What
// happens in it is told in docs/stories/tuesday.md.
package tuesday
