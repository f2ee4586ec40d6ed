package judge_test

import (
	"strings"
	"testing"

	"github.com/debriefhq/debrief/internal/judge"
)

var traces = []struct {
	language string
	event    string // with its trace
	moved    string // the same fault after an unrelated edit, with other values
	other    string // another fault
	template string
}{
	{
		"java",
		"2026-03-03 14:00:05 ERROR c.s.Shop - checkout 17 failed\njava.lang.IllegalStateException: closed\n\tat java.base/java.util.Optional.get(Optional.java:1)\n\tat c.s.Pool.get(Pool.java:12)\n\tat c.s.Shop.run(Shop.java:99)\nCaused by: java.io.IOException: reset\n\t... 12 more",
		"2026-03-03 14:00:07 ERROR c.s.Shop - checkout 18 failed\njava.lang.IllegalStateException: closed\n\tat java.base/java.util.Optional.get(Optional.java:1)\n\tat c.s.Pool.get(Pool.java:14)\n\tat c.s.Shop.run(Shop.java:101)\nCaused by: java.io.IOException: reset\n\t... 13 more",
		"2026-03-03 14:00:09 ERROR c.s.Shop - checkout 19 failed\njava.lang.NullPointerException\n\tat c.s.Cart.total(Cart.java:14)\n\tat c.s.Shop.run(Shop.java:101)",
		"trace: java.io.IOException at c.s.Pool.get at c.s.Shop.run",
	},
	{
		"python",
		"Traceback (most recent call last):\n  File \"/usr/lib/python3.12/asyncio/base.py\", line 3, in run\n    main()\n  File \"/app/shop.py\", line 12, in checkout\n    pay(order)\n  File \"/app/pay.py\", line 2, in pay\n    raise\nValueError: bad amount 12",
		"Traceback (most recent call last):\n  File \"/usr/lib/python3.12/asyncio/base.py\", line 3, in run\n    main()\n  File \"/app/shop.py\", line 13, in checkout\n    pay(order)\n  File \"/app/pay.py\", line 4, in pay\n    raise\nValueError: bad amount 9",
		"Traceback (most recent call last):\n  File \"/app/shop.py\", line 13, in cancel\n    raise\nKeyError: 'id'",
		"trace: ValueError at pay at checkout",
	},
	{
		"go",
		"panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:\nruntime.gopanic(0x1)\n\t/usr/local/go/src/runtime/panic.go:1 +0x1\nmain.(*Cart).total(0xc0001)\n\t/app/main.go:12 +0x1d\nmain.main()\n\t/app/main.go:8 +0x25\nexit status 2",
		"panic: runtime error: index out of range [5] with length 3\n\ngoroutine 7 [running]:\nruntime.gopanic(0x1)\n\t/usr/local/go/src/runtime/panic.go:1 +0x1\nmain.(*Cart).total(0xc0002)\n\t/app/main.go:14 +0x1d\nmain.main()\n\t/app/main.go:9 +0x25\nexit status 2",
		"panic: boom\n\ngoroutine 1 [running]:\nmain.pay(...)\n\t/app/main.go:30 +0x1d",
		"trace: panic: runtime error: index out of range [<*>] with length <*> at main.(*Cart).total at main.main",
	},
	{
		"node",
		"Error: connect ECONNREFUSED 10.0.0.1:5432\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1595:16)\n    at async Cart.total (/app/cart.js:12:3)\n    at /app/index.js:4:1",
		"Error: connect ECONNREFUSED 10.0.0.2:5432\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1595:16)\n    at async Cart.total (/app/cart.js:22:3)\n    at /app/index.js:5:1",
		"TypeError: x is not a function\n    at Object.pay (/app/pay.js:1:1)",
		"trace: Error at Cart.total",
	},
	{
		".net",
		"System.InvalidOperationException: Sequence contains no elements\n   at System.Linq.ThrowHelper.Throw()\n   at Shop.Cart.Total(Int32 id) in /src/Cart.cs:line 12",
		"System.InvalidOperationException: Sequence contains no elements\n   at System.Linq.ThrowHelper.Throw()\n   at Shop.Cart.Total(Int32 id) in /src/Cart.cs:line 15",
		"System.ArgumentException: id\n   at Shop.Cart.Add(Int32 id) in /src/Cart.cs:line 15",
		"trace: System.InvalidOperationException at Shop.Cart.Total",
	},
	{
		"ruby",
		"app/cart.rb:12:in `total': undefined method `price' for nil (NoMethodError)\n\tfrom app/shop.rb:3:in `checkout'\n\tfrom /usr/lib/ruby/gems/3.2/gems/rack/x.rb:9:in `call'",
		"app/cart.rb:14:in `total': undefined method `price' for nil (NoMethodError)\n\tfrom app/shop.rb:4:in `checkout'\n\tfrom /usr/lib/ruby/gems/3.2/gems/rack/x.rb:9:in `call'",
		"app/cart.rb:14:in `add': divided by 0 (ZeroDivisionError)\n\tfrom app/shop.rb:8:in `add'",
		"trace: NoMethodError at total at checkout",
	},
	{
		"rust",
		"thread 'main' panicked at src/cart.rs:12:5:\nindex out of bounds\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/1/library/std/src/panicking.rs:1:5\n   1: core::panicking::panic_fmt\n   2: shop::cart::total\n   3: shop::main\nnote: run with more",
		"thread 'main' panicked at src/cart.rs:19:5:\nindex out of bounds\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/1/library/std/src/panicking.rs:1:5\n   1: core::panicking::panic_fmt\n   2: shop::cart::total\n   3: shop::main\nnote: run with more",
		"thread 'main' panicked at src/pay.rs:2:5:\nno\nstack backtrace:\n   0: rust_begin_unwind\n   1: shop::pay::charge",
		"trace: error at shop::cart::total at shop::main",
	},
	{
		"php",
		"PHP Fatal error:  Uncaught RuntimeException: no order in /srv/shop.php:12\nStack trace:\n#0 /srv/index.php(3): Shop->find(12)\n#1 {main}\n  thrown in /srv/shop.php on line 12",
		"PHP Fatal error:  Uncaught RuntimeException: no order in /srv/shop.php:14\nStack trace:\n#0 /srv/index.php(4): Shop->find(99)\n#1 {main}\n  thrown in /srv/shop.php on line 14",
		"PHP Fatal error:  Uncaught TypeError: bad in /srv/cart.php:14\nStack trace:\n#0 /srv/index.php(4): Cart->add(99)\n#1 {main}\n  thrown in /srv/cart.php on line 14",
		"trace: RuntimeException at Shop->find",
	},
}

func TestMinerGroupsTraces(t *testing.T) {
	t.Parallel()
	for _, c := range traces {
		for _, header := range []bool{true, false} {
			m := judge.NewMiner(nil)
			var ids []string
			fresh := 0
			add := func(line string) {
				l := m.Add(line)
				if l.Trace != "" {
					ids = append(ids, l.Trace)
				}
				if l.TraceNew {
					fresh++
				}
			}
			for _, event := range []string{c.event, c.moved, c.other} {
				if header {
					add("2026-03-03 14:00:04 INFO c.s.Shop - ready")
				}
				for line := range strings.SplitSeq(event, "\n") {
					add(line)
				}
			}
			add("2026-03-03 14:00:09 INFO c.s.Shop - ready")
			if len(ids) != 3 || ids[0] != ids[1] || ids[0] == ids[2] || fresh != 2 {
				t.Errorf("%s (other lines between: %v): traces %v, %d new", c.language, header, ids, fresh)
			}
			found := ""
			for _, p := range m.Patterns() {
				if len(ids) > 0 && p.ID == ids[0] {
					found = p.Template
					if p.Count != 2 || p.Level != "error" || !strings.Contains(p.Example, "\n") {
						t.Errorf("%s: %+v", c.language, p)
					}
				}
			}
			if found != c.template {
				t.Errorf("%s: %q, want %q", c.language, found, c.template)
			}
			// A miner that starts from the patterns knows the fault.
			again := judge.NewMiner(m.Patterns())
			for line := range strings.SplitSeq(c.moved, "\n") {
				again.Add(line)
			}
			if l := again.Add("2026-03-03 14:00:09 INFO c.s.Shop - ready"); l.Trace != ids[0] || l.TraceNew {
				t.Errorf("%s: known, but %+v", c.language, l)
			}
		}
	}
}
