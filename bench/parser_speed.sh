#!/usr/bin/env bash
# parser_speed.sh: the stream parser (bytes in, events out) on one core, beside memchr over the same bytes in the same run. Exit status: 0 at least
# 1 GB/s, 1 less, 2 it could not be tried.
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/common.sh"
cd "$root"
"$root/scripts/setup.sh"
"$root/scripts/build.sh" release bench_parser || exit 2
build/release/bench_parser | python3 -c '
import json, sys
at = json.load(sys.stdin)
print("events out of bytes: {sse_gb_s} GB/s, {0:.2f} of what memchr does over the same bytes ({memchr_gb_s} GB/s); with the JSON of each event read: {sse_and_json_gb_s} GB/s (limit for the first: 1)".format(at["sse_gb_s"] / at["memchr_gb_s"], **at))
sys.exit(0 if at["sse_gb_s"] >= 1 else 1)'
