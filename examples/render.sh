#!/usr/bin/env bash
# render.sh NAME [QUANTCASE]: makes the report of examples/NAME, its tables and pictures anew from its store with the program given (default: the release build).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
name=$1 program=${2:-build/release/quantcase}
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
xz -dc "examples/$name/study.sqlite.xz" >"$work/study.sqlite"
"$program" report "$work" --quiet
rm -rf "$work"/study.sqlite* "examples/$name/figures" "examples/$name"/*_capacity_*.csv
cp -r "$work"/. "examples/$name/"
