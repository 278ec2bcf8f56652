#!/usr/bin/env bash
# client_peers.sh: other load clients beside `quantcase bench` against a server of known send times (bench/client/metronome.cpp): 256 streams, a token
# every 10 ms. `vllm bench serve` where `make test-vllm` has set vLLM up. No limits: a table. Exit status: 0, 2 it could not be tried.
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/common.sh"
cd "$root"
"$root/scripts/setup.sh"
"$root/scripts/build.sh" release quantcase bench_metronome bench_floor || exit 2
exec python3 "$root/bench/client/peers.py" build/release 1 "$cache/vllm/current/venv/bin/vllm" "$cache/models/vllm/bf16"
