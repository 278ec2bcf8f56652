#!/usr/bin/env bash
# vllm_models.sh: the sample model as Hugging Face folders in the cache's models/vllm/: bf16, w8a8_int8 and w4a16.
# Needs build/release/quantcase-checkpoint and what model.sh makes.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
baseline=$cache/models/smollm2-135m-instruct-bf16.gguf
folders=$cache/models/vllm
recipe=1     # raise it when quantcase-checkpoint makes other bytes from the same input

[ -e "$baseline" ] || die "$baseline is not there" "run: scripts/model.sh"
facts="$(cat "$cache/models/smollm2-135m-instruct.stamp") checkpoint recipe $recipe"
take_lock
[ "$(cat "$folders/.stamp" 2>/dev/null)" != "$facts" ] || exit 0
rm -rf "$folders"; mkdir -p "$folders"
for format in bf16 w8a8_int8 w4a16; do
  watched "checkpoint in $format" "$root/build/release/quantcase-checkpoint" "$baseline" "$folders/$format" --format $format
done
echo "$facts" >"$folders/.stamp"
