#!/usr/bin/env bash
# render.sh NAME [QUANTCASE]: makes the report of examples/NAME anew from its store with the program given (default: the release build).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
name=$1 program=${2:-build/release/quantcase}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
gzip -dc "examples/$name/study.sqlite.gz" >"$work/study.sqlite"
"$program" report "$work" --quiet
rm -rf "examples/$name/figures"
cp -r "$work/report.md" "$work/report.html" "$work/figures" "$work/summary.json" "examples/$name/"
