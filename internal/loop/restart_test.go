package loop_test

import (
	"strings"
	"testing"
	"time"

	"github.com/debriefhq/debrief/internal/config"
)

func TestARestartIsToldWithEveryResult(t *testing.T) {
	t.Parallel()
	for want, began := range map[string][]time.Duration{
		"restarted at 09:24: the minute after it may be warm-up": {-48 * time.Hour, 24 * time.Minute, 24*time.Minute + 20*time.Second},
		"restarted 2 times since 09:24":                          {24 * time.Minute, 50 * time.Minute},
		"":                                                       {-48 * time.Hour, 20 * time.Second, 2 * time.Hour}, // before, with the roll-out, later
	} {
		each(t, func(h *house) {
			p := &places{label: "pod", values: map[string]func(time.Time) float64{"": place(1, same)}}
			h.places(p, config.Metric{})
			live := h.clock.Now()
			h.tele["boots"] = &world{now: h.clock.Now, value: func(_ string, at time.Time) float64 {
				last := live.Add(began[0])
				for _, b := range began {
					if !at.Before(live.Add(b)) {
						last = live.Add(b)
					}
				}
				return float64(last.UnixMilli()) / 1000
			}}
			s := h.cfg.Services["shop"]
			s.Metrics[0].Control = config.Control{}
			s.Restarts = config.Restarts{Provider: "boots", Query: "process_start_time_seconds"}
			h.cfg.Services["shop"] = s
			h.build()
			h.deploy("production", "v2", nil)
			h.run(70 * time.Minute)
			text := strings.Join(h.verdict(2).Warnings, ";")
			if want == "" && strings.Contains(text, "restarted") || !strings.Contains(text, strings.Replace(want, "09:24", live.Add(24*time.Minute).Format("15:04"), 1)) {
				h.t.Errorf("%q, want %q", text, want)
			}
		})
	}
}

func TestRestartsThatCannotBeAskedAreToldToo(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		h.places(&places{label: "pod", values: map[string]func(time.Time) float64{"": place(1, same)}}, config.Metric{})
		s := h.cfg.Services["shop"]
		s.Restarts = config.Restarts{Provider: "boots", Query: "x"}
		h.cfg.Services["shop"] = s
		h.tele["boots"] = &line{down: true}
		h.build()
		h.deploy("production", "v2", nil)
		h.run(10 * time.Minute)
		if text := strings.Join(h.verdict(1).Warnings, ";"); !strings.Contains(text, "whether it was restarted could not be asked: connection refused") {
			h.t.Error(text)
		}
	})
}
