#!/usr/bin/env bash
# aa.sh [STUDIES] [QUANTCASE]: so many studies of a model against itself on a real llama-server (two minutes each), every one with its own seed, and how many of
# their Deltas are called different. Fails where that is more than 5 % and two standard errors.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
studies=${1:-3} program=${2:-build/release/quantcase}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
export QUANTCASE_MODELS=${QUANTCASE_MODELS:-${XDG_CACHE_HOME:-$HOME/.cache}/quantcase/models}
[ -f "$QUANTCASE_MODELS/smollm2-135m-instruct-q4_0.gguf" ] || { echo "aa: no sample model (make deps, scripts/model.sh): not tried"; exit 2; }
for seed in $(seq "$studies"); do "$program" run bench/aa/study.toml --set study.seed="$seed" --out "$work/$seed" --quiet || [ $? = 4 ]; done
python3 - "$work"/*/summary.json <<'P'
import json, sys
judged = called = jointly = 0
for file in sys.argv[1:]:
    for workload in json.load(open(file))["workloads"]:
        for point in workload["points"]:
            for cell in point["candidates"] + [point["aa"]]:
                for key, delta in cell.items():
                    if not key.startswith("delta_") or delta["lo"] is None: continue
                    judged += 1
                    # Withheld verdicts are counted by their interval: the control must not hide what it is there to show.
                    called += (delta["lo"] > 0 or delta["hi"] < 0) and abs(delta["value"]) >= 1
                    jointly += delta["jointly"]
print(f"{len(sys.argv) - 1} studies of a model against itself: {called} of {judged} Deltas called different ({100 * called / judged:.1f} %), {jointly} jointly")
sys.exit(called / judged > 0.05 + 2 * (0.05 * 0.95 / judged) ** 0.5)
P
