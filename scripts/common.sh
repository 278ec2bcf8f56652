# What all set-up scripts share: where things lie, how to say what happens. Sourced, never run.
# shellcheck shell=bash
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${QUANTCASE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/quantcase}
jobs=${QUANTCASE_JOBS:-$(nproc)}
export root cache jobs
say() { printf '[set-up] %s\n' "$*"; }
die() { printf '[set-up] error: %s\n' "$1" >&2; shift; [ $# -eq 0 ] || printf '         %s\n' "$@" >&2; exit 1; }

mkdir -p "$cache/logs" 2>/dev/null || die "$cache, the cache, can't be made" "name a folder that can be written to: XDG_CACHE_HOME=/some/folder make ..."

ticker_pid=
stop_ticker() { [ -z "$ticker_pid" ] || kill "$ticker_pid" 2>/dev/null || true; ticker_pid=; }
trap stop_ticker EXIT

# A line every few seconds while something long runs: the time left, from ninja's own [done/all] in the log once a tenth of
# the steps is done; else the log's last line.
tick() {
  local log=$1 start=$SECONDS spent note step all
  while sleep $((SECONDS - start < 30 ? 5 : 15)) >/dev/null 2>&1; do
    spent=$((SECONDS - start))
    note=$(grep -aoE '^\[[0-9]+/[0-9]+\]' "$log" 2>/dev/null | tail -n 1) || note=$(tail -n 1 "$log" | tr -d '\r')
    if [[ $note =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
      step=${BASH_REMATCH[1]} all=${BASH_REMATCH[2]} note="step $step of $all"
      [ $((step * 10)) -lt "$all" ] || note+=", about $((spent * (all - step) / step)) s left"
    fi
    say "  $spent s${note:+: ${note:0:100}}"
  done
}

# watched LABEL COMMAND...: runs an outside command with its output in a log, shows that it lives, and on failure quotes
# the log's end. LABEL names the log too.
watched() {
  local label=$1 log status=0 start=$SECONDS; shift
  log=$cache/logs/$(printf '%s' "$label" | tr -c 'A-Za-z0-9.\n' '_').log
  say "$label"
  : >"$log"
  tick "$log" 8>&- 9>&- & ticker_pid=$!
  "$@" >"$log" 2>&1 </dev/null || status=$?
  stop_ticker
  if [ $status -ne 0 ]; then
    { printf '[set-up] error: %s failed with exit status %s. The last lines of %s:\n' "$label" $status "$log"
      tail -n 25 "$log" | sed 's/^/    /'; } >&2
    return $status
  fi
  [ $((SECONDS - start)) -le 2 ] || say "  done in $((SECONDS - start)) s"
}

# One set-up at a time in one cache: whoever comes second waits, then finds everything done. Children inherit the lock.
take_lock() {
  [ -z "${QUANTCASE_LOCKED:-}" ] || return 0
  exec 9>"$cache/lock"
  flock -n 9 || { say "another set-up is at work in $cache: waiting for it"; flock 9; }
  export QUANTCASE_LOCKED=1
}

# pin NAME FIELD: registry, package, version, file or sha256 of a row of pins.tsv.
pin() {
  awk -F'\t' -v name="$1" -v field="$2" '
    BEGIN { split("name registry package version file sha256", names, " "); for (i in names) at[names[i]] = i }
    $1 == name { print $at[field]; found = 1 }
    END { exit !found }' "$root/scripts/pins.tsv" || die "scripts/pins.tsv has no row '$1'"
}
downloaded() { printf '%s/downloads/%s' "$cache" "$(pin "$1" file)"; }
# A Python that can download an sdist without fetching anything to build it with.
has_pip() { "$1" -c 'import sys, importlib.util as u; sys.exit(not all(map(u.find_spec, ("pip", "setuptools", "wheel"))))' 2>/dev/null; }
short_hash() { sha256sum | cut -c1-12; }
