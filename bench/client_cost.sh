#!/usr/bin/env bash
# client_cost.sh: what `quantcase bench` costs and how wrong it is, beside the least that a client can be (bench/client/floor.cpp), against a
# server whose true send times are known (bench/client/metronome.cpp): 256 streams with a token every 10 ms (lock-step and jittered) and every
# 2 ms, 1,024 streams, 128 tokens each; both clients take turns, ROUNDS (3) times. Then 10,000 open streams. About 4 minutes.
# Exit status: 0 within the limits, 1 not, 2 it could not be tried.
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/common.sh"
cd "$root"
"$root/scripts/setup.sh"
"$root/scripts/build.sh" release quantcase bench_metronome bench_floor
exec python3 "$root/bench/client/cost.py" build/release "${ROUNDS:-3}"
