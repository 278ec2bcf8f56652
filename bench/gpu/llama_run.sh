#!/usr/bin/env bash
# llama_run.sh start STUDY...|wait SECONDS OUT: runs studies one after the other in a session of its own, so that they outlive the command
# that starts them; `wait` comes back after at most SECONDS with a consistent copy of what there is of each in OUT/NAME.tar.gz.
set -euo pipefail
home=${QC_GPU:-/tmp/qc}
export PATH=$home/bin:$PATH QUANTCASE_MODELS=$home/models
case $1 in
  start)
    nvidia-smi >"$home/nvidia-smi.txt"; rm -f "$home/run.rc"
    mkdir -p "$home/studies"; cp "${@:2}" "$home/studies/"; cp .gpu/quantcase .gpu/lib* "$home/bin/"
    setsid bash -c 'home=$1; shift; worst=0
      for study in "$@"; do
        name=$(basename "$study" .toml); status=0
        "$home/bin/quantcase" run "$home/studies/$name.toml" --out "$home/out/$name" >"$home/$name.log" 2>&1 || status=$?
        echo "$name: exit status $status" >>"$home/ended.txt"; [ $status -le $worst ] || worst=$status
      done; echo $worst >"$home/run.rc"' run "$home" "${@:2}" </dev/null >/dev/null 2>&1 & ;;
  wait)
    end=$((SECONDS + $2))
    while [ ! -e "$home/run.rc" ] && [ $SECONDS -lt $end ]; do sleep 2; done
    cat "$home/ended.txt" 2>/dev/null || echo "none has ended yet"
    for out in "$home"/out/*/; do
      name=$(basename "$out"); tail -n 15 "$home/$name.log"
      rm -rf "$home/copy"; mkdir -p "$home/copy"; cp -r "$out" "$home/copy/$name"
      python3 - "$out/study.sqlite" "$home/copy/$name/study.sqlite" <<'PY'
import os, sqlite3, sys
os.path.exists(sys.argv[2]) and os.remove(sys.argv[2])
with sqlite3.connect(sys.argv[1]) as live, sqlite3.connect(sys.argv[2]) as copy:
    live.backup(copy)
PY
      rm -f "$home/copy/$name"/study.sqlite-*
      cp "$home/$name.log" "$home/copy/$name/run.log"; cp "$home/nvidia-smi.txt" "$home/copy/$name/"
      tar -czf "$3/$name.tar.gz" -C "$home/copy" "$name"
    done; ls -la "$3" ;;
esac
