#!/usr/bin/env bash
# vllm_run.sh start STUDY [FLAGS]|wait SECONDS OUT|check STUDY OUT: runs a study in a session of its own, so that it outlives the command that starts it.
# `wait` comes back after at most SECONDS with a consistent copy of what there is in OUT/vllm-study.tar.xz. `check` holds each variant against
# what its server really runs, and leaves what it printed in OUT/check.txt.
set -euo pipefail
home=${QC_GPU:-/tmp/qc}
export PYTHONPATH=$home/site QUANTCASE_MODELS=$home/models VLLM_CACHE_ROOT=$home/cache HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1 VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1
export PYTHONUNBUFFERED=1 LD_LIBRARY_PATH=$PWD/.gpu:${LD_LIBRARY_PATH:-} VLLM_USE_FLASHINFER_SAMPLER=0   # FlashInfer is not carried
case $1 in
  start)
    nvidia-smi >"$home/nvidia-smi.txt"
    rm -f "$home/run.rc"
    setsid bash -c 'home=$1; shift; .gpu/quantcase run "$@" --out "$home/out/vllm-study" >"$home/run.log" 2>&1; echo $? >"$home/run.rc"' run "$home" "${@:2}" </dev/null >/dev/null 2>&1 & ;;
  wait)
    end=$((SECONDS + $2))
    while [ ! -e "$home/run.rc" ] && [ $SECONDS -lt $end ]; do sleep 2; done
    tail -n 60 "$home/run.log"; echo "exit status: $(cat "$home/run.rc" 2>/dev/null || echo "still running")"
    rm -rf "$home/copy"; mkdir -p "$home/copy"; cp -r "$home/out/vllm-study" "$home/copy/"
    rm -f "$home"/copy/vllm-study/study.sqlite*
    python3 - "$home/out/vllm-study/study.sqlite" "$home/copy/vllm-study/study.sqlite" <<'PY'
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as live, sqlite3.connect(sys.argv[2]) as copy:
    live.backup(copy)
PY
    cp "$home/run.log" "$home/nvidia-smi.txt" "$home/copy/vllm-study/"
    tar -I 'xz -T0' -cf "$3/vllm-study.tar.xz" -C "$home/copy" vllm-study; ls -la "$3" ;;
  check)
    status=0; .gpu/quantcase check "$2" >"$3/check.txt" 2>&1 || status=$?
    cat "$3/check.txt"; echo "exit status: $status" ;;
esac
