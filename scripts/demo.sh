#!/usr/bin/env bash
# demo.sh: set-up, build, model, study. FULL=1: full output lengths. MODEL=FILE.gguf: a BF16 or F16 model of one's own.
# Ends with the program's exit code.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$root"
study=demo
[ "${FULL:-0}" != 1 ] || study=demo-full
out=out/$study
changes=()
# Without AVX-512 BF16 the baseline's prefill takes about four times as long: answers of half the length keep the demo within its time.
if [ "$study" = demo ] && ! grep -qw avx512_bf16 /proc/cpuinfo; then
  say "this CPU has no AVX-512 BF16: answers of 32 and 48 tokens instead of 64 and 96 (the report says so)"
  changes=(--set workload.chat.max_tokens=32 --set workload.batch.max_tokens=48)
fi

"$root/scripts/setup.sh"
"$root/scripts/build.sh" release quantcase quantcase-regauge
if [ -n "${MODEL:-}" ]; then
  "$root/scripts/model.sh" "$MODEL"
  folder=$("$root/scripts/model.sh" --folder "$MODEL")
  stem=$(basename "$MODEL" .gguf)
  out=$out-$stem
  changes+=(--set "variant.bf16.model=$(realpath "$MODEL")"
           --set "variant.q8_0.model=$folder/model-q8_0.gguf" --set "variant.q4_0.model=$folder/model-q4_0.gguf")
  [ "$(cat "$folder/.complete")" = bf16 ] || changes+=(--set variant.bf16.expect=fp16 --set "study.title=Quantization vs F16 on this CPU")
else
  "$root/scripts/model.sh"
fi

export QUANTCASE_MODELS=$cache/models
status=0
build/release/quantcase run "studies/$study.toml" --out "$out" "${changes[@]}" || status=$?
# 0 done, 4 done with failed trials, 5 interrupted: only these have written a report; another may be an older run's.
case $status in 0|4|5) [ ! -e "$out/report.html" ] || printf '\nThe case study:  %s\n                 %s\n' "$root/$out/report.html" "$root/$out/report.md" ;; esac
exit $status
