package debrief

import "regexp"

// MaskAddresses takes network addresses out of a line that is kept as an
// example: they name people's machines. What stays is that one stood there.
func MaskAddresses(s string) string {
	return addresses.ReplaceAllString(s, "[address]")
}

// Four numbers with dots; five to eight groups of hexadecimal digits with
// colons, or fewer around a double colon (three are a time of day).
var addresses = regexp.MustCompile(`\b(?:\d{1,3}\.){3}\d{1,3}\b` +
	`|\b(?:[0-9A-Fa-f]{1,4}:){4,7}[0-9A-Fa-f]{1,4}\b` +
	`|\b[0-9A-Fa-f]{2,4}(?::[0-9A-Fa-f]{1,4}){0,5}::(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,5})?`)
