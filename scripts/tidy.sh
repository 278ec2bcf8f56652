#!/usr/bin/env bash
# tidy.sh: clang-tidy over src/ with the checks of .clang-tidy, each finding an error (about 10 minutes).
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$root"
"$root/scripts/setup.sh" tests
command -v clang-tidy >/dev/null || watched "install clang-tidy" apt-get install -y -qq clang-tidy
# Each file for itself, as no other build has it: this one also proves that a file includes what it uses.
watched "configure" cmake --preset dev -B build/tidy -DCMAKE_UNITY_BUILD=OFF -DBUILD_TESTING=OFF
watched "version header" cmake --build build/tidy --target qc_version
findings=$(mktemp); trap 'stop_ticker; rm -f "$findings"' EXIT
lint() { git ls-files 'src/*.cpp' | xargs -P "$jobs" -n 4 clang-tidy -p build/tidy --quiet >"$findings" 2>/dev/null; }
if ! watched "clang-tidy" lint; then
  sort -u "$findings" | grep -E '(error|warning): ' | sed "s#$root/##"
  die "clang-tidy has findings"
fi
say "clang-tidy: no finding"
