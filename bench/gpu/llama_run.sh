#!/usr/bin/env bash
# llama_run.sh start|wait SECONDS OUT: runs studies/h100-llama.toml in a session of its own, so that it outlives the command that starts
# it; `wait` comes back after at most SECONDS with a consistent copy of what there is in OUT/h100-llama.tar.gz.
set -euo pipefail
home=${QC_GPU:-/tmp/qc}
export PATH=$home/bin:$PATH QUANTCASE_MODELS=$home/models
case $1 in
  start)
    nvidia-smi >"$home/nvidia-smi.txt"
    setsid bash -c '.gpu/quantcase run studies/h100-llama.toml --out "$0/out/h100-llama" >"$0/run.log" 2>&1; echo $? >"$0/run.rc"' "$home" </dev/null >/dev/null 2>&1 & ;;
  wait)
    end=$((SECONDS + $2))
    while [ ! -e "$home/run.rc" ] && [ $SECONDS -lt $end ]; do sleep 2; done
    tail -n 15 "$home/run.log"; echo "exit status: $(cat "$home/run.rc" 2>/dev/null || echo "still running")"
    rm -rf "$home/copy"; mkdir -p "$home/copy"; cp -r "$home/out/h100-llama" "$home/copy/"
    python3 - "$home/out/h100-llama/study.sqlite" "$home/copy/h100-llama/study.sqlite" <<'PY'
import os, sqlite3, sys
os.path.exists(sys.argv[2]) and os.remove(sys.argv[2])
with sqlite3.connect(sys.argv[1]) as live, sqlite3.connect(sys.argv[2]) as copy:
    live.backup(copy)
PY
    rm -f "$home"/copy/h100-llama/study.sqlite-*
    cp "$home/run.log" "$home/nvidia-smi.txt" "$home/copy/h100-llama/"
    tar -czf "$3/h100-llama.tar.gz" -C "$home/copy" h100-llama; ls -la "$3" ;;
esac
