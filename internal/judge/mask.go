package judge

import (
	"strings"
	"unicode/utf8"
)

// wild stands for what varies.
const wild = "<*>"

const (
	mostRead   = 8 << 10 // bytes of a line its template is made of
	mostTokens = 96
)

// head is the part of a line that is read, cut at a rune's edge.
func head(line string, most int) string {
	if len(line) <= most {
		return line
	}
	line = line[:most]
	for i := 0; i < utf8.UTFMax && line != ""; i++ {
		if r, n := utf8.DecodeLastRuneInString(line); r != utf8.RuneError || n != 1 {
			break
		}
		line = line[:len(line)-1]
	}
	return line
}

// tokens splits a message at white space and masks each piece: whatever holds
// a digit, is a path, an address or a long run of hex varies. Marks around and
// inside a piece stay, so that user=42 becomes user=<*>.
func tokens(into []string, text string) []string {
	into = into[:0]
	for i := 0; i < len(text); {
		for i < len(text) && space(text[i]) {
			i++
		}
		j := i
		for j < len(text) && !space(text[j]) {
			j++
		}
		if j == i {
			break
		}
		if len(into) == mostTokens-1 {
			into = append(into, wild)
			break
		}
		t := masked(text[i:j])
		// Several values in a row say no more than one: lists vary in length.
		if t != wild || len(into) == 0 || into[len(into)-1] != wild {
			into = append(into, t)
		}
		i = j
	}
	return into
}

func space(c byte) bool {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f'
}

func mark(c byte) bool {
	switch c {
	case '=', ',', ';', ':', '(', ')', '[', ']', '{', '}', '"', '\'', '<', '>', '|', '`', '&', '?':
		return true
	}
	return false
}

func masked(word string) string {
	if !strings.ContainsAny(word, "0123456789/@") && len(word) < 16 {
		return word
	}
	if strings.Contains(word, "://") {
		return wild
	}
	var b strings.Builder
	for i := 0; i < len(word); {
		j := i
		for j < len(word) && !mark(word[j]) {
			j++
		}
		if j > i {
			if varies(word[i:j]) {
				// 10:20:30 and 10.0.0.1:80 are one value each.
				if s := b.String(); strings.HasSuffix(s, wild+":") {
					b.Reset()
					b.WriteString(s[:len(s)-1])
				} else {
					b.WriteString(wild)
				}
			} else {
				b.WriteString(word[i:j])
			}
		}
		if j < len(word) {
			b.WriteByte(word[j])
			j++
		}
		i = j
	}
	s := b.String()
	if strings.Trim(s, wild+",;:()[]{}\"'-.") == "" && strings.Count(s, wild) > 1 {
		return wild // a list of nothing but values
	}
	return s
}

func varies(piece string) bool {
	letters, hex := 0, 0
	for i := 0; i < len(piece); i++ {
		c := piece[i]
		switch {
		case c >= '0' && c <= '9':
			return true
		case c == '/' && i > 0 || c == '@':
			return true
		case c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F':
			hex++
			letters++
		case c >= 'g' && c <= 'z' || c >= 'G' && c <= 'Z':
			letters++
		}
	}
	return len(piece) == 1 && piece[0] == '/' || hex == len(piece) && hex >= 16 || letters > 80
}
