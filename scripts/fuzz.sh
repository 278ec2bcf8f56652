#!/usr/bin/env bash
# fuzz.sh [SECONDS]: each fuzzer for so long (default 60), under clang's asan and ubsan; what breaks one is left in build/fuzz.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$root"
seconds=${1:-60}
"$root/scripts/setup.sh" tests
command -v clang++ >/dev/null || watched "install clang" apt-get install -y -qq clang
watched "configure fuzz" cmake --preset fuzz
watched "build fuzz" cmake --build --preset fuzz -j "$jobs"
declare -A seeds=([fuzz_checkpoint]='' [fuzz_client]="$root/tests/fixtures/streams" [fuzz_study]="$root/studies")
cd build/fuzz
for fuzzer in fuzz_checkpoint fuzz_client fuzz_study; do
  mkdir -p "corpus/$fuzzer"
  watched "$fuzzer" "./$fuzzer" "corpus/$fuzzer" ${seeds[$fuzzer]:+"${seeds[$fuzzer]}"} -max_total_time="$seconds" -print_final_stats=1
  say "  $(awk -F': *' '/number_of_executed_units/ {print $2}' "$cache/logs/$fuzzer.log") inputs, none broke it"
done
