package judge

import (
	"encoding/json"
	"strings"
)

// jsonField is a top-level field's scalar value in a JSON object, found
// without decoding the rest. It is forgiving: a cut line still has its first
// fields.
func jsonField(line, key string) (string, bool) {
	depth := 0
	for i := 0; i < len(line); i++ {
		switch c := line[i]; c {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			end := quoteEnd(line, i)
			if end < 0 {
				return "", false
			}
			name := line[i+1 : end]
			i = end
			if depth != 1 {
				continue
			}
			j := end + 1
			for j < len(line) && spaceAt(line[j]) {
				j++
			}
			if j >= len(line) || line[j] != ':' {
				continue
			}
			j++
			for j < len(line) && spaceAt(line[j]) {
				j++
			}
			if name == key {
				return scalar(line[j:])
			}
			i = j - 1
			if j < len(line) && line[j] == '"' {
				if i = quoteEnd(line, j); i < 0 {
					return "", false
				}
			}
		}
	}
	return "", false
}

func quoteEnd(s string, open int) int {
	for i := open + 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

func scalar(s string) (string, bool) {
	if s == "" {
		return "", false
	}
	if s[0] == '"' {
		end := quoteEnd(s, 0)
		if end < 0 {
			return "", false
		}
		raw := s[1:end]
		if strings.IndexByte(raw, '\\') < 0 {
			return raw, true
		}
		var out string
		if json.Unmarshal([]byte(s[:end+1]), &out) != nil {
			return raw, true
		}
		return out, true
	}
	if s[0] == '{' || s[0] == '[' {
		return "", false
	}
	end := strings.IndexAny(s, ",}] \t\r\n")
	if end < 0 {
		end = len(s)
	}
	return s[:end], end > 0
}

// logfmtField is the value of key=value or key="quoted value".
func logfmtField(line, key string) (string, bool) {
	for from := 0; from < len(line); {
		i := strings.Index(line[from:], key)
		if i < 0 {
			return "", false
		}
		i += from
		from = i + len(key)
		if (i > 0 && !spaceAt(line[i-1])) || from >= len(line) || line[from] != '=' {
			continue
		}
		v := line[from+1:]
		if strings.HasPrefix(v, `"`) {
			return scalar(v)
		}
		end := strings.IndexAny(v, " \t\r\n")
		if end < 0 {
			end = len(v)
		}
		return v[:end], true
	}
	return "", false
}
