package judge

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// LineTime reads the time a log line carries: RFC 3339 and its many relatives
// (space for T, comma or dot before the fraction, no zone), Apache's, syslog's
// and klog's, epoch seconds to nanoseconds, and the fields time, ts, timestamp
// and @timestamp of JSON and logfmt. What names no zone is in loc (nil: UTC).
// A time without a year (syslog) has year 0: the caller knows which one is near.
func LineTime(line string, loc *time.Location) (time.Time, bool) {
	if loc == nil {
		loc = time.UTC
	}
	line = strings.TrimLeft(head(line, 4096), " \t\uFEFF")
	if strings.HasPrefix(line, "{") {
		for _, key := range timeKeys {
			if v, ok := jsonField(line, key); ok {
				if t, ok := timeValue(v, loc); ok {
					return t, true
				}
			}
		}
		return time.Time{}, false
	}
	for _, key := range timeKeys {
		if v, ok := logfmtField(line, key); ok {
			if t, ok := timeValue(v, loc); ok {
				return t, true
			}
		}
	}
	// Somewhere among the first words: brackets, hosts and levels may go before.
	for i, tries := 0, 0; i < len(line) && i < 200 && tries < 12; tries++ {
		for i < len(line) && strings.IndexByte(" \t[(<\"'|", line[i]) >= 0 {
			i++
		}
		if t, ok := timeValue(line[i:], loc); ok {
			return t, true
		}
		if tries == 0 && len(line) > 20 && klog(line) {
			if t, err := time.ParseInLocation("0102 15:04:05", line[1:14], loc); err == nil {
				return zoned(t, line[14:], loc)
			}
		}
		for i < len(line) && strings.IndexByte(" \t[(>", line[i]) < 0 {
			i++
		}
		if i < len(line) && line[i] == '>' {
			i++
		}
	}
	return time.Time{}, false
}

var timeKeys = [...]string{"time", "ts", "timestamp", "@timestamp", "t", "datetime", "date", "asctime", "eventTime"}

// layouts are tried on what begins like them; year first, then Apache's, then
// without a year.
var layouts = [...]struct {
	layout string
	length int
}{
	{"2006-01-02T15:04:05", 19},
	{"2006-01-02 15:04:05", 19},
	{"2006/01/02 15:04:05", 19},
	{"2006.01.02 15:04:05", 19},
	{"20060102-15:04:05", 17},
	{"20060102 15:04:05", 17},
	{"02/Jan/2006:15:04:05", 20},
	{"02-Jan-2006 15:04:05", 20},
	{"Mon Jan _2 15:04:05 2006", 24},
	{"Mon Jan 2 15:04:05 2006", 23},
	{"02 Jan 2006 15:04:05", 20},
	{"06/01/02 15:04:05", 17},
	{"Jan _2 15:04:05", 15},
	{"Jan 2 15:04:05", 14},
	{"01-02 15:04:05", 14},
}

func timeValue(s string, loc *time.Location) (time.Time, bool) {
	s = strings.TrimLeft(s, "\"' ")
	if len(s) < 9 {
		return time.Time{}, false
	}
	for _, l := range layouts {
		if len(s) < l.length {
			continue
		}
		t, err := time.ParseInLocation(l.layout, s[:l.length], loc)
		if err != nil {
			continue
		}
		return zoned(t, s[l.length:], loc)
	}
	return epoch(s)
}

// zoned reads a fraction and a zone behind the seconds.
func zoned(t time.Time, rest string, loc *time.Location) (time.Time, bool) {
	if len(rest) > 1 && (rest[0] == '.' || rest[0] == ',' || rest[0] == ':') && digit(rest[1]) {
		i, ns, unit := 1, 0, 100_000_000
		for ; i < len(rest) && digit(rest[i]); i++ {
			ns += int(rest[i]-'0') * unit
			unit /= 10
		}
		t = t.Add(time.Duration(ns))
		rest = rest[i:]
	}
	zone := strings.TrimPrefix(rest, " ")
	switch {
	case strings.HasPrefix(rest, "Z"), strings.HasPrefix(zone, "UTC"), strings.HasPrefix(zone, "GMT"):
		loc = time.UTC
	case len(zone) >= 5 && (zone[0] == '+' || zone[0] == '-'):
		digits := strings.Replace(head(zone[1:], 5), ":", "", 1)
		if len(digits) < 4 || !digit(digits[0]) || !digit(digits[1]) || !digit(digits[2]) || !digit(digits[3]) {
			break
		}
		h, _ := strconv.Atoi(digits[:2])
		m, _ := strconv.Atoi(digits[2:4])
		if h > 15 || m > 59 {
			break
		}
		off := h*3600 + m*60
		if zone[0] == '-' {
			off = -off
		}
		loc = time.FixedZone("", off)
	}
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), loc).UTC(), true
}

// epoch reads seconds (with a fraction), milli-, micro- or nanoseconds since
// 1970, between 2001 and 2096 so that other long numbers are rarely taken.
func epoch(s string) (time.Time, bool) {
	i := 0
	for i < len(s) && digit(s[i]) {
		i++
	}
	n, err := strconv.ParseInt(s[:i], 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	switch i {
	case 10:
		t := time.Unix(n, 0)
		if i < len(s) && s[i] == '.' {
			return zoned(t.UTC(), s[i:], time.UTC)
		}
		return epochOK(t, s[i:])
	case 13:
		return epochOK(time.UnixMilli(n), s[i:])
	case 16:
		return epochOK(time.UnixMicro(n), s[i:])
	case 19:
		return epochOK(time.Unix(0, n), s[i:])
	}
	return time.Time{}, false
}

func epochOK(t time.Time, rest string) (time.Time, bool) {
	t = t.UTC()
	if t.Year() < 2001 || t.Year() > 2096 || (rest != "" && (letter(rest[0]) || rest[0] == '-')) {
		return time.Time{}, false
	}
	return t, true
}

func digit(c byte) bool  { return c >= '0' && c <= '9' }
func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }

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

func spaceAt(c byte) bool { return classes[c]&isSpace != 0 }

// klog headers begin with the level's letter and the month and day: E0102 15:04:05.
func klog(line string) bool {
	if len(line) < 6 || line[5] != ' ' || strings.IndexByte("IWEF", line[0]) < 0 {
		return false
	}
	for i := 1; i < 5; i++ {
		if !digit(line[i]) {
			return false
		}
	}
	return true
}
