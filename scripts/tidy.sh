#!/usr/bin/env bash
# tidy.sh: clang-tidy over src/ with the checks of .clang-tidy, each finding an error (about 5 minutes).
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$root"
"$root/scripts/setup.sh" tests
command -v clang-tidy >/dev/null || watched "install clang-tidy" apt-get install -y -qq clang-tidy
watched "configure dev" cmake --preset dev -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
findings=$(mktemp); trap 'stop_ticker; rm -f "$findings"' EXIT
lint() { git ls-files 'src/*.cpp' | xargs -P "$jobs" -n 4 clang-tidy -p build/dev --quiet >"$findings" 2>/dev/null; }
if ! watched "clang-tidy" lint; then
  sort -u "$findings" | grep -E '(error|warning): ' | sed "s#$root/##"
  die "clang-tidy has findings"
fi
say "clang-tidy: no finding"
