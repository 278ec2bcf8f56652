#!/usr/bin/env bash
# peer_loaders.sh: exports a real study in every format and loads it with the tools' own code, where they are installed: for each tool the Python of
# QC_GUIDELLM_PYTHON, QC_AIPERF_PYTHON, QC_PANDAS_PYTHON, else python3. A tool that is not there is said and is no failure.
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/common.sh"
program=${QUANTCASE:-$root/build/release/quantcase}
[ -x "$program" ] || { echo "peer_loaders: skipped: $program is not built (make build)"; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
xz -dc "$root/examples/h100-llama/study.sqlite.xz" > "$work/study.sqlite"
failed=0
for pair in guidellm:QC_GUIDELLM_PYTHON aiperf:QC_AIPERF_PYTHON vllm:QC_PANDAS_PYTHON sglang:QC_PANDAS_PYTHON; do
  format=${pair%%:*}; variable=${pair#*:}; python=${!variable:-python3}
  "$program" export "$work" --as "$format" --quiet
  status=0; "$python" "$root/bench/peers/load_exports.py" "$format" "$work/export/$format" > "$work/said" 2>&1 || status=$?
  case $status in
    0) sed "s/^/$format: loaded /" "$work/said";;
    2) echo "$format: $(tail -1 "$work/said")";;
    *) failed=1; echo "$format: NOT loaded:"; tail -5 "$work/said";;
  esac
done
exit $failed
