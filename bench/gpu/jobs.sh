# jobs.sh: sourced on the GPU machine: long commands in a session of their own, so that they outlive the command that starts them, and what they
# leave as one archive. A job NAME has its output in $home/jobs/NAME.log, its exit status in NAME.rc once it has ended.
# shellcheck shell=bash
home=${QC_GPU:-/tmp/qc}

# bounded SECONDS SCRIPT ARGS...: the sourcing script once more, ended after SECONDS.
bounded() { [ -z "${QC_BOUNDED:-}" ] || return 0; export QC_BOUNDED=1; exec timeout --kill-after=10 "$@"; }

card() { timeout 20 nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader 2>/dev/null || echo "no GPU that nvidia-smi shows"; }

in_session() {  # NAME SECONDS COMMAND...
  mkdir -p "$home/jobs"; rm -f "$home/jobs/$1".*
  echo "$(date -u +%FT%TZ), $(card)" >"$home/jobs/$1.began"
  : >"$home/jobs/$1.log"
  setsid bash -c 'job=$1; shift; status=0; timeout --kill-after=60 "$@" >"$job.log" 2>&1 || status=$?; echo $status >"$job.rc.new"; mv "$job.rc.new" "$job.rc"' \
    in_session "$home/jobs/$1" "${@:2}" </dev/null >/dev/null 2>&1 &
}

exit_status() { cat "$home/jobs/$1.rc" 2>/dev/null || echo "still running"; }

all_ended() { local log; for log in "$home"/jobs/*.log; do [ ! -e "$log" ] || [ -e "${log%.log}.rc" ] || return 1; done; }

wait_for_jobs() {  # SECONDS at most
  local end=$((SECONDS + $1))
  while ! all_ended && [ $SECONDS -lt $end ]; do sleep 1; done
}

# copy_study OUT_FOLDER TO LOG: what there is of a study, its store consistent though it is being written to. Nothing yet: no folder.
copy_study() {
  [ -d "$1" ] || return 0
  mkdir -p "$2"; cp -r "$1/." "$2/" 2>/dev/null || true   # files of the store may go while they are copied: it comes below
  rm -f "$2"/study.sqlite*
  [ ! -e "$1/study.sqlite" ] || timeout 60 python3 bench/gpu/copy_store.py "$1/study.sqlite" "$2/study.sqlite" || echo "no copy of $1/study.sqlite" >&2
  cp "$3" "$2/run.log"; cp "$home/nvidia-smi.txt" "$2/"
}

# bring_back FOLDER NAME OUT: FOLDER as OUT/NAME.tar.xz; in parts NAME.tar.xz.0 and so on when it is larger than one file that may come back.
# While a job runs it is packed by one core, lightly.
bring_back() {
  local archive=$home/$2.tar.xz part=$((15 * 1024 * 1024)) parts
  if all_ended; then tar -C "$1" -I 'xz -T0' -cf "$archive" .; else nice -n 19 tar -C "$1" -I 'xz -T1 -1' -cf "$archive" .; fi
  parts=$((($(stat -c %s "$archive") + part - 1) / part))
  [ "$parts" -le 7 ] || { echo "$archive would be $parts parts of 15 MiB: too many" >&2; return 1; }
  if [ "$parts" -le 1 ]; then cp "$archive" "$3/"; else split --bytes=$part --numeric-suffixes --suffix-length=1 "$archive" "$3/$2.tar.xz."; fi
  ls -la "$3"
}
