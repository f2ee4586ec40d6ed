package judge

import "bytes"

// pathLike: /a, a/b/c, C:\x and mail@host are values; and/or is not.
func pathLike(w []byte) bool {
	n := 0
	for i, c := range w {
		if c == '@' && i > 0 && i < len(w)-1 {
			return true
		}
		if c == '/' || c == '\\' {
			n++
		}
	}
	return n > 1 || n == 1 && len(w) > 1 && (w[0] == '/' || w[0] == '\\' || w[0] == '.' || w[0] == '~' || bytes.IndexByte(w, '.') > 0) || n == 1 && len(w) == 1
}

// located: what stands before a number is a host (shop.example:443), a file
// (cart.go:12) or a place in a program (shop.Cart.total:12), and not the name
// of a value (view.topPadding:12).
func located(w []byte, flags uint8) bool {
	dots := bytes.Count(w, []byte("."))
	return dots > 1 || dots == 1 && flags&isUpper == 0
}

func constantValue(w []byte) bool {
	if len(w) < 3 || len(w) > 9 {
		return false
	}
	switch string(w) {
	case "true", "false", "null", "nil", "None", "True", "False", "NULL", "undefined", "NaN", "TRUE", "FALSE", "nan", "N/A":
		return true
	}
	return false
}

// unit says whether a word behind a number is a unit of time or size: the
// same value may be told in several.
func unit(w []byte) bool {
	if len(w) > 12 {
		return false
	}
	switch string(w) {
	case "B", "KB", "MB", "GB", "TB", "kB", "KiB", "MiB", "GiB", "TiB", "K", "M", "G", "k", "byte", "bytes", "Bytes",
		"ns", "us", "µs", "ms", "s", "sec", "secs", "second", "seconds", "min", "mins", "minute", "minutes", "h", "hour", "hours", "d", "day", "days",
		"msec", "msecs", "millis", "milliseconds", "millisecond", "microseconds", "nanoseconds", "am", "pm", "AM", "PM":
		return true
	}
	return false
}

func calendar(w []byte) bool {
	if len(w) != 3 {
		return false
	}
	switch string(w) {
	case "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun":
		return true
	}
	return false
}

// dated says whether a number or a month's name comes next.
func dated(s []byte) bool {
	i := 0
	for i < len(s) && (s[i] == ' ' || s[i] == ',') {
		i++
	}
	if i == 0 || i >= len(s) {
		return false
	}
	return classes[s[i]]&isDigit != 0 || i+4 <= len(s) && calendar(s[i:i+3]) && classes[s[i+3]]&isPiece == 0
}
