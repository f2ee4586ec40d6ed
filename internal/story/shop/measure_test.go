package shop

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"
)

func TestMeasureDev(t *testing.T) {
	if os.Getenv("SHOP_MEASURE") == "" {
		t.Skip()
	}
	rows, _ := strconv.Atoi(os.Getenv("SHOP_ROWS"))
	ctx := t.Context()
	dsns := map[string]string{}
	for env, n := range map[string]int{"staging": rows / 6, "production": rows} {
		dsn := os.Getenv("SHOP_DSN_" + env)
		if dsn == "" {
			dsn = t.TempDir() + "/" + env + ".db"
		}
		dsns[env] = dsn
		t0 := time.Now()
		db, err := Open(ctx, dsn)
		if err != nil {
			t.Fatal(err)
		}
		if err := Seed(ctx, db, n); err != nil {
			t.Fatal(err)
		}
		fmt.Println("seed", env, n, time.Since(t0))
		defer db.Close()
	}
	exe, _ := os.Executable()
	h, err := StartHost(exe, os.Stderr, 150*time.Millisecond, Place{"staging", dsns["staging"], t.TempDir() + "/s.log"}, Place{"production", dsns["production"], t.TempDir() + "/p.log"})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := h.RollOut(ctx, "production", "v1.41"); err != nil {
		t.Fatal(err)
	}
	l := &Load{Target: h.URL("production"), Rate: 20, Seed: 1}
	lctx, stop := context.WithCancel(ctx)
	go l.Run(lctx)
	defer stop()
	show := func(n int, what string) {
		for range n {
			t0 := time.Now()
			time.Sleep(5 * time.Second)
			a, na := l.Quantile("/checkout", .5, t0)
			b, _ := l.Quantile("/checkout", .95, t0)
			c, _ := l.Quantile("/", .5, t0)
			fmt.Println(what, "checkout p50", a, "p95", b, "n", na, "home", c, l.Counts())
		}
	}
	show(4, "v1.41")
	r, _ := Lookup(os.Getenv("SHOP_VERSION"))
	for _, env := range []string{"staging", "production"} {
		db, _ := Open(ctx, dsns[env])
		t0 := time.Now()
		if err := Migrate(ctx, db, dsns[env], r, os.Stdout); err != nil {
			t.Fatal(err)
		}
		fmt.Println("migrate", env, time.Since(t0))
		db.Close()
	}
	if err := h.RollOut(ctx, "production", r.Version); err != nil {
		t.Fatal(err)
	}
	show(20, r.Version)
	s, _ := os.ReadFile(h.Place("production").Log)
	lines := 0
	for _, c := range s {
		if c == '\n' {
			lines++
		}
	}
	fmt.Println("log lines", lines)
	os.WriteFile("/tmp/shop.log", s, 0o644)
}
