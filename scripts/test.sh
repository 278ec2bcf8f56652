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
# group NAME PRESET CTEST-OPTION...: runs some of a build's tests and adds their passed, failed and skipped cases to total.
group() {
  local name=$1 preset=$2 results=$root/build/$2/test-results counts i; shift 2
  mkdir -p "$results/cases"
  say "tests of the $preset build: $name"
  GTEST_OUTPUT="xml:$results/cases/" ctest --test-dir "build/$preset" --output-junit "$results/$name.xml" --output-on-failure --timeout 900 "$@" || true
  [ -s "$results/$name.xml" ] || die "ctest ended without results for the $preset build (see above)"
  read -ra counts < <(python3 "$root/scripts/count_tests.py" "$results/$name.xml" "$results/cases")
  for i in 0 1 2; do total[i]=$((total[i] + counts[i])); done
}
# suite PRESET EXCEPT: what runs real servers goes one by one, since it looks at times; the rest uses all cores.
suite() {
  rm -rf "build/$1/test-results"
  group computing "$1" -j "$jobs" --label-exclude "integration|browser|$2"
  group serving "$1" --label-regex 'integration|browser' --label-exclude "$2"
}
suite dev none
suite asan 'browser|integration-heavy|statistical-heavy'
[ -e "$cache/vllm/current/venv/bin/vllm" ] && [ -e "$cache/models/vllm/.stamp" ] || say "the tests on a real vLLM were skipped: it is not set up here; make test-vllm brings it"
echo "${total[0]} passed, ${total[1]} failed, ${total[2]} skipped"
[ "${total[0]}" -gt 0 ] && [ "${total[1]}" -eq 0 ]
