#!/usr/bin/env bash
# vllm_run.sh start STUDY [FLAGS]|check STUDY [FLAGS]|wait SECONDS OUT: `start` runs a study and `check` holds each of its variants against what
# its server really runs, each in a session of its own and ended after 28 and 9 minutes. `wait` comes back when all have ended or after SECONDS,
# with OUT/vllm-study.tar.xz, a consistent copy of what there is (README.md says how parts are joined), and OUT/check.txt.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/jobs.sh"
source "$(dirname "${BASH_SOURCE[0]}")/vllm_env.sh"
bounded 595 "$0" "$@"
case ${1:-} in
  start)
    timeout 20 nvidia-smi >"$home/nvidia-smi.txt" || true
    in_session study $((28 * 60)) .gpu/quantcase run "${@:2}" --out "$home/out/vllm-study" ;;
  check)
    in_session check $((9 * 60)) .gpu/quantcase check "${@:2}" --out "$home/out/check" -y --no-color ;;
  wait)
    wait_for_jobs "$2"
    if [ -e "$home/jobs/check.log" ]; then
      { cat "$home/jobs/check.began"; cat "$home/jobs/check.log"; echo "exit status: $(exit_status check)"; } >"$3/check.txt"
      tail -n 12 "$3/check.txt"
    fi
    [ -e "$home/jobs/study.log" ] || exit 0
    tail -n 40 "$home/jobs/study.log"; echo "exit status: $(exit_status study)"
    rm -rf "$home/copy"; mkdir -p "$home/copy"
    copy_study "$home/out/vllm-study" "$home/copy/vllm-study" "$home/jobs/study.log"
    bring_back "$home/copy" vllm-study "$3" ;;
  *) sed -n '2,4s/^# //p' "$0" >&2; exit 2 ;;
esac
