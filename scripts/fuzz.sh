#!/usr/bin/env bash
# fuzz.sh [SECONDS]: each fuzzer for so long (default 60), under clang's asan and ubsan, from the corpus kept in tests/fuzz/UNIT/corpus.tar.xz; what
# breaks one is left in build/fuzz. KEEP=1 takes what was found over into that corpus, as few inputs as reach the same code.
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
  archive=$root/tests/fuzz/${fuzzer#fuzz_}/corpus.tar.xz
  mkdir -p "corpus/$fuzzer"
  tar -xJf "$archive" -C "corpus/$fuzzer"
  watched "$fuzzer" "./$fuzzer" "corpus/$fuzzer" ${seeds[$fuzzer]:+"${seeds[$fuzzer]}"} -max_total_time="$seconds" -print_final_stats=1
  say "  $(awk '/number_of_executed_units/ {print $NF}' "$cache/logs/$fuzzer.log") inputs, none broke it"
  [ "${KEEP:-0}" != 1 ] || {
    merged=$(mktemp -d)
    watched "$fuzzer corpus" "./$fuzzer" -set_cover_merge=1 -max_len=512 "$merged" "corpus/$fuzzer" ${seeds[$fuzzer]:+"${seeds[$fuzzer]}"}
    tar -C "$merged" --sort=name --owner=0 --group=0 --mtime=@0 -cJf "$archive" .
    say "  $(find "$merged" -type f | wc -l) inputs kept"
    rm -rf "$merged"
  }
done
