#!/usr/bin/env bash
# llama_run.sh start STUDY...|wait SECONDS OUT: runs studies one after the other in a session of its own, ended after 28 minutes. `wait` comes back
# when it has ended or after SECONDS, with OUT/llama-studies.tar.xz, a consistent copy of what there is of each (README.md says how parts are joined).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/jobs.sh"
export PATH=$home/bin:$PATH QUANTCASE_MODELS=$home/models
bounded 595 "$0" "$@"
case ${1:-} in
  start)
    timeout 20 nvidia-smi >"$home/nvidia-smi.txt" || true
    mkdir -p "$home/studies"; cp "${@:2}" "$home/studies/"; cp .gpu/quantcase .gpu/lib* "$home/bin/"
    in_session study $((28 * 60)) bash -c 'home=$1; shift; worst=0
      for study in "$@"; do
        name=$(basename "$study" .toml); status=0
        "$home/bin/quantcase" run "$home/studies/$name.toml" --out "$home/out/$name" >"$home/$name.log" 2>&1 || status=$?
        echo "$name: exit status $status"; [ $status -le $worst ] || worst=$status
      done; exit $worst' run "$home" "${@:2}" ;;
  wait)
    wait_for_jobs "$2"
    cat "$home/jobs/study.log"; echo "exit status: $(exit_status study)"
    rm -rf "$home/copy"; mkdir -p "$home/copy"
    for out in "$home"/out/*/; do
      [ -d "$out" ] || continue
      name=$(basename "$out"); tail -n 15 "$home/$name.log"
      copy_study "$out" "$home/copy/$name" "$home/$name.log"
    done
    bring_back "$home/copy" llama-studies "$3" ;;
  *) sed -n '2,3s/^# //p' "$0" >&2; exit 2 ;;
esac
