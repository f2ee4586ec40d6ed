package debrief_test

import (
	"testing"

	"github.com/debriefhq/debrief"
)

func TestMaskAddresses(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"refused 10.1.2.3:5432 (attempt 2)":        "refused [address]:5432 (attempt 2)",
		"from 2001:db8:0:1:2:3:4:5 port 22":        "from [address] port 22",
		"from fe80::1ff:fe23:4567:890a on eth0":    "from [address] on eth0",
		"10:12:13 release v1.42.3 took 1.234.5 ms": "10:12:13 release v1.42.3 took 1.234.5 ms",
		"std::vector in a::b":                      "std::vector in a::b",
		"":                                         "",
	} {
		if got := debrief.MaskAddresses(line); got != want {
			t.Errorf("%q: %q, not %q", line, got, want)
		}
	}
}
