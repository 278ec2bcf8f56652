#!/usr/bin/env bash
# build.sh PRESET [TARGET...]: configures and builds one preset of CMakePresets.json into build/PRESET.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
preset=$1; shift
cd "$root"
mkdir -p build
exec 8>build/lock   # two builds in one folder would write over each other
flock -n 8 || { say "another build is at work in $root/build: waiting for it"; flock 8; }
targets=()
[ $# -eq 0 ] || targets=(--target "$@")
tests=ON; [ "$preset" != release ] || [[ " $* " == *" integration_"* ]] || tests=OFF   # the demo need not wait for them
watched "configure $preset" cmake --preset "$preset" -DBUILD_TESTING=$tests \
  "-DQC_QUICKJS_DIR=$cache/quickjs/$(pin quickjs version)" "-DQC_VEGA_DIR=$cache/vega/$(pin vega version)-lite-$(pin vega-lite version)"
watched "build $preset" cmake --build --preset "$preset" --parallel "$jobs" "${targets[@]}"
