#!/usr/bin/env bash
# test_vllm.sh: vLLM for the CPU, the sample model's checkpoints, the tests on a real vLLM, and studies/cpu-vllm.toml from end to end.
# Ends with the study's exit code, or with 1 where a test failed.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$root"
out=out/cpu-vllm
"$root/scripts/setup.sh" tests vllm
"$root/scripts/vllm.sh"
"$root/scripts/build.sh" release quantcase quantcase-regauge quantcase-checkpoint integration_vllm
"$root/scripts/model.sh"
"$root/scripts/vllm_models.sh"

export QUANTCASE_MODELS=$cache/models
say "tests on a real vLLM: about 4 minutes"
build/release/integration_vllm || exit 1
status=0
build/release/quantcase run studies/cpu-vllm.toml --out "$out" --set "engine.command=[\"$cache/vllm/current/venv/bin/vllm\"]" || status=$?
case $status in 0|4|5) [ ! -e "$out/report.html" ] || printf '\nThe case study:  %s\n                 %s\n' "$root/$out/report.html" "$root/$out/report.md" ;; esac
exit $status
