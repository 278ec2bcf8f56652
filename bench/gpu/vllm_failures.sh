#!/usr/bin/env bash
# vllm_failures.sh list|some NAME...: on the GPU machine, after vllm_make.sh and vllm_checkpoints.py: `quantcase check` against starts of a real
# vLLM that fail on purpose. Each leaves NAME.toml, NAME.txt (what was printed, the exit status, the seconds) and the server's log in
# $QC_GPU/failures/NAME. Those of one call run together: what loads weights (no-kv, no-context, weights) belongs into a call of its own, since
# memory that one releases disturbs another's profiling. no-free and full-card need a program that holds 60 % or all of the card.
# Each is ended after 400 s, all of a call after 540.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/jobs.sh"
source "$(dirname "${BASH_SOURCE[0]}")/vllm_env.sh"
bounded 540 "$0" "$@"
program=${QC_PROGRAM:-.gpu/quantcase} server=${QC_SERVER:-\"python3\", \"-m\", \"vllm.entrypoints.cli.main\"}

# name | model | max_model_len | share of a card of 80 GB, on another one the same bytes | arguments | environment
table=$(cat <<'END'
max-len|real-bf16|200000|0.2||
awq-of-bf16|real-bf16|8192|0.2|"--quantization", "awq"|
no-model-path|/tmp/nowhere/llama|8192|0.2||
no-model-hub|nobody/no-such-llama|8192|0.2||
kv-dtype|real-bf16|8192|0.2|"--kv-cache-dtype", "fp7"|
argument|real-bf16|8192|0.2|"--max-model-length", "4096"|
port|real-bf16|8192|0.2||
two-cards|real-bf16|8192|0.2|"--tensor-parallel-size", "2"|
no-arch|no-arch|8192|0.2|"--load-format", "dummy"|
no-type|no-type|8192|0.2|"--load-format", "dummy"|
no-quant|no-quant|8192|0.2|"--load-format", "dummy"|
no-tokenizer|no-tokenizer|8192|0.2|"--load-format", "dummy"|
bitsandbytes|real-bf16|8192|0.2|"--quantization", "bitsandbytes"|
cuda-none|real-bf16|8192|0.2||CUDA_VISIBLE_DEVICES = ""
cuda-7|real-bf16|8192|0.2||CUDA_VISIBLE_DEVICES = "7"
cut-short|cut-short|8192|0.1|"--enforce-eager"|
no-weights|no-weights|8192|0.1|"--enforce-eager"|
no-kv|bf16|8192|0.18|"--load-format", "dummy", "--enforce-eager"|
no-context|bf16|131072|0.25|"--load-format", "dummy", "--enforce-eager"|
no-free|real-bf16|8192|0.5|"--enforce-eager"|
full-card|real-bf16|8192|0.2|"--enforce-eager"|
weights|shape-70b|8192|0.9|"--load-format", "dummy", "--enforce-eager"|
END
)

# No argument may name a port, and each server is given a free one: only a wrapper can send it to one that is held.
study() {  # NAME MODEL CONTEXT SHARE ARGS ENV
  local model=$2 env=''
  local wrapper=''
  [ "$1" != port ] || wrapper='"bash", "-c", "exec \"$@\" --port 18123", "-", '
  [ -z "$6" ] || env="env = { $6 }"
  case $model in */*) ;; *) model='$QUANTCASE_MODELS/'$model ;; esac
  cat <<END
[study]
name = "$1"
title = "A start that fails: $1"
seed = 42
blocks = 2

[engine]
kind = "vllm"
command = [$wrapper$server]
args = [$5]
$env
max_model_len = $3
max_num_seqs = 16
gpu_memory_utilization = $4
start_timeout_s = 300

[[variant]]
name = "bf16"
model = "$model"
baseline = true

[[variant]]
name = "again"
model = "$model"

[[workload]]
name = "chat"
prompts = "random:64"
endpoint = "completions"
concurrency = [1]
max_tokens = 16

[quality]
spot = []
END
}

one() {
  local name=$1 row model context share args env start status=0 out
  row=$(grep "^$name|" <<<"$table") || { echo "no such failure: $name" >&2; return 2; }
  IFS='|' read -r _ model context share args env <<<"$row"
  share=$(awk -v share="$share" -v mib="$(timeout 20 nvidia-smi --query-gpu=memory.total --format=csv,noheader,nounits 2>/dev/null | head -n 1)" 'BEGIN { printf "%.4f", mib > 0 ? share * 81559 / mib : share }')
  out=$home/failures/$name; mkdir -p "$out"
  study "$name" "$model" "$context" "$share" "$args" "$env" >"$out/$name.toml"
  start=$SECONDS
  timeout --kill-after=30 400 "$program" check "$out/$name.toml" --out "$out" -y --no-color >"$out/$name.txt" 2>&1 </dev/null || status=$?
  echo "exit status $status after $((SECONDS - start)) s, $(date -u +%FT%TZ), $(card)" | tee -a "$out/$name.txt"
}

jobs=()
case ${1:-} in
  list) cut -d'|' -f1 <<<"$table" ;;
  some)
    shift
    case " $* " in *" port "*) python3 -c 'import socket, time; held = socket.create_server(("127.0.0.1", 18123)); time.sleep(200)' & held=$!; trap 'kill $held' EXIT ;; esac
    for name in "$@"; do one "$name" | sed "s/^/$name: /" & jobs+=($!); done
    wait "${jobs[@]}" ;;
  *) sed -n '2,6s/^# //p' "$0" >&2; exit 2 ;;
esac
