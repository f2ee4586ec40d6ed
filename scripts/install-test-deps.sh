#!/bin/sh
# Installs what the tests need and this machine lacks. Debian's packages, by
# apt, as root or through sudo; where neither is possible it names exactly what
# is missing and fails, so that no test is skipped unnoticed.
#
#   install-test-deps.sh        PostgreSQL, Prometheus, Alertmanager, Chromium, Python
#   install-test-deps.sh cc     a C compiler, for the race detector
set -eu

# have NAME: the program is on the path or where Debian puts servers.
have() {
	command -v "$1" >/dev/null 2>&1 && return 0
	for dir in /usr/sbin /usr/lib/postgresql/*/bin; do
		[ -x "$dir/$1" ] && return 0
	done
	return 1
}

missing= # programs
packages=
need() { # need PACKAGE PROGRAM…: any one of the programs will do
	package=$1
	shift
	for program in "$@"; do
		have "$program" && return 0
	done
	missing="$missing $1"
	packages="$packages $package"
}

if [ "${1:-}" = cc ]; then
	need "gcc libc6-dev" gcc clang
else
	need git git
	need python3 python3
	need postgresql initdb
	need postgresql postgres
	need prometheus prometheus
	need prometheus-alertmanager prometheus-alertmanager alertmanager
	need chromium chromium chromium-browser google-chrome
	[ -e /etc/ssl/certs/ca-certificates.crt ] || [ -e /etc/pki/tls/certs/ca-bundle.crt ] || [ -e /etc/ssl/cert.pem ] || {
		missing="$missing ca-certificates"
		packages="$packages ca-certificates"
	}
fi
[ -n "$missing" ] || exit 0

fail() {
	echo "the tests need programs that this machine lacks:$missing" >&2
	echo "$1; install them and try again (on Debian: apt-get install --no-install-recommends$packages)" >&2
	exit 1
}

command -v apt-get >/dev/null 2>&1 || fail "there is no apt-get here"
if [ "$(id -u)" = 0 ]; then
	as_root=
elif ! command -v sudo >/dev/null 2>&1; then
	fail "installing them needs root or sudo"
elif [ -t 0 ]; then
	as_root=sudo
else
	as_root="sudo -n" # nobody is there to type a password
	$as_root true 2>/dev/null || fail "sudo asks for a password and nobody is there to type it"
fi

echo "installing:$packages"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" >"$log" 2>&1 </dev/null || {
		tail -n 20 "$log" >&2
		fail "apt-get $1 failed"
	}
}
apt update
# shellcheck disable=SC2086 # several packages are several words
apt install --no-install-recommends $packages
