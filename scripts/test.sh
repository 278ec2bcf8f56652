#!/usr/bin/env bash
# test.sh: set-up, builds, all tests, and all but the browser's and the heavy ones again under address and undefined
# behaviour sanitizers. The last line counts test cases over both.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$root"
"$root/scripts/setup.sh" tests
"$root/scripts/build.sh" release quantcase quantcase-regauge
"$root/scripts/model.sh"
"$root/scripts/build.sh" dev
"$root/scripts/build.sh" asan

export QUANTCASE_MODELS=$cache/models UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
total=(0 0 0)
# suite PRESET EXCEPT: runs a build's tests, but not those with a label that matches EXCEPT, and adds their passed, failed and skipped cases to total.
# Those that mostly wait come last, three at a time with nothing busy beside them.
suite() {
  local results=$root/build/$1/test-results
  rm -rf "$results" && mkdir -p "$results/cases"
  say "tests of the $1 build"
  part "$1" busy --parallel "$jobs" --label-exclude "waits|$2"
  part "$1" waits --parallel 3 --label-regex '^waits$' --label-exclude "$2"
}
# part PRESET NAME CTEST-FLAGS...
part() {
  local results=$root/build/$1/test-results counts i
  GTEST_OUTPUT="xml:$results/cases/" ctest --test-dir "build/$1" "${@:3}" --output-junit "$results/$2.xml" --output-on-failure --timeout 900 || true
  [ -s "$results/$2.xml" ] || die "ctest ended without results for the $1 build (see above)"
  read -ra counts < <(python3 "$root/scripts/count_tests.py" "$results/$2.xml" "$results/cases")
  for i in 0 1 2; do total[i]=$((total[i] + counts[i])); done
}
suite dev none
suite asan 'browser|integration-heavy|statistical-heavy'
[ -e "$cache/vllm/current/venv/bin/vllm" ] && [ -e "$cache/models/vllm/.stamp" ] || say "the tests on a real vLLM were skipped: it is not set up here; make test-vllm brings it"
echo "${total[0]} passed, ${total[1]} failed, ${total[2]} skipped"
[ "${total[0]}" -gt 0 ] && [ "${total[1]}" -eq 0 ]
