#!/usr/bin/env bash
# client_cost.sh: what `quantcase bench` costs and how wrong it is, beside the least that a client can be (bench/client/floor.cpp), against a
# server whose true send times are known (bench/client/metronome.cpp). 256 streams, a token every 10 ms, 128 tokens; both clients take turns,
# ROUNDS (3) times, for lock-step and for jittered tokens. Exit status: 0 within the limits, 1 not, 2 it could not be tried.
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/common.sh"
cd "$root"
"$root/scripts/setup.sh"
"$root/scripts/build.sh" release quantcase bench_metronome bench_floor
exec python3 "$root/bench/client/cost.py" build/release "${ROUNDS:-3}"
