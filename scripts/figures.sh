#!/bin/sh
# Measures what a user feels first: the binary's size, how soon an empty server
# is ready, and what it needs when nothing happens. Prints three lines.
set -eu
bin=$(pwd)/debrief
[ -x "$bin" ] || { echo "build it first: make build" >&2; exit 1; }
dir=$(mktemp -d)
pid=
trap 'if [ -n "$pid" ]; then kill "$pid" 2>/dev/null || true; fi; rm -rf "$dir"' EXIT

echo "size: $(($(wc -c <"$bin") / 1000000)) MB"

start() { # start N: a server on an empty database; sets pid
	rm -f "$dir"/debrief.db*
	"$bin" serve --listen 127.0.0.1:0 --db "$dir/debrief.db" >"$dir/out" 2>"$dir/err" &
	pid=$!
	until grep -q "listens on" "$dir/out"; do
		kill -0 "$pid" 2>/dev/null || { cat "$dir/err" >&2; exit 1; }
		sleep 0.002
	done
}
now() { date +%s%3N; }

i=0
while [ $i -lt 20 ]; do
	a=$(now)
	start
	echo $(($(now) - a)) >>"$dir/ready"
	kill "$pid" && wait "$pid" 2>/dev/null || true
	pid=
	i=$((i + 1))
done
echo "ready: median $(sort -n "$dir/ready" | sed -n 10p) ms, slowest of 20 $(sort -n "$dir/ready" | tail -n 1) ms"

start
sleep 10 # idle means idle: ten seconds in which nobody asks anything
echo "idle: $(($(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' /proc/$pid/status) / 1024)) MiB resident"
