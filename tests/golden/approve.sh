#!/bin/sh
# Shows what the golden tests of a build folder wrote anew and, after a yes, takes it over: approve.sh [BUILD] [-y]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
new="${1:-$here/../../build/dev}/golden"
[ -d "$new" ] || { echo "nothing to approve: $new is not there (run the golden tests first)"; exit 0; }
files=$(cd "$new" && find . -type f | sort)
[ -n "$files" ] || { echo "nothing to approve: every golden file is as approved"; exit 0; }
for file in $files; do
  diff -u "$here/$file" "$new/$file" 2>/dev/null || [ -f "$here/$file" ] || echo "new: $file"
done
if [ "${2:-}" != -y ]; then
  printf 'take these over? [y/N] '
  read -r answer
  [ "$answer" = y ] || exit 1
fi
for file in $files; do
  mkdir -p "$here/$(dirname "$file")"
  mv "$new/$file" "$here/$file"
done
