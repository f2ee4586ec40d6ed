package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads a duration as people write it: Go's form and days and
// weeks, "28d", "1w", "1d12h", "5m".
func ParseDuration(s string) (time.Duration, error) {
	rest := strings.TrimSpace(s)
	if rest == "" {
		return 0, fmt.Errorf("%q is not a duration: write for example 30s, 5m, 24h or 28d", s)
	}
	if _, err := strconv.ParseFloat(rest, 64); err == nil && rest != "0" {
		return 0, fmt.Errorf("%q has no unit: write for example %ss or %sm", s, rest, rest)
	}
	var sum time.Duration
	for _, unit := range []struct {
		letter string
		is     time.Duration
	}{{"w", 7 * day}, {"d", day}} {
		number, after, ok := strings.Cut(rest, unit.letter)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(number, 64)
		if err != nil || math.IsNaN(n) || math.Abs(n) > 36500 {
			return 0, fmt.Errorf("%q is not a duration: write for example 30s, 5m, 24h or 28d", s)
		}
		sum += time.Duration(n * float64(unit.is))
		rest = after
	}
	if rest == "" {
		return sum, nil
	}
	d, err := time.ParseDuration(rest)
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration: write for example 30s, 5m, 24h or 28d", s)
	}
	return sum + d, nil
}
