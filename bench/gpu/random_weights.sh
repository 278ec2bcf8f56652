#!/usr/bin/env bash
# random_weights.sh SITE: installs random_weights.py into SITE, a folder that stands in PYTHONPATH, so that each vLLM started with it loads it.
set -euo pipefail
info=$1/quantcase_random_weights-1.dist-info
mkdir -p "$info"
cp "$(dirname "${BASH_SOURCE[0]}")/random_weights.py" "$1/quantcase_random_weights.py"
printf 'Metadata-Version: 2.1\nName: quantcase-random-weights\nVersion: 1\n' >"$info/METADATA"
printf '[vllm.general_plugins]\nquantcase_random_weights = quantcase_random_weights:register\n' >"$info/entry_points.txt"
: >"$info/RECORD"
