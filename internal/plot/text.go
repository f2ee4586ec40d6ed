package plot

import (
	"strings"
	"unicode/utf8"
)

// textWidth is a cautious estimate of how wide s is drawn, in px, at a font
// size. The widths are those of DejaVu Sans, the widest face a browser is
// likely to fall back to: what fits here fits in the narrower ones.
func textWidth(s string, size float64) float64 {
	em := 0.0
	for _, r := range s {
		em += runeWidth(r)
	}
	return em * size
}

func runeWidth(r rune) float64 {
	switch {
	case strings.ContainsRune("iIjl|'.,:;! ", r):
		return 0.37
	case strings.ContainsRune("ftr()[]-/\\\"", r):
		return 0.42
	case strings.ContainsRune("mwMW%@…—", r):
		return 1.0
	case r >= '0' && r <= '9', r >= 'a' && r <= 'z':
		return 0.64
	case r >= 'A' && r <= 'Z':
		return 0.78
	case r < 0x250:
		return 0.7
	case r < 0x1100:
		return 0.85
	}
	return 1.1 // wide scripts and symbols
}

// fit shortens s until it is at most max px wide; an empty string where not
// even one letter and the ellipsis fit.
func fit(s string, size, max float64) string {
	if textWidth(s, size) <= max {
		return s
	}
	max -= textWidth("…", size)
	w := 0.0
	for i, r := range s {
		w += runeWidth(r) * size
		if w > max {
			if i == 0 {
				return ""
			}
			return strings.TrimRight(s[:i], " ") + "…"
		}
	}
	return s
}

// clean makes foreign text safe to stand in one line of XML: valid UTF-8, no
// control characters, no direction marks that could reorder the page.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', r == '\r':
			return ' '
		case r < 0x20, r >= 0x7f && r < 0xa0, r == utf8.RuneError, r == 0xfffe, r == 0xffff,
			r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")

func escape(s string) string { return escaper.Replace(clean(s)) }
